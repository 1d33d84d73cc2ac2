"""What a filter's terms mean in SQL: a condition on a row, and where it can, an index that already has the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from data.store.store import Store

Parameters = tuple[object, ...]
_MOST_STREAMS = 60


@dataclass(frozen=True, slots=True)
class Context:
    """What a filter's meaning depends on besides its text."""

    store: Store
    now: datetime
    zone: tzinfo
    """In which a date without a time is read: the campaign's."""
    campaigns: tuple[int, ...]
    """The campaigns in scope."""
    all_campaigns: bool
    """The scope is every campaign there is, so that no row needs to be asked."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Rows of an index that name every match, in the order of their ids, so that a first page reads no more than it
    shows."""

    source: str
    """What stands after FROM; `orders o` when the index is one of orders itself."""
    key: str
    """The column with the order's id, in whose order the index gives the rows."""
    where: str
    parameters: Parameters = ()
    unique: bool = True
    """Names no order twice."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on `orders o` that is true or false for every row, never NULL."""

    sql: str
    parameters: Parameters = ()
    streams: tuple[Stream, ...] = ()
    """Together they name exactly the rows of `sql`; none where no index does."""

    def negated(self) -> Condition:
        """Return the opposite."""
        return Condition(f"NOT ({self.sql})", self.parameters)

    @staticmethod
    def either(conditions: Sequence[Condition]) -> Condition:
        """Return the condition that any of these holds."""
        if len(conditions) == 1:
            return conditions[0]
        streams = tuple(stream for each in conditions for stream in each.streams)
        whole = all(each.streams for each in conditions) and len(streams) <= _MOST_STREAMS
        return Condition(
            "(" + " OR ".join(f"({each.sql})" for each in conditions) + ")",
            tuple(parameter for each in conditions for parameter in each.parameters),
            streams if whole else (),
        )


def context_of(store: Store, campaign_id: int | None) -> Context:
    """Return the context of one campaign, or (None) of all; dates are read in UTC where campaigns' zones differ."""
    found = store.rows("SELECT id, time_zone FROM campaigns ORDER BY id")
    scope = [(each, zone) for each, zone in found if campaign_id in (None, each)]
    zones = {zone for _, zone in scope}
    return Context(
        store=store,
        now=store.clock.now(),
        zone=ZoneInfo(zones.pop()) if len(zones) == 1 else UTC,
        campaigns=tuple(each for each, _ in scope),
        all_campaigns=len(scope) == len(found),
    )
