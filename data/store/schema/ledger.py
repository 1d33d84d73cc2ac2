"""The stock that orders move, derived by triggers: whatever verb or undo moves an order, the ledger moves with it."""

_RESERVED = "('allocated', 'batched', 'sending', 'at_warehouse', 'picking', 'part_shipped')"
_GONE = "('shipped', 'delivered', 'returned')"


def _settle(reason: str, orders: str) -> str:
    """Return the statement that brings the movements of some orders to what `order_stock` says of them."""
    return f"""INSERT INTO order_movements(warehouse, sku, state, quantity, reason, order_id, act_id)
  SELECT warehouse, sku, state, sum(quantity), {reason}, order_id, coalesce((SELECT act_id FROM open_act), 0) FROM (
    SELECT order_id, warehouse, sku, state, quantity FROM order_stock WHERE order_id {orders}
    UNION ALL
    SELECT order_id, warehouse, sku, state, -quantity FROM order_movements WHERE order_id {orders})
  GROUP BY order_id, warehouse, sku, state HAVING sum(quantity) <> 0;"""


def _count(table: str) -> str:
    """Return the triggers that keep `stock_levels` the sum of a table of movements."""
    add = """INSERT INTO stock_levels(warehouse, sku, state, quantity) VALUES ({row}.warehouse, {row}.sku, {row}.state,
  {sign}{row}.quantity) ON CONFLICT (warehouse, sku, state) DO UPDATE SET quantity = quantity + excluded.quantity;"""
    more, less = add.format(row="NEW", sign=""), add.format(row="OLD", sign="-")
    return f"""
CREATE TRIGGER {table}_counted AFTER INSERT ON {table} BEGIN {more} END;
CREATE TRIGGER {table}_uncounted AFTER DELETE ON {table} BEGIN {less} END;
CREATE TRIGGER {table}_recounted AFTER UPDATE OF warehouse, sku, state, quantity ON {table} BEGIN {less} {more} END;
"""


_REFUSE_KIT = f"""SELECT RAISE(ABORT, 'orders with this kit are allocated or gone: make a new SKU of it') WHERE EXISTS (
  SELECT 1 FROM order_lines l JOIN orders o ON o.id = l.order_id
  WHERE l.sku = {{kit}} AND l.quantity > 0 AND o.stage IN {_RESERVED} AND o.warehouse IS NOT NULL) OR EXISTS (
  SELECT 1 FROM order_lines l JOIN shipment_lines x ON x.order_line_id = l.id JOIN shipments s ON s.id = x.shipment_id
  WHERE l.sku = {{kit}} AND s.state IN {_GONE});"""
# A part that were a kit itself would be reserved as what nobody has on a shelf.
_REFUSE_NESTED = """SELECT RAISE(ABORT, 'a kit has no kits in it: name their parts')
  WHERE NEW.sku IN (SELECT kit FROM kit_parts) OR NEW.kit IN (SELECT sku FROM kit_parts);"""

# What is taken back (an undo) must not leave less than nothing behind; what was never counted can't be judged.
_REFUSE_BELOW = """SELECT RAISE(ABORT, 'what it brought in has left, is reserved or was moved on') WHERE
  OLD.state = 'damaged' AND (SELECT quantity FROM stock_levels
    WHERE warehouse = OLD.warehouse AND sku = OLD.sku AND state = 'damaged') < OLD.quantity
  OR OLD.state = 'on_hand' AND EXISTS (SELECT 1 FROM movements m
    WHERE m.sku = OLD.sku AND m.warehouse = OLD.warehouse AND m.state = 'on_hand' AND m.id <> OLD.id)
  AND (SELECT quantity FROM stock_levels WHERE warehouse = OLD.warehouse AND sku = OLD.sku AND state = 'on_hand')
    < OLD.quantity + max(0, coalesce((SELECT quantity FROM stock_levels
      WHERE warehouse = OLD.warehouse AND sku = OLD.sku AND state = 'allocated'), 0));"""

