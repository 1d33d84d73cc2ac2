"""Holding the tables against the journal: every row is what the acts made of it, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from data.store.store import Store
from data.store.triggers import DERIVED, JOURNALLED, trigger_sql

_SLICE = 20_000


def trigger_findings(store: Store) -> Iterator[str]:
    """Yield triggers of the journal that are missing or not as they were made."""
    have = dict(store.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    for table in JOURNALLED:
        columns = [row[1] for row in store.rows(f"PRAGMA table_info({table})")]
        for statement in trigger_sql(table, columns):
            if not statement.startswith("CREATE TRIGGER "):
                continue
            name = statement.split()[2]
            if name not in have:
                yield f"trigger {name} is missing: changes of {table} could go unrecorded"
            elif have[name] != statement:
                yield f"trigger {name} was changed"


def replay_findings(store: Store) -> Iterator[str]:
    """Yield rows that are missing, unexplained, or other than the journal's last word on them."""
    for table in JOURNALLED:
        yield from _missing_runs(store, table)
        yield from _unexplained(store, table)
        yield from _replay(store, table)


def _missing_runs(store: Store, table: str) -> Iterator[str]:
    """Yield merges of which rows are gone that no act deleted."""
    for act, first, last in store.rows(
        "SELECT r.act_id, r.first_id, r.last_id FROM journal_run r WHERE r.tbl = ? AND r.op = 'insert'"
        " AND NOT EXISTS (SELECT 1 FROM journal_run d WHERE d.tbl = r.tbl AND d.op = 'delete'"
        "  AND d.first_id = r.first_id AND d.last_id = r.last_id AND d.id > r.id)",
        (table,),
    ):
        have = store.value(f"SELECT count(*) FROM {table} WHERE id BETWEEN ? AND ?", (first, last))
        deleted = store.value(
            "SELECT count(*) FROM (SELECT row_id, max(id) AS latest FROM journal WHERE tbl = ? AND row_id BETWEEN ? AND ?"
            " AND op IN ('insert', 'delete') GROUP BY row_id) j JOIN journal e ON e.id = j.latest WHERE e.op = 'delete'",
            (table, first, last),
        )
        lost = last - first + 1 - have - deleted
        if lost:
            yield f"{lost} rows of {table} are gone that act {act} brought in and no act deleted"


def _unexplained(store: Store, table: str) -> Iterator[str]:
    """Yield rows that no act inserted."""
    for (row_id,) in store.rows(
        f"SELECT t.id FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM journal_run r WHERE r.tbl = ? AND r.op = 'insert'"
        " AND t.id BETWEEN r.first_id AND r.last_id)"
        " AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.tbl = ? AND j.row_id = t.id AND j.op = 'insert') LIMIT 1000",
        (table, table),
    ):
        yield f"{table} row {row_id} was put there by no act"


def _replay(store: Store, table: str) -> Iterator[str]:
    """Yield rows that differ from what their journal entries add up to."""
    names = [row[1] for row in store.rows(f"PRAGMA table_info({table})")]
    kept = [name for name in names if name not in DERIVED.get(table, ())]
    top = store.value("SELECT coalesce(max(row_id), 0) FROM journal WHERE tbl = ?", (table,))
    for start in range(0, top + 1, _SLICE):
        images: dict[int, dict[str, Any] | None] = {}
        for row_id, op, after in store.rows(
            "SELECT row_id, op, after FROM journal WHERE tbl = ? AND row_id BETWEEN ? AND ? ORDER BY id",
            (table, start, start + _SLICE - 1),
        ):
            if op == "delete":
                images[row_id] = None
            else:
                images[row_id] = {**(images.get(row_id) or {}), **json.loads(after or "{}")}
        rows = {
            row[0]: dict(zip(kept, row[1:], strict=True))
            for row in store.rows(
                f"SELECT id, {', '.join(kept)} FROM {table} WHERE id BETWEEN ? AND ?", (start, start + _SLICE - 1)
            )
        }
        for row_id, image in images.items():
            yield from _compare(table, row_id, image, rows.get(row_id))


def _compare(table: str, row_id: int, image: dict[str, Any] | None, row: dict[str, Any] | None) -> Iterator[str]:
    if image is None:
        if row is not None:
            yield f"{table} row {row_id} is there, but an act deleted it"
    elif row is None:
        yield f"{table} row {row_id} is gone, and no act deleted it"
    else:
        for name, value in image.items():
            if name in row and row[name] != value:
                yield f"{table} row {row_id}: {name} is {row[name]!r}, the journal says {value!r}"
