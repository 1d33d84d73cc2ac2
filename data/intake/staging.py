"""The staging file: what an import has read and compared, in a database of its own beside the workspace's.

It is worth nothing after a crash, so it is written without journal and sync. A lock that the kernel drops with its
process tells a running import's file from one that a killed import left; the next import sweeps those away.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlite_utils.utils import sqlite3

from data.model import WorkspaceError
from data.store.sharing import make_folder, open_file

PREFIX = ".staging-"
_DISK = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")
"""What goes wrong with the disk and not with us."""

ORDER_COLUMNS = (
    "number",
    "tier",
    "platform_status",
    "currency",
    "amount_minor",
    "shipping_minor",
    "ordered_at",
    "ordered_at_raw",
    "answers",
    "row_hash",
)
"""Columns of `orders` that a file sets and later files change, whatever the order's stage."""

_NULLABLE = ("amount_minor", "shipping_minor", "ordered_at")

ADDRESS_COLUMNS = (
    "a_name",
    "a_company",
    "a_line1",
    "a_line2",
    "a_city",
    "a_region",
    "a_postcode",
    "a_country",
    "a_phone",
)

SCHEMA = (
    # Nothing in it is NULL: binding None costs ten times what a text costs. '' and -1 stand for nothing.
    f"""
    -- One row for each order to be made. Ids are counted from 0 and moved behind those there are by the merge.
    CREATE TABLE fresh (
      n INTEGER PRIMARY KEY,
      external_id TEXT, paid INTEGER, stage TEXT,
      {", ".join(ORDER_COLUMNS)},
      hold TEXT, notes TEXT,
      backer_id INTEGER,           -- a backer there is, or -1 and
      person INTEGER,              -- the backer to be made
      makes INTEGER,               -- 1: by this row
      uid TEXT, b_name TEXT, b_email TEXT, b_number TEXT,
      basket INTEGER, lines INTEGER, line_at INTEGER,
      address_at INTEGER,          -- -1 without an address
      {", ".join(ADDRESS_COLUMNS)},
      file INTEGER, line INTEGER
    )""",
    f"""
    -- One row for each order there is that the files say something else of.
    CREATE TABLE known (
      n INTEGER PRIMARY KEY,
      order_id INTEGER UNIQUE, rev INTEGER, backer_id INTEGER, paid INTEGER,
      {", ".join(ORDER_COLUMNS)},
      b_name TEXT, b_email TEXT, b_number TEXT, backer_moved INTEGER,
      basket INTEGER, lines INTEGER, line_at INTEGER,  -- line_at is NULL where the lines stay
      cancel INTEGER, pay_hold TEXT, pay_release INTEGER, client_hold TEXT, notes TEXT,
      address_at INTEGER,          -- of a first address
      judged TEXT,                 -- JSON: the verdict on a changed address
      {", ".join(ADDRESS_COLUMNS)},
      updated INTEGER, changed INTEGER,
      file INTEGER, line INTEGER
    )""",
    """
    -- What the orders' baskets hold, exploded by the map; equal baskets stand once.
    CREATE TABLE basket_line (
      basket INTEGER, at INTEGER, sku TEXT, name TEXT, item_id INTEGER, item_new INTEGER,
      item_quantity INTEGER, quantity INTEGER, PRIMARY KEY (basket, at)
    ) WITHOUT ROWID""",
    "CREATE TABLE item (new INTEGER PRIMARY KEY, kind TEXT, name TEXT, mapped INTEGER)",
    "CREATE TABLE part (at INTEGER PRIMARY KEY, item_new INTEGER, sku TEXT, quantity INTEGER)",
    "CREATE TABLE product (at INTEGER PRIMARY KEY, sku TEXT UNIQUE, title TEXT)",
    # cells NULL: to be read from the file again.
    "CREATE TABLE reject (file INTEGER, line INTEGER, field TEXT, reason TEXT, cells TEXT)",
)


def order_columns(alias: str) -> list[str]:
    """Return `ORDER_COLUMNS` as SQL that reads them from a staging table; an empty text stands for NULL."""
    return [f"nullif({alias}.{each}, '')" if each in _NULLABLE else f"{alias}.{each}" for each in ORDER_COLUMNS]


class Staging:
    """One import's staging file, open."""

    def __init__(self, path: Path) -> None:
        """Create the file's tables; `open_staging` is the way in."""
        self.path = path
        self.db = sqlite3.connect(str(path), isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-8192", "temp_store=FILE"):
            self.db.execute(f"PRAGMA {pragma}").fetchone()
        for statement in SCHEMA:
            self.db.execute(statement)
        self.db.execute("BEGIN")

    @property
    def token(self) -> str:
        """Return what tells this import's files from every other's."""
        return self.path.parent.name.removeprefix(PREFIX)

    def finish(self) -> None:
        """Put everything on the disk and close, so that the merge can attach the file."""
        if self.db.in_transaction:
            self.db.execute("COMMIT")
        self.db.close()


@contextmanager
def open_staging(imports: Path) -> Iterator[Staging]:
    """Make a staging file in the workspace's folder `imports`; it is gone when the block ends, however it ends."""
    sweep(imports)
    folder, lock = _make(imports)
    staging: Staging | None = None
    try:
        staging = Staging(folder / "staged.db")
        yield staging
    except sqlite3.OperationalError as error:
        if not str(getattr(error, "sqlite_errorname", "")).startswith(_DISK):
            raise
        raise WorkspaceError(f"{imports}: the import could not be staged: {error}") from error
    finally:
        if staging is not None:
            staging.db.close()
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            _lock_path(folder).unlink()
        os.close(lock)


def sweep(imports: Path) -> int:
    """Remove what killed imports left, and return how many there were."""
    swept = 0
    for path in imports.glob(f"{PREFIX}*.lock"):
        with suppress(OSError):
            lock = os.open(path, os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path.with_suffix(""), ignore_errors=True)
                path.unlink()
                swept += 1
            finally:
                os.close(lock)
    return swept


def _make(imports: Path) -> tuple[Path, int]:
    """Make a folder whose lock this process holds; returns the folder and the lock's descriptor."""
    while True:
        folder = imports / f"{PREFIX}{secrets.token_hex(6)}"
        path = _lock_path(folder)
        try:
            lock = open_file(path, os.O_CREAT | os.O_EXCL | os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Another import's sweep may have come between the two lines above.
                if path.exists():
                    make_folder(folder)
                    return folder, lock
            except BlockingIOError:
                pass
            os.close(lock)
        except FileExistsError:
            continue
        except OSError as error:
            raise WorkspaceError(f"{imports}: {error}") from error


def _lock_path(folder: Path) -> Path:
    """Return the lock that says the folder is in use."""
    return folder.with_suffix(".lock")
