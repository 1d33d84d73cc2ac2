"""Products, kits, the names platforms use for them, warehouses, and the ledger of movements."""

SQL = """
CREATE TABLE products (
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL UNIQUE CHECK (sku <> ''),
  title TEXT NOT NULL DEFAULT '',
  physical INTEGER NOT NULL DEFAULT 1 CHECK (physical IN (0, 1)),
  weight_g INTEGER,
  length_mm INTEGER,
  width_mm INTEGER,
  height_mm INTEGER,
  hs_code TEXT NOT NULL DEFAULT '',
  origin TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '',            -- for customs
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE product_values (                      -- declared value for customs, per currency
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL REFERENCES products(sku),
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  minor INTEGER NOT NULL,
  rev INTEGER NOT NULL DEFAULT 1,
  UNIQUE (sku, currency)
) STRICT;

CREATE TABLE kit_parts (
  id INTEGER PRIMARY KEY,
  kit TEXT NOT NULL REFERENCES products(sku),
  sku TEXT NOT NULL REFERENCES products(sku),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  rev INTEGER NOT NULL DEFAULT 1,
  UNIQUE (kit, sku),
  CHECK (kit <> sku)
) STRICT;

-- What a platform calls a thing. Unmapped until a person says what it is; mapped to no part = nothing to ship.
CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaigns(id),
  kind TEXT NOT NULL CHECK (kind IN ('tier', 'item', 'addon', 'sku')),
  name TEXT NOT NULL,
  mapped_at TEXT,
  rev INTEGER NOT NULL DEFAULT 1,
  UNIQUE (campaign_id, kind, name)
) STRICT;
CREATE TABLE item_parts (
  id INTEGER PRIMARY KEY,
  item_id INTEGER NOT NULL REFERENCES items(id),
  sku TEXT NOT NULL REFERENCES products(sku),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  rev INTEGER NOT NULL DEFAULT 1,
  UNIQUE (item_id, sku)
) STRICT;

CREATE TABLE warehouses (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE CHECK (code GLOB '[A-Z0-9]*' AND length(code) <= 12),
  name TEXT NOT NULL,
  stopped_at TEXT,                 -- a person stopped sending; the worker finishes what is in flight
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE movements (
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL REFERENCES products(sku),
  warehouse TEXT NOT NULL REFERENCES warehouses(code),
  state TEXT NOT NULL CHECK (state IN ('on_hand', 'allocated', 'damaged', 'in_transit')),
  quantity INTEGER NOT NULL CHECK (quantity <> 0),
  reason TEXT NOT NULL,
  reference TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL,
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX movements_sku ON movements(sku, warehouse, state, quantity);
"""
