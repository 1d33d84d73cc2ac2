"""How a worker is doing, in the columns of its `portal_state` row."""

from __future__ import annotations

from datetime import timedelta

from data.clock import Clock, utc_text
from data.dispatch.pace import Pace

EVERY = 0.25
"""Seconds between two lines of progress."""
_WINDOW = 3.0
"""Seconds over which the rate is taken."""


class Tally:
    """What a worker has settled, how fast, and whether its portal is paused; times are the event loop's seconds."""

    def __init__(self, clock: Clock, pace: Pace) -> None:
        """Start at nothing."""
        self._clock, self._pace = clock, pace
        self._done = 0
        self._counted: list[tuple[float, int]] = []
        self._said = float("-inf")
        self.pause_told = False
        """The row says that the portal is paused: a person can lift it there."""

    def count(self, now: float, settled: int) -> None:
        """Add commands that need nothing more."""
        self._done += settled
        self._counted.append((now, self._done))

    def is_due(self, now: float) -> bool:
        """Tell whether it is time to say something: often enough, and at once when a pause begins or ends."""
        return bool(self._pace.pause_left) != self.pause_told or now - self._said >= EVERY

    def columns(self, now: float, problem: str) -> dict[str, object]:
        """Return what to write, which counts as said."""
        self._said = now
        self._counted = [each for each in self._counted if now - each[0] <= _WINDOW] or self._counted[-1:]
        since, before = self._counted[0] if self._counted else (now, 0)
        left = self._pace.pause_left
        self.pause_told = bool(left)
        return {
            "done": self._done,
            "rate": round((self._done - before) / (now - since), 2) if now - since > 0.05 else 0.0,
            "failures": self._pace.failures,
            "open_until": utc_text(self._clock.now() + timedelta(seconds=left + 1)) if left else None,
            "problem": problem,
        }
