"""Shipments for orders: minted with a key that is never used for anything else, or taken up again after a rejection.

Merged orders share one shipment, under the key of the one that leads them.
"""

from __future__ import annotations

from collections.abc import Sequence

from data.orders.stages import settle
from data.store.store import Write

_PREFIX = "c.code || '-' || printf('%06d', o.id) || '-'"

_LEADERS = """UPDATE temp.batching AS b SET lead = g.lead FROM orders m JOIN (
  SELECT o.ship_with AS together, min(o.id) AS lead FROM temp.batching x JOIN orders o ON o.id = x.order_id
  WHERE o.ship_with IS NOT NULL GROUP BY o.ship_with) g ON g.together = m.ship_with WHERE m.id = b.order_id"""

_REUSABLE = """SELECT max(s.id) FROM shipment_lines l JOIN shipments s ON s.id = l.shipment_id
WHERE l.order_id = b.order_id AND s.state = 'rejected' AND s.warehouse = :warehouse
AND NOT EXISTS (SELECT 1 FROM shipment_lines x LEFT JOIN temp.batching y ON y.order_id = x.order_id
  WHERE x.shipment_id = s.id AND y.lead IS NOT b.lead)"""

_NEXT_KEY = f"""SELECT {_PREFIX} || (1 + coalesce((SELECT max(CAST(substr(s.key, length({_PREFIX}) + 1) AS INTEGER))
  FROM shipments s WHERE s.key >= {_PREFIX} AND s.key < {_PREFIX} || ':'), 0))
FROM orders o JOIN campaigns c ON c.id = o.campaign_id WHERE o.id = b.order_id"""


def mint(tx: Write, batch_id: int, warehouse: str, order_ids: Sequence[int]) -> None:
    """Make a draft shipment in a batch for each order, with what is not yet on its way of its physical lines.

    Of an order that is split only the lines that leave from this warehouse.
    Merged orders get one for all, led by the oldest of those in `order_ids`. The key is `{CAMPAIGN}-{order id, six
    digits}-{n}`. A shipment that this warehouse rejected is taken up again under its old key, with the next revision of
    its body.
    """
    tx.run(
        "CREATE TEMP TABLE IF NOT EXISTS batching"
        " (at INTEGER PRIMARY KEY, order_id INTEGER NOT NULL UNIQUE, lead INTEGER, shipment_id INTEGER, key TEXT)"
    )
    tx.run("DELETE FROM temp.batching")
    tx.db.conn.executemany(
        "INSERT INTO temp.batching(order_id, lead) VALUES (?, ?)", [(each, each) for each in order_ids]
    )
    tx.run(_LEADERS)
    given: dict[str, object] = {"batch": batch_id, "warehouse": warehouse}
    tx.run(f"UPDATE temp.batching AS b SET shipment_id = ({_REUSABLE}) WHERE order_id = lead", given)
    _take_up_again(tx, given)
    tx.run(f"UPDATE temp.batching AS b SET key = ({_NEXT_KEY}) WHERE shipment_id IS NULL AND order_id = lead")
    tx.run(
        "INSERT INTO shipments(campaign_id, backer_id, batch_id, warehouse, key, state, address_id)"
        " SELECT o.campaign_id, o.backer_id, :batch, :warehouse, b.key, 'draft', o.address_id"
        " FROM temp.batching b JOIN orders o ON o.id = b.order_id"
        " WHERE b.shipment_id IS NULL AND b.order_id = b.lead ORDER BY b.at",
        given,
    )
    tx.run(
        "UPDATE temp.batching AS b SET shipment_id = (SELECT id FROM shipments s WHERE s.key = b.key)"
        " WHERE shipment_id IS NULL AND order_id = lead"
    )
    tx.run(
        "UPDATE temp.batching AS b SET shipment_id ="
        " (SELECT x.shipment_id FROM temp.batching x WHERE x.order_id = b.lead) WHERE order_id <> lead"
    )
    tx.run(
        "INSERT INTO shipment_lines(shipment_id, order_id, order_line_id, sku, quantity)"
        " SELECT shipment_id, order_id, line_id, sku, open FROM ("
        "  SELECT b.at AS at, b.shipment_id AS shipment_id, l.order_id AS order_id, l.id AS line_id, l.sku AS sku,"
        "   l.quantity - coalesce((SELECT sum(x.quantity) FROM shipment_lines x JOIN shipments s"
        "    ON s.id = x.shipment_id WHERE x.order_line_id = l.id AND s.state NOT IN ('rejected', 'cancelled')), 0)"
        "   AS open FROM temp.batching b JOIN orders o ON o.id = b.order_id"
        "   JOIN order_lines l ON l.order_id = o.id AND coalesce(l.warehouse, o.warehouse, :warehouse) = :warehouse"
        "   JOIN products p ON p.sku = l.sku AND p.physical = 1) WHERE open > 0 ORDER BY at, line_id",
        given,
    )
    settle(tx, order_ids)


def unmint(tx: Write, shipment_ids: Sequence[int]) -> list[int]:
    """Take draft shipments out of their batch again, and return the orders that were in them, settled.

    One that was never sent is deleted with its lines; one that a warehouse has rejected before stays as rejected.
    """
    tx.run("CREATE TEMP TABLE IF NOT EXISTS leaving (id INTEGER PRIMARY KEY, sent INTEGER)")
    tx.run("DELETE FROM temp.leaving")
    tx.db.conn.executemany("INSERT OR IGNORE INTO temp.leaving(id) VALUES (?)", [(each,) for each in shipment_ids])
    tx.run("UPDATE temp.leaving AS l SET sent = EXISTS (SELECT 1 FROM commands c WHERE c.shipment_id = l.id)")
    orders = [
        row[0]
        for row in tx.rows(
            "SELECT DISTINCT order_id FROM shipment_lines WHERE shipment_id IN (SELECT id FROM temp.leaving)"
        )
    ]
    tx.run("DELETE FROM shipment_lines WHERE shipment_id IN (SELECT id FROM temp.leaving WHERE NOT sent)")
    tx.run("DELETE FROM shipments WHERE id IN (SELECT id FROM temp.leaving WHERE NOT sent)")
    tx.run(
        "UPDATE shipments SET state = 'rejected', batch_id = NULL, rev = rev + 1"
        " WHERE id IN (SELECT id FROM temp.leaving WHERE sent)"
    )
    settle(tx, orders)
    return orders


def _take_up_again(tx: Write, given: dict[str, object]) -> None:
    """Bring rejected shipments into the batch, empty, to be filled like the others."""
    again = "(SELECT shipment_id FROM temp.batching WHERE shipment_id IS NOT NULL)"
    tx.run(f"DELETE FROM shipment_lines WHERE shipment_id IN {again}")
    tx.run(
        "UPDATE shipments SET state = 'draft', batch_id = :batch, revision = revision + 1, problem = '',"
        " raw_status = '', remote_id = '', held_address_id = NULL,"
        " address_id = (SELECT o.address_id FROM temp.batching b JOIN orders o ON o.id = b.order_id"
        f"  WHERE b.shipment_id = shipments.id), rev = rev + 1 WHERE id IN {again}",
        given,
    )
