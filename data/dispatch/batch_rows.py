"""Rows about batches and commands, for screens and the command line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.dispatch.batch_fields import BATCH_FIELDS, search_batches
from data.orders.conditions import Condition, context_of
from data.orders.filters import parse
from data.orders.short_list import ShortList
from data.store.store import Store


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch in a list."""

    id: int
    rev: int
    number: int
    campaign: str
    warehouse: str
    state: str
    early: bool
    created_at: str
    sent_at: str
    shipments: int
    planned: int
    sending: int
    accepted: int
    rejected: int
    doubtful: int
    person: int
    shipped: int
    """Shipments that have left the warehouse."""
    corrections: int
    """Changes and cancels of earlier batches that it carries."""
    since: int | None
    """The number of the batch that a delta batch begins at."""
    approved_by: str

    @property
    def size(self) -> int:
        """Return how many things it sends."""
        return self.shipments + self.corrections

    @property
    def asked(self) -> int:
        """Return how many things the warehouse was asked for, also those that were cancelled after it took them."""
        return self.planned + self.sending + self.accepted + self.rejected + self.doubtful + self.person

    @property
    def needs_person(self) -> bool:
        """Tell whether something in it waits for a decision."""
        return self.person > 0


@dataclass(frozen=True, slots=True)
class CommandRow:
    """One command in a list."""

    id: int
    rev: int
    warehouse: str
    kind: str
    key: str
    batch: int | None
    order_id: int | None
    number: str
    """The order's number."""
    state: str
    attempt: int
    sent_at: str
    not_before: str
    remote_id: str
    reason: str


_BATCHES = """
SELECT b.id, b.rev, b.number, c.code, b.warehouse, b.state, b.early, b.created_at, coalesce(b.sent_at, ''),
  (SELECT count(*) FROM shipments s WHERE s.batch_id = b.id AND s.state <> 'cancelled'),
  {counts},
  (SELECT count(*) FROM shipments s WHERE s.batch_id = b.id AND s.state IN ('shipped', 'delivered', 'returned')),
  (SELECT count(*) FROM commands x WHERE x.batch_id = b.id AND x.kind IN ('amend', 'cancel')
    AND x.state <> 'withdrawn'),
  (SELECT number FROM batches base WHERE base.id = b.base_id), b.approved_by
FROM batches b JOIN campaigns c ON c.id = b.campaign_id
""".format(
    counts=", ".join(
        f"(SELECT count(*) FROM commands x WHERE x.batch_id = b.id AND x.state = '{state}')"
        for state in ("planned", "sending", "accepted", "rejected", "doubtful", "person")
    )
)

_COMMANDS = """
SELECT c.id, c.rev, c.warehouse, c.kind, c.key, b.number, o.id, coalesce(o.number, ''), c.state, c.attempt,
  coalesce(c.sent_at, ''), coalesce(c.not_before, ''), c.remote_id, c.reason
FROM commands c LEFT JOIN batches b ON b.id = c.batch_id
LEFT JOIN orders o ON o.id = (SELECT min(order_id) FROM shipment_lines l WHERE l.shipment_id = c.shipment_id)
"""


SORTS: dict[str, str] = {"number": "b.number", "state": "b.state", "warehouse": "b.warehouse"}
"""What batches can be sorted by."""


class BatchRows(ShortList):
    """The batches of a filter in an order, newest first unless asked otherwise."""

    def __init__(
        self,
        store: Store,
        filter_text: str = "",
        sort: str = "number",
        descending: bool = True,
        campaign_id: int | None = None,
    ) -> None:
        """Read the filter; raises FilterError, and KeyError for a sort that is not in `SORTS`."""
        conditions = parse(filter_text, BATCH_FIELDS).conditions(context_of(store, campaign_id), search_batches)
        if campaign_id is not None:
            conditions.append(Condition("b.campaign_id = ?", (campaign_id,)))
        source = "batches b JOIN campaigns c ON c.id = b.campaign_id"
        super().__init__(store, source, "b.id", SORTS[sort], descending, conditions)

    def rows(self, ids: Sequence[int]) -> dict[int, BatchRow]:
        """Return batches by id."""
        found = self._store.rows(f"{_BATCHES} WHERE b.id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))
        return {row[0]: _batch(row) for row in found}


def open_batches(store: Store, warehouse: str) -> list[BatchRow]:
    """Return the batches of a warehouse that orders can still be put into, newest first."""
    found = store.rows(
        f"{_BATCHES} WHERE b.warehouse = ? AND b.state IN ('draft', 'ready') ORDER BY b.number DESC", (warehouse,)
    )
    return [_batch(row) for row in found]


def find_batch(store: Store, number: int) -> int | None:
    """Return the id of the batch with this number, or None."""
    found = store.value("SELECT id FROM batches WHERE number = ?", (number,))
    return None if found is None else int(found)


def commands_of(
    store: Store,
    *,
    batch_id: int | None = None,
    warehouse: str | None = None,
    states: Sequence[str] = (),
    order_id: int | None = None,
    limit: int = 200,
) -> list[CommandRow]:
    """List commands, newest first, of a batch, a warehouse or an order, in some states or in all."""
    tests = {
        "c.batch_id = :batch": batch_id,
        "c.warehouse = :warehouse": warehouse,
        "c.state IN (SELECT value FROM json_each(:states))": json.dumps(list(states)) if states else None,
        "c.shipment_id IN (SELECT shipment_id FROM shipment_lines WHERE order_id = :order)": order_id,
    }
    where = " AND ".join(test for test, value in tests.items() if value is not None)
    found = store.rows(
        f"{_COMMANDS} {'WHERE ' + where if where else ''} ORDER BY c.id DESC LIMIT :limit",
        {
            "batch": batch_id,
            "warehouse": warehouse,
            "states": json.dumps(list(states)),
            "order": order_id,
            "limit": limit,
        },
    )
    return [CommandRow(*row) for row in found]


def _batch(row: Sequence[Any]) -> BatchRow:
    values: list[Any] = list(row)
    values[6] = bool(values[6])
    return BatchRow(*values)
