"""The schema's steps. `lastcall upgrade` takes a database through them; nothing else changes the schema."""

from __future__ import annotations

from sqlite_utils import Database, Migrations
from sqlite_utils.utils import sqlite3

from data.model import WorkspaceError
from data.store.connect import APPLICATION_ID
from data.store.schema import acts, corrections, dispatch, issues, ledger, orders, search, stock
from data.store.triggers import make_triggers


def m001_the_house(db: Database) -> None:
    """Create every table the first release stands on."""
    for room in (acts, stock, orders, dispatch, issues, search):
        _run(db, room.SQL)
    make_triggers(db)


def m002_stock_and_corrections(db: Database) -> None:
    """Let orders move stock, batches correct earlier ones, and announcements be made once."""
    for room in (ledger, corrections):
        _run(db, room.SQL)
    make_triggers(db)


def _run(db: Database, sql: str) -> None:
    """Execute every statement of a script."""
    for statement in split_statements(sql):
        db.execute(statement)


STEPS = (m001_the_house, m002_stock_and_corrections)
"""Every step, oldest first; a released step is never edited, only followed by another."""

migrations = Migrations("lastcall")
for _step in STEPS:
    migrations()(_step)


def split_statements(sql: str) -> list[str]:
    """Split a script at the ends of its statements, keeping the bodies of triggers whole."""
    statements: list[str] = []
    buffer = ""
    for line in sql.splitlines():
        buffer += line + "\n"
        if sqlite3.complete_statement(buffer):
            if buffer.strip():
                statements.append(buffer.strip())
            buffer = ""
    return statements


def known_steps() -> tuple[str, ...]:
    """Name the steps this program knows, oldest first."""
    return tuple(step.__name__ for step in STEPS)


def applied_steps(db: Database) -> tuple[str, ...]:
    """Name the steps a database has been through, oldest first."""
    if "_sqlite_migrations" not in db.table_names():
        return ()
    found = db.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = 'lastcall' ORDER BY rowid").fetchall()
    return tuple(row[0] for row in found)


def schema_version(db: Database) -> int:
    """Read the number of steps a database has been through, as every write compares it."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def check_schema(db: Database, path: object) -> None:
    """Refuse a database this program does not fit: not ours, newer, or waiting for `lastcall upgrade`."""
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise WorkspaceError(f"{path} is not a lastcall database")
    have, known = schema_version(db), len(known_steps())
    if have > known:
        raise WorkspaceError(
            f"{path} was written by a newer lastcall (schema {have}, this program knows {known}): install the newer one"
        )
    if have < known:
        raise WorkspaceError(f"{path} has schema {have}, this program needs {known}: run `lastcall upgrade`")


def apply_steps(db: Database) -> tuple[str, ...]:
    """Take a database through every step it lacks, in the caller's transaction, and return their names."""
    before = set(applied_steps(db))
    migrations.apply(db)
    steps = applied_steps(db)
    unknown = set(steps) - set(known_steps())
    if unknown:
        raise WorkspaceError(f"the database has steps this program does not know: {', '.join(sorted(unknown))}")
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {len(steps)}")
    return tuple(name for name in steps if name not in before)
