"""The doctor names what is wrong with a set-up and how to mend it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from data.desk import doctor
from data.desk.doctor import examine
from data.desk.doctor_check import Check
from data.dispatch.lock import WorkerLock
from data.policy import TOPICS, Agreed, LabelLimits, WarehousePolicy, WarehouseSettings, save_warehouse
from data.store.backup import RESTORED_MARK
from data.store.migrations import known_steps
from data.store.workspace import Workspace

FINE = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "de_DE.UTF-8"}


def checks(folder: Path, **environ: str) -> Mapping[str, Check]:
    return {each.name: each for each in examine(folder, FINE | environ)}


def test_a_sound_set_up_needs_nothing(workspace: Workspace) -> None:
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar Mills"))
    found = checks(workspace.folder)
    assert {name: each.words for name, each in found.items() if not each.ok or each.mend} == {}
    assert found["warehouse EU1"].words == "files in drop/EU1; no worker runs"
    assert found["schema"].words == f"version {len(known_steps())}, journal mode wal"


def test_without_a_workspace_it_says_how_to_make_one_and_goes_on(tmp_path: Path) -> None:
    found = checks(tmp_path)
    assert (found["workspace"].ok, found["workspace"].mend[:13]) == (False, "lastcall init")
    assert "terminal" in found


def test_an_sqlite_that_can_corrupt_a_log_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "wal_is_safe", lambda: False)
    found = checks(tmp_path)["SQLite"]
    assert not found.ok
    assert "can corrupt" in found.words
    assert "pysqlite3" in found.mend


@pytest.mark.parametrize(
    ("folder", "database", "words"),
    [
        (0o755, 0o600, "everybody on this machine"),
        (0o700, 0o644, "everybody on this machine can get at it (lastcall.db)"),
        (0o770, 0o660, "mode 0770 without setgid"),
        (0o2770, 0o640, "not all of it (lastcall.db)"),
    ],
)
def test_modes_that_let_in_everybody_or_half_a_group_are_named(
    workspace: Workspace, folder: int, database: int, words: str
) -> None:
    os.chmod(workspace.folder / "lastcall.db", database)
    os.chmod(workspace.folder, folder)
    found = checks(workspace.folder)["permissions"]
    assert not found.ok
    assert words in found.words
    assert found.mend.startswith("chmod ")


def test_a_folder_shared_as_sqlite_needs_it_is_fine(workspace: Workspace) -> None:
    os.chmod(workspace.folder / "lastcall.db", 0o660)
    os.chmod(workspace.folder, 0o2770)
    assert checks(workspace.folder)["permissions"] == Check("permissions", True, "shared by its group (2770)")


def test_what_is_open_at_a_warehouse_is_told_and_is_no_fault(workspace: Workspace) -> None:
    policy, agreement = WarehousePolicy(ships_from="DE"), {each: Agreed("yes") for each in TOPICS}
    whole = WarehouseSettings("EU1", "Cedar", label=LabelLimits(), policy=policy, agreement=agreement)
    save_warehouse(workspace.folder, whole)
    save_warehouse(workspace.folder, WarehouseSettings("US1", "Oak", agreement={"lost": Agreed("refunded")}))
    found = {each.name: each for each in examine(workspace.folder, {})}
    assert found["agreement EU1"] == Check("agreement EU1", True, "everything is agreed")
    words = found["agreement US1"].words
    assert found["agreement US1"].ok
    assert words.startswith("open: late orders, address fixes, cancels, missing items, damaged parcels, returns")
    assert "lost parcels" not in words
    assert "where it ships from, for customs, what its labels take (lastcall warehouse plan US1)" in words


def test_each_warehouse_is_held_against_its_settings_its_secret_and_its_lock(workspace: Workspace) -> None:
    secret = workspace.folder / "token"
    secret.write_text("s3cret-canary\n")
    secret.chmod(0o644)
    url = "http://127.0.0.1:9"
    for settings in (
        WarehouseSettings("ENV1", "A", portal="sandbox", url=url, secret="env:NOT_THERE"),
        WarehouseSettings("FILE1", "B", portal="sandbox", url=url, secret="file:token"),
        WarehouseSettings("OPT1", "C", options={"settel": 3}),
    ):
        save_warehouse(workspace.folder, settings)
    found = checks(workspace.folder)
    assert "the environment has no NOT_THERE; no worker runs" in found["warehouse ENV1"].words
    assert "mode 0644" in found["warehouse FILE1"].words
    assert "settel" in found["warehouse OPT1"].words
    assert not any(found[f"warehouse {code}"].ok for code in ("ENV1", "FILE1", "OPT1"))
    secret.chmod(0o600)
    with WorkerLock(workspace.path("run"), "FILE1") as lock:
        assert lock.take()
        again = checks(workspace.folder, NOT_THERE="x")
    assert again["warehouse ENV1"].ok
    assert again["warehouse FILE1"] == Check(
        "warehouse FILE1", True, f"secret readable by you alone; worker {os.getpid()} runs"
    )
    assert "canary" not in str(again)


def test_a_broken_file_of_settings_a_restored_mark_and_a_missing_rule_are_named(workspace: Workspace) -> None:
    (workspace.folder / "lastcall.toml").write_text("[warehous.EU1]\n")
    (workspace.path("run") / RESTORED_MARK).write_text("x")
    workspace.store.db.execute("DROP TRIGGER orders_moved")
    workspace.close()
    found = checks(workspace.folder)
    assert "unknown section" in found["lastcall.toml"].words
    assert found["restored"].mend == "lastcall reconcile"
    assert "trigger orders_moved is missing" in found["rules"].words


def test_a_database_of_a_newer_program_or_no_database_at_all_is_named(workspace: Workspace) -> None:
    workspace.store.db.execute("PRAGMA user_version = 99")
    workspace.close()
    assert "newer lastcall" in checks(workspace.folder)["schema"].words
    for name in ("lastcall.db-wal", "lastcall.db-shm"):
        (workspace.folder / name).unlink(missing_ok=True)
    (workspace.folder / "lastcall.db").write_bytes(b"not a database at all" * 100)
    assert not checks(workspace.folder)["schema"].ok


def test_a_clock_that_is_behind_the_last_act_is_named(workspace: Workspace) -> None:
    with workspace.write("test", "from the future") as tx:
        tx.insert("campaigns", {"code": "X", "name": "X"})
        tx.run("UPDATE act SET at = '2999-01-01T00:00:00Z'")
    assert "2999" in checks(workspace.folder)["clock"].words


def test_the_terminal_is_judged_by_what_the_environment_says(tmp_path: Path) -> None:
    assert not checks(tmp_path, TERM="dumb")["terminal"].ok
    assert checks(tmp_path, NO_COLOR="1")["terminal"].words == "xterm-256color, no colour (NO_COLOR)"
    assert not checks(tmp_path, LANG="", LC_ALL="C")["locale"].ok
    assert "set-clipboard on" in checks(tmp_path, TMUX="/tmp/x")["clipboard"].words
