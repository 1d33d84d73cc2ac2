"""The one way to open a database file: never creating it by accident, with the same promises on every connection."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from data.model import WorkspaceError
from data.store.sharing import open_file

APPLICATION_ID = 0x1A57CA11
BUSY_SECONDS = 10.0
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs"}


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Tell whether this SQLite may keep a write-ahead log that several processes write.

    Versions before 3.51.3 can corrupt such a database (sqlite.org/wal.html#walresetbug); the fix is also in 3.50.7
    and 3.44.6.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def connect(path: Path, *, create: bool = False, readonly: bool = False) -> Database:
    """Open the database at `path` for this thread.

    `create` makes the file (mode 0660 in a group-writable folder, else 0600); without it a missing file is a
    WorkspaceError, never a new empty database.
    """
    if create:
        _make_file(path)
    mode = "ro" if readonly else "rw"
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
        for pragma in (
            "foreign_keys=ON",
            "synchronous=FULL",
            "secure_delete=ON",
            "trusted_schema=OFF",
            "recursive_triggers=OFF",
            "cell_size_check=ON",
            "cache_size=-4096",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        if not readonly:
            connection.execute(f"PRAGMA journal_mode={'WAL' if wal_is_safe() else 'TRUNCATE'}").fetchone()
    except sqlite3.Error as error:
        raise WorkspaceError(f"{path}: {_words(error)}") from error
    return Database(connection, execute_plugins=False)


def refuse_network(path: Path) -> None:
    """Refuse a folder on a network file system, where neither SQLite's nor the workers' locks hold."""
    kind = file_system(path)
    if kind in NETWORK_FILE_SYSTEMS:
        raise WorkspaceError(
            f"{path} is on {kind}: a workspace must lie on a local disk, or two people could overwrite"
        )


def file_system(path: Path) -> str:
    """Name the file system `path` lies on, or `unknown` where the system does not tell."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    here = str(path.resolve())
    best, kind = "", "unknown"
    for line in mounts:
        left, _, right = line.partition(" - ")
        point = left.split()[4].replace("\\040", " ")
        if (here == point or here.startswith(point.rstrip("/") + "/")) and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind


def _make_file(path: Path) -> None:
    """Create an empty file as shared as its folder; SQLite's own files take the mode over."""
    os.close(open_file(path, os.O_CREAT | os.O_EXCL | os.O_RDWR))


def _words(error: sqlite3.Error) -> str:
    """Say in a person's words why a database could not be opened."""
    text = str(error)
    if "unable to open" in text:
        return "there is no database that can be opened; `lastcall init` makes a workspace"
    if "not a database" in text:
        return "this file is not a lastcall database"
    return text
