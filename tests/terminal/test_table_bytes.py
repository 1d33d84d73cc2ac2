from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest

APP = Path(__file__).with_name("record_table_app.py")
PATIENCE = 30.0
QUIET = 0.25


class Terminal:
    """A program in a pseudo-terminal of 80x24, and the screen it paints."""

    def __init__(self, arguments: list[str], **environment: str) -> None:
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self.screen)
        plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        settings = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_DISABLE_KITTY_KEY": "1"}
        self.process, self._master = pty.fork()
        if self.process == 0:
            os.execve(sys.executable, [sys.executable, *arguments], plain | settings | environment)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def read(self, patience: float) -> bytes:
        """Return what comes until nothing has come for a while."""
        got = b""
        while select.select([self._master], [], [], patience if not got else QUIET)[0]:
            try:
                piece = os.read(self._master, 65536)
            except OSError:
                break
            if not piece:
                break
            got += piece
            self._stream.feed(piece)
        return got

    def press(self, keys: str, shows: str) -> bytes:
        """Send keys and return what is painted until the screen shows the text."""
        os.write(self._master, keys.encode())
        return self.until(shows)

    def until(self, shows: str) -> bytes:
        got, end = b"", time.monotonic() + PATIENCE
        while not any(shows in line for line in self.screen.display):
            assert time.monotonic() < end, "\n".join(self.screen.display)
            got += self.read(1.0)
        return got + self.read(QUIET)

    def close(self) -> None:
        os.write(self._master, b"q")
        while self.read(PATIENCE):
            pass
        os.close(self._master)
        os.waitpid(self.process, 0)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    running = Terminal([str(APP), "100000"])
    try:
        running.until("> KS-000001")
        yield running
    finally:
        running.close()


def test_a_cursor_move_costs_at_most_600_bytes_a_page_10_000_and_idling_none(terminal: Terminal) -> None:
    moves = [len(terminal.press("j", f"> KS-{number:06}")) for number in range(2, 12)]
    page = [len(terminal.press("\x1b[6~", f"> KS-{number:06}")) for number in (34, 57, 80, 103)]
    jump = len(terminal.press("G", "> KS-100000"))
    back = len(terminal.press("g", "> KS-000001"))
    idle = terminal.read(1.5)
    print(f"cursor {moves}, page {page}, end {jump}, top {back}, idle {len(idle)}")
    assert max(moves) <= 600
    assert max(*page, jump, back) <= 10_000
    assert idle == b""
