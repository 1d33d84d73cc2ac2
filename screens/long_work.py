"""Work that takes longer than a key may: it tells from its thread how far it is, and is asked there to stop."""

from __future__ import annotations

import threading
import time


class LongWork:
    """One piece of it. The thread writes, the screen reads; whole numbers need no lock."""

    def __init__(self, words: str) -> None:
        """Begin now; `words` say what is done."""
        self.words = words
        self.done, self.total = 0, 0
        self._began = time.monotonic()
        self._stop = threading.Event()

    def progress(self, done: int, total: int) -> None:
        """Say how far it is; called in the thread."""
        self.done, self.total = done, total

    def stopped(self) -> bool:
        """Tell whether somebody wants it to stop; called in the thread."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask it to stop at the next place where that leaves nothing half done."""
        self._stop.set()

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self._began
