"""What an act did, table by table, for a person who is about to take it back."""

from __future__ import annotations

import json
from dataclasses import dataclass

from data.store.store import Store

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class TableChange:
    """What an act did to one table."""

    table: str
    op: str
    """insert, update or delete."""
    rows: int
    examples: tuple[str, ...] = ()
    """The first changed values, in words: `stage: ready → allocated`."""


def act_changes(store: Store, act_id: int) -> list[TableChange]:
    """Return what an act did to each table, in the order it began to."""
    found = [
        TableChange(table, op, rows, _examples(store, act_id, table) if op == "update" else ())
        for table, op, rows in store.rows(
            "SELECT tbl, op, count(*) FROM journal WHERE act_id = ? GROUP BY tbl, op ORDER BY min(id)", (act_id,)
        )
    ]
    return found + [
        TableChange(table, op, rows)
        for table, op, rows in store.rows(
            "SELECT tbl, op, sum(last_id - first_id + 1) FROM journal_run WHERE act_id = ? GROUP BY tbl, op"
            " ORDER BY min(id)",
            (act_id,),
        )
    ]


def _examples(store: Store, act_id: int, table: str) -> tuple[str, ...]:
    return tuple(
        ", ".join(
            f"{name}: {_shown(old)} → {_shown(json.loads(after).get(name))}" for name, old in json.loads(before).items()
        )
        for before, after in store.rows(
            "SELECT before, after FROM journal WHERE act_id = ? AND tbl = ? AND op = 'update' ORDER BY id LIMIT ?",
            (act_id, table, EXAMPLES),
        )
    )


def _shown(value: object) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 40 else text[:39] + "…"
