"""A bucket of tokens: the limits of a portal that lets a burst through and then so much a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Bucket:
    """So many requests at once, so many a second after that."""

    def __init__(self, per_second: float, burst: int, now: Callable[[], float] = time.monotonic) -> None:
        """Begin full."""
        self._rate, self._burst, self._now = per_second, burst, now
        self._tokens, self._at = float(burst), now()

    def take(self) -> float:
        """Take one, and return the seconds after which it may be used."""
        self._fill()
        self._tokens -= 1
        return max(0.0, -self._tokens / self._rate)

    def ask(self) -> float | None:
        """Take one where there is one and return None, or return the seconds until there is."""
        self._fill()
        if self._tokens < 1:
            return (1 - self._tokens) / self._rate
        self._tokens -= 1
        return None

    async def turn(self) -> None:
        """Take one, and wait until it may be used."""
        if (seconds := self.take()) > 0:
            await asyncio.sleep(seconds)

    def _fill(self) -> None:
        now = self._now()
        self._tokens = min(float(self._burst), self._tokens + (now - self._at) * self._rate)
        self._at = now
