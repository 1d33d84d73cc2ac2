"""One batch with its totals, how far it is, and what of it waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass

from data.dispatch.batch_rows import BatchRow, BatchRows, CommandRow, commands_of
from data.store.store import Store

TROUBLE = ("person", "doubtful", "rejected")
_MOST = 50


@dataclass(frozen=True, slots=True)
class BatchDetail:
    """What the detail pane shows of a batch."""

    batch: BatchRow
    units: tuple[tuple[str, int], ...]
    """Quantity by SKU, most first."""
    countries: tuple[tuple[str, int], ...]
    """Shipments by country, most first."""
    states: tuple[tuple[str, int], ...]
    """Shipments by state."""
    trouble: tuple[CommandRow, ...]
    """Commands that a person must look at."""


def batch_detail(store: Store, batch_id: int) -> BatchDetail | None:
    """Read a batch with its totals; None when it is gone."""
    found = BatchRows(store).rows([batch_id]).get(batch_id)
    if found is None:
        return None
    live = "s.batch_id = ? AND s.state <> 'cancelled'"
    return BatchDetail(
        found,
        units=_pairs(
            store,
            "SELECT l.sku, sum(l.quantity) FROM shipment_lines l JOIN shipments s ON s.id = l.shipment_id"
            f" WHERE {live} GROUP BY 1 ORDER BY 2 DESC, 1",
            batch_id,
        ),
        countries=_pairs(
            store,
            "SELECT a.country, count(*) FROM shipments s JOIN addresses a ON a.id = s.address_id"
            f" WHERE {live} GROUP BY 1 ORDER BY 2 DESC, 1",
            batch_id,
        ),
        states=_pairs(store, "SELECT s.state, count(*) FROM shipments s WHERE s.batch_id = ? GROUP BY 1", batch_id),
        trouble=tuple(commands_of(store, batch_id=batch_id, states=TROUBLE, limit=_MOST)),
    )


def _pairs(store: Store, sql: str, batch_id: int) -> tuple[tuple[str, int], ...]:
    return tuple((row[0], row[1]) for row in store.rows(sql, (batch_id,)))
