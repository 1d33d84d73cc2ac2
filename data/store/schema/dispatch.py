"""Batches, shipments, parcels, and the commands for warehouses."""

SQL = """
CREATE TABLE batches (
  id INTEGER PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,  -- one sequence for the workspace: "batch 12" is never two things
  campaign_id INTEGER NOT NULL REFERENCES campaigns(id),
  warehouse TEXT NOT NULL REFERENCES warehouses(code),
  state TEXT NOT NULL CHECK (state IN ('draft', 'ready', 'sending', 'sent', 'acknowledged', 'complete')),
  base_id INTEGER REFERENCES batches(id),          -- what a delta batch corrects
  early INTEGER NOT NULL DEFAULT 0 CHECK (early IN (0, 1)),   -- may be sent before the addresses are locked
  created_at TEXT NOT NULL,
  sent_at TEXT,
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX batches_warehouse ON batches(warehouse, number);

CREATE TABLE shipments (
  id INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaigns(id),
  backer_id INTEGER NOT NULL REFERENCES backers(id),
  batch_id INTEGER REFERENCES batches(id),
  warehouse TEXT NOT NULL REFERENCES warehouses(code),
  key TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 40 AND key NOT GLOB '*[^A-Za-z0-9_-]*'),
  revision INTEGER NOT NULL DEFAULT 1,             -- of the body under the same key
  state TEXT NOT NULL CHECK (state IN ('draft', 'sending', 'accepted', 'held', 'blocked', 'picking', 'packed',
    'part_shipped', 'shipped', 'delivered', 'returned', 'rejected', 'cancelled')),
  raw_status TEXT NOT NULL DEFAULT '',             -- the warehouse's own word
  remote_id TEXT NOT NULL DEFAULT '',
  address_id INTEGER NOT NULL REFERENCES addresses(id),       -- what was asked for
  held_address_id INTEGER REFERENCES addresses(id),           -- what the warehouse last confirmed
  problem TEXT NOT NULL DEFAULT '',                -- the warehouse's words for what stops it
  shipped_at TEXT,
  delivered_at TEXT,
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX shipments_address ON shipments(address_id);
CREATE INDEX shipments_held ON shipments(held_address_id);
CREATE INDEX shipments_batch ON shipments(batch_id);
CREATE INDEX shipments_state ON shipments(warehouse, state);
CREATE INDEX shipments_remote ON shipments(warehouse, remote_id) WHERE remote_id <> '';
CREATE INDEX shipments_backer ON shipments(backer_id);

CREATE TABLE shipment_lines (
  id INTEGER PRIMARY KEY,
  shipment_id INTEGER NOT NULL REFERENCES shipments(id),
  order_id INTEGER NOT NULL REFERENCES orders(id),
  order_line_id INTEGER NOT NULL REFERENCES order_lines(id),
  sku TEXT NOT NULL REFERENCES products(sku),
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX shipment_lines_shipment ON shipment_lines(shipment_id);
CREATE INDEX shipment_lines_order ON shipment_lines(order_id);
CREATE INDEX shipment_lines_line ON shipment_lines(order_line_id);

-- Live quantities never exceed the order's.
CREATE TRIGGER shipment_lines_within AFTER INSERT ON shipment_lines
WHEN (SELECT sum(l.quantity) FROM shipment_lines l JOIN shipments s ON s.id = l.shipment_id
      WHERE l.order_line_id = NEW.order_line_id AND s.state NOT IN ('rejected', 'cancelled'))
   > (SELECT quantity FROM order_lines WHERE id = NEW.order_line_id)
BEGIN SELECT RAISE(ABORT, 'more would be shipped than was ordered'); END;
CREATE TRIGGER shipments_within AFTER UPDATE OF state ON shipments
WHEN OLD.state IN ('rejected', 'cancelled') AND NEW.state NOT IN ('rejected', 'cancelled') AND EXISTS (
  SELECT 1 FROM shipment_lines mine JOIN order_lines o ON o.id = mine.order_line_id
  WHERE mine.shipment_id = NEW.id AND o.quantity < (
    SELECT sum(l.quantity) FROM shipment_lines l JOIN shipments s ON s.id = l.shipment_id
    WHERE l.order_line_id = o.id AND s.state NOT IN ('rejected', 'cancelled')))
BEGIN SELECT RAISE(ABORT, 'more would be shipped than was ordered'); END;

CREATE TABLE parcels (
  id INTEGER PRIMARY KEY,
  shipment_id INTEGER NOT NULL REFERENCES shipments(id),
  backer_id INTEGER NOT NULL,
  carrier TEXT NOT NULL DEFAULT '',
  tracking_number TEXT NOT NULL,
  tracking_url TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL CHECK (status IN ('unknown', 'pre_transit', 'in_transit', 'out_for_delivery', 'delivered',
    'available_for_pickup', 'return_to_sender', 'failure', 'cancelled', 'error')),
  raw_status TEXT NOT NULL DEFAULT '',
  raw_at TEXT NOT NULL DEFAULT '',                 -- its instant, as the carrier wrote it
  reported_at TEXT NOT NULL DEFAULT '',            -- UTC: when it last moved, or when that was read
  shipped_at TEXT,
  delivered_at TEXT,
  rev INTEGER NOT NULL DEFAULT 1,
  UNIQUE (shipment_id, tracking_number)
) STRICT;
CREATE INDEX parcels_status ON parcels(status);
CREATE INDEX parcels_tracking ON parcels(tracking_number);
CREATE INDEX parcels_quiet ON parcels(reported_at)
  WHERE status IN ('unknown', 'pre_transit', 'in_transit', 'out_for_delivery');
CREATE TABLE parcel_lines (
  id INTEGER PRIMARY KEY,
  parcel_id INTEGER NOT NULL REFERENCES parcels(id),
  sku TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX parcel_lines_parcel ON parcel_lines(parcel_id);

CREATE TABLE commands (
  id INTEGER PRIMARY KEY,
  warehouse TEXT NOT NULL REFERENCES warehouses(code),
  kind TEXT NOT NULL CHECK (kind IN ('push', 'amend', 'cancel', 'hold', 'release', 'announce', 'return')),
  shipment_id INTEGER REFERENCES shipments(id),
  backer_id INTEGER,
  batch_id INTEGER REFERENCES batches(id),
  change_id INTEGER REFERENCES changes(id),
  key TEXT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  body TEXT NOT NULL,              -- the exact text that is sent, frozen when planned
  body_sha TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned', 'sending', 'accepted', 'rejected', 'doubtful', 'person',
    'withdrawn')),
  attempt INTEGER NOT NULL DEFAULT 0,
  claim TEXT NOT NULL DEFAULT '',  -- of the running attempt: whoever records the outcome must hold it
  sent_boot TEXT NOT NULL DEFAULT '',
  sent_ns INTEGER,
  sent_at TEXT,
  not_before TEXT,
  remote_id TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX commands_live ON commands(shipment_id, kind)
  WHERE state IN ('planned', 'sending', 'doubtful', 'person');
CREATE INDEX commands_due ON commands(warehouse, state, id);
-- Amendments, cancels and holds race against the picking: they are found without reading the pushes before them.
CREATE INDEX commands_urgent ON commands(warehouse, state, id) WHERE kind <> 'push';
CREATE INDEX commands_batch ON commands(batch_id, state);
CREATE INDEX commands_shipment ON commands(shipment_id);

-- States move only along these edges; `outbox/states.py` explains them.
CREATE TRIGGER commands_move BEFORE UPDATE OF state ON commands
WHEN OLD.state <> NEW.state AND (OLD.state || '>' || NEW.state) NOT IN (
  'planned>withdrawn', 'planned>sending',
  'sending>accepted', 'sending>rejected', 'sending>planned', 'sending>doubtful',
  'doubtful>accepted', 'doubtful>rejected', 'doubtful>sending', 'doubtful>person',
  'person>accepted', 'person>planned')
BEGIN SELECT RAISE(ABORT, 'a command cannot move that way'); END;
CREATE TRIGGER commands_frozen BEFORE UPDATE OF body, body_sha, key, warehouse, kind ON commands
WHEN OLD.attempt > 0
  AND (SELECT verb FROM act WHERE id = (SELECT act_id FROM open_act)) IS NOT 'person.forget'
BEGIN SELECT RAISE(ABORT, 'what was sent is never changed'); END;

-- Append only: every try and how it ended.
CREATE TABLE attempts (
  command_id INTEGER NOT NULL REFERENCES commands(id),
  attempt INTEGER NOT NULL,
  claim TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  outcome TEXT NOT NULL DEFAULT '',
  http_status INTEGER,
  reply TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (command_id, attempt)
) STRICT, WITHOUT ROWID;

-- What the consoles ask a worker to do besides sending what is planned.
CREATE TABLE requests (
  id INTEGER PRIMARY KEY,
  warehouse TEXT NOT NULL REFERENCES warehouses(code),
  kind TEXT NOT NULL CHECK (kind IN ('poll', 'test', 'stock', 'reconcile')),
  asked_at TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  done_at TEXT,
  answer TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX requests_open ON requests(warehouse) WHERE done_at IS NULL;

-- How a worker is doing: its cursor, its progress, and why it waits.
CREATE TABLE portal_state (
  warehouse TEXT PRIMARY KEY REFERENCES warehouses(code),
  cursor TEXT NOT NULL DEFAULT '',
  polled_at TEXT,
  failures INTEGER NOT NULL DEFAULT 0,
  open_until TEXT,                 -- the breaker: nothing is sent before
  problem TEXT NOT NULL DEFAULT '',
  pid INTEGER,
  started_at TEXT,
  done INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL DEFAULT 0,
  rate REAL NOT NULL DEFAULT 0.0,
  updated_at TEXT
) STRICT, WITHOUT ROWID;
"""
