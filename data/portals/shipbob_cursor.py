"""Where a poll of ShipBob's orders stands: a sweep over everything that changed later than an instant.

The vendor lists by page number what was changed later than a date, and says of no order when it was last changed. What
matches goes on matching while a sweep lasts, so that pages can only show an order twice; one that changes behind the
sweep's back is found by the next. That one begins an overlap before the earlier of the sweep's own beginning and the
latest change the vendor has told: a clock that is wrong on either side costs repeats and loses nothing.

Changes of an order and news of its tracking are two dates of the vendor's, with a filter each, and whether the first
moves with the second is documented nowhere: a sweep goes through both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from data.clock import from_text, utc_text

CHANGES, TRACKING = "LastUpdateStartDate", "LastTrackingUpdateStartDate"
"""The filters, in the order in which a sweep goes through them."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep; the instants are UTC text, '' where there is none."""

    since: str = ""
    page: int = 1
    """The page to ask for, from 1."""
    started: str = ""
    seen: str = ""
    """The latest change told so far."""
    by: str = CHANGES

    def query(self) -> dict[str, str]:
        """Return what to ask for besides the size of a page."""
        return {"Page": str(self.page)} | ({self.by: self.since} if self.since else {})

    def text(self) -> str:
        """Write it as a cursor."""
        return f"{self.since}|{self.page}|{self.started}|{self.seen}|{self.by}"

    def after(self, told: Iterable[str], *, full: bool, now: datetime, overlap: timedelta) -> Sweep:
        """Return where to go on after a page: its next one where it was full, else the other filter's first one.

        After both it is the next sweep's beginning, the only place that has no `started`. `told` are the instants at
        which something on the page was changed, as the vendor writes them.
        """
        started = self.started or utc_text(now)
        seen = max([self.seen, *(instant for each in told if (instant := _instant(each)))])
        if full:
            return Sweep(self.since, self.page + 1, started, seen, self.by)
        if self.since and self.by == CHANGES:
            return Sweep(self.since, 1, started, seen, TRACKING)
        if not seen:
            return Sweep(self.since)
        return Sweep(max(self.since, utc_text(from_text(min(started, seen)) - overlap)))


def read_sweep(cursor: str) -> Sweep:
    """Read a cursor; what `Sweep.text` did not write is the beginning of everything."""
    parts = cursor.split("|")
    if len(parts) != 5 or not (parts[1].isascii() and parts[1].isdecimal()) or parts[4] not in (CHANGES, TRACKING):
        return Sweep()
    since, page, started, seen, by = parts
    if not all(each == "" or _instant(each) == each for each in (since, started, seen)):
        return Sweep()
    return Sweep(since, max(1, int(page)), started, seen, by)


def _instant(text: str) -> str:
    """Return an instant of the vendor's as UTC text; one without an offset is UTC, one that can't be read ''."""
    try:
        then = datetime.fromisoformat(text)
        return utc_text(then if then.tzinfo else then.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return ""
