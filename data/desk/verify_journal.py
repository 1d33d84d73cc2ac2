"""Holding the tables against the journal: every row is what the acts made of it, and nothing else.

Rows that a merge brought in are journalled as runs, first to last, without an image: that they are there is checked,
and every column that was changed since. Ids are used again after an undo, so only the journal's last word counts.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from data.store.store import Store
from data.store.triggers import DERIVED, JOURNALLED

_SLICE = 20_000
"""Ids compared at once."""

Image = dict[str, Any] | None
"""The columns that are known of a row; None: an act deleted it."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Ids of a table that the same run has the last word on."""

    first: int
    last: int
    act: int
    op: str


def replay_findings(store: Store) -> Iterator[str]:
    """Yield rows that are missing, unexplained, or other than the journal's last word on them."""
    for table in JOURNALLED:
        spans = _spans(store, table)
        yield from _lost(store, table, spans)
        yield from _unexplained(store, table, spans)
        yield from _replay(store, table, spans)


def _spans(store: Store, table: str) -> list[_Span]:
    """Return spans of ids that do not overlap, in their order: a later run covers an earlier one."""
    spans: list[_Span] = []
    for act, op, first, last in store.rows(
        "SELECT act_id, op, first_id, last_id FROM journal_run WHERE tbl = ? ORDER BY id", (table,)
    ):
        cut: list[_Span] = []
        for each in spans:
            if each.last < first or each.first > last:
                cut.append(each)
                continue
            if each.first < first:
                cut.append(_Span(each.first, first - 1, each.act, each.op))
            if each.last > last:
                cut.append(_Span(last + 1, each.last, each.act, each.op))
        spans = [*cut, _Span(first, last, act, op)]
    return sorted(spans, key=lambda each: each.first)


def _lost(store: Store, table: str, spans: list[_Span]) -> Iterator[str]:
    """Yield runs of which rows are gone that no act deleted, and deleted runs of which rows are there."""
    for each in spans:
        bounds = (each.first, each.last)
        have = int(store.value(f"SELECT count(*) FROM {table} WHERE id BETWEEN ? AND ?", bounds))
        # What single entries did to the span since: an id whose last word is a deletion is rightly gone.
        singles = store.rows(
            "SELECT e.op, count(*) FROM (SELECT max(id) AS latest FROM journal WHERE tbl = ? AND act_id >= ?"
            " AND row_id BETWEEN ? AND ? AND op <> 'update' GROUP BY row_id) j JOIN journal e ON e.id = j.latest"
            " GROUP BY e.op",
            (table, each.act, *bounds),
        )
        ops = dict(singles)
        if each.op == "insert":
            lost = each.last - each.first + 1 - have - ops.get("delete", 0)
            if lost > 0:
                yield f"{lost} rows of {table} are gone that act {each.act} brought in and no act deleted"
        elif have > ops.get("insert", 0):
            yield f"{have - ops.get('insert', 0)} rows of {table} are there that act {each.act} took out"


def _unexplained(store: Store, table: str, spans: list[_Span]) -> Iterator[str]:
    """Yield rows that no act inserted."""
    start = 0
    for each in [*spans, _Span(2**62, 2**62, 0, "insert")]:
        if each.op != "insert":
            continue
        for (row_id,) in store.rows(
            f"SELECT t.id FROM {table} t WHERE t.id BETWEEN ? AND ? AND NOT EXISTS ("
            " SELECT 1 FROM journal j WHERE j.tbl = ? AND j.row_id = t.id AND j.op = 'insert') LIMIT 1000",
            (start, each.first - 1, table),
        ):
            yield f"{table} row {row_id} was put there by no act"
        start = each.last + 1


def _replay(store: Store, table: str, spans: list[_Span]) -> Iterator[str]:
    """Yield rows that differ from what their journal entries add up to."""
    kept = [
        row[1] for row in store.rows(f"PRAGMA table_info({table})") if row[1] not in DERIVED.get(table, frozenset())
    ]
    firsts = [each.first for each in spans]
    top = store.value("SELECT coalesce(max(row_id), 0) FROM journal WHERE tbl = ?", (table,))
    for start in range(0, top + 1, _SLICE):
        bounds = (start, start + _SLICE - 1)
        images: dict[int, Image] = {}
        for act, row_id, op, after in store.rows(
            "SELECT act_id, row_id, op, after FROM journal WHERE tbl = ? AND row_id BETWEEN ? AND ? ORDER BY id",
            (table, *bounds),
        ):
            if _is_past(spans, firsts, row_id, act):
                continue
            if op == "delete":
                images[row_id] = None
            else:
                images[row_id] = {**(images.get(row_id) or {}), **json.loads(after or "{}")}
        rows = {
            row[0]: dict(zip(kept, row[1:], strict=True))
            for row in store.rows(f"SELECT id, {', '.join(kept)} FROM {table} WHERE id BETWEEN ? AND ?", bounds)
        }
        for row_id, image in images.items():
            yield from _compare(table, row_id, image, rows.get(row_id))


def _is_past(spans: list[_Span], firsts: list[int], row_id: int, act: int) -> bool:
    """Tell whether an entry speaks of a row's earlier life: a run has inserted or deleted it since."""
    at = bisect_right(firsts, row_id) - 1
    if at < 0 or row_id > spans[at].last:
        return False
    return act < spans[at].act or (act == spans[at].act and spans[at].op == "delete")


def _compare(table: str, row_id: int, image: Image, row: dict[str, Any] | None) -> Iterator[str]:
    if image is None:
        if row is not None:
            yield f"{table} row {row_id} is there, but an act deleted it"
    elif row is None:
        yield f"{table} row {row_id} is gone, and no act deleted it"
    else:
        for name, value in image.items():
            if name in row and row[name] != value:
                yield f"{table} row {row_id}: {name} is {row[name]!r}, the journal says {value!r}"
