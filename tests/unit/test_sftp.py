"""Delivery by SFTP against a real server on loopback, whose connection dies at every step."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from data.clock import Clock, HeldClock
from data.desk.doctor_workspace import workspace_checks
from data.desk.poll import poll_warehouse
from data.dispatch.lookup import SendAgain, look_up_batch
from data.dispatch.send import send_batch as send_a_batch
from data.dispatch.sender import send_batch
from data.model import Address, CommandKind, CommandState, Item, WorkspaceError
from data.outbox.claim import Claimed
from data.policy import WarehouseSettings, save_warehouse
from data.portals import delivery, sftp, sftp_notes
from data.portals.errors import AuthFailed, Conflict, NotSent
from data.portals.file_drop import FileDrop
from data.portals.notices import Carton, InboundNotice
from data.portals.outcomes import Absent, HandedOver, Pushed, RemoteLine, Unknown
from data.portals.protocol import Action, Entry, ShipmentLine, ShipmentOrder
from data.portals.registry import portal_for
from data.store.actor import Actor
from data.store.workspace import Workspace
from tests.conftest import MakeOrder
from tests.sending import finish, make_batch, start_worker_process

NOW = datetime(2026, 11, 23, 4, 5, 6, tzinfo=UTC)
HOME = Address("Zoë Strüß", "", "Hauptstr. 1", "", "Köln", "", "01234", "DE", "+49 221 1")
STEPS = [
    (name, nth, when)
    for name, calls in (("open", 1), ("write", 1), ("close", 1), ("stat", 3), ("posix_rename", 1))
    for nth in range(1, calls + 1)
    for when in ("before", "after")
]


class Killed(BaseException):
    """Stands for the process's death at one point."""


class Server:
    """A warehouse's SFTP server, with a trap that cuts the connection at one call."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.trap: tuple[str, int, str] | None = None
        self.late: list[Callable[[], None]] = []
        """Calls whose connection died before they were done, and that are done yet."""
        self.at_last: dict[str, Callable[[], None]] = {}
        """What happens before the next call of a name, once something is late."""
        self.calls: list[str] = []
        self.consumed: list[str] = []
        self.forbidden = False
        """Nothing may be removed."""
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.user_key = asyncssh.generate_private_key("ssh-ed25519")

    def path(self, name: str) -> Path:
        return self.folder / name

    def files(self, name: str = "in") -> list[str]:
        return sorted(each.name for each in (self.folder / name).iterdir())

    def consume(self, how: str) -> None:
        """Take what a warehouse takes: whole files, never parts."""
        for name in self.files():
            if not name.endswith(".part") and how != "leaves":
                self.consumed.append(name)
                if how == "archives":
                    shutil.move(self.folder / "in" / name, self.folder / "done" / name)
                else:
                    (self.folder / "in" / name).unlink()


def sftp_server(server: Server) -> type[asyncssh.SFTPServer]:
    """Return the server's class, with every call counted and one of them trapped."""

    def trapped(name: str) -> Callable[..., Any]:
        real: Callable[..., Any] = getattr(asyncssh.SFTPServer, name)

        def call(self: asyncssh.SFTPServer, *args: Any) -> Any:
            server.calls.append(name)
            if server.late and name in server.at_last:
                server.at_last.pop(name)()
            if name == "remove" and server.forbidden:
                raise asyncssh.SFTPPermissionDenied("not yours")
            hit = server.trap is not None and server.trap[:2] == (name, server.calls.count(name))
            when = server.trap[2] if hit and server.trap else ""
            if when:
                server.trap = None
            if when == "late":
                server.late.append(lambda: real(self, *args))
            if when == "swallow":
                return len(args[2])
            result = None if when in ("before", "late") else real(self, *args)
            if when == "before" and name == "close":
                # What a dead connection had open is closed by any server.
                args[0].close()
            if when:
                self.channel.get_connection().abort()
            return result

        return call

    names = ("open", "write", "close", "stat", "posix_rename", "rename", "remove")

    made = type("Trapped", (asyncssh.SFTPServer,), {name: trapped(name) for name in names})
    made.__init__ = lambda self, chan: asyncssh.SFTPServer.__init__(self, chan, chroot=os.fsencode(server.folder))  # type: ignore[misc]
    return made


