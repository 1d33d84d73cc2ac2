"""What a batch says besides orders to send: corrections of earlier ones, and who approved it."""

SQL = """
ALTER TABLE batches ADD COLUMN approved_by TEXT NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN approved_at TEXT;

-- What a delta batch changes about shipments of earlier batches of its warehouse.
CREATE TABLE corrections (
  id INTEGER PRIMARY KEY,
  batch_id INTEGER NOT NULL REFERENCES batches(id),
  shipment_id INTEGER NOT NULL REFERENCES shipments(id),
  action TEXT NOT NULL CHECK (action IN ('change', 'cancel')),
  change_id INTEGER REFERENCES changes(id),
  rev INTEGER NOT NULL DEFAULT 1,
  UNIQUE (batch_id, shipment_id, action)
) STRICT;
CREATE INDEX corrections_shipment ON corrections(shipment_id);
CREATE INDEX corrections_change ON corrections(change_id) WHERE change_id IS NOT NULL;

CREATE INDEX issues_command ON issues(command_id) WHERE command_id IS NOT NULL;

-- An announcement belongs to no shipment: its key is used for one that is not rejected.
CREATE UNIQUE INDEX commands_notice ON commands(warehouse, kind, key)
  WHERE shipment_id IS NULL AND state NOT IN ('rejected', 'withdrawn');
"""
