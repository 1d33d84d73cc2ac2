"""A vendor's rate limit kept on our side: so many requests in any so many seconds, whoever makes them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable


class Budget:
    """Lets a request go when the window has room for it; a worker's pace alone does not count look-ups and pages."""

    def __init__(
        self,
        most: int,
        seconds: float = 60.0,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Allow `most` requests in any `seconds`."""
        self._most, self._seconds = max(1, most), seconds
        self._now, self._sleep = now, sleep
        self._spent: deque[float] = deque()

    async def spend(self) -> None:
        """Wait until one more request is allowed, and count it."""
        while True:
            now = self._now()
            while self._spent and self._spent[0] <= now - self._seconds:
                self._spent.popleft()
            if len(self._spent) < self._most:
                self._spent.append(now)
                return
            await self._sleep(self._spent[0] + self._seconds - now)
