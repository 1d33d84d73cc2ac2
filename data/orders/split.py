"""Orders whose lines leave several warehouses: which of their parts still wait for a batch.

A line goes where `order_lines.warehouse` says, else where its order goes. Lines of an order that has no warehouse go
nowhere, whatever they say.
"""

from __future__ import annotations

from data.store.store import Write

LIVE_ON_LINE = """coalesce((SELECT sum(x.quantity) FROM shipment_lines x JOIN shipments s ON s.id = x.shipment_id
  WHERE x.order_line_id = l.id AND s.state NOT IN ('rejected', 'cancelled')), 0)"""
"""Of a line `l`: how many of it are on shipments that are not given up."""

SPLIT = """(o.warehouse IS NOT NULL
  AND EXISTS (SELECT 1 FROM order_lines y WHERE y.order_id = o.id AND y.warehouse IS NOT NULL))"""
"""Of an order `o`: its lines leave several warehouses."""

UNDER_WAY = "('batched', 'sending', 'at_warehouse', 'picking', 'part_shipped')"
"""Stages an order may be in while part of it waits."""

_OPEN = f"""SELECT 1 FROM order_lines l JOIN products p ON p.sku = l.sku AND p.physical = 1
  WHERE l.order_id = o.id AND l.quantity > {LIVE_ON_LINE}"""

PART_WAITS = f"({SPLIT} AND EXISTS ({_OPEN}))"
"""Of an order `o` that has a shipment: other lines of it have none yet."""


def part_waits_at(warehouse: str) -> str:
    """Return the condition that a part of a split order `o` waits at the warehouse an SQL expression names."""
    return f"({SPLIT} AND EXISTS ({_OPEN} AND coalesce(l.warehouse, o.warehouse) = {warehouse}))"


PARTS = f"""SELECT DISTINCT o.id AS order_id, o.campaign_id AS campaign_id, o.locked_at AS locked_at,
  coalesce(l.warehouse, o.warehouse) AS warehouse
FROM orders o JOIN order_lines l ON l.order_id = o.id JOIN products p ON p.sku = l.sku AND p.physical = 1
WHERE o.id IN (SELECT order_id FROM order_lines INDEXED BY order_lines_split WHERE warehouse IS NOT NULL)
  AND o.warehouse IS NOT NULL AND o.stage IN ('allocated', 'batched', 'sending', 'at_warehouse', 'picking',
  'part_shipped') AND NOT (o.stage = 'allocated' AND coalesce(l.warehouse, o.warehouse) = o.warehouse)
  AND l.quantity > {LIVE_ON_LINE}"""
"""Parts of split orders that wait at a warehouse and that `stage = 'allocated' AND warehouse = ...` does not tell."""


def unplace(tx: Write, order_id: int) -> None:
    """Take an order with all its lines from its warehouse; the caller settles."""
    tx.run(
        "UPDATE order_lines SET warehouse = NULL, rev = rev + 1 WHERE order_id = ? AND warehouse IS NOT NULL",
        (order_id,),
    )
    tx.run("UPDATE orders SET warehouse = NULL, rev = rev + 1 WHERE id = ? AND warehouse IS NOT NULL", (order_id,))
