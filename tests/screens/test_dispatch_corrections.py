"""Dispatch by keyboard after the first batch: proof and approval, delta batches, doubts decided, sending watched."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from data.addresses.edit import edit_order
from data.clock import Clock
from data.dispatch.allocate import allocate
from data.dispatch.batches import create_batch
from data.dispatch.cancel import cancel_orders
from data.dispatch.preflight import check_batch
from data.dispatch.send import send_batch
from data.dispatch.worker import run_worker
from data.model import Item
from data.policy import WarehouseSettings, save_warehouse
from data.portals.sandbox.process import SandboxProcess, start
from data.stock.adjust import receive
from data.store.actor import Actor
from data.store.workspace import Workspace
from screens.dispatch import DispatchScreen
from tests.conftest import HOME, MakeOrder
from tests.screens.console_seat import seated
from tests.sending import drive, finish, start_worker_process


@pytest.fixture
def hers(workspace: Workspace, make_order: MakeOrder, campaign: int) -> Iterator[Workspace]:
    """A warehouse that takes files, which has three orders in its first batch; a fourth is allocated.

    They are of different people: one person's would be found to be possible duplicates meanwhile, and be held.
    """
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar Mills", ("*",)))
    ws = Workspace(workspace.folder, Actor("rob", "console", session="rob-1"), Clock())
    homes = [replace(HOME, name=f"{name} Berg", line1=f"{name}-Weg 1") for name in ("Anna", "Bea", "Cleo", "Dora")]
    for home in homes[:3]:
        make_order(locked=True, name=home.name, address=home)
    allocate(ws)
    batch = Item(create_batch(ws, campaign, "EU1").made[0], 0)
    send_batch(ws, batch, check_batch(ws, batch).orders, start=False)
    assert run_worker(ws, "EU1", say=print) == 0
    make_order(locked=True, name=homes[3].name, address=homes[3])
    allocate(ws)
    yield ws
    ws.close()


def seen(ws: Workspace, order: int) -> Item:
    return Item(*ws.store.rows("SELECT id, rev FROM orders WHERE id = ?", (order,))[0])


async def test_a_delta_batch_is_made_checked_proved_approved_and_sent(hers: Workspace) -> None:
    edit_order(hers, seen(hers, 1), replace(HOME, line1="Birch Road 8"))
    cancel_orders(hers, [seen(hers, 2)], "changed their mind", start=False)
    settings = hers.folder / "lastcall.toml"
    settings.write_text(f"{settings.read_text()}\n[policy]\napprove = true\n")
    async with seated(hers, DispatchScreen, "3", size=(120, 40)) as seat:
        await seat.until_shown("2 corrections for a delta")
        await seat.press("D")
        await seat.answer("Since batch 1: 1 added, 1 changed, 1 cancelled. Make a delta batch for EU1?", "y")
        await seat.until_said("create batch 2 for EU1, a delta since batch 1: 1 order added, 2 corrections")
        await seat.until_shown("a delta since batch 1")
        await seat.until_shown("→ 1001  Birch Road 8, Berlin  planned")
        await seat.until_shown("× 1002  cancel  planned")
        await seat.press("D")
        await seat.until_said("batch 2 was not sent: a delta begins at one that was")
        await seat.press("P")
        await seat.until_said("batch 2 is draft")
        await seat.press("escape", "a")
        await seat.until_said("check batch 2: 1 order ready, 2 corrections")
        await seat.until(lambda: (row := seat.screen.current()) is not None and row.state == "ready")
        await seat.press("S")
        await seat.answer("Send 3 orders to EU1? type 3 to send", "3", "enter")
        await seat.until_said("batch 2 is not approved")
        await seat.press("P")
        await seat.until_shown("Proof sheet: batch 2 of Ember Isles")
        await seat.until_said("P again approves it")
        await seat.press("G", "P")
        await seat.answer("Approve batch 2", "y")
        await seat.until_said("approve batch 2")
        await seat.until_shown("✓ approved by rob")
        await seat.press("S")
        await seat.answer("Send 3 orders", "3", "enter")
        await seat.until_said("send batch 2: 1 order and 2 corrections to EU1")
        await seat.until_shown("3/3")


async def test_what_the_check_took_out_and_what_is_short_stands_beside_the_batch(
    hers: Workspace, make_order: MakeOrder
) -> None:
    make_order(locked=True, number="5001")
    allocate(hers)
    receive(hers, "EU1", "GAME", 4)
    async with seated(hers, DispatchScreen, "3", size=(120, 40)) as seat:
        await seat.until_shown("stock: 4 on hand, -1 free  ! short of GAME")
        await seat.press("b")
        await seat.answer("EU1: 2", "1")
        await seat.until_said("create batch 2: 2 orders")
        await seat.press("a")
        await seat.until_said("check batch 2: 1 order ready, 1 taken out")
        await seat.until_shown("× 5001  not in stock at EU1: 1 x GAME, 0 left")


async def test_sending_is_watched_as_it_happens_and_what_only_a_person_knows_is_decided_by_one_key(
    workspace: Workspace,
    campaign: int,
    make_order: MakeOrder,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for _ in range(60):
        make_order()
    with start(tmp_path / "sandbox.db") as sandbox:
        hers = drive(workspace, sandbox, monkeypatch.setenv, {"concurrency": 1, "per_minute": 1200})
        allocate(hers)
        batch = Item(create_batch(hers, campaign, "EU1", early=True).made[0], 0)
        send_batch(hers, batch, check_batch(hers, batch).orders, start=False)
        key, body = hers.store.rows("SELECT key, body FROM commands ORDER BY id LIMIT 1")[0]
        _plant(sandbox, body.replace('"quantity": 1', '"quantity": 7'))
        async with seated(hers, DispatchScreen, "3", size=(120, 40)) as seat:
            worker = start_worker_process(hers)
            await seat.until(lambda: any("sending" in line and "/60 ·" in line for line in seat.lines))
            await seat.until_shown("1 for you")
            await seat.until_shown(f"! person  push {key}")
            await seat.press("r")
            await seat.write(f"push {key}: has the warehouse got it?", "SB0000001")
            await seat.until_said("the warehouse has it as SB0000001")
            await seat.until(lambda: worker.poll() is not None)
            await seat.until_shown("60/60")
            assert finish(worker)[0] == 0
        assert hers.store.value("SELECT count(*) FROM commands WHERE state = 'accepted'") == 60
        hers.close()


def _plant(sandbox: SandboxProcess, body: str) -> None:
    """Put another order than ours under one of our keys."""
    headers = {"Authorization": f"Bearer {sandbox.token.reveal()}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{sandbox.url}/orders", body.encode(), headers)) as reply:
        assert reply.status == 201
