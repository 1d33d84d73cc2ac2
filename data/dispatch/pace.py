"""When a worker may ask its portal something: the portal's rate, its pauses, and a breaker for one that is down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

FAILURES = 5
"""Failures in a row after which nothing more is sent for a while."""
SHORTEST_BREAK = 30.0
LONGEST_BREAK = 900.0
"""Seconds; each break in a row is twice the one before."""


class Pace:
    """One portal's pace; times are the event loop's seconds."""

    def __init__(self, now: Callable[[], float], per_minute: int) -> None:
        """Begin unpaused, `per_minute` requests a minute."""
        self._now = now
        self._gap = 60.0 / per_minute
        self._slot = 0.0
        self._until = 0.0
        self._breaks = 0
        self.failures = 0
        self.broken = False
        """The breaker is open: a test must pass before anything is sent."""

    @property
    def pause_left(self) -> float:
        """Return the seconds in which nothing may be asked."""
        return max(0.0, self._until - self._now())

    async def slot(self) -> None:
        """Wait for the next request's turn."""
        now = self._now()
        at = max(now, self._slot)
        self._slot = at + self._gap
        if at > now:
            await asyncio.sleep(at - now)

    def pause(self, seconds: float) -> None:
        """Ask nothing for so many seconds."""
        self._until = max(self._until, self._now() + seconds)

    def lift(self) -> None:
        """End every pause at once."""
        self._until = 0.0
        self.succeeded()

    def succeeded(self) -> None:
        """Count a readable answer: the portal works."""
        self.failures = 0
        self._breaks = 0
        self.broken = False

    def failed(self) -> bool:
        """Count a failure; True when it opens the breaker."""
        self.failures += 1
        if self.failures < FAILURES or self.pause_left:
            return False
        self.open()
        return True

    def open(self) -> None:
        """Open the breaker, for longer each time in a row."""
        self.broken = True
        self.pause(min(SHORTEST_BREAK * 2**self._breaks, LONGEST_BREAK))
        self._breaks += 1
