"""Copies of the database that can be trusted: made online, checked, and put back without forgetting what was sent."""

from __future__ import annotations

import os
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from data.clock import Clock, utc_text
from data.model import InputError, WorkspaceError
from data.store.connect import connect
from data.store.migrations import check_schema
from data.store.store import Store

RESTORED_MARK = "restored"
"""File in `run/`: workers stay locked until `lastcall reconcile` has asked the warehouses what they hold."""


def integrity_problems(store: Store) -> list[str]:
    """Return what SQLite finds wrong with the file; an empty list means it is whole."""
    found = [row[0] for row in store.rows("PRAGMA integrity_check(20)") if row[0] != "ok"]
    return found + [
        f"{row[0]} row {row[1]} refers to a missing {row[2]}" for row in store.rows("PRAGMA foreign_key_check")
    ]


def backup(store: Store, target: Path) -> Path:
    """Write a checked copy of the database to `target` (mode 0600) while others work; never over an existing file."""
    return copy_database(store.db, target)


def copy_database(db: Database, target: Path, *, any_schema: bool = False) -> Path:
    """Write a checked copy of an open database, as `backup` does; `any_schema` before an upgrade."""
    if target.exists():
        raise InputError(f"{target} exists already: a backup never overwrites")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    partial.unlink(missing_ok=True)
    earlier = os.umask(0o077)
    try:
        db.execute("VACUUM INTO ?", (str(partial),))
    except sqlite3.Error as error:
        partial.unlink(missing_ok=True)
        raise WorkspaceError(f"{target}: the backup could not be written: {error}") from error
    finally:
        os.umask(earlier)
    _check_copy(partial, any_schema=any_schema)
    _sync(partial)
    os.link(partial, target)
    partial.unlink()
    _sync(target.parent)
    return target


def backup_path(folder: Path, clock: Clock, prefix: str = "") -> Path:
    """Return a path for a backup, named by its instant; a second one of the same second is numbered."""
    stem = f"{prefix}lastcall-{utc_text(clock.now()).replace(':', '')}"
    path, number = folder / f"{stem}.db", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.db"
    return path


def restore(source: Path, database: Path, run: Path, clock: Clock) -> Path | None:
    """Put a backup in place of the database; return where the replaced one is kept, if there was one.

    The caller holds every worker's lock. What was sent after the backup is not in it, so the workers stay locked until
    `lastcall reconcile` has looked every shipment up.
    """
    if not source.is_file():
        raise InputError(f"{source}: no such backup")
    _check_copy(source)
    partial = database.with_name(f".{database.name}.restore")
    partial.unlink(missing_ok=True)
    copy = connect(source, readonly=True)
    try:
        copy.execute("VACUUM INTO ?", (str(partial),))
    finally:
        copy.close()
    os.chmod(partial, database.stat().st_mode & 0o777 if database.exists() else 0o600)
    _sync(partial)
    run.mkdir(exist_ok=True)
    (run / RESTORED_MARK).write_text(utc_text(clock.now()) + "\n", encoding="ascii")
    _sync(run)
    kept: Path | None = None
    if database.exists():
        kept = database.with_name(f"{database.stem}-before-restore-{utc_text(clock.now()).replace(':', '')}.db")
        os.rename(database, kept)
        for suffix in ("-wal", "-shm"):
            beside = database.with_name(database.name + suffix)
            if beside.exists():
                os.rename(beside, kept.with_name(kept.name + suffix))
    os.rename(partial, database)
    _sync(database.parent)
    return kept


def _check_copy(path: Path, *, any_schema: bool = False) -> None:
    """Refuse a copy that is damaged or not ours."""
    copy = connect(path, readonly=True)
    try:
        if not any_schema:
            check_schema(copy, path)
        answer = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise WorkspaceError(f"{path}: {error}") from error
    finally:
        copy.close()
    if answer != "ok":
        raise WorkspaceError(f"{path} is damaged: {answer}")


def _sync(path: Path) -> None:
    """Make a file or a folder's entries durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
