"""Where every ordered piece is: by SKU and warehouse, and the remainder that nothing explains, line by line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from data.model import ShipmentState, Stage
from data.orders.split import LIVE_ON_LINE, SPLIT, UNDER_WAY
from data.store.store import Store

PLACES = (
    "cancelled",
    "needs_info",
    "held",
    "ready",
    "allocated",
    "batched",
    "sending",
    "at_warehouse",
    "picking",
    "part_shipped",
    "shipped",
    "delivered",
    "returned",
)
"""Where a piece can be, in the order of its way."""

_OF_SHIPMENT: dict[str, str] = {
    ShipmentState.DRAFT: "batched",
    ShipmentState.SENDING: "sending",
    ShipmentState.ACCEPTED: "at_warehouse",
    ShipmentState.HELD: "at_warehouse",
    ShipmentState.BLOCKED: "at_warehouse",
    ShipmentState.PICKING: "picking",
    ShipmentState.PACKED: "picking",
    ShipmentState.PART_SHIPPED: "part_shipped",
    ShipmentState.SHIPPED: "shipped",
    ShipmentState.DELIVERED: "delivered",
    ShipmentState.RETURNED: "returned",
}
_WAITING = (Stage.NEEDS_INFO, Stage.READY, Stage.ALLOCATED)

# What must be shipped: physical products, and names that nobody has mapped yet.
_PHYSICAL = "l.quantity > 0 AND (l.sku IS NULL OR l.sku IN (SELECT sku FROM products WHERE physical = 1))"
_HELD = "EXISTS (SELECT 1 FROM holds h WHERE h.order_id = o.id AND h.released_at IS NULL)"
_WAITS = "o.stage IN ('needs_info', 'ready', 'allocated')"
_SPLIT = f"(o.stage IN {UNDER_WAY} AND {SPLIT})"
_SCOPE = "(:campaign IS NULL OR o.campaign_id = :campaign)"

# Tables are read in the order of their ids, a slice at a time: at a million orders one sort of all lines would be most
# of the work.
_ORDERED = f"""
SELECT coalesce(l.sku, ''), coalesce(iif(o.warehouse IS NULL, NULL, l.warehouse), o.warehouse, ''), o.stage,
  ({_WAITS} OR {_SPLIT}) AND {_HELD}, {_SPLIT}, sum(l.quantity)
FROM order_lines l NOT INDEXED CROSS JOIN orders o ON o.id = l.order_id
WHERE l.id BETWEEN :first AND :last AND {_SCOPE} AND {_PHYSICAL} GROUP BY 1, 2, 3, 4, 5
"""
_LIVE = f"""
SELECT m.sku, s.warehouse, s.state, coalesce(iif(o.warehouse IS NULL, NULL, l.warehouse), o.warehouse, ''), o.stage,
  ({_WAITS} OR {_SPLIT}) AND {_HELD}, {_SPLIT}, sum(m.quantity)
FROM shipment_lines m NOT INDEXED CROSS JOIN shipments s ON s.id = m.shipment_id
CROSS JOIN orders o ON o.id = m.order_id CROSS JOIN order_lines l ON l.id = m.order_line_id
WHERE m.id BETWEEN :first AND :last AND s.state NOT IN ('rejected', 'cancelled') AND {_SCOPE}
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
_SHORT = f"""
SELECT o.id, o.number, o.stage, coalesce(l.sku, l.name), l.quantity, {LIVE_ON_LINE}
FROM order_lines l NOT INDEXED CROSS JOIN orders o ON o.id = l.order_id
WHERE l.id BETWEEN :first AND :last AND {_SCOPE} AND {_PHYSICAL}
  AND o.stage NOT IN ('cancelled', 'needs_info', 'ready', 'allocated') AND l.quantity <> {LIVE_ON_LINE}
  AND NOT ({_SPLIT} AND {LIVE_ON_LINE} = 0)
"""
_EARLY = f"""
SELECT o.id, o.number, o.stage, m.sku, 0, sum(m.quantity)
FROM shipment_lines m NOT INDEXED CROSS JOIN orders o ON o.id = m.order_id
CROSS JOIN shipments s ON s.id = m.shipment_id
WHERE m.id BETWEEN :first AND :last AND o.stage IN ('cancelled', 'needs_info', 'ready', 'allocated')
  AND s.state NOT IN ('rejected', 'cancelled') AND {_SCOPE} GROUP BY 1, 2, 3, 4
"""
_SLICE = 50_000


@dataclass(slots=True)
class Account:
    """The pieces of one SKU at one warehouse ("" = at none yet; SKU "" = names that are not mapped)."""

    sku: str
    warehouse: str
    places: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PLACES, 0))
    unexplained: int = 0

    @property
    def ordered(self) -> int:
        """Count all of them."""
        return sum(self.places.values()) + self.unexplained


@dataclass(frozen=True, slots=True)
class Remainder:
    """A line of an order of which some pieces are nowhere, or somewhere they should not be."""

    order_id: int
    number: str
    stage: str
    sku: str
    ordered: int
    """What should be on shipments by the order's stage."""
    live: int
    """What is."""


def reconcile(store: Store, campaign_id: int | None = None) -> list[Account]:
    """Return where every ordered piece is, by SKU and warehouse; `unexplained` is what no shipment and no stage tells.

    Reads every line, so it takes seconds at a million orders: never on the UI thread.
    """
    rest: defaultdict[tuple[str, str, str, int, int], int] = defaultdict(int)
    for sku, warehouse, stage, held, split, pieces in _sliced(store, "order_lines", _ORDERED, campaign_id):
        rest[(sku, warehouse, stage, held, split)] += pieces
    accounts: dict[tuple[str, str], Account] = {}
    for sku, warehouse, state, planned, stage, held, split, pieces in _sliced(
        store, "shipment_lines", _LIVE, campaign_id
    ):
        _account(accounts, sku, warehouse).places[_OF_SHIPMENT[state]] += pieces
        rest[(sku, planned, stage, held, split)] -= pieces
    for (sku, warehouse, stage, held, split), pieces in rest.items():
        if not pieces:
            continue
        account = _account(accounts, sku, warehouse)
        if stage == Stage.CANCELLED:
            account.places["cancelled"] += pieces
        elif stage in _WAITING:
            account.places["held" if held else stage] += pieces
        elif split and pieces > 0:
            # The part of an order that has yet to be put in a batch of another warehouse.
            account.places["held" if held else "allocated"] += pieces
        else:
            account.unexplained += pieces
    return [accounts[key] for key in sorted(accounts)]


def remainders(store: Store, campaign_id: int | None = None) -> Iterator[Remainder]:
    """Yield the lines behind what `reconcile` can't explain, and those on a shipment though their order waits."""
    for table, sql in (("order_lines", _SHORT), ("shipment_lines", _EARLY)):
        for row in _sliced(store, table, sql, campaign_id):
            yield Remainder(*row)


def _account(accounts: dict[tuple[str, str], Account], sku: str, warehouse: str) -> Account:
    return accounts.setdefault((sku, warehouse), Account(sku, warehouse))


def _sliced(store: Store, table: str, sql: str, campaign_id: int | None) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query asked of a table's ids slice by slice."""
    top = int(store.value(f"SELECT coalesce(max(id), 0) FROM {table}"))
    for first in range(1, top + 1, _SLICE):
        yield from store.rows(sql, {"campaign": campaign_id, "first": first, "last": first + _SLICE - 1})