class Login(asyncssh.SSHServer):
    """Lets `eu1` in by its key, or by the password "sesame"."""

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("eu1", "sesame")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    made = Server(tmp_path / "theirs")
    for name in ("in", "out", "done"):
        made.path(name).mkdir(parents=True)
    authorized = asyncssh.import_authorized_keys(made.user_key.export_public_key().decode())
    listener = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Login,
        server_host_keys=[made.host_key],
        authorized_client_keys=authorized,
        sftp_factory=sftp_server(made),
    )
    made.port = listener.get_port()
    write_private(tmp_path / "id", made.user_key.export_private_key())
    (tmp_path / "known_hosts").write_bytes(f"[127.0.0.1]:{made.port} ".encode() + made.host_key.export_public_key())
    yield made
    listener.close()
    await listener.wait_closed()


def write_private(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)


def portal_of(server: Server, secret: str = "", **options: Any) -> FileDrop:
    """Return the portal of a workspace beside the server's folder."""
    given = {"deliver": f"sftp://eu1@127.0.0.1:{server.port}/in", "known_hosts": "known_hosts", "key": "id"} | options
    settings = WarehouseSettings(
        "EU1", "Cedar", secret=secret, options={name: value for name, value in given.items() if value is not None}
    )
    portal = portal_for(settings, server.folder.parent, HeldClock(NOW))
    assert isinstance(portal, FileDrop)
    return portal


def entries(portal: FileDrop, *keys: str) -> list[Entry]:
    lines = (ShipmentLine("GAME", "The game", 1),)
    return [Entry(Action.ADD, key, portal.render_push(ShipmentOrder(key, f"#{key}", HOME, lines))) for key in keys]


def claimed(portal: FileDrop, *keys: str) -> list[Claimed]:
    return [
        Claimed(at, CommandKind.PUSH, each.key, each.body, 1, "c", at, 1, None, "")
        for at, each in enumerate(entries(portal, *keys))
    ]


async def deliver(server: Server, after: Callable[[], None], **options: Any) -> CommandState:
    """Work as a worker does, a new portal for each try, until a batch is accepted or waits for a person."""
    state = CommandState.PLANNED
    for _ in range(4):
        portal = portal_of(server, **options)
        commands = claimed(portal, "K1", "K2")
        answer = (await send_batch(portal, 12, commands))[0]
        after()
        state = answer.outcome.state
        if state is CommandState.DOUBTFUL:
            found = await look_up_batch(portal_of(server, **options), 12, commands)
            if isinstance(found, SendAgain):
                continue
            state = found[0].outcome.state
        if state is not CommandState.PLANNED:
            return state
    return state


async def test_a_batch_is_sent_as_a_part_and_renamed(server: Server) -> None:
    portal = portal_of(server)
    result = await portal.push_batch(12, entries(portal, "K1", "K2"))
    assert (result.outcome, server.files()) == (Pushed.CREATED, [result.remote_ids[0]])
    assert server.path(f"in/{result.remote_ids[0]}").read_bytes().count(b"\r\n") == 3
    assert server.calls.index("open") < server.calls.index("posix_rename")
    calls = len(server.calls)
    # Its own note is enough: the server is not asked again.
    assert (await portal_of(server).push_batch(12, entries(portal, "K1", "K2"))).outcome is Pushed.ALREADY
    assert isinstance(await portal_of(server).find_batch(12, entries(portal, "K1", "K2")), HandedOver)
    assert len(server.calls) == calls
    with pytest.raises(Conflict, match="with other contents"):
        await portal.push_batch(12, entries(portal, "K1"))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("how", ["leaves", "archives", "deletes"])
async def test_a_connection_that_dies_at_any_step_hands_over_once_or_asks_a_person(
    server: Server, step: tuple[str, int, str], how: str
) -> None:
    server.trap = step
    archive = {"archive": "/done"} if how == "archives" else {}
    state = await deliver(server, lambda: server.consume(how), **archive)
    assert server.trap is None
    if how == "leaves":
        server.consume("archives")
    # Where it was taken without a trace before its reply came, nobody but the warehouse can tell.
    told = CommandState.PERSON if (step[0], step[2], how) == ("posix_rename", "after", "deletes") else None
    assert state is (told or CommandState.ACCEPTED)
    assert len(server.consumed) == 1
    assert server.files() == []


@pytest.mark.parametrize("moment", ["stat", "remove", "open", "posix_rename", "never"])
async def test_a_rename_that_is_done_late_is_no_second_file(server: Server, moment: str) -> None:
    def come_late() -> None:
        with suppress(OSError, asyncssh.SFTPError):
            server.late.pop()()
        server.consume("archives")

    server.trap = ("posix_rename", 1, "late")
    server.at_last[moment] = come_late
    state = await deliver(server, lambda: None)
    server.consume("archives")
    if server.late:
        come_late()
    # Taken behind our back, it can't be told from a part that somebody removed.
    assert state is (CommandState.PERSON if moment in ("stat", "posix_rename") else CommandState.ACCEPTED)
    assert len(server.consumed) == 1


