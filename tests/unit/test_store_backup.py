"""Backups that can be trusted, put back without forgetting what was sent, in a workspace where nothing moves."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from data.clock import HeldClock
from data.dispatch.lock import WorkerLock
from data.dispatch.standstill import refuse_others, standstill
from data.model import InputError, WorkspaceError
from data.store.backup import RESTORED_MARK, backup, integrity_problems, restore
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, OpenAs, Ran


def test_a_backup_is_whole_private_and_never_overwrites(
    workspace: Workspace, make_order: MakeOrder, open_as: OpenAs, tmp_path: Path
) -> None:
    make_order(number="1")
    with open_as("mira").write("test", "while others write") as tx:
        tx.insert("products", {"sku": "UNSEEN"})
        target = backup(workspace.store, tmp_path / "copies" / "a.db")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [each.name for each in target.parent.iterdir()] == ["a.db"]
    with pytest.raises(InputError, match="never overwrites"):
        backup(workspace.store, target)


def test_restore_puts_the_copy_in_place_and_locks_the_workers(
    workspace: Workspace, make_order: MakeOrder, clock: HeldClock, tmp_path: Path
) -> None:
    make_order(number="1")
    copy = backup(workspace.store, tmp_path / "a.db")
    make_order(number="2")
    workspace.close()
    database = workspace.folder / "lastcall.db"
    kept = restore(copy, database, workspace.folder / "run", clock)
    assert workspace.store.rows("SELECT number FROM orders") == [("1",)]
    assert integrity_problems(workspace.store) == []
    assert (workspace.folder / "run" / RESTORED_MARK).read_text(encoding="ascii").startswith("2026-11-23")
    assert kept is not None
    assert kept.is_file()
    assert copy.is_file()


def test_a_damaged_or_foreign_copy_is_refused_and_the_database_stays(
    workspace: Workspace, make_order: MakeOrder, clock: HeldClock, tmp_path: Path
) -> None:
    make_order(number="1")
    copy = backup(workspace.store, tmp_path / "a.db")
    content = bytearray(copy.read_bytes())
    content[40_000:60_000] = os.urandom(20_000)
    (tmp_path / "damaged.db").write_bytes(content)
    (tmp_path / "text.db").write_text("not a database at all, only some words" * 50, encoding="ascii")
    database, run = workspace.folder / "lastcall.db", workspace.folder / "run"
    for name in ("damaged.db", "text.db"):
        with pytest.raises(WorkspaceError):
            restore(tmp_path / name, database, run, clock)
    with pytest.raises(InputError):
        restore(tmp_path / "none.db", database, run, clock)
    assert workspace.store.rows("SELECT number FROM orders") == [("1",)]
    assert not (run / RESTORED_MARK).exists()


def test_nothing_stands_still_while_a_worker_or_another_restore_is_at_work(workspace: Workspace) -> None:
    run = workspace.path("run")
    worker = WorkerLock(run, "EU1")
    assert worker.take()
    with pytest.raises(WorkspaceError, match=rf"worker of EU1 is running \(process {os.getpid()}\)"):
        standstill(workspace.folder).__enter__()
    worker.release()
    with standstill(workspace.folder):
        assert not WorkerLock(run, "EU1").take()
        with pytest.raises(WorkspaceError, match="another restore or upgrade"):
            standstill(workspace.folder).__enter__()
    assert worker.take()
    worker.release()


def test_a_database_that_somebody_has_open_is_not_replaced(workspace: Workspace, open_as: OpenAs) -> None:
    mira = open_as("mira")
    mira.store.value("SELECT count(*) FROM orders")
    workspace.close()
    if mira.store.value("PRAGMA journal_mode") != "wal":
        pytest.skip("without a write-ahead log SQLite does not tell")
    with pytest.raises(WorkspaceError, match="another program has this workspace open"):
        refuse_others(workspace.folder)
    mira.close()
    refuse_others(workspace.folder)
    assert workspace.store.value("PRAGMA journal_mode") == "wal"


def test_the_commands_make_copy_and_put_back_a_workspace(
    lastcall: Callable[..., Ran], workspace: Workspace, make_order: MakeOrder, tmp_path: Path
) -> None:
    make_order(number="1")
    workspace.close()
    fresh = tmp_path / "fresh"
    assert lastcall("init", str(fresh)).out == f"{fresh}\n"
    again = lastcall("init", str(fresh))
    assert (again.code, again.err) == (2, f"{fresh} has a workspace already\n")
    made = Path(lastcall("backup", "--json").json["path"])
    assert made.parent == workspace.folder / "backups"
    assert lastcall("backup", str(made)).code == 2
    assert lastcall("order", "priority", "1", "--to", "3").code == 0
    assert lastcall("restore", str(made)).code == 1
    ran = lastcall("restore", str(made), "--yes")
    assert (ran.code, "reconcile" in ran.err) == (0, True)
    assert lastcall("orders", "--filter", "priority:3", "--count").out == "0\n"
    assert lastcall("upgrade", "--json").json == {"steps": [], "backup": None}
