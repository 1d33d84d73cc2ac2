"""A program in a pseudo-terminal: what the tests here press and read."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

import pyte

PATIENCE = 30.0
QUIET = 0.25


class Terminal:
    """A program in a pseudo-terminal of 80x24, and the screen it paints."""

    def __init__(self, arguments: list[str], **environment: str) -> None:
        """Start Python with the arguments; what is named overrides the environment."""
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self.screen)
        plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        settings = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_DISABLE_KITTY_KEY": "1"}
        self.sent = b""
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
            self.sent += piece
            self._stream.feed(piece)
        return got

    def press(self, keys: str, shows: str) -> bytes:
        """Send keys and return what is painted until the screen shows the text."""
        self.write(keys)
        return self.until(shows)

    def until(self, shows: str) -> bytes:
        """Return what is painted until the screen shows the text, and then no more."""
        got, end = b"", time.monotonic() + PATIENCE
        while not any(shows in line for line in self.screen.display):
            assert time.monotonic() < end, "\n".join(self.screen.display)
            got += self.read(1.0)
        return got + self.read(QUIET)

    def write(self, keys: str) -> None:
        """Send keys."""
        os.write(self._master, keys.encode())

    def ended(self) -> int:
        """Read to the end and return the exit code."""
        while self.read(PATIENCE):
            pass
        os.close(self._master)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
