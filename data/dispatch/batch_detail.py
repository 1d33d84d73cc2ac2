"""One batch with its totals, how far it is, and what of it waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass

from data.dispatch.batch_rows import BatchRow, BatchRows, CommandRow, commands_of
from data.dispatch.delta import Correction, corrections_of
from data.model import Money
from data.outbox.progress import Progress, WorkerState, batch_progress, worker_state
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
    values: tuple[Money, ...]
    """Declared for customs, by currency."""
    corrections: tuple[Correction, ...]
    """What it changes about earlier batches."""
    progress: Progress
    worker: WorkerState
    """What the warehouse's worker last said of itself."""


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
        values=tuple(
            Money(minor, currency)
            for minor, currency in store.rows(
                "SELECT sum(v.minor * l.quantity), v.currency FROM shipments s"
                " JOIN shipment_lines l ON l.shipment_id = s.id JOIN campaigns c ON c.id = s.campaign_id"
                " JOIN product_values v ON v.sku = l.sku AND v.currency = c.currency"
                f" WHERE {live} GROUP BY v.currency ORDER BY v.currency",
                (batch_id,),
            )
        ),
        corrections=tuple(corrections_of(store, batch_id)[:_MOST]),
        progress=batch_progress(store, batch_id),
        worker=worker_state(store, found.warehouse),
    )


def _pairs(store: Store, sql: str, batch_id: int) -> tuple[tuple[str, int], ...]:
    return tuple((row[0], row[1]) for row in store.rows(sql, (batch_id,)))
