"""A workspace in which nothing moves: no worker, no merge, and where the journal mode tells, no console either."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlite_utils.utils import sqlite3

from data.dispatch.lock import WorkerLock, holder
from data.model import WorkspaceError
from data.policy import load_policy
from data.store.connect import connect
from data.store.sharing import make_folder
from data.store.workspace import DATABASE

_OWN = "standstill"
"""The lock of standing still itself: two never do at once."""


@contextmanager
def standstill(folder: Path) -> Iterator[None]:
    """Hold every worker's lock, and that of a merge, while the block runs.

    Raises WorkspaceError, naming who is at work, when one can't be had.
    """
    run = folder / "run"
    try:
        make_folder(run)
        codes = {each.code for each in load_policy(folder).warehouses} | {path.stem for path in run.glob("*.lock")}
        with ExitStack() as held:
            for code in (_OWN, *sorted(codes - {_OWN})):
                lock = WorkerLock(run, code)
                if not lock.take():
                    raise WorkspaceError(_at_work(run, code))
                held.enter_context(lock)
            yield
    except OSError as error:
        raise WorkspaceError(f"{run}: {error.strerror}") from error


def refuse_others(folder: Path) -> None:
    """Raise WorkspaceError when another program has the database open: it would go on writing to the one replaced.

    Leaving the write-ahead log needs the file alone (sqlite.org/wal.html#persistence_of_wal_mode). Where the mode is
    another one, or the file is damaged, nothing can be told and nothing is refused.
    """
    database = folder / DATABASE
    if not database.is_file():
        return
    try:
        db = connect(database)
    except WorkspaceError:
        return
    try:
        db.execute("PRAGMA busy_timeout = 500")
        shared = db.execute("PRAGMA journal_mode = DELETE").fetchone()[0] == "wal"
    except sqlite3.DatabaseError as error:
        shared = "locked" in str(error)
    finally:
        db.close()
    if shared:
        raise WorkspaceError("another program has this workspace open: leave every console and command first")


def _at_work(run: Path, code: str) -> str:
    if code == _OWN:
        return "another restore or upgrade is running: wait until it has ended"
    if code == "merging":
        return "an import is merging: wait until it has ended"
    pid = holder(run, code)
    return f"the worker of {code} is running{f' (process {pid})' if pid else ''}: stop it first"