async def test_a_part_that_arrives_short_is_never_renamed(server: Server) -> None:
    server.trap = ("write", 1, "swallow")
    portal = portal_of(server)
    with pytest.raises(NotSent, match=r"batch-12.*: 0 of \d+ bytes arrived"):
        await portal.push_batch(12, entries(portal, "K1"))
    assert "posix_rename" not in server.calls
    assert (await portal.push_batch(12, entries(portal, "K1"))).outcome is Pushed.CREATED
    # What the first attempt left behind is gone.
    assert len(server.files()) == 1


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("how", ["leaves", "deletes"])
async def test_a_worker_that_dies_at_any_note_hands_over_once_or_asks_a_person(
    server: Server, monkeypatch: pytest.MonkeyPatch, nth: int, how: str
) -> None:
    counted = iter(range(1, 100))
    real = delivery.sync_folder

    def die(folder: Path) -> None:
        if next(counted) == nth:
            raise Killed
        real(folder)

    portal = portal_of(server)
    with monkeypatch.context() as patched:
        patched.setattr(sftp_notes, "sync_folder", die)
        with pytest.raises(Killed):
            await portal.push_batch(12, entries(portal, "K1", "K2"))
    server.consume(how)
    commands = claimed(portal, "K1", "K2")
    found = await look_up_batch(portal_of(server), 12, commands)
    if isinstance(found, SendAgain):
        assert nth < 3
        assert await deliver(server, lambda: None) is CommandState.ACCEPTED
    else:
        assert {each.outcome.state for each in found} == {CommandState.ACCEPTED}
    server.consume("archives")
    assert len(server.consumed) == 1


async def test_a_worker_that_dies_after_the_last_note_only_tidies_up(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(staged: Path) -> None:
        raise Killed

    portal = portal_of(server)
    with monkeypatch.context() as patched:
        patched.setattr(sftp, "drop", die)
        with pytest.raises(Killed):
            await portal.push_batch(12, entries(portal, "K1"))
    server.consume("deletes")
    assert isinstance(await portal_of(server).find_batch(12, entries(portal, "K1")), HandedOver)
    assert (await portal_of(server).push_batch(12, entries(portal, "K1"))).outcome is Pushed.ALREADY


async def test_a_worker_delivers_a_batch_and_reads_what_comes_back(
    server: Server, workspace: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    """A worker as a real process, against the server in this one."""
    for name in ("id", "known_hosts"):
        shutil.copy(server.folder.parent / name, workspace.folder / name)
    options = {"deliver": f"sftp://eu1@127.0.0.1:{server.port}/in", "known_hosts": "known_hosts", "key": "id"}
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", options=options | {"receive": "/out"}))
    ws = Workspace(workspace.folder, Actor("dana", "console", "dana-1"), Clock())
    make_order()
    batch = make_batch(ws, campaign)
    send_a_batch(ws, Item(batch, 0), 1, start=False)
    assert await asyncio.to_thread(lambda: finish(start_worker_process(ws))) == (0, "")
    (key,) = (row[0] for row in ws.store.rows("SELECT key FROM shipments WHERE state = 'accepted'"))
    server.consume("archives")
    assert len(server.consumed) == 1
    put(server, "t.csv", f"key,tracking\n{key},T1\n")
    await poll_warehouse(ws, portal_for(ws.policy.warehouse("EU1"), ws.folder, ws.clock), "EU1")
    assert ws.store.rows("SELECT state FROM batches") == [("complete",)]
    ws.close()


async def test_a_notice_that_may_have_been_taken_is_not_sent_again(server: Server) -> None:
    portal = portal_of(server)
    body = portal.render_notice(InboundNotice("IN-1", "2026-12-03", (Carton("", (RemoteLine("GAME", 10),)),)))
    server.trap = ("posix_rename", 1, "after")
    with suppress(Exception):
        await portal.notify(CommandKind.ANNOUNCE, body, "IN-1")
    assert server.trap is None
    server.consume("deletes")
    found = await portal.find_notice(CommandKind.ANNOUNCE, "IN-1")
    assert isinstance(found, Unknown)
    assert "ask the warehouse" in found.reason
    assert not portal.caps.never_doubles
    with pytest.raises(Conflict, match="ask the warehouse"):
        await portal.notify(CommandKind.ANNOUNCE, body, "IN-1")
    assert server.files() == []


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


def put(server: Server, name: str, text: str, age: float = 60) -> None:
    path = server.path("out") / name
    path.write_text(text, encoding="utf-8")
    when = (NOW - timedelta(seconds=age)).timestamp()
    os.utime(path, (when, when))


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
