"""Issues: what went wrong with an order and a person must settle."""

SQL = """
CREATE TABLE issues (
  id INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaigns(id),
  order_id INTEGER NOT NULL REFERENCES orders(id),
  backer_id INTEGER NOT NULL,
  shipment_id INTEGER REFERENCES shipments(id),
  parcel_id INTEGER REFERENCES parcels(id),
  command_id INTEGER REFERENCES commands(id),
  type TEXT NOT NULL CHECK (type IN ('missing_item', 'wrong_item', 'damaged', 'lost', 'not_received', 'returned',
    'duplicate_sent', 'customs', 'address', 'stuck', 'exception', 'stock', 'other')),
  state TEXT NOT NULL CHECK (state IN ('new', 'triage', 'waiting', 'resolved', 'closed')),
  waiting_on TEXT NOT NULL DEFAULT '' CHECK (waiting_on IN ('', 'backer', 'warehouse', 'carrier')),
  title TEXT NOT NULL,
  rule TEXT NOT NULL DEFAULT '',   -- the rule that raised it; '' = a person
  raised_at TEXT NOT NULL,
  raised_by TEXT NOT NULL,
  assigned_to TEXT NOT NULL DEFAULT '',
  snoozed_until TEXT,
  due_at TEXT,
  resolution TEXT NOT NULL DEFAULT '' CHECK (resolution IN ('', 'replacement', 'refund', 'claim', 'nothing')),
  resolved_at TEXT,
  cost_minor INTEGER,
  currency TEXT NOT NULL DEFAULT '',
  replacement_id INTEGER REFERENCES orders(id),
  rev INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX issues_open ON issues(campaign_id, raised_at) WHERE state NOT IN ('resolved', 'closed');
CREATE INDEX issues_order ON issues(order_id);
CREATE INDEX issues_shipment ON issues(shipment_id) WHERE shipment_id IS NOT NULL;
CREATE INDEX issues_parcel ON issues(parcel_id) WHERE parcel_id IS NOT NULL;
CREATE UNIQUE INDEX issues_once ON issues(rule, shipment_id, coalesce(parcel_id, 0))
  WHERE rule <> '' AND shipment_id IS NOT NULL AND state NOT IN ('resolved', 'closed');
"""
