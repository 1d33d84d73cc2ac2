"""Two accounts of one group work on one workspace; needs root, to become both."""

from __future__ import annotations

import grp
import os
import subprocess
import sys
from pathlib import Path

import pytest

from data.store.workspace import init_workspace

_GROUP = 54_321
_USERS = (54_001, 54_002)
_BECOME = """
import os, sys
from pathlib import Path
# What is loaded later must be loaded before: the other account may not be able to read this interpreter's files.
import console.cli, console.commands.history, data.store.undo, data.store.watch
from data.store.actor import find_actor
from data.store.workspace import Workspace
from data.store import store, migrations, connect
group, user, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
find_actor("before")
console.cli.run(["--workspace", str(folder), "log", "--limit", "1"])
sys.stdout.flush()
os.setgroups([]); os.setgid(group); os.setuid(user); os.umask(0o077)
"""
_WRITE = (
    _BECOME
    + """
ws = Workspace(folder, find_actor("test"))
with ws.write("product.add", f"add {user}") as tx:
    tx.insert("products", {"sku": f"SKU-{user}"})
print("products", ws.store.value("SELECT count(*) FROM products"))
"""
)
_LOG = (
    _BECOME
    + """
sys.exit(console.cli.run(["--workspace", str(folder), "log"]))
"""
)

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become two other accounts")


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # The group has no name on this machine; the folder is given to its number.
    monkeypatch.setattr("shutil.chown", lambda path, group: os.chown(path, -1, int(group)))
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and str(folder).startswith("/tmp/") and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o011)
    init_workspace(tmp_path / "shared", str(_GROUP))
    return tmp_path / "shared"


def _as(script: str, user: int, group: int, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, str(group), str(user), str(folder)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )


@needs_root
def test_two_accounts_of_one_group_write_whatever_their_umask(shared: Path) -> None:
    first, second = (_as(_WRITE, user, _GROUP, shared) for user in _USERS)
    assert first.stdout.endswith("products 1\n"), first.stderr
    assert second.stdout.endswith("products 2\n"), second.stderr


@needs_root
def test_an_account_outside_the_group_is_told_so_in_words(shared: Path) -> None:
    found = _as(_LOG, _USERS[0], _GROUP + 1, shared)
    assert found.returncode == 2, found.stderr
    assert "Traceback" not in found.stderr


def test_a_group_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = "nobodys-own-group"
    assert missing not in {each.gr_name for each in grp.getgrall()}
    with pytest.raises(Exception, match=missing):
        init_workspace(tmp_path / "w", missing)
