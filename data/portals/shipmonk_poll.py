"""Which page of ShipMonk's list of orders to read next, so that no change is lost however the list moves meanwhile.

The list can be asked for what changed since an instant, both ends included, and comes sorted by the orders' own
numbers, at most 100 on a page; asked so, it ends after 10,000 (OpenAPI description v1.024, "Retrieve List of Orders").

- Open: since an instant. Orders only join such a list, so read from its first page on, what shifts is seen twice.
  What joins on a page already read changed after the reading began, and is in the next scan: that starts where the
  first page, or the clock at its reading, says that nothing newer had been seen, less `SLACK`.
- Past: between two instants gone by, where the open list is longer than it may be. Orders only leave such a list (to
  change again is to leave it), so its pages are read from the last to the first; what shifts is seen twice there too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

PAGE = 50
"""Orders asked for at once: with many lines one takes some 10 kB, and a reply that is too long is never read."""
MOST = 10_000
"""Orders in a list that is filtered."""
SLACK = timedelta(seconds=120)
"""By how much clocks may differ, and how late a change may show in the list."""
_SECOND = timedelta(seconds=1)
"""The shortest scan of the past."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list: the page to read next, and of which scan. Instants are UTC text."""

    start: str = ""
    """Changes since then; '' for all there are, which is a list without an end."""
    page: int = 1
    begun: str = ""
    """When the first page of an open scan was read."""
    newest: str = ""
    """The latest change on that page."""
    end: str = ""
    """Changes until then, of a scan of the past; '' of an open one."""
    low: int = 0
    """The last page known to hold orders, and below `high` the first known to hold none, while they are looked for."""
    high: int = 0
    """0: the pages are counted down."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where to go on, and whether there is more at once."""

    place: Place
    more: bool
    problem: str = ""


class Reading:
    """The rules by which one page leads to the next; the sizes are ShipMonk's unless a test says otherwise."""

    def __init__(self, page: int = PAGE, most: int = MOST) -> None:
        """Read pages of `page` orders of lists that end after `most`."""
        self._size, self._last = page, most // page

    def query(self, place: Place) -> dict[str, str]:
        """Return what the list is to be asked for, without page and size."""
        bounds = {"updatedAtStart": place.start, "updatedAtEnd": place.end}
        return {name: value for name, value in bounds.items() if value}

    def next(self, place: Place, changes: Sequence[str], now: datetime) -> Step:
        """Return the step after a page; `changes` are its orders' instants of change, `now` is before it was asked."""
        if place.end:
            return self._past(place, len(changes))
        if place.page == 1:
            place = replace(place, begun=_text(now), newest=_latest(changes))
        if len(changes) < self._size:
            return Step(Place(_following(place)), False)
        if place.start and place.page >= self._last:
            past = _limit(place) - _read(place.start)
            # Where it is all too new to be past, the next poll will find that it is.
            return self._window(place, past / 2) if past > SLACK else Step(Place(place.start), False)
        return Step(replace(place, page=place.page + 1), True)

    def _past(self, place: Place, found: int) -> Step:
        """Look for the last page between the known ones, then count down."""
        if place.high:
            if place.page == self._last and found:
                span = _read(place.end) - _read(place.start)
                if span > _SECOND:
                    return self._window(replace(place, end=""), span / 2)
                # No narrower list can be asked for: what is beyond it is told, and looked for no more.
                words = f"ShipMonk has more than {self._last * self._size:,} orders that changed at {place.start}"
                step = self._search(replace(place, low=self._last))
                return replace(step, problem=f"{words}: look at them in its own list")
            return self._search(replace(place, low=place.page) if found else replace(place, high=place.page))
        if place.page > 1:
            return Step(replace(place, page=place.page - 1), True)
        span = _read(place.end) - _read(place.start)
        return self._window(Place(place.end, begun=place.begun), 2 * span)

    def _search(self, place: Place) -> Step:
        if place.high - place.low > 1:
            return Step(replace(place, page=(place.low + place.high) // 2), True)
        if place.low:
            return Step(replace(place, page=place.low, low=0, high=0), True)
        return self._past(replace(place, page=1, low=0, high=0), 0)

    def _window(self, place: Place, span: timedelta) -> Step:
        """Begin a scan of the past from `place.start`, about `span` long; an open one where the past is read."""
        start, limit = _read(place.start), _limit(place)
        if start >= limit:
            return Step(Place(place.start), True)
        end = min(start + max(span - timedelta(microseconds=span.microseconds), _SECOND), limit)
        return Step(Place(place.start, self._last, place.begun, end=_text(end), high=self._last + 1), True)


def read_place(cursor: str) -> Place:
    """Read a cursor; one that can't be read is the beginning, from which nothing is lost."""
    try:
        return Place(**json.loads(cursor)) if cursor else Place()
    except (ValueError, TypeError):
        return Place()


def place_text(place: Place) -> str:
    """Write a cursor: what differs from the beginning."""
    return json.dumps({name: value for name, value in asdict(place).items() if value != getattr(Place(), name)})


def _following(place: Place) -> str:
    """Return where the scan after an open one starts: never later than what it could have missed."""
    known = place.newest if place.page == 1 else max(place.newest, place.begun)
    return max(place.start, _text(_read(known) - SLACK)) if known else place.start


def _limit(place: Place) -> datetime:
    """Return the instant before which nothing new can show in the list any more."""
    return _read(place.begun) - SLACK


def _latest(changes: Sequence[str]) -> str:
    """Return the latest instant among those that can be read."""
    read = [instant for each in changes if (instant := _instant(each)) is not None]
    return _text(max(read)) if read else ""


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant.tzinfo is not None else None


def _text(instant: datetime) -> str:
    """Write an instant in whole seconds, rounded down."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text)
