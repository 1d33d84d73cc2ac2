"""Where reading Amazon's orders has got to: a list of changes, page by page, each order of it read for itself.

The list tells of changes of an order's status, and so neither of a shipment that leaves before the last one does nor of
a package that arrives. Twice a day it therefore begins some weeks earlier, and orders under way are read again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from data.clock import from_text, utc_text

AT_ONCE = 20
"""Orders read for one page: fewer than Amazon lets through in a burst, so that every page comes to an end."""
_FIRST = timedelta(days=90)
"""How far back the first list begins."""
_OVERLAP = timedelta(minutes=5)
"""A list begins again so much before the last one was asked for: clocks differ, and lists lag behind."""
_SWEEP_EVERY = timedelta(hours=12)
_SWEEP_BACK = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Times are UTC text; without `begun` no list is under way."""

    since: str
    """Changes before it have been read."""
    newest: str = ""
    """The latest change seen in the list under way."""
    begun: str = ""
    """When the list under way was first asked for."""
    token: str = ""
    """Of the list's next page."""
    left: tuple[str, ...] = ()
    """Keys of orders on the page that are still to be read."""
    sweeping: bool = False
    """The list under way begins early, for packages."""
    swept: str = ""
    """When the last list that did was begun."""

    @property
    def running(self) -> bool:
        """Tell whether a list is under way."""
        return bool(self.begun)

    @property
    def start(self) -> str:
        """Return from when the list under way tells."""
        return min(self.since, utc_text(from_text(self.begun) - _SWEEP_BACK)) if self.sweeping else self.since

    def begin(self, now: datetime) -> Cursor:
        """Begin a list where none is under way."""
        if self.running:
            return self
        due = not self.swept or from_text(self.swept) <= now - _SWEEP_EVERY
        return replace(self, begun=utc_text(now), newest="", token="", sweeping=due)

    def took(self, keys: tuple[str, ...], newest: str, token: str) -> Cursor:
        """Take note of a page of the list: what is to be read of it, its latest change, the token of the next."""
        return replace(self, left=keys, newest=max(self.newest, newest), token=token)

    def read(self) -> Cursor:
        """Take note that the next orders were read, and of the list's end where those were the last."""
        left = self.left[AT_ONCE:]
        if left or self.token:
            return replace(self, left=left)
        sure = utc_text(from_text(self.begun) - _OVERLAP)
        since = max(self.since, min(self.newest, sure)) if self.newest else self.since
        return Cursor(since, swept=self.begun if self.sweeping else self.swept)

    def text(self) -> str:
        """Write it down."""
        return json.dumps({name: value for name, value in asdict(self).items() if value})


def read_cursor(text: str, now: datetime) -> Cursor:
    """Read what `text` wrote; where it is empty or something else, return one that begins some months ago."""
    try:
        told = json.loads(text)
        cursor = Cursor(**(told | {"left": tuple(told.get("left") or ())}))
        for each in (cursor.since, cursor.begun, cursor.swept):
            if each:
                from_text(each)
        return cursor
    except (AttributeError, TypeError, ValueError, RecursionError):
        return Cursor(utc_text(now - _FIRST))


def instant(text: object) -> str:
    """Return one of Amazon's times as UTC text, '' where it can't be read."""
    try:
        then = datetime.fromisoformat(str(text))
    except ValueError:
        return ""
    return utc_text(then.replace(tzinfo=then.tzinfo or UTC))
