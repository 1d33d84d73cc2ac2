"""What happened to one order: who did what, from the journal, and what became of it, from its own dates."""

from __future__ import annotations

import json
from dataclasses import dataclass

from data.store.store import Store

_OWN = {
    "orders": "SELECT id FROM orders WHERE id = :order",
    "order_lines": "SELECT id FROM order_lines WHERE order_id = :order",
    "addresses": "SELECT id FROM addresses WHERE order_id = :order",
    "changes": "SELECT id FROM changes WHERE order_id = :order",
    "holds": "SELECT id FROM holds WHERE order_id = :order",
    "notes": "SELECT id FROM notes WHERE order_id = :order",
    "issues": "SELECT id FROM issues WHERE order_id = :order",
    "shipment_lines": "SELECT id FROM shipment_lines WHERE order_id = :order",
    "shipments": "SELECT shipment_id FROM shipment_lines WHERE order_id = :order",
    "parcels": "SELECT p.id FROM parcels p JOIN shipment_lines l ON l.shipment_id = p.shipment_id"
    " WHERE l.order_id = :order",
    "commands": "SELECT c.id FROM commands c JOIN shipment_lines l ON l.shipment_id = c.shipment_id"
    " WHERE l.order_id = :order",
}
_TOLD = {
    "orders": ("stage", "warehouse", "late", "paid", "priority", "locked_at", "cancel_asked_at"),
    "shipments": ("state",),
    "parcels": ("status",),
    "changes": ("state",),
    "issues": ("state", "assigned_to"),
    "commands": ("state",),
}
"""Columns whose old and new values are told; the rest is in the act's words."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One act that touched the order or something that hangs on it."""

    act: int
    at: str
    user: str
    program: str
    words: str
    undone: bool
    moves: tuple[str, ...]
    """What it moved, in words: `stage: ready → allocated`."""


@dataclass(frozen=True, slots=True)
class Event:
    """One point on the order's way."""

    at: str
    words: str


def read_journal(store: Store, order_id: int, limit: int = 100) -> tuple[Happened, ...]:
    """Return the acts that touched an order, newest first."""
    moves: dict[int, list[str]] = {}
    for table, own in _OWN.items():
        for act_id, op, before, after in store.rows(
            f"SELECT act_id, op, before, after FROM journal WHERE tbl = '{table}' AND row_id IN ({own}) ORDER BY id",
            {"order": order_id},
        ):
            told = moves.setdefault(act_id, [])
            if op == "update" and table in _TOLD:
                told += _moves(table, json.loads(before or "{}"), json.loads(after or "{}"))
    # What a merge inserted together is journalled as runs of ids.
    for (act_id,) in store.rows(
        "SELECT act_id FROM journal_run WHERE tbl = 'orders' AND op = 'insert' AND ? BETWEEN first_id AND last_id",
        (order_id,),
    ):
        moves.setdefault(act_id, [])
    newest = sorted(moves, reverse=True)[:limit]
    return tuple(
        Happened(act_id, at, user, program, words, bool(undone), tuple(moves[act_id]))
        for act_id, at, user, program, words, undone in store.rows(
            "SELECT id, at, user, program, words, EXISTS (SELECT 1 FROM act u WHERE u.undoes = a.id) FROM act a"
            f" WHERE id IN ({','.join(map(str, newest)) or 'NULL'}) ORDER BY id DESC"
        )
    )


def read_events(store: Store, order_id: int) -> tuple[Event, ...]:
    """Return what became of an order by the dates its rows carry, oldest first."""
    return tuple(
        Event(at, words)
        for at, words in store.rows(
            """
            SELECT at, words FROM (
              SELECT ordered_at AS at, 'ordered' AS words FROM orders WHERE id = :order
              UNION ALL SELECT i.at, 'imported (' || i.format || ')' FROM orders o JOIN imports i ON i.id = o.import_id
                WHERE o.id = :order
              UNION ALL SELECT locked_at, 'address locked' FROM orders WHERE id = :order
              UNION ALL SELECT cancel_asked_at, 'cancel asked for' FROM orders WHERE id = :order
              UNION ALL SELECT at, 'address from ' || source FROM addresses WHERE order_id = :order
              UNION ALL SELECT decided_at, 'change of address ' || replace(state, '_', ' ') FROM changes
                WHERE order_id = :order
              UNION ALL SELECT placed_at, 'held: ' || kind FROM holds WHERE order_id = :order
              UNION ALL SELECT released_at, 'released: ' || kind FROM holds WHERE order_id = :order
              UNION ALL SELECT raised_at, 'issue: ' || title FROM issues WHERE order_id = :order
              UNION ALL SELECT resolved_at, 'issue resolved: ' || resolution FROM issues WHERE order_id = :order
              UNION ALL SELECT c.sent_at, c.kind || ' ' || c.state || ' at ' || c.warehouse FROM commands c
                WHERE c.shipment_id IN (SELECT shipment_id FROM shipment_lines WHERE order_id = :order)
              UNION ALL SELECT s.shipped_at, 'shipped by ' || s.warehouse FROM shipments s
                WHERE s.id IN (SELECT shipment_id FROM shipment_lines WHERE order_id = :order)
              UNION ALL SELECT s.delivered_at, 'delivered (' || s.warehouse || ')' FROM shipments s
                WHERE s.id IN (SELECT shipment_id FROM shipment_lines WHERE order_id = :order)
            ) WHERE at IS NOT NULL ORDER BY at
            """,
            {"order": order_id},
        )
    )


def _moves(table: str, before: dict[str, object], after: dict[str, object]) -> list[str]:
    what = "" if table == "orders" else f"{table.removesuffix('s')} "
    return [
        f"{what}{column}: {_shown(before[column])} → {_shown(after.get(column))}"
        for column in _TOLD[table]
        if column in before
    ]


def _shown(value: object) -> str:
    return "none" if value is None else str(value)
