"""What a batch says besides orders to send: corrections of earlier ones, and who approved it."""

SQL = """
ALTER TABLE batches ADD COLUMN approved_by TEXT NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN approved_at TEXT;

CREATE INDEX issues_command ON issues(command_id) WHERE command_id IS NOT NULL;

-- An announcement belongs to no shipment: its key is used for one that is not rejected.
CREATE UNIQUE INDEX commands_notice ON commands(warehouse, kind, key)
  WHERE shipment_id IS NULL AND state NOT IN ('rejected', 'withdrawn');
"""
