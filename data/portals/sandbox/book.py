"""The warehouse's own file: orders, stock, its clock, and the ledger of everything it ever created."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlite_utils.utils import sqlite3

from data.model import WorkspaceError

Connection = sqlite3.Connection
_APPLICATION = 0x4C435342
_WAL_SOUND_FROM = (3, 51, 3)
"""Before it, two processes that write and checkpoint can corrupt a WAL database (sqlite.org/wal.html)."""

_SCHEMA = """
CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  reference TEXT NOT NULL,
  number TEXT NOT NULL,
  email TEXT NOT NULL,
  address TEXT NOT NULL,                -- JSON object
  lines TEXT NOT NULL,                  -- JSON list
  parcels TEXT NOT NULL DEFAULT '[]',   -- JSON list
  cancelled TEXT NOT NULL DEFAULT '[]', -- JSON list of the lines that were cancelled after others had left
  status TEXT NOT NULL,
  complaint TEXT NOT NULL DEFAULT '',
  extra TEXT NOT NULL DEFAULT '{}',     -- JSON object: what a dialect keeps besides
  held INTEGER NOT NULL DEFAULT 0,
  cancel_asked INTEGER NOT NULL DEFAULT 0,
  fate TEXT NOT NULL,                   -- what will go wrong with it, if anything
  step INTEGER NOT NULL DEFAULT 0,      -- how many scans the carrier has made
  due REAL,                             -- when something happens to it next, NULL: it waits for somebody
  updated_at REAL NOT NULL,
  seq INTEGER NOT NULL                  -- the number of its latest change, one sequence for all
) STRICT;
CREATE INDEX orders_reference ON orders(reference);
CREATE UNIQUE INDEX orders_seq ON orders(seq);
CREATE INDEX orders_due ON orders(due) WHERE due IS NOT NULL;
CREATE TABLE stock (sku TEXT PRIMARY KEY, on_hand INTEGER NOT NULL, promised INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE notices (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,                   -- inbound, return
  reference TEXT NOT NULL,
  body TEXT NOT NULL,                   -- JSON object, as it was announced
  status TEXT NOT NULL,
  updated_at REAL NOT NULL
) STRICT;
CREATE INDEX notices_reference ON notices(kind, reference);
CREATE TABLE ledger (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at REAL NOT NULL,
  reference TEXT NOT NULL,
  order_id INTEGER NOT NULL
) STRICT;
CREATE INDEX ledger_reference ON ledger(reference);
CREATE TRIGGER ledger_kept BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER ledger_whole BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
INSERT INTO settings VALUES ('seq', 0);
"""


def open_book(path: Path) -> Connection:
    """Open the warehouse's file, and make it where there is none; a commit is on the disk before it returns.

    Raises WorkspaceError for a file that is something else.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection: Connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        for pragma in ("synchronous=FULL", "secure_delete=ON", "trusted_schema=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        mode = "WAL" if sqlite3.sqlite_version_info >= _WAL_SOUND_FROM else "TRUNCATE"
        connection.execute(f"PRAGMA journal_mode={mode}").fetchall()
        connection.execute("BEGIN IMMEDIATE")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if application != _APPLICATION and tables:
            raise WorkspaceError(f"{path}: this is not a sandbox warehouse's file")
        if not tables:
            for statement in _statements(_SCHEMA):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={_APPLICATION}")
        connection.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise WorkspaceError(f"{path}: {error}") from None
    except BaseException:
        connection.close()
        raise
    return connection


def read_book(path: Path) -> Connection:
    """Open an existing warehouse's file to read it only, also while a server works on it; raises WorkspaceError."""
    if not path.is_file():
        raise WorkspaceError(f"{path}: there is no such sandbox file")
    connection: Connection = sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=30)
    try:
        connection.execute("PRAGMA query_only=ON")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        raise WorkspaceError(f"{path}: {error}") from None
    if application != _APPLICATION:
        connection.close()
        raise WorkspaceError(f"{path}: this is not a sandbox warehouse's file")
    return connection


def setting(connection: Connection, name: str, default: Any) -> Any:
    """Return a stored setting."""
    row = connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return default if row is None else row[0]


def set_setting(connection: Connection, name: str, value: float | int | str) -> None:
    """Store a setting."""
    connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))


def next_seq(connection: Connection) -> int:
    """Return the next number of the one sequence that every change of an order takes."""
    row = connection.execute("UPDATE settings SET value = value + 1 WHERE name = 'seq' RETURNING value").fetchone()
    return int(row[0])


def _statements(script: str) -> list[str]:
    """Split a script, for `executescript` would commit first."""
    kept: list[str] = []
    text = ""
    for line in script.splitlines():
        text += line + "\n"
        if sqlite3.complete_statement(text):
            kept.append(text)
            text = ""
    return kept
