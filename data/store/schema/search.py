"""The search index over orders and the derived columns, kept by triggers; a merge fills them by one statement."""

SEARCH_COLUMNS = "name, email, number, tracking, address"

SQL = """
CREATE VIRTUAL TABLE order_search USING fts5(
  name, email, number, tracking, address, tokenize = "unicode61 remove_diacritics 2", prefix = '3');

CREATE VIEW order_search_source AS
SELECT o.id AS id, iif(b.name <> a.name, b.name || ' ' || a.name, b.name) AS name, b.email AS email,
  iif(o.number <> b.number, o.number || ' ' || b.number, o.number) AS number,
  coalesce((SELECT group_concat(p.tracking_number || ' ' || s.key, ' ')
    FROM shipments s
    LEFT JOIN parcels p ON p.shipment_id = s.id
    WHERE s.id IN (SELECT shipment_id FROM shipment_lines WHERE order_id = o.id)), '') AS tracking,
  coalesce(a.company || ' ' || a.line1 || ' ' || a.line2 || ' ' || a.city || ' ' || a.region || ' ' || a.postcode,
    '') AS address
FROM orders o JOIN backers b ON b.id = o.backer_id
LEFT JOIN addresses a ON a.id = o.address_id;

CREATE TRIGGER search_order_new AFTER INSERT ON orders WHEN (SELECT bulk FROM open_act) IS NOT 1
BEGIN
  UPDATE orders SET country = coalesce((SELECT country FROM addresses WHERE id = NEW.address_id), '')
  WHERE id = NEW.id AND NEW.address_id IS NOT NULL;
  INSERT INTO order_search(rowid, name, email, number, tracking, address)
  SELECT id, name, email, number, tracking, address FROM order_search_source WHERE id = NEW.id;
END;
CREATE TRIGGER search_order_moved AFTER UPDATE OF address_id, number, backer_id ON orders
WHEN OLD.address_id IS NOT NEW.address_id OR OLD.number <> NEW.number OR OLD.backer_id <> NEW.backer_id
BEGIN
  UPDATE orders SET country = coalesce((SELECT country FROM addresses WHERE id = NEW.address_id), '')
  WHERE id = NEW.id;
  DELETE FROM order_search WHERE rowid = NEW.id;
  INSERT INTO order_search(rowid, name, email, number, tracking, address)
  SELECT id, name, email, number, tracking, address FROM order_search_source WHERE id = NEW.id;
END;
CREATE TRIGGER search_order_gone AFTER DELETE ON orders
BEGIN DELETE FROM order_search WHERE rowid = OLD.id; END;
CREATE TRIGGER search_backer_moved AFTER UPDATE OF name, email, number ON backers
BEGIN
  DELETE FROM order_search WHERE rowid IN (SELECT id FROM orders WHERE backer_id = NEW.id);
  INSERT INTO order_search(rowid, name, email, number, tracking, address)
  SELECT id, name, email, number, tracking, address FROM order_search_source
  WHERE id IN (SELECT id FROM orders WHERE backer_id = NEW.id);
END;
CREATE TRIGGER search_parcel_new AFTER INSERT ON parcels
BEGIN
  DELETE FROM order_search WHERE rowid IN (SELECT order_id FROM shipment_lines WHERE shipment_id = NEW.shipment_id);
  INSERT INTO order_search(rowid, name, email, number, tracking, address)
  SELECT id, name, email, number, tracking, address FROM order_search_source
  WHERE id IN (SELECT order_id FROM shipment_lines WHERE shipment_id = NEW.shipment_id);
END;
"""
