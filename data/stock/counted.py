"""What a warehouse's portal says it counts, beside what the ledger says; never added to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from data.clock import utc_text
from data.stock.levels import list_levels
from data.store.store import Store
from data.store.workspace import Workspace

_WAIT = 3600.0
"""Seconds to wait for another writer: what a warehouse has answered is not asked again for nothing."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One SKU at one warehouse, as the ledger and as the warehouse count it."""

    warehouse: str
    sku: str
    on_hand: int | None
    """By the ledger; None where nobody has counted."""
    available: int | None
    counted_on_hand: int | None
    """By the warehouse; None where it did not name the SKU."""
    counted_available: int | None
    at: str
    """When it said so, UTC text."""

    @property
    def difference(self) -> int | None:
        """Return how many more the warehouse has on hand than the ledger; None where one of them does not know."""
        if self.on_hand is None or self.counted_on_hand is None:
            return None
        return self.counted_on_hand - self.on_hand


def record_counted(ws: Workspace, warehouse: str, levels: Iterable[tuple[str, int, int]]) -> int:
    """Keep what a warehouse counts, as (SKU, on hand, available), in place of what it said before; returns how many."""
    at = utc_text(ws.clock.now())
    rows = [(warehouse, sku, on_hand, available, at) for sku, on_hand, available in levels]
    with ws.store.derive(wait=_WAIT) as tx:
        tx.run("DELETE FROM counted_stock WHERE warehouse = ?", (warehouse,))
        tx.db.conn.executemany(
            "INSERT INTO counted_stock(warehouse, sku, on_hand, available, at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (warehouse, sku) DO UPDATE SET on_hand = excluded.on_hand, available = excluded.available",
            rows,
        )
    return len(rows)


def list_differences(store: Store, *, warehouse: str | None = None, sku: str | None = None) -> list[Difference]:
    """Return what warehouses have told of their counts beside the ledger's, by warehouse and SKU.

    A SKU that only the ledger has at a warehouse which told something stands there too.
    """
    said = {
        (row[0], row[1]): row[2:]
        for row in store.rows(
            "SELECT warehouse, sku, on_hand, available, at FROM counted_stock"
            " WHERE warehouse = coalesce(?, warehouse) AND sku = coalesce(?, sku)",
            (warehouse, sku),
        )
    }
    told = {place: values[2] for (place, _), values in said.items()}
    ours = {
        (each.warehouse, each.sku): each
        for each in list_levels(store, warehouse=warehouse, sku=sku)
        if each.counted and each.warehouse in told
    }
    found: list[Difference] = []
    for code, name in sorted(said.keys() | ours.keys()):
        level = ours.get((code, name))
        mine = (level.on_hand, level.available) if level else (None, None)
        theirs = said.get((code, name), (None, None, told[code]))
        found.append(Difference(code, name, *mine, *theirs))
    return found
