"""How far an order has come. One table of moves, one rule that derives the stage from the facts.

An order without a live shipment is `needs_info` until it has an address without error, at least one physical line,
no unmapped name, and is paid; then `ready`; with a warehouse, `allocated`. With live shipments its stage follows from
them: the slowest of them up to `picking`, `part_shipped` while only some have left, `shipped` and `delivered` when
all have. Of an order that is split over warehouses a part may still wait for its batch: then nothing further than
`part_shipped`. `cancelled` is only ever set by a person's verb.
"""

from __future__ import annotations

from collections.abc import Iterable

from data.model import Stage, StaleError
from data.orders.split import PART_WAITS
from data.store.store import Write

_FROM_OPEN = {Stage.NEEDS_INFO, Stage.READY, Stage.ALLOCATED, Stage.BATCHED, Stage.SENDING}
_AT = {Stage.AT_WAREHOUSE, Stage.PICKING}
_GONE = {Stage.PART_SHIPPED, Stage.SHIPPED, Stage.DELIVERED}
_ASIDE = {Stage.RETURNED, Stage.CANCELLED}

MOVES: dict[Stage, set[Stage]] = {
    # Facts may come (a survey answer), go (a rejected push), or come all at once (a file of tracking numbers).
    Stage.NEEDS_INFO: {Stage.READY, Stage.ALLOCATED, Stage.CANCELLED},
    Stage.READY: {Stage.NEEDS_INFO, Stage.ALLOCATED, Stage.BATCHED, Stage.CANCELLED},
    Stage.ALLOCATED: {Stage.NEEDS_INFO, Stage.READY, Stage.BATCHED, Stage.CANCELLED},
    Stage.BATCHED: {Stage.NEEDS_INFO, Stage.READY, Stage.ALLOCATED, Stage.SENDING, *_AT, *_GONE, *_ASIDE},
    Stage.SENDING: {Stage.NEEDS_INFO, Stage.READY, Stage.ALLOCATED, Stage.BATCHED, *_AT, *_GONE, *_ASIDE},
    Stage.AT_WAREHOUSE: {*_FROM_OPEN, Stage.PICKING, *_GONE, Stage.RETURNED, Stage.CANCELLED},
    Stage.PICKING: {*_FROM_OPEN, Stage.AT_WAREHOUSE, *_GONE, Stage.RETURNED, Stage.CANCELLED},
    Stage.PART_SHIPPED: {*_AT, Stage.SHIPPED, Stage.DELIVERED, Stage.RETURNED},
    Stage.SHIPPED: {Stage.PART_SHIPPED, Stage.DELIVERED, Stage.RETURNED},
    Stage.DELIVERED: {Stage.SHIPPED, Stage.RETURNED},
    Stage.RETURNED: {Stage.PART_SHIPPED, Stage.SHIPPED, Stage.DELIVERED},
    Stage.CANCELLED: set(),
}
"""Where an order may go from each stage. Taking a cancellation back is undo's business, which restores what was."""

READY_SQL = """
o.paid = 1
AND EXISTS (SELECT 1 FROM order_lines l JOIN products p ON p.sku = l.sku
            WHERE l.order_id = o.id AND l.quantity > 0 AND p.physical = 1)
AND NOT EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = o.id AND l.sku IS NULL AND l.quantity > 0)
AND EXISTS (SELECT 1 FROM addresses a WHERE a.id = o.address_id AND a.country <> '' AND a.name <> ''
            AND (a.line1 <> '' OR a.line2 <> ''))
AND NOT EXISTS (SELECT 1 FROM checked c WHERE c.address_id = o.address_id AND c.errors > 0)
"""

STAGE_SQL = f"""
SELECT o.id AS id, o.stage AS stage, CASE
  WHEN o.stage = 'cancelled' THEN 'cancelled'
  WHEN coalesce(s.live, 0) = 0 THEN
    CASE WHEN NOT ({READY_SQL}) THEN 'needs_info' WHEN o.warehouse IS NULL THEN 'ready' ELSE 'allocated' END
  WHEN s.returned + s.delivered + s.shipped + s.part > 0 AND {PART_WAITS} THEN 'part_shipped'
  WHEN s.returned = s.live THEN 'returned'
  WHEN s.delivered + s.returned = s.live THEN 'delivered'
  WHEN s.shipped + s.delivered + s.returned = s.live THEN 'shipped'
  WHEN s.shipped + s.delivered + s.part + s.returned > 0 THEN 'part_shipped'
  WHEN s.draft > 0 THEN 'batched'
  WHEN s.sending > 0 THEN 'sending'
  WHEN s.waiting > 0 THEN 'at_warehouse'
  ELSE 'picking' END AS derived
FROM orders o LEFT JOIN (
  SELECT order_id, count(*) AS live,
    sum(state = 'draft') AS draft, sum(state = 'sending') AS sending,
    sum(state IN ('accepted', 'held', 'blocked')) AS waiting, sum(state = 'part_shipped') AS part,
    sum(state = 'shipped') AS shipped, sum(state = 'delivered') AS delivered, sum(state = 'returned') AS returned
  FROM (SELECT DISTINCT l.order_id, s.id, s.state FROM shipment_lines l JOIN shipments s ON s.id = l.shipment_id
        WHERE s.state NOT IN ('rejected', 'cancelled') {{only_lines}})
  GROUP BY order_id) s ON s.order_id = o.id
{{only_orders}}
"""
"""Every order's stage beside the one its facts say; `settle` writes it and `verify` compares it."""


def derived_sql(only: str = "") -> str:
    """Return the query of (id, stage, derived) for all orders, or for the ids a subquery `only` names."""
    return STAGE_SQL.format(
        only_lines=f"AND l.order_id IN ({only})" if only else "",
        only_orders=f"WHERE o.id IN ({only})" if only else "",
    )


def settle(tx: Write, order_ids: Iterable[int]) -> dict[int, Stage]:
    """Move each order to the stage its facts say, and return those that moved.

    Call it after every change of a fact: address, line, payment, warehouse, shipment. Raises StaleError for a move that
    the table does not allow.
    """
    tx.run("CREATE TEMP TABLE IF NOT EXISTS settling (id INTEGER PRIMARY KEY)")
    tx.run("DELETE FROM temp.settling")
    tx.db.conn.executemany("INSERT OR IGNORE INTO temp.settling(id) VALUES (?)", [(each,) for each in order_ids])
    moved: dict[int, Stage] = {}
    for order_id, stage, derived in tx.rows(derived_sql("SELECT id FROM temp.settling")):
        if stage == derived:
            continue
        refuse_illegal(order_id, Stage(stage), Stage(derived))
        moved[order_id] = Stage(derived)
    tx.db.conn.executemany(
        "UPDATE orders SET stage = ?, rev = rev + 1 WHERE id = ?", [(stage, each) for each, stage in moved.items()]
    )
    return moved


def refuse_illegal(order_id: int, old: Stage, new: Stage) -> None:
    """Raise StaleError for a move the table does not have."""
    if new not in MOVES[old]:
        raise StaleError(f"order {order_id} can't go from {old} to {new}")
