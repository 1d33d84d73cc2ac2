"""The tongue a warehouse speaks: paths, fields, status codes and limits of one vendor's API over one warehouse."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data.portals.sandbox.book import Connection

Answer = tuple[int, Any]
"""A status and a body that is written as JSON."""
Work = Callable[[Connection], Answer]
"""What a request does to the warehouse, inside one transaction."""
Handler = Callable[[Request], Awaitable[Work | Response]]
"""Reads a request; a response in place of work refuses it before the warehouse is asked."""


class MakeRoute(Protocol):
    """Make a route whose every request passes the credentials, the limits and the faults."""

    def __call__(self, method: str, path: str, handler: Handler, *, open_to_all: bool = False) -> Route:
        """Make it; `open_to_all` is for a login, which shows no credentials yet."""
        ...


@dataclass(frozen=True, slots=True)
class Room:
    """What a dialect is given to build its routes with."""

    route: MakeRoute
    now: Callable[[], float]
    """The warehouse's time, in seconds since 1970."""
    is_secret: Callable[[str], bool]
    """Tells whether a text is the warehouse's secret."""


class Dialect(Protocol):
    """One vendor's API; `dialects.py` lists them."""

    def routes(self, room: Room) -> list[Route]:
        """Return its routes."""
        ...

    def lets_in(self, request: Request, is_secret: Callable[[str], bool]) -> bool:
        """Tell whether a request shows what it must."""
        ...

    def wait(self, on: str) -> float | None:
        """Count a request (`on` is its method and path) and return the seconds to wait where it is one too many."""
        ...

    def reply(self, answer: Answer) -> Response:
        """Write an answer."""
        ...

    def unauthorised(self) -> Response:
        """Refuse a request that does not show what it must."""
        ...

    def limited(self, seconds: float) -> Response:
        """Ask to wait, in the vendor's way to say so."""
        ...

    def broken(self) -> Response:
        """Fail as the vendor's server fails."""
        ...

    def disguised(self, body: Any) -> Any:
        """Return a body that names another order, for the fault that does that."""
        ...


class Window:
    """So many requests in so many seconds of the machine, the last ones counted."""

    def __init__(self, most: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        """Begin with none."""
        self._most, self._seconds, self._now = most, seconds, now
        self._taken: deque[float] = deque()

    def take(self) -> float | None:
        """Count one and return None, or return the seconds until one more is free."""
        now = self._now()
        while self._taken and self._taken[0] <= now - self._seconds:
            self._taken.popleft()
        if len(self._taken) >= self._most:
            return self._taken[0] + self._seconds - now
        self._taken.append(now)
        return None

    def left(self) -> int:
        """Return how many more are free at this moment."""
        return self._most - len(self._taken)
