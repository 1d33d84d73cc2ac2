"""Acts and the journal: who did what, and what it changed."""

SQL = """
CREATE TABLE act (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  user TEXT NOT NULL,              -- the person's login, by the order of evidence in actor.py
  session TEXT NOT NULL,           -- one console or command: what `u` may undo
  program TEXT NOT NULL,           -- console, command line, worker CODE
  verb TEXT NOT NULL,              -- order.hold
  words TEXT NOT NULL,             -- hold 12 orders: operator
  campaign_id INTEGER,             -- no reference: the campaign goes when the import that made it is undone
  undoes INTEGER REFERENCES act(id),
  compensate TEXT NOT NULL DEFAULT ''  -- the verb to use where the world has moved on; '' = may be undone
) STRICT;
CREATE INDEX act_undoes ON act(undoes) WHERE undoes IS NOT NULL;

-- The act of the running transaction: one row while `write` is inside, none in any committed state.
CREATE TABLE open_act (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  act_id INTEGER NOT NULL,
  bulk INTEGER NOT NULL DEFAULT 0  -- 1: inserts, 2: deletes are journalled as runs by the one who makes them
) STRICT;

CREATE TABLE journal (
  id INTEGER PRIMARY KEY,
  act_id INTEGER NOT NULL REFERENCES act(id),
  tbl TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  op TEXT NOT NULL CHECK (op IN ('insert', 'update', 'delete')),
  before TEXT,                     -- JSON: the changed columns, or the whole deleted row
  after TEXT                       -- JSON: the changed columns, or the whole inserted row
) STRICT;
CREATE INDEX journal_act ON journal(act_id);
CREATE INDEX journal_row ON journal(tbl, row_id);

-- Rows inserted together by a merge, or deleted together when it is undone: first to last, without gaps.
CREATE TABLE journal_run (
  id INTEGER PRIMARY KEY,
  act_id INTEGER NOT NULL REFERENCES act(id),
  tbl TEXT NOT NULL,
  op TEXT NOT NULL CHECK (op IN ('insert', 'delete')),
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL
) STRICT;
CREATE INDEX journal_run_act ON journal_run(act_id);

CREATE TRIGGER journal_keeps BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal keeps what it has'); END;
CREATE TRIGGER journal_stays BEFORE UPDATE ON journal
WHEN (SELECT verb FROM act WHERE id = (SELECT act_id FROM open_act)) IS NOT 'person.forget'
BEGIN SELECT RAISE(ABORT, 'the journal keeps what it has'); END;
CREATE TRIGGER act_keeps BEFORE DELETE ON act
WHEN EXISTS (SELECT 1 FROM journal WHERE act_id = OLD.id) OR EXISTS (SELECT 1 FROM journal_run WHERE act_id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'the journal keeps what it has'); END;
"""
