"""The workspace: one folder that holds a team's work, and what every verb is given to work with.

SQLite's library and its tools are loaded by the first who asks for the database, so that a console paints before.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from data.clock import Clock
from data.model import WorkspaceError
from data.policy import FILE_NAME, Policy, load_policy
from data.store.actor import Actor
from data.store.sharing import PRIVATE_FOLDER, give_to_group, make_folder, open_file

if TYPE_CHECKING:
    from sqlite_utils import Database

    from data.store.store import Store, Write

DATABASE = "lastcall.db"
FOLDERS = ("formats", "templates", "exports", "imports", "drop", "run")


class Workspace:
    """An open workspace: the store, the policies, who acts, and the clock."""

    def __init__(self, folder: Path, actor: Actor, clock: Clock | None = None) -> None:
        """Open the workspace in `folder`; raises WorkspaceError when there is none or it can't be used."""
        self.folder = folder
        self.actor = actor
        self.clock = clock or Clock()
        if not (folder / DATABASE).is_file():
            raise WorkspaceError(f"there is no workspace in {folder}: `lastcall init` makes one")
        self._policy_stamp = self._stamp()
        self.policy: Policy = load_policy(folder)
        self._store: Store | None = None
        self._opening = threading.Lock()

    @property
    def store(self) -> Store:
        """The database; each thread's first use opens its connection and checks the schema."""
        if self._store is None:
            with self._opening:
                if self._store is None:
                    from data.store.store import Store

                    self._store = Store(self.folder / DATABASE, self.clock)
        return self._store

    def reload_policy(self) -> None:
        """Read `lastcall.toml` anew if it was changed; raises WorkspaceError, keeping what was read before."""
        stamp = self._stamp()
        if stamp != self._policy_stamp:
            self._policy_stamp = stamp
            self.policy = load_policy(self.folder)

    def _stamp(self) -> tuple[int, int]:
        """Return what tells one version of `lastcall.toml` from another."""
        try:
            found = os.stat(self.folder / FILE_NAME)
        except FileNotFoundError:
            return (0, 0)
        return found.st_mtime_ns, found.st_size

    @contextmanager
    def write(self, verb: str, words: str, *, campaign: int | None = None, compensate: str = "") -> Iterator[Write]:
        """Open one act of this workspace's actor; see `Store.write`."""
        with self.store.write(self.actor, verb, words, campaign=campaign, compensate=compensate) as tx:
            yield tx

    def path(self, folder: str) -> Path:
        """Return one of the workspace's folders, made if it is missing."""
        found = self.folder / folder
        return make_folder(found)

    def close(self) -> None:
        """Close this thread's connection."""
        if self._store is not None:
            self._store.close()


def init_workspace(folder: Path, group: str = "") -> list[str]:
    """Make a workspace in `folder`: the folders, an empty `lastcall.toml`, the database. Return the schema's steps.

    It is its owner's alone, or with `group` everybody's in that group. Raises WorkspaceError when there is one already,
    the group can't have it, or the disk can't keep its promises.
    """
    from data.store.connect import connect, refuse_network

    if (folder / DATABASE).exists():
        raise WorkspaceError(f"{folder} has a workspace already")
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        refuse_network(folder)
        if group:
            give_to_group(folder, group)
        for name in FOLDERS:
            make_folder(folder / name)
        settings = folder / FILE_NAME
        if not settings.exists():
            with open(open_file(settings, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w", encoding="utf-8") as file:
                file.write(_FIRST_SETTINGS)
    except LookupError as error:
        raise WorkspaceError(f"there is no group {group}") from error
    except OSError as error:
        raise WorkspaceError(f"{folder}: {error}") from error
    # The schema is built beside and moved into place, so that a killed init leaves no half-made database.
    partial = folder / f".{DATABASE}.part"
    partial.unlink(missing_ok=True)
    db = connect(partial, create=True)
    db.execute("PRAGMA journal_mode=DELETE")
    steps = _upgrade(db)
    db.close()
    os.rename(partial, folder / DATABASE)
    return list(steps)


def upgrade_workspace(folder: Path) -> list[str]:
    """Take a workspace's database through the steps it lacks, all or none; return their names.

    The caller holds every worker's lock and has made a backup.
    """
    from data.store.connect import connect
    from data.store.migrations import known_steps, schema_version

    db = connect(folder / DATABASE)
    try:
        if schema_version(db) > len(known_steps()):
            raise WorkspaceError(f"{folder / DATABASE} was written by a newer lastcall: install the newer one")
        return list(_upgrade(db))
    finally:
        db.close()


def _upgrade(db: Database) -> tuple[str, ...]:
    from data.store.migrations import apply_steps

    db.execute("PRAGMA foreign_keys=OFF")
    db.execute("BEGIN IMMEDIATE")
    try:
        steps = apply_steps(db)
        broken = db.execute("PRAGMA foreign_key_check").fetchone()
        if broken is not None:
            raise WorkspaceError(f"the upgrade was taken back: a row of {broken[0]} refers to a missing {broken[2]}")
    except BaseException:
        if db.conn.in_transaction:
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
    db.execute("PRAGMA foreign_keys=ON")
    return steps


_FIRST_SETTINGS = """\
# The workspace's policies. `lastcall warehouse add` writes a section for each warehouse:
#
# [warehouse.EU1]
# name = "Cedar Mills"
# countries = ["DE", "FR", "NL"]      # ["*"] = wherever no other warehouse serves
# portal = "file"                     # or "sandbox"
# options = {layout = "missing-ink"}  # what its order lists look like: `lastcall layouts`
# secret = "env:EU1_TOKEN"            # or "file:/path", readable by its owner only; never the secret itself
#
# docs/warehouses.md has its labels, rules and agreement, and [allocation].
"""
