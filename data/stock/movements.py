"""Opening a number: the movements that it is the sum of, newest first, a page at a time.

What a person or a receipt moved is in one table, what orders moved in another; both are read by their ids, which are in
the order of time, so that the first page of a hundred thousand movements costs as much as that of ten.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

from data.model import InputError
from data.stock.levels import NUMBERS
from data.store.store import Store

PAGE = 200
"""Movements read at once."""
UPGRADED = "found by the upgrade"


@dataclass(frozen=True, slots=True)
class Movement:
    """One step of a number."""

    at: str
    """UTC text; empty where an upgrade found it done."""
    state: str
    """on_hand, allocated, damaged, in_transit."""
    quantity: int
    """What it did to the number that was opened: a reservation lowers what is available."""
    total: int
    """The number after it."""
    reason: str
    """received, counted, allocated, freed, shipped, ..."""
    reference: str
    """An order's number, a shipment's key, a delivery note, the other warehouse."""
    order_id: int | None
    act: int
    """0 where an upgrade found it."""
    user: str
    words: str
    """What the act said of itself."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins."""

    total: int
    """The number before everything that was read."""
    ends: tuple[int, ...]
    """The last id read of each source."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A page of a number's movements."""

    movements: tuple[Movement, ...]
    rest: Cursor | None
    """None when these were the last."""


# Every query has the same columns; an id is used again after an undo, so a row's last insertion tells its act.
_COLUMNS = "source, id, state, quantity, at, reason, reference, order_id, act_id"
_BY_HAND = """SELECT {source} AS source, m.id, m.state, m.quantity, m.at, m.reason, m.reference, NULL AS order_id,
  coalesce((SELECT max(j.act_id) FROM journal j WHERE j.tbl = 'movements' AND j.row_id = m.id AND j.op = 'insert'), 0)
  AS act_id FROM movements m"""
_BY_ORDERS = """SELECT {source} AS source, m.id, m.state, m.quantity, '' AS at, m.reason, coalesce(
  (SELECT max(s.key) FROM shipments s JOIN shipment_lines l ON l.shipment_id = s.id AND l.order_id = m.order_id
   WHERE m.reason = 'shipped' AND s.warehouse = m.warehouse AND s.state IN ('shipped', 'delivered', 'returned')
   HAVING count(DISTINCT s.id) = 1),
  (SELECT number FROM orders WHERE id = m.order_id), '') AS reference, m.order_id, m.act_id FROM order_movements m"""
_WHICH = """WHERE m.sku = :sku AND m.warehouse = :warehouse AND m.state = '{state}' AND m.id < :end{source}
  ORDER BY m.id DESC LIMIT :limit"""
_TOTAL = """(SELECT coalesce(sum(CASE state {signs} ELSE 0 END), 0) FROM stock_levels
  WHERE sku = :sku AND warehouse = :warehouse)"""
_NEWEST = 2**62


def open_number(
    store: Store, warehouse: str, sku: str, number: str = "available", *, limit: int = PAGE, after: Cursor | None = None
) -> Opened:
    """Return the newest movements that one of `NUMBERS` is the sum of; `after` goes on where a page ended.

    Raises InputError for a number there is not.
    """
    if number not in NUMBERS:
        raise InputError(f"there is no number {number!r}: it is one of {', '.join(NUMBERS)}")
    signs = NUMBERS[number]
    rows, total = _read(store, warehouse, sku, signs, limit, after)
    by_source: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        by_source.setdefault(row[0], []).append(row)
    # Each source is in the order of time, newest first; of the same act, what orders made of it is the later.
    merged = list(heapq.merge(*by_source.values(), key=lambda row: (row[8], row[0] < len(signs), row[1]), reverse=True))
    ends = list(after.ends) if after else [_NEWEST] * (2 * len(signs))
    movements: list[Movement] = []
    acts = _acts(store, {row[8] for row in merged[:limit]})
    for source, row_id, state, quantity, at, reason, reference, order_id, act in merged[:limit]:
        when, user, words = acts.get(act, ("", "", UPGRADED))
        step = quantity * signs[state]
        movements.append(Movement(at or when, state, step, total, reason, reference, order_id, act, user, words))
        total -= step
        ends[source] = row_id
    return Opened(tuple(movements), Cursor(total, tuple(ends)) if len(merged) > limit else None)


def _read(
    store: Store, warehouse: str, sku: str, signs: dict[str, int], limit: int, after: Cursor | None
) -> tuple[list[tuple[Any, ...]], int]:
    """Return the newest movements of each source, one more than asked for, and the number before them.

    One statement, so that both are of the same moment.
    """
    given: dict[str, object] = {"sku": sku, "warehouse": warehouse, "limit": limit + 1}
    parts: list[str] = []
    for sql in (_BY_ORDERS, _BY_HAND):
        for state in signs:
            source = len(parts)
            given[f"end{source}"] = after.ends[source] if after else _NEWEST
            parts.append(f"SELECT * FROM ({sql} {_WHICH})".format(source=source, state=state))
    cases = " ".join(f"WHEN '{state}' THEN {sign} * quantity" for state, sign in signs.items())
    rows = store.rows(f"SELECT {_COLUMNS}, {_TOTAL.format(signs=cases)} FROM ({' UNION ALL '.join(parts)})", given)
    total = after.total if after else int(rows[0][9]) if rows else 0
    return [row[:9] for row in rows], total


def _acts(store: Store, ids: set[int]) -> dict[int, tuple[str, str, str]]:
    """Return when, by whom and in what words acts were done."""
    marks = ", ".join("?" * len(ids))
    rows = store.rows(f"SELECT id, at, user, words FROM act WHERE id IN ({marks})", tuple(ids))
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def all_movements(
    store: Store, warehouse: str, sku: str, number: str = "available", limit: int | None = None
) -> list[Movement]:
    """Return the newest `limit` movements of a number, or all of them, read page by page; raises as `open_number`."""
    found: list[Movement] = []
    most = 2**62 if limit is None else limit
    after: Cursor | None = None
    while len(found) < most:
        page = open_number(store, warehouse, sku, number, limit=min(PAGE, most - len(found)), after=after)
        found += page.movements
        after = page.rest
        if after is None:
            break
    return found
