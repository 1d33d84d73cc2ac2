"""What the console says where it can't be used."""

from __future__ import annotations

from pathlib import Path

from data.store.connect import connect
from data.store.workspace import DATABASE, init_workspace
from tests.terminal.pseudo_terminal import Terminal


def test_a_database_of_a_newer_release_ends_the_console_with_the_reason(tmp_path: Path) -> None:
    init_workspace(tmp_path / "workspace")
    db = connect(tmp_path / "workspace" / DATABASE)
    db.execute("PRAGMA user_version = 999")
    db.close()
    terminal = Terminal(["-m", "console", "--workspace", str(tmp_path / "workspace")], XDG_CONFIG_HOME=str(tmp_path))
    assert terminal.ended() == 2
    assert b"was written by a newer lastcall" in terminal.sent
