"""The queue of changes: what matters most first, a page at a time."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from data.addresses.propose import SAME
from data.addresses.review_fields import CHANGE_FIELDS, GROUP_SQL, OPEN_SQL, Group
from data.addresses.versions import marks, read_addresses
from data.model import InputError
from data.orders.conditions import Parameters, context_of
from data.orders.filters import parse
from data.orders.pages import joined, scope
from data.orders.search import search_orders
from data.store.store import Store

SORTS = {
    "": "c.level DESC, c.id",
    "level": "c.level DESC, c.id",
    "proposed": "c.at, c.id",
    "number": "o.number, c.id",
    "country": "o.country, c.id",
    "state": "c.state, c.id",
    "name": "(SELECT a.name FROM addresses a WHERE a.id = c.to_id) COLLATE NOCASE, c.id",
}
"""What the queue can be sorted by; the default is what matters: other zone, move, contact, trivial, oldest first."""
_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One change as a list shows it."""

    id: int
    rev: int
    order_id: int
    order_rev: int
    number: str
    campaign: str
    name: str
    email: str
    state: str
    label: str
    level: int
    group: str
    fields: tuple[str, ...]
    """Names of the fields that differ."""
    reasons: tuple[str, ...]
    zone_old: str
    zone_new: str
    country_old: str
    country_new: str
    old: str
    """On file when it was compared, in one line."""
    new: str
    late: bool
    source: str
    at: str
    stage: str
    warehouse: str
    answer: str


class ReviewRows:
    """The changes a filter names, in order; without `state:` in the filter, those that wait for a decision."""

    def __init__(
        self, store: Store, text: str = "", sort: str = "", descending: bool = False, campaign_id: int | None = None
    ) -> None:
        """Read the filter; raises FilterError with the column, and InputError for a sort there is not."""
        if sort not in SORTS:
            raise InputError(f"changes can't be sorted by {sort}: {', '.join(filter(None, SORTS))}")
        self._store = store
        context = context_of(store, campaign_id)
        found = parse(text, CHANGE_FIELDS)
        conditions = found.conditions(context, search_orders)
        limits = scope(context)
        where, self._parameters = joined([*conditions, *([limits] if limits else [])])
        named = any(term.field is not None and term.field.name == "state" for term in found.terms)
        # The partial index gives the open ones in the queue's order, so that the first page reads only itself.
        indexed = not named and sort in ("", "level")
        source = "changes c INDEXED BY changes_open" if indexed else "changes c"
        self._where = f"{source} CROSS JOIN orders o ON o.id = c.order_id WHERE {where}" + (
            "" if named else f" AND {OPEN_SQL}"
        )
        order = SORTS[sort]
        self._orders = (_reversed(order), order) if descending else (order, _reversed(order))

    def first(self, limit: int) -> Sequence[int]:
        """Return the first ids in display order."""
        return [row[0] for row in self._store.rows(*self._query(self._orders[0], limit))]

    def last(self, limit: int) -> Sequence[int]:
        """Return the last ids, in display order."""
        return [row[0] for row in reversed(self._store.rows(*self._query(self._orders[1], limit)))]

    def ids(self, stopped: Callable[[], bool] = lambda: False) -> array[int]:
        """Return every id in display order; what was found so far when `stopped` says so."""
        found = array("q")
        cursor = self._store.db.execute(*self._query(self._orders[0], -1))
        try:
            while not stopped() and (rows := cursor.fetchmany(_CHUNK)):
                found.extend(row[0] for row in rows)
        finally:
            cursor.close()
        return found

    def count(self) -> int | None:
        """Return how many there are; reads them all."""
        return int(self._store.value(f"SELECT count(*) FROM {self._where}", self._parameters))

    def rows(self, ids: Sequence[int]) -> dict[int, ReviewRow]:
        """Return the rows of some ids; one that is gone is absent."""
        return read_rows(self._store, ids)

    def _query(self, order: str, limit: int) -> tuple[str, Parameters]:
        return f"SELECT c.id FROM {self._where} ORDER BY {order} LIMIT {int(limit)}", self._parameters


_ROW_SQL = f"""
SELECT c.id, c.rev, c.order_id, o.rev, o.number, g.code, b.name, b.email, c.state, c.label, c.level, {GROUP_SQL},
  c.fields, c.reasons, c.zone_old, c.zone_new, c.from_id, c.to_id, c.late, c.source, c.at, o.stage,
  coalesce(o.warehouse, ''), c.answer
FROM changes c JOIN orders o ON o.id = c.order_id JOIN campaigns g ON g.id = o.campaign_id
JOIN backers b ON b.id = o.backer_id WHERE c.id IN ({{ids}})
"""


def read_rows(store: Store, ids: Sequence[int]) -> dict[int, ReviewRow]:
    """Return changes by id as a list shows them."""
    found = store.rows(_ROW_SQL.format(ids=marks(ids)), list(ids))
    versions = read_addresses(store, (each for row in found for each in row[16:18]))
    rows: dict[int, ReviewRow] = {}
    for row in found:
        old, new = versions.get(row[16]), versions[row[17]]
        rows[row[0]] = ReviewRow(
            *row[:12],
            *(
                tuple(field for field, mark, _reason in json.loads(row[12]) if mark != SAME),
                tuple(json.loads(row[13])),
                *row[14:16],
                old.country if old else "",
                new.country,
                old.one_line() if old else "",
                new.one_line(),
                bool(row[18]),
                *row[19:24],
            ),
        )
    return rows


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """What lies on top of the queue."""

    groups: dict[Group, int]
    """Those that wait, by what they come to; `no_change` counts those that closed themselves."""
    under_way: int
    """Accepted and asked of a warehouse that has yet to confirm."""
    attention: int
    """Answered by a warehouse in a way that a person must see: refused, too late, unsupported, doubtful."""

    @property
    def waiting(self) -> int:
        """Return how many wait for a decision."""
        return sum(count for group, count in self.groups.items() if group is not Group.NO_CHANGE)


def review_counts(store: Store, campaign_id: int | None = None) -> ReviewCounts:
    """Count the changes of a campaign, or of all."""
    groups = dict.fromkeys(Group, 0)
    scoped = campaign_id is not None
    join = " JOIN orders o ON o.id = c.order_id AND o.campaign_id = ?" if scoped else ""
    parameters = (campaign_id,) if scoped else ()
    for group, count in store.rows(
        f"SELECT {GROUP_SQL}, count(*) FROM changes c{join}"
        " WHERE c.state IN ('waiting', 'asked', 'no_change') GROUP BY 1",
        parameters,
    ):
        groups[Group(group)] = count
    under_way, attention = store.rows(
        "SELECT coalesce(sum(c.state IN ('queued', 'requested')), 0),"
        " coalesce(sum(c.state IN ('too_late', 'refused', 'unsupported', 'doubtful')), 0)"
        f" FROM changes c{join}"
        " WHERE c.state IN ('queued', 'requested', 'too_late', 'refused', 'unsupported', 'doubtful')",
        parameters,
    )[0]
    return ReviewCounts(groups, under_way, attention)


def _reversed(order: str) -> str:
    """Return an ORDER BY with every direction turned round."""
    parts = []
    for part in _split(order):
        parts.append(part.removesuffix(" DESC") if part.endswith(" DESC") else f"{part} DESC")
    return ", ".join(parts)


def _split(order: str) -> list[str]:
    """Split an ORDER BY of ours at its commas; none of them stands inside brackets."""
    return order.split(", ")
