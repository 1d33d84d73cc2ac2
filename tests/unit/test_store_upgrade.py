"""The schema's steps: all or none, whoever dies when; a newer database is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from data.desk.upgrade import upgrade
from data.model import WorkspaceError
from data.store.connect import connect, wal_is_safe
from data.store.migrations import known_steps
from data.store.workspace import Workspace, init_workspace

KNOWN = len(known_steps())
_ROOT = Path(__file__).parents[2]
_LATER = """
import sys
from pathlib import Path

from data.store import migrations

def m003_later(db):
    db.execute("CREATE TABLE later (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
    db.execute("ALTER TABLE orders ADD COLUMN later TEXT")
    db.execute("INSERT INTO later(text) SELECT 'x' FROM act")
    if "pause" in sys.argv:
        print("inside", flush=True)
        sys.stdin.readline()

migrations.STEPS = (*migrations.STEPS, m003_later)
migrations.migrations()(m003_later)

from data.desk.upgrade import upgrade
from data.model import LastcallError

try:
    print(upgrade(Path(sys.argv[1])).steps, flush=True)
except LastcallError as error:
    print("refused:", error, flush=True)
"""
"""A program of a later release, whose schema has one step more."""


def later(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _LATER, str(folder), *arguments],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def answer(process: subprocess.Popen[str]) -> str:
    out, _ = process.communicate("\n", timeout=60)
    assert process.returncode == 0
    return out.strip()


def state(folder: Path) -> tuple[int, bool, bool, str]:
    """Return the schema's number, whether the step's table and column are there, and what the integrity check says."""
    db = connect(folder / "lastcall.db")
    try:
        return (
            db.execute("PRAGMA user_version").fetchone()[0],
            "later" in db.table_names(),
            "later" in {column.name for column in db["orders"].columns},
            db.execute("PRAGMA integrity_check").fetchone()[0],
        )
    finally:
        db.close()


def test_an_upgrade_takes_every_missing_step_after_a_backup(workspace: Workspace) -> None:
    workspace.close()
    assert upgrade(workspace.folder).steps == ()
    assert not (workspace.folder / "backups").exists()
    assert answer(later(workspace.folder)) == "('m003_later',)"
    assert state(workspace.folder) == (KNOWN + 1, True, True, "ok")
    (copy,) = (workspace.folder / "backups").iterdir()
    db = connect(copy, readonly=True)
    assert db.execute("PRAGMA user_version").fetchone() == (KNOWN,)
    db.close()


def test_a_killed_upgrade_leaves_the_old_schema_and_the_next_goes_through(workspace: Workspace) -> None:
    workspace.close()
    process = later(workspace.folder, "pause")
    assert process.stdout is not None
    assert process.stdout.readline() == "inside\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert state(workspace.folder) == (KNOWN, False, False, "ok")
    assert workspace.store.value("SELECT count(*) FROM orders") == 0
    workspace.close()
    assert answer(later(workspace.folder)) == "('m003_later',)"
    assert state(workspace.folder) == (KNOWN + 1, True, True, "ok")


def test_two_upgrades_at_once_make_one(workspace: Workspace) -> None:
    workspace.close()
    first = later(workspace.folder, "pause")
    assert first.stdout is not None
    assert first.stdout.readline() == "inside\n"
    assert answer(later(workspace.folder)).startswith("refused: another restore or upgrade is running")
    assert answer(first) == "('m003_later',)"
    assert answer(later(workspace.folder)) == "()"
    assert state(workspace.folder) == (KNOWN + 1, True, True, "ok")


def test_a_newer_database_is_refused_by_everything(workspace: Workspace) -> None:
    workspace.close()
    assert answer(later(workspace.folder)) == "('m003_later',)"
    with pytest.raises(WorkspaceError, match="newer lastcall"):
        workspace.store.value("SELECT 1")
    with pytest.raises(WorkspaceError, match="newer lastcall"):
        upgrade(workspace.folder)


def test_an_older_database_asks_for_the_upgrade(workspace: Workspace) -> None:
    workspace.close()
    db = connect(workspace.folder / "lastcall.db")
    db.execute("PRAGMA user_version = 0")
    db.close()
    with pytest.raises(WorkspaceError, match="run `lastcall upgrade`"):
        workspace.store.value("SELECT 1")


def test_another_programs_database_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    workspace.close()
    database = workspace.folder / "lastcall.db"
    database.unlink()
    db = connect(database, create=True)
    db.execute("CREATE TABLE t (a)")
    db.close()
    with pytest.raises(WorkspaceError, match="is not a lastcall database"):
        workspace.store.value("SELECT 1")
    with pytest.raises(WorkspaceError, match="no database that can be opened"):
        connect(tmp_path / "missing.db")
    assert not (tmp_path / "missing.db").exists()


def test_init_makes_a_workspace_once_and_a_killed_one_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "workspace"
    folder.mkdir(parents=True)
    (folder / ".lastcall.db.part").write_bytes(b"half")
    assert init_workspace(folder) == list(known_steps())
    assert {"formats", "templates", "exports", "imports", "drop", "run"} <= {each.name for each in folder.iterdir()}
    with pytest.raises(WorkspaceError, match="has a workspace already"):
        init_workspace(folder)


def test_the_write_ahead_log_is_used_only_where_sqlite_keeps_it_whole() -> None:
    safe = [(3, 51, 3), (3, 52, 0), (3, 50, 7), (3, 44, 6), (4, 0, 0)]
    unsafe = [(3, 40, 1), (3, 51, 2), (3, 51, 0), (3, 50, 6), (3, 45, 0), (3, 44, 5)]
    assert [wal_is_safe(version) for version in safe + unsafe] == [True] * len(safe) + [False] * len(unsafe)
