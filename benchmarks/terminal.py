"""Programs in pseudo-terminals of 80x24 with true colour: how long they paint, and how much they send for it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

PATIENCE = 60.0
"""Seconds without an answer after which a measurement fails."""
QUIET = 0.15
"""Seconds without a byte after which a paint is over."""
_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[=>])")


@dataclass(frozen=True, slots=True)
class Paint:
    """What a key brought."""

    seconds: float
    """Until the last byte."""
    bytes: int


def environment(**named: str) -> dict[str, str]:
    """Return the environment both sides of a comparison run in: compiled modules kept, as an installed program has."""
    left_out = ("NO_COLOR", "PYTHONDONTWRITEBYTECODE", "LASTCALL_WORKSPACE")
    plain = {key: value for key, value in os.environ.items() if key not in left_out}
    settings = {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "TEXTUAL_ANIMATIONS": "none",
        "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / f"lastcall-benchmarks-{os.getuid()}-compiled"),
    }
    return plain | settings | named


class Terminal:
    """One Python program in a pseudo-terminal."""

    def __init__(self, arguments: Sequence[str], **named: str) -> None:
        """Start Python with the arguments; what is named overrides the environment."""
        found = environment(**named)
        self._start = time.perf_counter()
        self._got = b""
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.execve(sys.executable, [sys.executable, *arguments], found)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def __enter__(self) -> Terminal:
        """Use the program while the block runs."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the program."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._master)

    def press(self, keys: str) -> None:
        """Send keys; what was painted before does not count any more."""
        self._read(0.0)
        self._got = b""
        self._start = time.perf_counter()
        os.write(self._master, keys.encode())

    def until(self, *shown: str | re.Pattern[str]) -> float:
        """Return the seconds from the start, or from the last keys, until all these texts were painted."""
        patterns = [re.compile(re.escape(each)) if isinstance(each, str) else each for each in shown]
        while True:
            plain = _ESCAPES.sub(b"", self._got).decode(errors="replace")
            if all(each.search(plain) for each in patterns):
                return self._last - self._start
            if not self._read(PATIENCE):
                raise TimeoutError(f"{shown} did not come; the last was {plain[-400:]!r}")

    def settle(self) -> Paint:
        """Wait until nothing more is painted, and return what the last keys brought."""
        if not self._read(PATIENCE):
            raise TimeoutError("nothing was painted")
        while self._read(QUIET):
            pass
        return Paint(self._last - self._start, len(self._got))

    def idle(self, seconds: float) -> int:
        """Return how many bytes come while nothing is pressed."""
        self._read(0.0)
        before, end = len(self._got), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._read(left)
        return len(self._got) - before

    def resident(self) -> int:
        """Return the bytes of memory that the program holds."""
        fields = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    def _read(self, patience: float) -> bool:
        """Take in what has come; False when nothing has in that many seconds, or the program has ended."""
        if not select.select([self._master], [], [], patience)[0]:
            return False
        try:
            piece = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self._last = time.perf_counter()
        self._got += piece
        return bool(piece)
