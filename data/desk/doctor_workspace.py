"""The doctor's look at a workspace: its disk, its modes, its database, its warehouses."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from sqlite_utils.utils import sqlite3

from data.clock import Clock, utc_text
from data.desk.doctor_check import Check
from data.desk.verify_schema import schema_findings
from data.dispatch.lock import holder
from data.model import LastcallError, WorkspaceError
from data.policy import FILE_NAME, TOPICS, Policy, WarehouseSettings, load_policy
from data.portals.registry import portal_for
from data.portals.secrets import read_secret
from data.store.backup import RESTORED_MARK
from data.store.connect import NETWORK_FILE_SYSTEMS, file_system
from data.store.store import Store
from data.store.workspace import DATABASE

LEAST_FREE = 256 * 1024 * 1024
"""Bytes that must be free; besides, a backup or an upgrade needs as much again as the database has."""
_NAMED = 5


def workspace_checks(folder: Path, environ: Mapping[str, str]) -> Iterator[Check]:
    """Yield what is found in a workspace's folder."""
    database = folder / DATABASE
    if not database.is_file():
        yield Check("workspace", False, f"there is none in {folder}", "lastcall init, or name another by --workspace")
        return
    yield Check("workspace", True, str(folder))
    kind = file_system(folder)
    local = kind not in NETWORK_FILE_SYSTEMS
    yield Check(
        "file system", local, kind, "" if local else "move the workspace to a local disk: locks don't hold here"
    )
    yield _permissions(folder, database)
    yield _space(folder, database)
    policy = Policy()
    try:
        policy = load_policy(folder)
    except LastcallError as error:
        yield Check(FILE_NAME, False, str(error), f"correct {FILE_NAME}")
    else:
        count = len(policy.warehouses)
        yield Check(FILE_NAME, True, f"{count} warehouse{'' if count == 1 else 's'}")
    yield from _database(Store(database, Clock()))
    if (folder / "run" / RESTORED_MARK).exists():
        yield Check("restored", False, "a backup was put back: no worker starts", "lastcall reconcile")
    for settings in policy.warehouses:
        yield from _warehouse(folder, settings, environ)
        yield _agreement(settings)


def _files(name: str, folder: Path, settings: WarehouseSettings, at_work: str) -> Check:
    """Tell where a warehouse's files go, and whether what that needs is here."""
    if not settings.options.get("deliver"):
        return Check(name, True, f"files in drop/{settings.code}; {at_work}")
    if find_spec("asyncssh") is None:
        return Check(name, False, "delivery by SFTP needs asyncssh", 'pipx inject lastcall "asyncssh[bcrypt]"')
    known = folder / str(settings.options["known_hosts"])
    if not known.is_file():
        words = f"{known} is not there: the server's host key is not known"
        return Check(name, False, words, f"ssh-keyscan the server into {known}, and let the warehouse confirm the key")
    return Check(name, True, f"files by SFTP; {at_work}")


def _permissions(folder: Path, database: Path) -> Check:
    """Tell whether folder and database are one person's, or a group's as SQLite needs it."""
    mode = stat.S_IMODE(folder.stat().st_mode)
    files = [each for each in (database, *folder.glob(f"{DATABASE}-*")) if each.is_file()]
    open_to_all = [each.name for each in files if each.stat().st_mode & 0o007]
    if mode & 0o007 or open_to_all:
        named = ", ".join(open_to_all) or f"mode {mode:04o}"
        return Check(
            "permissions", False, f"everybody on this machine can get at it ({named})", f"chmod -R o-rwx {folder}"
        )
    if not mode & 0o020:
        return Check("permissions", True, f"private to its owner ({mode:04o})")
    narrow = [each.name for each in files if stat.S_IMODE(each.stat().st_mode) & 0o660 != 0o660]
    if not mode & stat.S_ISGID or narrow:
        what = ", ".join(narrow) or f"mode {mode:04o} without setgid"
        return Check(
            "permissions",
            False,
            f"shared by a group, but not all of it ({what}): others can't write",
            f"chmod 2770 {folder} && chmod 0660 {database}*",
        )
    return Check("permissions", True, f"shared by its group ({mode:04o})")


def _space(folder: Path, database: Path) -> Check:
    found = os.statvfs(folder)
    free = found.f_bavail * found.f_frsize
    needed = max(LEAST_FREE, database.stat().st_size)
    words = f"{free // 1_000_000:,} MB free"
    if free >= needed:
        return Check("disk", True, words)
    return Check("disk", False, words, f"make room: {needed // 1_000_000:,} MB are needed for work and a backup")


def _database(store: Store) -> Iterator[Check]:
    try:
        mode = store.value("PRAGMA journal_mode")
        yield Check("schema", True, f"version {store.value('PRAGMA user_version')}, journal mode {mode}")
        broken = list(schema_findings(store))
        if broken:
            more = f" and {len(broken) - _NAMED} more" if len(broken) > _NAMED else ""
            yield Check(
                "rules",
                False,
                "; ".join(broken[:_NAMED]) + more,
                "somebody changed the database by hand: restore a backup from before",
            )
        else:
            yield Check("rules", True, "every trigger and index stands as it was made")
        latest = store.value("SELECT at FROM act ORDER BY id DESC LIMIT 1")
        now = utc_text(store.clock.now())
        if latest is not None and latest > now:
            yield Check("clock", False, f"the last act is from {latest}, it is {now}", "set this machine's clock")
    except WorkspaceError as error:
        yield Check("schema", False, str(error), "lastcall upgrade, or the lastcall that wrote it")
    except sqlite3.Error as error:
        yield Check("database", False, str(error), "lastcall verify tells more; restore a backup if it is damaged")
    finally:
        store.close()


def _agreement(settings: WarehouseSettings) -> Check:
    """Tell what of a warehouse is still to be agreed or known; nothing of it keeps anybody from working."""
    gaps = [TOPICS[each].words for each in settings.open_topics()]
    gaps += [] if settings.policy.ships_from else ["where it ships from, for customs"]
    gaps += [] if settings.label is not None else ["what its labels take"]
    words = f"open: {', '.join(gaps)} (lastcall warehouse plan {settings.code})" if gaps else "everything is agreed"
    return Check(f"agreement {settings.code}", True, words)


def _warehouse(folder: Path, settings: WarehouseSettings, environ: Mapping[str, str]) -> Iterator[Check]:
    name = f"warehouse {settings.code}"
    try:
        portal_for(settings, folder, Clock())
    except LastcallError as error:
        yield Check(name, False, str(error), f"correct [warehouse.{settings.code}] in {FILE_NAME}")
        return
    process = holder(folder / "run", settings.code)
    at_work = "no worker runs" if process is None else f"worker {process or 'of somebody else'} runs"
    if settings.portal == "file":
        yield _files(name, folder, settings, at_work)
        return
    kind, _, where = settings.secret.partition(":")
    if kind == "env":
        if where in environ:
            yield Check(name, True, f"secret in the environment; {at_work}")
        else:
            yield Check(
                name,
                process is not None,
                f"the environment has no {where}; {at_work}",
                f"export {where}, then lastcall sync",
            )
        return
    path = folder / Path(where).expanduser()
    if kind == "file" and path.exists() and not os.access(path, os.R_OK):
        yield Check(name, True, f"its secret is for others to read: they start its worker; {at_work}")
        return
    try:
        read_secret(settings.secret, folder)
    except WorkspaceError as error:
        yield Check(name, False, f"{error}; {at_work}", f"put the secret into {where or 'a file'}, mode 0600")
    else:
        yield Check(name, True, f"secret readable by you alone; {at_work}")
