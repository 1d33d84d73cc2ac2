"""Polling a real sandbox warehouse over HTTP until everything it was sent has arrived or gone wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from data.clock import HeldClock
from data.desk.poll import poll_warehouse, poll_words
from data.desk.verify import verify
from data.dispatch.cancel import orders_of
from data.dispatch.orders_out import read_shipment
from data.model import CommandKind
from data.orders.stages import settle
from data.outbox.plan import Intent, plan
from data.portals.credentials import SecretHeader
from data.portals.errors import PortalError
from data.portals.outcomes import Page
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.sandbox_http import SandboxHttp
from data.store.workspace import Workspace

Make = Callable[..., int]
DAY = 86_400


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with start(tmp_path / "warehouse.db") as running:
        running.control("settings", {"exceptions": 0})
        yield running


@pytest.fixture
def portal(sandbox: SandboxProcess, workspace: Workspace) -> SandboxHttp:
    return SandboxHttp(sandbox.url, SecretHeader(lambda: sandbox.token), workspace.clock)


async def push(ws: Workspace, portal: SandboxHttp, shipment_id: int) -> str:
    """Push a shipment and record that the warehouse has it, as its worker would."""
    outgoing = read_shipment(ws.store, shipment_id)
    body = portal.render_push(outgoing.order)
    made = await portal.push(body, outgoing.order.key)
    with ws.write("worker.record", "record") as tx:
        owner = tx.rows("SELECT backer_id FROM shipments WHERE id = ?", (shipment_id,))[0][0]
        command = plan(
            tx, Intent(CommandKind.PUSH, "EU1", outgoing.order.key, body, shipment_id=shipment_id, backer_id=owner)
        )
        for state in ("sending", "accepted"):
            tx.run("UPDATE commands SET state = ?, rev = rev + 1 WHERE id = ?", (state, command))
        tx.run(
            "UPDATE shipments SET state = 'accepted', remote_id = ?, held_address_id = address_id, rev = rev + 1"
            " WHERE id = ?",
            (made.remote_ids[0], shipment_id),
        )
        settle(tx, orders_of(tx, [shipment_id]))
    return outgoing.order.key


async def test_a_poll_brings_every_order_home_and_says_what_went_wrong(
    workspace: Workspace,
    sandbox: SandboxProcess,
    portal: SandboxHttp,
    make_order: Make,
    make_shipment: Make,
    clock: HeldClock,
) -> None:
    sandbox.control("stock", {"GAME": 100, "MAT": 100})
    shipments = [make_shipment(make_order(lines=(("GAME", 1), ("MAT", 2))), key=f"P-{at}") for at in range(1, 6)]
    for each in shipments:
        await push(workspace, portal, each)
    for key, fate in (("P-2", "lost"), ("P-3", "returned"), ("P-4", "split"), ("P-5", "address_query")):
        sandbox.control("fate", {"reference": key, "fate": fate})
    stranger = portal.render_push(read_shipment(workspace.store, shipments[0]).order).replace("P-1", "NOT-OURS")
    await portal.push(stranger, "NOT-OURS")
    first = await poll_warehouse(workspace, portal, "EU1")
    assert (first.states, first.strangers) == (6, ["NOT-OURS"])
    assert "1 order there that we never sent: NOT-OURS" in first.words
    for _ in range(20):
        clock.move(timedelta(days=1))
        sandbox.control("clock", {"advance": DAY})
        await poll_warehouse(workspace, portal, "EU1")
    assert workspace.store.rows("SELECT key, state FROM shipments ORDER BY key") == [
        ("P-1", "delivered"),
        ("P-2", "shipped"),
        ("P-3", "returned"),
        ("P-4", "delivered"),
        ("P-5", "blocked"),
    ]
    assert workspace.store.value("SELECT count(*) FROM parcels WHERE shipment_id = ?", (shipments[3],)) == 2
    assert workspace.store.rows(
        "SELECT s.key, i.type, i.state FROM issues i JOIN shipments s ON s.id = i.shipment_id ORDER BY s.key"
    ) == [("P-2", "lost", "new"), ("P-3", "returned", "new"), ("P-5", "address", "new")]
    assert verify(workspace.store).findings == ()
    before = workspace.store.value("SELECT max(id) FROM act")
    assert (await poll_words(workspace, "EU1", portal)).startswith("0 reports, 0 shipments moved")
    assert workspace.store.value("SELECT max(id) FROM act") == before
    await portal.close()


class Breaking(SandboxHttp):
    """A portal whose warehouse fails on the third page."""

    pages = 0
    sandbox: SandboxProcess

    async def poll(self, cursor: str) -> Page:
        self.pages += 1
        if self.pages == 3:
            self.sandbox.control("faults", [{"on": "GET /orders", "fault": "500", "times": 1}])
        return await super().poll(cursor)


async def test_a_poll_that_breaks_off_keeps_what_it_read_and_goes_on_from_there(
    workspace: Workspace,
    sandbox: SandboxProcess,
    make_order: Make,
    make_shipment: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("data.portals.sandbox_http.PAGE", 2)
    portal = Breaking(sandbox.url, SecretHeader(lambda: sandbox.token), workspace.clock)
    portal.sandbox = sandbox
    for at in range(6):
        await push(workspace, portal, make_shipment(make_order(), key=f"B-{at}"))

    def heard() -> int:
        return int(workspace.store.value("SELECT count(*) FROM shipments WHERE raw_status = 'RECEIVED'"))

    with pytest.raises(PortalError):
        await poll_warehouse(workspace, portal, "EU1")
    assert heard() == 4
    polled = await poll_warehouse(workspace, portal, "EU1")
    assert (polled.states, heard()) == (2, 6)
    await portal.close()