SQL = f"""
-- Where a line goes when its order is split; NULL: where its order goes.
ALTER TABLE order_lines ADD COLUMN warehouse TEXT REFERENCES warehouses(code);
-- A spare goes out with replacements: it is on a shelf like any product, and nobody has ordered it.
ALTER TABLE products ADD COLUMN spare INTEGER NOT NULL DEFAULT 0 CHECK (spare IN (0, 1));

-- What people and receipts move. A first count that finds nothing is a movement of 0: it says that somebody counted.
CREATE TABLE movements_before AS SELECT * FROM movements;
DROP TABLE movements;
CREATE TABLE movements (
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL REFERENCES products(sku),
  warehouse TEXT NOT NULL REFERENCES warehouses(code),
  state TEXT NOT NULL CHECK (state IN ('on_hand', 'damaged', 'in_transit')),
  quantity INTEGER NOT NULL CHECK (quantity <> 0 OR reason = 'counted'),
  -- received, counted, adjusted, damaged, repaired, written off, transferred, restocked
  reason TEXT NOT NULL,
  reference TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL,
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
INSERT INTO movements SELECT id, sku, warehouse, state, quantity, reason, reference, at, rev FROM movements_before;
DROP TABLE movements_before;
CREATE INDEX movements_sku ON movements(sku, warehouse, state, quantity);
CREATE INDEX movements_reference ON movements(reference) WHERE reason = 'restocked';
CREATE INDEX order_lines_split ON order_lines(warehouse, order_id) WHERE warehouse IS NOT NULL;

-- What each order reserves, and what has left for it, as its facts say at this moment; kits as their parts.
CREATE VIEW order_stock AS
SELECT o.id AS order_id, coalesce(l.warehouse, o.warehouse) AS warehouse, coalesce(k.sku, l.sku) AS sku,
  'allocated' AS state, l.quantity * coalesce(k.quantity, 1) AS quantity
FROM orders o JOIN order_lines l ON l.order_id = o.id JOIN products p ON p.sku = l.sku AND p.physical = 1
LEFT JOIN kit_parts k ON k.kit = l.sku
WHERE o.stage IN {_RESERVED} AND o.warehouse IS NOT NULL AND l.quantity > 0
UNION ALL
SELECT x.order_id, coalesce(l.warehouse, o.warehouse), coalesce(k.sku, x.sku), 'allocated',
  -x.quantity * coalesce(k.quantity, 1)
FROM shipment_lines x JOIN shipments s ON s.id = x.shipment_id AND s.state IN {_GONE}
JOIN orders o ON o.id = x.order_id AND o.stage IN {_RESERVED} AND o.warehouse IS NOT NULL
JOIN order_lines l ON l.id = x.order_line_id JOIN products p ON p.sku = x.sku AND p.physical = 1
LEFT JOIN kit_parts k ON k.kit = x.sku
UNION ALL
SELECT x.order_id, s.warehouse, coalesce(k.sku, x.sku), 'on_hand', -x.quantity * coalesce(k.quantity, 1)
FROM shipment_lines x JOIN shipments s ON s.id = x.shipment_id AND s.state IN {_GONE}
LEFT JOIN kit_parts k ON k.kit = x.sku;

-- Movements that orders make. Not journalled: they follow from orders and shipments, which are.
CREATE TABLE order_movements (
  id INTEGER PRIMARY KEY,
  warehouse TEXT NOT NULL,
  sku TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('on_hand', 'allocated')),
  quantity INTEGER NOT NULL CHECK (quantity <> 0),
  reason TEXT NOT NULL,            -- allocated, freed, shipped, corrected
  order_id INTEGER NOT NULL,
  act_id INTEGER NOT NULL          -- 0: an upgrade found it so
) STRICT;
CREATE INDEX order_movements_order ON order_movements(order_id);
CREATE INDEX order_movements_sku ON order_movements(sku, warehouse, state);

-- The sum of all movements, by warehouse, SKU and state.
CREATE TABLE stock_levels (
  warehouse TEXT NOT NULL,
  sku TEXT NOT NULL,
  state TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  PRIMARY KEY (warehouse, sku, state)
) STRICT, WITHOUT ROWID;
{_count("movements")}
{_count("order_movements")}
CREATE TRIGGER movements_stand BEFORE DELETE ON movements WHEN OLD.quantity > 0 BEGIN {_REFUSE_BELOW} END;

CREATE TRIGGER orders_reserve AFTER UPDATE OF stage, warehouse ON orders
WHEN OLD.warehouse IS NOT NEW.warehouse OR (OLD.stage IN {_RESERVED}) <> (NEW.stage IN {_RESERVED})
BEGIN {_settle("CASE WHEN sum(quantity) > 0 THEN 'allocated' ELSE 'freed' END", "= NEW.id")} END;
CREATE TRIGGER order_lines_reserve AFTER INSERT ON order_lines
WHEN (SELECT warehouse FROM orders WHERE id = NEW.order_id) IS NOT NULL
BEGIN {_settle("CASE WHEN sum(quantity) > 0 THEN 'allocated' ELSE 'freed' END", "= NEW.order_id")} END;
CREATE TRIGGER order_lines_rereserve AFTER UPDATE OF sku, quantity, warehouse ON order_lines
WHEN (SELECT warehouse FROM orders WHERE id = NEW.order_id) IS NOT NULL
BEGIN {_settle("CASE WHEN sum(quantity) > 0 THEN 'allocated' ELSE 'freed' END", "= NEW.order_id")} END;
CREATE TRIGGER order_lines_unreserve AFTER DELETE ON order_lines
WHEN (SELECT warehouse FROM orders WHERE id = OLD.order_id) IS NOT NULL
BEGIN {_settle("CASE WHEN sum(quantity) > 0 THEN 'allocated' ELSE 'freed' END", "= OLD.order_id")} END;
CREATE TRIGGER shipments_leave AFTER UPDATE OF state ON shipments
WHEN (OLD.state IN {_GONE}) <> (NEW.state IN {_GONE})
BEGIN {
    _settle(
        f"CASE WHEN NEW.state IN {_GONE} THEN 'shipped' ELSE 'corrected' END",
        "IN (SELECT order_id FROM shipment_lines WHERE shipment_id = NEW.id)",
    )
} END;
CREATE TRIGGER products_reserve AFTER UPDATE OF physical ON products WHEN OLD.physical <> NEW.physical
BEGIN {
    _settle(
        "CASE WHEN sum(quantity) > 0 THEN 'allocated' ELSE 'freed' END",
        "IN (SELECT order_id FROM order_lines WHERE sku = NEW.sku)",
    )
} END;
CREATE TRIGGER kit_parts_fixed BEFORE INSERT ON kit_parts
BEGIN {_REFUSE_NESTED} {_REFUSE_KIT.format(kit="NEW.kit")} END;
CREATE TRIGGER kit_parts_kept BEFORE DELETE ON kit_parts BEGIN {_REFUSE_KIT.format(kit="OLD.kit")} END;
CREATE TRIGGER kit_parts_same BEFORE UPDATE OF kit, sku, quantity ON kit_parts
BEGIN {_REFUSE_KIT.format(kit="OLD.kit")} END;

-- What a warehouse's portal last said it counts; derived, compared with the ledger, never added to it.
CREATE TABLE counted_stock (
  warehouse TEXT NOT NULL,
  sku TEXT NOT NULL,
  on_hand INTEGER NOT NULL,
  available INTEGER NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (warehouse, sku)
) STRICT, WITHOUT ROWID;

-- Orders that the last allocation left because something was not there; derived, written by it.
CREATE TABLE backorders (
  order_id INTEGER PRIMARY KEY REFERENCES orders(id) ON DELETE CASCADE,
  warehouse TEXT NOT NULL,         -- which would have had it
  lacks TEXT NOT NULL,             -- what that lacked, in words
  at TEXT NOT NULL
) STRICT;

-- A workspace that is upgraded: what was counted in before, and what its orders have reserved and shipped.
INSERT INTO stock_levels(warehouse, sku, state, quantity)
SELECT warehouse, sku, state, sum(quantity) FROM movements GROUP BY warehouse, sku, state;
{_settle("CASE WHEN state = 'on_hand' THEN 'shipped' ELSE 'allocated' END", "IN (SELECT id FROM orders)")}
"""
