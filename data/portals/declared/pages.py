"""Going through a listing: what is asked for next, and from where the next round begins."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from data.portals.declared.shape import Pages, Paging


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a listing one is."""

    since: str = ""
    """The instant from which on this round reads, as the portal writes instants."""
    page: int = 0
    token: str = ""
    newest: str = ""
    """The latest change that this round has seen."""

    def values(self, pages: Pages | None) -> dict[str, str]:
        """Return what templates are filled with."""
        limit = pages.limit if pages else 0
        first = pages.first if pages else 0
        return {
            "since": self.since,
            "page": str(self.page),
            "offset": str((self.page - first) * limit),
            "limit": str(limit),
            "cursor": self.token,
        }

    def text(self) -> str:
        """Return it as a cursor that can be kept."""
        return json.dumps([self.since, self.page, self.token, self.newest])


def start(pages: Pages | None, cursor: str = "") -> Place:
    """Return the place that a kept cursor names; the empty cursor, and one that can't be read, are the beginning."""
    first = Place(pages.initial, pages.first) if pages else Place()
    try:
        since, page, token, newest = json.loads(cursor)
        return Place(str(since), int(page), str(token), str(newest))
    except (ValueError, TypeError):
        return first


def following(pages: Pages | None, place: Place, rows: int, changes: list[str], document: Any) -> tuple[Place, bool]:
    """Return the next place and whether something is there at once.

    `changes` are the instants at which the rows of this page were last changed, as far as they are told.
    """
    if pages is None:
        return place, False
    newest = _latest([place.newest, *changes])
    place = replace(place, newest=newest)
    token = pages.next.text_in(document) if pages.next else ""
    if pages.kind is Paging.CURSOR:
        more = pages.more is not None and pages.more.holds(document)
        return replace(place, token=token or place.token), more and token not in ("", place.token)
    full = rows >= pages.limit if pages.more is None else pages.more.holds(document)
    if pages.kind is Paging.TOKEN and token:
        return replace(place, token=token), True
    if pages.kind is Paging.PAGE and full:
        return replace(place, page=place.page + 1), True
    if pages.kind is Paging.SINCE and full:
        if newest not in ("", place.since):
            return replace(place, since=newest, page=pages.first), True
        # A whole page of one instant: only its second page leads out of it.
        return replace(place, page=place.page + 1), True
    return Place(_back(newest, pages.overlap) or place.since, pages.first), False


def instant(text: str) -> datetime | None:
    """Read an instant; one without a zone counts as UTC, for it is compared with its like only."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _latest(texts: list[str]) -> str:
    known = [(at, text) for text in texts if (at := instant(text)) is not None]
    return max(known)[1] if known else ""


def _back(text: str, seconds: float) -> str:
    """Return an instant some seconds earlier, written in the same way."""
    if not seconds or instant(text) is None:
        return text
    zulu = text.endswith(("Z", "z"))
    earlier = datetime.fromisoformat(text) - timedelta(seconds=seconds)
    return earlier.isoformat().replace("+00:00", "Z") if zulu else earlier.isoformat()
