"""The statements of a merge: each fills one table from the staging file, with the ids given out before.

`:orders`, `:backers` ... are the first ids given out; the staging file counts from 0.
"""

from __future__ import annotations

from data.intake.staging import ADDRESS_COLUMNS, ORDER_COLUMNS, order_columns

TABLES = ("products", "items", "item_parts", "backers", "orders", "addresses", "order_lines", "holds", "notes")

PRODUCTS = "INSERT INTO products(id, sku, title) SELECT :products + at, sku, title FROM staged.product"
ITEMS = """
INSERT INTO items(id, campaign_id, kind, name, mapped_at)
SELECT :items + new, :campaign, kind, name, CASE WHEN mapped THEN :at END FROM staged.item
"""
PARTS = """
INSERT INTO item_parts(id, item_id, sku, quantity) SELECT :item_parts + at, :items + item_new, sku, quantity
FROM staged.part
"""
BACKERS = """
INSERT INTO backers(id, campaign_id, platform, uid, number, name, email)
SELECT :backers + person, :campaign, :platform, uid, b_number, b_name, b_email FROM staged.fresh WHERE makes ORDER BY n
"""
_BACKER_ID = "iif(f.backer_id < 0, :backers + f.person, f.backer_id)"
ORDERS = f"""
INSERT INTO orders(id, campaign_id, backer_id, import_id, kind, source, external_id, stage, paid, late, address_id,
  country, units, {", ".join(ORDER_COLUMNS)})
SELECT :orders + f.n, :campaign, {_BACKER_ID}, :import, 'pledge', :platform, f.external_id, f.stage, f.paid, :late,
  iif(f.address_at < 0, NULL, :addresses + f.address_at), f.a_country, coalesce(u.units, 0),
  {", ".join(order_columns("f"))}
FROM staged.fresh f LEFT JOIN (SELECT basket, sum(quantity) AS units FROM staged.basket_line GROUP BY basket) u
  ON u.basket = f.basket
ORDER BY f.n
"""
_ADDRESS_PARTS = ", ".join(each.removeprefix("a_") for each in ADDRESS_COLUMNS)
ADDRESSES = f"""
INSERT INTO addresses(id, order_id, backer_id, source, at, {_ADDRESS_PARTS})
SELECT :addresses + f.address_at, :orders + f.n, {_BACKER_ID}, 'import', :at, {", ".join(ADDRESS_COLUMNS)}
FROM staged.fresh f WHERE f.address_at >= 0 ORDER BY f.n
"""
KNOWN_ADDRESSES = f"""
INSERT INTO addresses(id, order_id, backer_id, source, at, {_ADDRESS_PARTS})
SELECT :known_addresses + k.address_at, k.order_id, k.backer_id, 'import', :at, {", ".join(ADDRESS_COLUMNS)}
FROM staged.known k WHERE k.address_at IS NOT NULL ORDER BY k.n
"""
LINES = """
INSERT INTO order_lines(id, order_id, sku, name, item_id, item_quantity, quantity)
SELECT :order_lines + f.line_at + b.at, :orders + f.n, b.sku, b.name, coalesce(b.item_id, :items + b.item_new),
  b.item_quantity, b.quantity
FROM staged.fresh f CROSS JOIN staged.basket_line b ON b.basket = f.basket ORDER BY f.n, b.at
"""
HOLDS = """
INSERT INTO holds(id, order_id, kind, reason, placed_at)
SELECT :holds - 1 + row_number() OVER (ORDER BY n), :orders + n, 'payment', hold, :at
FROM staged.fresh WHERE hold <> ''
"""
NOTES = f"""
INSERT INTO notes(id, order_id, backer_id, at, user, text)
SELECT :notes - 1 + row_number() OVER (ORDER BY n), :orders + f.n, {_BACKER_ID}, :at, :platform, f.notes
FROM staged.fresh f WHERE f.notes <> ''
"""
# As the view order_search_source says it, for orders that nothing was sent for yet.
SEARCH = """
INSERT INTO order_search(rowid, name, email, number, tracking, address)
SELECT o.id, iif(b.name <> a.name, b.name || ' ' || a.name, b.name), b.email,
  iif(o.number <> b.number, o.number || ' ' || b.number, o.number), '',
  coalesce(a.company || ' ' || a.line1 || ' ' || a.line2 || ' ' || a.city || ' ' || a.region || ' ' || a.postcode, '')
FROM orders o JOIN backers b ON b.id = o.backer_id LEFT JOIN addresses a ON a.id = o.address_id
WHERE o.id >= :orders ORDER BY o.id
"""
