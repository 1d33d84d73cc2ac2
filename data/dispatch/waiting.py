"""Orders that wait for a batch: allocated to a warehouse, and in none yet."""

from __future__ import annotations

from dataclasses import dataclass

from data.orders.split import PARTS
from data.store.store import Store


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of one campaign waits for a batch of one warehouse."""

    campaign_id: int
    campaign: str
    """The campaign's code."""
    campaign_locked: bool
    warehouse: str
    orders: int
    unlocked: int
    """Those whose address is not locked: only an early batch takes them."""


def waiting_for_batch(store: Store, campaign_id: int | None = None) -> list[Waiting]:
    """Count what waits, by campaign and warehouse, most first; holds are not looked at.

    An order that is split waits at each of its warehouses.
    """
    rows = store.rows(
        "SELECT o.campaign_id, c.code, c.locked_at IS NOT NULL, o.warehouse, count(*), sum(o.locked_at IS NULL)"
        " FROM (SELECT campaign_id, warehouse, locked_at FROM orders WHERE stage = 'allocated'"
        f"  UNION ALL SELECT campaign_id, warehouse, locked_at FROM ({PARTS})) o"
        " JOIN campaigns c ON c.id = o.campaign_id WHERE :campaign IS NULL OR o.campaign_id = :campaign"
        " GROUP BY o.campaign_id, o.warehouse ORDER BY count(*) DESC, c.code, o.warehouse",
        {"campaign": campaign_id},
    )
    return [Waiting(row[0], row[1], bool(row[2]), row[3], row[4], row[5]) for row in rows]
