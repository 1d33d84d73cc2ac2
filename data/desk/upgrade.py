"""Bringing a workspace's database to this program's schema: alone, and with a backup made before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.clock import Clock
from data.dispatch.standstill import standstill
from data.model import WorkspaceError
from data.store.backup import backup_path, copy_database
from data.store.connect import connect
from data.store.migrations import known_steps, schema_version
from data.store.workspace import DATABASE, upgrade_workspace


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did."""

    steps: tuple[str, ...]
    """The steps the database was taken through; none when it had them all."""
    backup: Path | None
    """The copy made before, where there was a step to take."""


def upgrade(folder: Path, clock: Clock | None = None) -> Upgraded:
    """Take a workspace's database through the steps it lacks, all or none.

    Every worker's lock is held meanwhile; programs that have the database open stop writing and say why. Raises
    WorkspaceError when a worker is at work or the database was written by a newer program.
    """
    database = folder / DATABASE
    if not database.is_file():
        raise WorkspaceError(f"there is no workspace in {folder}: `lastcall init` makes one")
    with standstill(folder):
        db = connect(database)
        try:
            have, known = schema_version(db), len(known_steps())
            if have == known:
                return Upgraded((), None)
            if have > known:
                raise WorkspaceError(f"{database} was written by a newer lastcall: install the newer one")
            backups = folder / "backups"
            copy = copy_database(db, backup_path(backups, clock or Clock(), f"before-{known}-"), any_schema=True)
        finally:
            db.close()
        return Upgraded(tuple(upgrade_workspace(folder)), copy)
