"""Delivery by SFTP against a real server on loopback, whose connection dies at every step."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from data.clock import Clock
from data.desk.poll import poll_warehouse
from data.dispatch.lookup import SendAgain, look_up_batch
from data.dispatch.send import send_batch as send_a_batch
from data.dispatch.sender import send_batch
from data.model import CommandKind, CommandState, Item
from data.outbox.claim import Claimed
from data.policy import WarehouseSettings, save_warehouse
from data.portals import delivery, sftp, sftp_notes
from data.portals.errors import Conflict, NotSent
from data.portals.file_drop import FileDrop
from data.portals.notices import Carton, InboundNotice
from data.portals.outcomes import HandedOver, Pushed, RemoteLine, Unknown
from data.portals.registry import portal_for
from data.store.actor import Actor
from data.store.workspace import Workspace
from tests.conftest import MakeOrder
from tests.sending import finish, make_batch, start_worker_process
from tests.sftp_warehouse import Server, entries, portal_of, put, running

STEPS = [
    (name, nth, when)
    for name, calls in (("open", 1), ("write", 1), ("close", 1), ("stat", 3), ("posix_rename", 1))
    for nth in range(1, calls + 1)
    for when in ("before", "after")
]


class Killed(BaseException):
    """Stands for the process's death at one point."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(tmp_path) as made:
        yield made


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
