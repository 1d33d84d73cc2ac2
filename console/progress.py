"""Long work on the command line: how far it is, on one line of the terminal, and stopping it with ctrl+c."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click


@contextmanager
def stoppable() -> Iterator[list[int]]:
    """Gather interrupts in a list instead of breaking off: the work looks at it between two steps that belong whole."""
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


class CountLine:
    """`12,000 of 1,000,000 orders` on standard error, where that is a terminal; ended by `finish`."""

    def __init__(self, words: str, least: int = 5_000) -> None:
        """Count what `words` names; less than `least` is done before it can be read."""
        self._words, self._least = words, least
        self._shown = False

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is."""
        if total >= self._least and sys.stderr.isatty():
            self._shown = True
            click.echo(f"\r{done:,} of {total:,} {self._words}\x1b[K", nl=False, err=True)

    def finish(self) -> None:
        """Take the line away."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._shown = False
