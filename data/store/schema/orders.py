"""Campaigns, backers, orders, their lines, addresses, changes, holds, and the files they came from."""

SQL = """
CREATE TABLE campaigns (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE CHECK (code GLOB '[A-Z0-9]*' AND length(code) <= 12),
  name TEXT NOT NULL UNIQUE,
  platform TEXT NOT NULL DEFAULT '',
  currency TEXT NOT NULL DEFAULT 'USD' CHECK (length(currency) = 3),
  time_zone TEXT NOT NULL DEFAULT 'UTC',
  ends_at TEXT,
  lock_notice_at TEXT,
  lock_at TEXT,                    -- the deadline of the last call
  locked_at TEXT,                  -- when the lock took hold; orders that arrive later are late
  closed_at TEXT,
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;

-- The last call of a part of a campaign; that of a whole one is on the campaign itself.
CREATE TABLE notices (
  id INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaigns(id),
  at TEXT NOT NULL,
  lock_at TEXT NOT NULL,           -- the deadline of the orders that carry this notice
  segment TEXT NOT NULL,           -- which orders, in words: a view's name, a filter
  locked_at TEXT,                  -- when the lock took hold of them
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX notices_due ON notices(lock_at) WHERE locked_at IS NULL;

-- Each time a list of those who have not answered was made to mail.
CREATE TABLE reminders (
  id INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaigns(id),
  at TEXT NOT NULL,
  segment TEXT NOT NULL DEFAULT '', -- the filter; empty: everybody in the campaign
  orders INTEGER NOT NULL,
  file TEXT NOT NULL,
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX reminders_campaign ON reminders(campaign_id, at);

CREATE TABLE imports (
  id INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaigns(id),
  at TEXT NOT NULL,
  format TEXT NOT NULL,
  files TEXT NOT NULL,             -- JSON: [{"name", "sha256", "rows"}]
  rows INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  changes INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  reject_file TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE backers (
  id INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaigns(id),
  platform TEXT NOT NULL,
  uid TEXT NOT NULL,               -- the platform's own id of the person
  number TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  forgotten_at TEXT,
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
-- An index of its own, not a constraint: a first import builds it after the rows.
CREATE UNIQUE INDEX backers_identity ON backers(campaign_id, platform, uid);
CREATE INDEX backers_email ON backers(email);

CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaigns(id),
  backer_id INTEGER NOT NULL REFERENCES backers(id),
  import_id INTEGER REFERENCES imports(id),
  kind TEXT NOT NULL CHECK (kind IN ('pledge', 'store', 'replacement')),
  source TEXT NOT NULL,            -- the platform: kickstarter, backerkit, lastcall
  external_id TEXT NOT NULL,       -- the platform's identity of the promise, never a row number
  number TEXT NOT NULL,            -- what a person calls it
  tier TEXT NOT NULL DEFAULT '',
  stage TEXT NOT NULL CHECK (stage IN ('needs_info', 'ready', 'allocated', 'batched', 'sending', 'at_warehouse',
    'picking', 'part_shipped', 'shipped', 'delivered', 'returned', 'cancelled')),
  paid INTEGER NOT NULL DEFAULT 1 CHECK (paid IN (0, 1)),
  platform_status TEXT NOT NULL DEFAULT '',
  currency TEXT NOT NULL DEFAULT '',
  units INTEGER NOT NULL DEFAULT 0,                -- pieces on its lines; `verify` compares the two
  amount_minor INTEGER,
  shipping_minor INTEGER,
  ordered_at TEXT,                 -- UTC
  ordered_at_raw TEXT NOT NULL DEFAULT '',
  address_id INTEGER REFERENCES addresses(id),     -- the version on file
  asked_id INTEGER,                -- the version on file whose findings the backer was asked about
  parent_id INTEGER REFERENCES orders(id),         -- what a replacement replaces
  ship_with INTEGER REFERENCES orders(id),         -- leads those that share one shipment; its own id for the leader
  meant_with INTEGER REFERENCES orders(id),        -- the first of those that are no duplicates of each other
  warehouse TEXT REFERENCES warehouses(code),
  priority INTEGER NOT NULL DEFAULT 0,
  notice_id INTEGER REFERENCES notices(id),        -- the last call of its segment
  locked_at TEXT,
  late INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1)),
  cancel_asked_at TEXT,
  answers TEXT NOT NULL DEFAULT '',                -- JSON: survey questions and answers
  row_hash TEXT NOT NULL DEFAULT '',               -- of the source row: an unchanged one is passed over
  country TEXT NOT NULL DEFAULT '',                -- derived from the address on file
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX orders_identity ON orders(campaign_id, source, external_id);
CREATE INDEX orders_stage ON orders(campaign_id, stage);
CREATE INDEX orders_country ON orders(campaign_id, country);
CREATE INDEX orders_address ON orders(address_id);
CREATE INDEX orders_backer ON orders(backer_id);
CREATE INDEX orders_warehouse ON orders(warehouse, stage) WHERE warehouse IS NOT NULL;
CREATE INDEX orders_parent ON orders(parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX orders_ship_with ON orders(ship_with) WHERE ship_with IS NOT NULL;
CREATE INDEX orders_meant_with ON orders(meant_with) WHERE meant_with IS NOT NULL;
-- What is rare among a million is found without reading them.
CREATE INDEX orders_kind ON orders(campaign_id, kind) WHERE kind <> 'pledge';
CREATE INDEX orders_late ON orders(campaign_id) WHERE late = 1;
CREATE INDEX orders_unpaid ON orders(campaign_id) WHERE paid = 0;
CREATE INDEX orders_priority ON orders(campaign_id) WHERE priority <> 0;
CREATE INDEX orders_notice ON orders(notice_id) WHERE notice_id IS NOT NULL;
CREATE INDEX orders_no_address ON orders(campaign_id) WHERE address_id IS NULL;

CREATE TABLE order_lines (
  id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders(id),
  sku TEXT REFERENCES products(sku),               -- NULL while the name is not mapped
  name TEXT NOT NULL DEFAULT '',                   -- the platform's words for it
  item_id INTEGER REFERENCES items(id),            -- the mapped name it came from
  item_quantity INTEGER NOT NULL DEFAULT 0,        -- how many of that name; the map makes `quantity` of it
  quantity INTEGER NOT NULL CHECK (quantity >= 0), -- 0: a name mapped to nothing that ships
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX order_lines_order ON order_lines(order_id);
CREATE INDEX order_lines_sku ON order_lines(sku, order_id);
CREATE INDEX order_lines_unmapped ON order_lines(item_id) WHERE sku IS NULL;

CREATE TABLE addresses (
  id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders(id),
  backer_id INTEGER NOT NULL,      -- whose personal data this is; the order's
  source TEXT NOT NULL CHECK (source IN ('import', 'backer', 'operator', 'warehouse')),
  at TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  company TEXT NOT NULL DEFAULT '',
  line1 TEXT NOT NULL DEFAULT '',
  line2 TEXT NOT NULL DEFAULT '',
  city TEXT NOT NULL DEFAULT '',
  region TEXT NOT NULL DEFAULT '',
  postcode TEXT NOT NULL DEFAULT '',
  country TEXT NOT NULL DEFAULT '',
  phone TEXT NOT NULL DEFAULT '',
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX addresses_order ON addresses(order_id);
CREATE TRIGGER addresses_immutable BEFORE UPDATE OF
  order_id, source, at, name, company, line1, line2, city, region, postcode, country, phone ON addresses
WHEN (SELECT verb FROM act WHERE id = (SELECT act_id FROM open_act)) IS NOT 'person.forget'
BEGIN SELECT RAISE(ABORT, 'an address version is never changed'); END;

-- What the checks say of an address version; derived, written by the background check.
CREATE TABLE findings (
  address_id INTEGER NOT NULL REFERENCES addresses(id) ON DELETE CASCADE,
  field TEXT NOT NULL,
  code TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
  message TEXT NOT NULL,
  repair TEXT,
  PRIMARY KEY (address_id, field, code)
) STRICT, WITHOUT ROWID;
CREATE TABLE checked (
  address_id INTEGER PRIMARY KEY REFERENCES addresses(id) ON DELETE CASCADE,
  errors INTEGER NOT NULL,
  warnings INTEGER NOT NULL,
  e164 TEXT NOT NULL DEFAULT '',   -- the phone as it is dialled from anywhere, beside what was written
  rules TEXT NOT NULL              -- the version of the rules that judged it
) STRICT;
-- What a person must see among a million versions is found without reading them.
CREATE INDEX checked_errors ON checked(address_id) WHERE errors > 0;
CREATE INDEX checked_warnings ON checked(address_id) WHERE warnings > 0;

-- Where an address version is and whose it is, as numbers that are equal for every notation; derived, like findings.
CREATE TABLE address_keys (
  address_id INTEGER PRIMARY KEY REFERENCES addresses(id) ON DELETE CASCADE,
  order_id INTEGER NOT NULL,
  place_key INTEGER NOT NULL,
  person_key INTEGER NOT NULL,     -- one for all names at the place that are alike
  shared INTEGER NOT NULL          -- 1: another order has, or had, an address at the place
) STRICT;
CREATE INDEX address_keys_place ON address_keys(place_key);
CREATE INDEX address_keys_shared ON address_keys(order_id) WHERE shared = 1;

CREATE TABLE changes (
  id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders(id),
  backer_id INTEGER NOT NULL,
  import_id INTEGER REFERENCES imports(id),
  source TEXT NOT NULL CHECK (source IN ('import', 'backer', 'operator', 'warehouse')),
  at TEXT NOT NULL,
  from_id INTEGER REFERENCES addresses(id),        -- on file when it was compared
  to_id INTEGER NOT NULL REFERENCES addresses(id), -- what is proposed
  state TEXT NOT NULL CHECK (state IN ('waiting', 'asked', 'accepted', 'rejected', 'no_change', 'superseded',
    'queued', 'requested', 'confirmed', 'too_late', 'refused', 'unsupported', 'doubtful')),
  label TEXT NOT NULL CHECK (label IN ('identical', 'trivial', 'correction_of_invalid', 'material')),
  level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 4),
  fields TEXT NOT NULL,            -- JSON: [[field, mark, reason]]
  reasons TEXT NOT NULL,           -- JSON: [words]
  zone_old TEXT NOT NULL DEFAULT '',
  zone_new TEXT NOT NULL DEFAULT '',
  late INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1)),
  decided_by TEXT NOT NULL DEFAULT '',
  decided_at TEXT,
  answer TEXT NOT NULL DEFAULT '', -- the warehouse's words, or why it was rejected
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX changes_from ON changes(from_id);
CREATE INDEX changes_to ON changes(to_id);
CREATE INDEX changes_order ON changes(order_id);
-- The order of the queue: other zone, move, contact, repair, trivial, the oldest of each first.
CREATE INDEX changes_open ON changes(level DESC, label DESC, id) WHERE state IN ('waiting', 'asked');
CREATE INDEX changes_state ON changes(state, level, label);

CREATE TABLE holds (
  id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders(id),
  kind TEXT NOT NULL CHECK (kind IN ('address', 'payment', 'stock', 'customs', 'operator', 'client', 'until',
    'duplicate')),
  reason TEXT NOT NULL,
  placed_at TEXT NOT NULL,
  until TEXT,
  released_at TEXT,
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX holds_live ON holds(order_id, kind) WHERE released_at IS NULL;
CREATE INDEX holds_order ON holds(order_id);

CREATE TABLE views (
  id INTEGER PRIMARY KEY,
  screen TEXT NOT NULL,
  name TEXT NOT NULL,
  filter TEXT NOT NULL,
  sort TEXT NOT NULL,
  columns TEXT NOT NULL,           -- JSON: [column keys]
  rev INTEGER NOT NULL DEFAULT 1,
  UNIQUE (screen, name)
) STRICT;

CREATE TABLE notes (
  id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders(id),
  backer_id INTEGER NOT NULL,
  issue_id INTEGER REFERENCES issues(id),
  at TEXT NOT NULL,
  user TEXT NOT NULL,
  text TEXT NOT NULL,
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX notes_order ON notes(order_id);
"""
