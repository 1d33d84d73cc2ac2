"""Keys, passwords, folders and tables of an SFTP server: what lets us in, what is fetched, what is told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from data.desk.doctor_workspace import workspace_checks
from data.model import WorkspaceError
from data.policy import WarehouseSettings, save_warehouse
from data.portals.errors import AuthFailed, NotSent
from data.portals.outcomes import Absent, Pushed
from data.store.workspace import Workspace
from tests.sftp_warehouse import Server, entries, portal_of, put, running, write_private


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path) as made:
        yield made


async def test_a_server_with_another_host_key_gets_nothing(server: Server, tmp_path: Path) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key()
    (tmp_path / "known_hosts").write_bytes(f"[127.0.0.1]:{server.port} ".encode() + other)
    portal = portal_of(server)
    with pytest.raises(AuthFailed, match=r"host key of 127.0.0.1 is not in known_hosts: nothing was sent"):
        await portal.push_batch(12, entries(portal, "K1"))
    assert server.files() == []
    os.unlink(tmp_path / "known_hosts")
    with pytest.raises(WorkspaceError, match="known_hosts: is not there"):
        await portal.push_batch(12, entries(portal, "K1"))
    assert isinstance((await portal.test())[0].words, str)
    assert not (await portal.test())[0].ok


async def test_a_password_is_read_from_its_reference_and_told_nowhere(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_private(tmp_path / "password", b"sesame\n")
    portal = portal_of(server, secret="file:password", key=None)
    assert (await portal.push_batch(12, entries(portal, "K1"))).outcome is Pushed.CREATED
    write_private(tmp_path / "password", b"open-barley\n")
    with pytest.raises(AuthFailed, match=r"127.0.0.1 does not let eu1 in") as caught:
        await portal.push_batch(13, entries(portal, "K2"))
    assert "barley" not in str(caught.value)
    for path in (tmp_path / "drop").rglob("*"):
        assert not path.is_file() or b"sesame" not in path.read_bytes()


async def test_a_key_that_others_can_read_is_refused(server: Server, tmp_path: Path) -> None:
    (tmp_path / "id").chmod(0o644)
    portal = portal_of(server)
    with pytest.raises(WorkspaceError, match=r"key: .* has mode 0644"):
        await portal.push_batch(12, entries(portal, "K1"))


async def test_a_key_with_a_passphrase_is_opened_by_the_secret(server: Server, tmp_path: Path) -> None:
    write_private(tmp_path / "id", server.user_key.export_private_key(passphrase="sesame", rounds=64))
    write_private(tmp_path / "phrase", b"sesame\n")
    portal = portal_of(server, secret="file:phrase")
    assert (await portal.push_batch(12, entries(portal, "K1"))).outcome is Pushed.CREATED
    write_private(tmp_path / "phrase", b"wrong\n")
    with pytest.raises(WorkspaceError, match=r"SFTP to 127.0.0.1"):
        await portal.push_batch(13, entries(portal, "K2"))


async def test_a_server_that_is_away_or_has_no_folder_is_not_sent(server: Server) -> None:
    nowhere = portal_of(server, deliver=f"sftp://eu1@127.0.0.1:{server.port}/gone")
    with pytest.raises(NotSent, match="not handed over: No such file"):
        await nowhere.push_batch(12, entries(nowhere, "K1"))
    assert isinstance(await nowhere.find_batch(12, entries(nowhere, "K1")), Absent)
    assert (await nowhere.test())[0].words == "there is no folder /gone"
    away = portal_of(server, deliver="sftp://eu1@127.0.0.1:1/in")
    with pytest.raises(NotSent, match=r"no connection to 127.0.0.1"):
        await away.push_batch(13, entries(away, "K2"))
    assert (await portal_of(server, receive="/out").test())[0].words == "folders /in, /out are there"


async def test_tables_on_the_server_are_brought_once_and_again_when_they_change(server: Server) -> None:
    portal = portal_of(server, receive="/out")
    await portal.push_batch(12, entries(portal, "K1", "K2"))
    put(server, "a.csv", "key,tracking\nK1,T1\n")
    put(server, "b.csv", "key,tracking\nK2,T2\n")
    put(server, "young.csv", "key,tracking\nK2,T9\n", age=1)
    put(server, "c.csv.part", "key,tracking\nK2,T9\n")
    put(server, "odd\x1b[2J.csv", "key,tracking\nK2,T9\n")
    put(server, os.fsdecode(b"caf\xe9.csv"), "key,tracking\nK2,T9\n")
    put(server, "l" * 220 + ".csv", "key,tracking\nK2,T9\n")
    server.path("out/folder.csv").mkdir()
    first = await portal.poll("")
    assert [each.reference for each in first.states] == ["K1"]
    assert first.problems == (
        "caf\ufffd.csv: was not fetched: its name can't be used here",
        "folder.csv: was not fetched: it is no file",
        "l" * 220 + ".csv: was not fetched: its name can't be used here",
        "odd␛[2J.csv: was not fetched: its name can't be used here",
    )
    second = await portal.poll(first.cursor)
    assert [each.reference for each in second.states] == ["K2"]
    last = await portal.poll(second.cursor)
    assert last.states == ()
    assert "a.csv" in server.files("out")
    put(server, "a.csv", "key,tracking\nK1,T1\nK1,T3\n")
    again = await portal.poll(last.cursor)
    assert [each.tracking_number for each in again.states[0].parcels] == ["T1", "T3"]
    ours = server.folder.parent / "drop" / "EU1" / "in" / "done"
    await portal.poll(again.cursor)
    assert len(list_of(ours)) == 3


async def test_a_table_is_removed_over_there_only_where_that_was_asked_for(server: Server) -> None:
    portal = portal_of(server, receive="/out", remove_read=True)
    await portal.push_batch(12, entries(portal, "K1"))
    put(server, "a.csv", "key,tracking\nK1,T1\n")
    page = await portal.poll("")
    assert (len(page.states), page.problems, server.files("out")) == (1, (), [])
    put(server, "b.csv", "key,tracking\nK1,T2\n")
    server.forbidden = True
    page = await portal.poll(page.cursor)
    assert (len(page.states), server.files("out")) == (1, ["b.csv"])
    assert page.problems == ("b.csv: was fetched, and can't be removed: not yours",)
    assert (await portal.poll(page.cursor)).states == ()


def list_of(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"known_hosts": None}, r"options\.known_hosts: delivery by SFTP needs it"),
        ({"deliver": None}, r"options\.deliver: delivery by SFTP needs it"),
        ({"deliver": "ftp://eu1@host/in"}, r"options\.deliver: write it as sftp://user@host/folder"),
        ({"deliver": "sftp://host/in"}, r"options\.deliver: write it as sftp://user@host/folder"),
        ({"deliver": "sftp://eu1:hunter2@host/in"}, r"options\.deliver: the password does not belong here"),
        ({"deliver": "sftp://eu1@host:port/in"}, r"options\.deliver: "),
        ({"key": None}, r"needs a key, or the warehouse a secret"),
    ],
)
def test_what_is_wrong_in_the_settings_is_told_before_anything_is_sent(
    tmp_path: Path, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(WorkspaceError, match=words) as caught:
        portal_of(Server(tmp_path / "theirs"), **options)
    assert "hunter2" not in str(caught.value)


def test_the_doctor_says_what_delivery_by_sftp_lacks(workspace: Workspace, tmp_path: Path) -> None:
    options = {"deliver": "sftp://eu1@host/in", "known_hosts": "known_hosts", "key": "id"}
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", options=options))

    def found() -> tuple[bool, str]:
        (check,) = [each for each in workspace_checks(workspace.folder, {}) if each.name == "warehouse EU1"]
        return check.ok, check.words

    assert found()[0] is False
    assert "known_hosts is not there" in found()[1]
    (workspace.folder / "known_hosts").write_text("host ssh-ed25519 AAAA\n")
    assert found() == (True, "files by SFTP; no worker runs")


def test_without_the_library_lastcall_says_what_to_install(tmp_path: Path) -> None:
    """In an interpreter of its own, in which the library can't be imported and rendering does not need it."""
    (tmp_path / "known_hosts").write_text("")
    script = (
        "import asyncio, sys; sys.modules['asyncssh'] = None\n"
        "from pathlib import Path\n"
        "from data.clock import Clock\n"
        "from data.policy import WarehouseSettings\n"
        "from data.portals.registry import portal_for\n"
        "options = {'deliver': 'sftp://eu1@127.0.0.1:1/in', 'known_hosts': 'known_hosts', 'key': 'id'}\n"
        f"portal = portal_for(WarehouseSettings('EU1', 'Cedar', options=options), Path({str(tmp_path)!r}), Clock())\n"
        "print(asyncio.run(portal.test())[0].words)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "asyncssh" in done.stdout
    assert 'pipx install "lastcall[sftp]"' in done.stdout
