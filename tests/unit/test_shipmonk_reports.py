"""What ShipMonk reports: polls, stock, announcements, its test, its limits, and a worker that drives it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from data.addresses.decide import accept
from data.addresses.propose import propose
from data.clock import Clock
from data.dispatch.batch_rows import BatchRows
from data.dispatch.cancel import cancel_orders
from data.dispatch.hold import hold_at_warehouse, release_at_warehouse
from data.dispatch.send import send_batch
from data.dispatch.worker import run_worker
from data.model import (
    Address,
    AddressSource,
    CommandKind,
    InputError,
    Item,
    ParcelStatus,
    ShipmentState,
    WorkspaceError,
)
from data.policy import WarehouseSettings, save_warehouse
from data.portals.credentials import SecretHeader
from data.portals.errors import Conflict, RateLimited
from data.portals.notices import Carton, InboundNotice, ReturnAction, ReturnLine, ReturnNotice
from data.portals.outcomes import Absent, Found, Pushed, RemoteLine, RemoteState
from data.portals.protocol import ShipmentLine, ShipmentOrder
from data.portals.registry import portal_for
from data.portals.sandbox.ledger import ledger
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.sandbox.shipmonk import ShipMonk as Tongue
from data.portals.secrets import Secret
from data.portals.shipmonk import ShipMonk
from data.portals.shipmonk_bodies import Account
from data.portals.shipmonk_orders import read_page
from data.portals.shipmonk_words import read_order
from data.store.actor import Actor
from data.store.workspace import Workspace
from tests.conftest import HOME, MakeOrder
from tests.sending import SECRET, creations, make_batch, pushed

ACCOUNT = Account(1234, "SB1")
DAY = 86_400


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with start(tmp_path / "warehouse.db", dialect="shipmonk") as running:
        running.control("settings", {"exceptions": 0})
        yield running


def connect(sandbox: SandboxProcess, account: Account = ACCOUNT, secret: Secret | None = None) -> ShipMonk:
    credentials = SecretHeader(lambda: secret or sandbox.token, "Api-Key", prefix="")
    return ShipMonk(sandbox.url, credentials, Clock(), account, deadline=10)


@pytest.fixture
async def portal(sandbox: SandboxProcess) -> AsyncIterator[ShipMonk]:
    made = connect(sandbox)
    yield made
    await made.close()


async def push(portal: ShipMonk, *keys: str) -> None:
    made = ShipmentOrder("", "#1", HOME, (ShipmentLine("GAME", "The game", 1),), ordered_at="2026-10-01T10:00:00Z")
    gate = asyncio.Semaphore(8)

    async def one(key: str) -> None:
        async with gate:
            await portal.push(portal.render_push(replace(made, key=key)), key)

    await asyncio.gather(*(one(key) for key in keys))


async def poll(portal: ShipMonk, cursor: str) -> tuple[list[RemoteState], str]:
    """Read all there is, and return it with the cursor after it."""
    states: list[RemoteState] = []
    while True:
        page = await portal.poll(cursor)
        assert page.problems == ()
        states += page.states
        cursor = page.cursor
        if not page.more:
            return states, cursor


async def test_a_poll_pages_through_what_changed_and_may_tell_it_twice(
    portal: ShipMonk, sandbox: SandboxProcess
) -> None:
    keys = [f"P-{number}" for number in range(230)]
    await push(portal, *keys)
    states, cursor = await poll(portal, "")
    assert sorted(state.reference for state in states) == sorted(keys)
    assert {state.raw_status for state in states} == {"unfulfilled submitted"}
    again, cursor = await poll(portal, cursor)
    assert {state.reference for state in again} <= set(keys)
    sandbox.control("clock", {"advance": 4 * 3600})
    moved, cursor = await poll(portal, cursor)
    begun = {state.reference for state in moved if state.status is ShipmentState.PICKING}
    assert begun
    sandbox.control("clock", {"advance": 20 * DAY})
    ended, cursor = await poll(portal, cursor)
    assert {state.reference for state in ended if state.status is ShipmentState.DELIVERED} == set(keys)
    parcel = ended[0].parcels[0]
    assert (parcel.carrier, parcel.status, parcel.raw_status) == ("Postwing", ParcelStatus.DELIVERED, "delivered")
    assert parcel.lines == (RemoteLine("GAME", 1),)
    assert parcel.tracking_number
    assert parcel.tracking_url.endswith(parcel.tracking_number)


async def test_what_goes_wrong_is_told_in_the_warehouses_words(portal: ShipMonk, sandbox: SandboxProcess) -> None:
    sandbox.control("stock", {"GAME": 2})
    await push(portal, "F-1", "F-2", "F-3")
    sandbox.control("fate", {"reference": "F-1", "fate": "address_query"})
    sandbox.control("fate", {"reference": "F-2", "fate": "lost"})
    sandbox.control("clock", {"advance": 40 * DAY})
    sandbox.control("stock", {"GAME": 0})
    await push(portal, "F-4")
    sandbox.control("clock", {"advance": DAY})
    states, _ = await poll(portal, "")
    found = {state.reference: state for state in states}
    assert found["F-1"].exceptions == ("action required: address",)
    assert found["F-1"].status is ShipmentState.BLOCKED
    assert (found["F-2"].exceptions, found["F-2"].parcels[0].status) == (("undeliverable",), ParcelStatus.FAILURE)
    assert (found["F-3"].exceptions, found["F-3"].status) == ((), ShipmentState.DELIVERED)
    assert (found["F-4"].exceptions, found["F-4"].status) == (("backorder: GAME",), ShipmentState.BLOCKED)


def shown(**changes: Any) -> dict[str, Any]:
    """Return an order as ShipMonk shows it, as far as it is read."""
    return {
        "order_key": "K-1",
        "order_status": "unfulfilled",
        "processing_status": "submitted",
        "ship_to": {"name": "Anna", "street1": "Elm Street 5", "zip": None},
        "items": [{"sku": "GAME", "quantity": 1, "source": "imported", "products": []}],
        "updated_at": "2026-11-23T09:00:00+00:00",
        "store": {"id": 1234},
    } | changes


@pytest.mark.parametrize(
    ("words", "status", "held"),
    [
        (("unfulfilled", "queued_to_submit"), ShipmentState.ACCEPTED, False),
        (("unfulfilled", "pack_in_progress"), ShipmentState.PICKING, False),
        (("unfulfilled", "awaiting_pick_up"), ShipmentState.PACKED, False),
        (("fulfilled", "en_route"), ShipmentState.SHIPPED, False),
        (("onHold", "submitted"), ShipmentState.HELD, True),
        (("onHold", "on_hold"), ShipmentState.HELD, True),
        (("onHold", "backorder"), ShipmentState.HELD, True),
        (("onHold", "pick_in_progress"), ShipmentState.PICKING, True),
        (("cancelled", "cancellation_requested"), None, False),
        (("cancelled", "cancelled"), ShipmentState.CANCELLED, False),
        (("fulfilled", "fulfilled_by_3rd"), None, False),
        (("unfulfilled", "updating"), None, False),
        (("unfulfilled", "a_new_word"), None, False),
        (("a_new_word", "submitted"), ShipmentState.ACCEPTED, False),
    ],
)
def test_every_word_is_kept_and_an_unknown_one_is_no_error(
    words: tuple[str, str], status: ShipmentState | None, held: bool
) -> None:
    read = read_order(shown(order_status=words[0], processing_status=words[1]))
    assert (read.raw_status, read.status, read.held) == (" ".join(words), status, held)


def test_what_the_warehouse_adds_is_no_line_of_ours_and_a_split_is_told() -> None:
    items = [
        {"sku": "GAME", "quantity": 2, "source": "imported"},
        {"sku": "LEAFLET", "quantity": 1, "source": "inserted"},
        {"sku": "BOX-4", "quantity": 1, "source": "packaging"},
        {"sku": "MAT", "quantity": 1, "source": "manual"},
    ]
    parts = {"main_order": {"order_number": "#1", "parts": [{"order_number": "#1-A"}, {"order_number": "#1-B"}]}}
    read = read_order(shown(items=items, order_parts=parts, ship_to=None))
    assert read.lines == (RemoteLine("GAME", 2), RemoteLine("MAT", 1))
    assert read.exceptions == ("split into #1-A, #1-B",)
    assert read.address == Address()


def test_one_number_for_the_whole_order_is_one_parcel_until_its_packages_are_told() -> None:
    one = {"processing_status": "packed", "master_tracking_number": "M-1", "tracking_url": "https://t.invalid/M-1"}
    method = {"id": 1, "name": "Ground", "carrier": {"id": 1, "name": "UPS"}}
    assert [
        (each.tracking_number, each.carrier, each.status)
        for each in read_order(shown(**one, shipping_method=method)).parcels
    ] == [("M-1", "UPS", ParcelStatus.PRE_TRANSIT)]
    packages = [
        {"tracking_number": number, "packed_products": [{"sku": "GAME", "quantity": 1}]}
        for number in ("T-1", None, "T-2")
    ]
    read = read_order(shown(**one, packages=packages, shipment_data={"carrier": "DPD"}))
    assert [(each.tracking_number, each.carrier) for each in read.parcels] == [("T-1", "DPD"), ("T-2", "DPD")]


def test_other_stores_are_passed_over_and_a_row_that_can_not_be_read_is_named() -> None:
    rows = [shown(), shown(store={"id": 9}), shown(order_key="B\x1bD", items=None, ship_to=7), 17]
    listed = read_page(rows, ACCOUNT.store_id)
    assert [state.reference for state in listed.states] == ["K-1"]
    assert len(listed.changes) == len(rows)
    assert listed.problems == [
        "order B␛D in ShipMonk's list can't be read",
        "order without a key in ShipMonk's list can't be read",
    ]


async def test_stock_is_read_page_by_page(portal: ShipMonk, sandbox: SandboxProcess) -> None:
    counts = {f"SKU-{number:03}": number for number in range(450)}
    assert await portal.stock() == []
    sandbox.control("stock", counts | {"GAME": 7})
    await push(portal, "S-1")
    levels = {level.sku: (level.on_hand, level.available) for level in await portal.stock()}
    assert levels == {sku: (count, count) for sku, count in counts.items()} | {"GAME": (7, 6)}
    everywhere, elsewhere = connect(sandbox, Account(1234)), connect(sandbox, Account(1234, "XX9"))
    assert len(await everywhere.stock()) == 451
    assert await elsewhere.stock() == []
    await everywhere.close()
    await elsewhere.close()


async def test_goods_and_returns_are_announced_once_and_never_put_over_others(
    portal: ShipMonk, sandbox: SandboxProcess
) -> None:
    cartons = (
        Carton("1Z1", (RemoteLine("GAME", 10),), 4),
        Carton("1Z2", (RemoteLine("GAME", 3), RemoteLine("DICE", 6))),
    )
    inbound = InboundNotice("ASN-1", "2026-12-04", cartons, purchase_order="PO-7", supplier="Ember Press")
    coming = ReturnNotice("RMA-1", "K-1", "K-1", (ReturnLine("GAME", 1, ReturnAction.RESTOCK),), "1Z9", "refused")
    for kind, notice, lines in (
        (CommandKind.ANNOUNCE, inbound, (RemoteLine("GAME", 43), RemoteLine("DICE", 6))),
        (CommandKind.RETURN, coming, (RemoteLine("GAME", 1),)),
    ):
        assert isinstance(await portal.find_notice(kind, notice.key), Absent)
        body = portal.render_notice(notice)
        first = await portal.notify(kind, body, notice.key)
        again = await portal.notify(kind, body, notice.key)
        assert (first.outcome, again.outcome) == (Pushed.CREATED, Pushed.ALREADY)
        assert first.remote_ids == again.remote_ids
        found = await portal.find_notice(kind, notice.key)
        assert isinstance(found, Found)
        assert found.remote.lines == lines
        with pytest.raises(Conflict):
            await portal.notify(kind, body.replace('"sku": "GAME"', '"sku": "OTHER"'), notice.key)
    homeless = connect(sandbox, Account(1234))
    assert (homeless.caps.announce, homeless.caps.returns) == (False, False)
    with pytest.raises(InputError, match=r"options\.warehouse"):
        homeless.render_notice(inbound)
    with pytest.raises(InputError, match="quarantine"):
        portal.render_notice(replace(coming, lines=(ReturnLine("GAME", 1, ReturnAction.QUARANTINE),)))
    with pytest.raises(InputError, match="the day"):
        portal.render_notice(replace(inbound, expected_on="soon"))
    await homeless.close()


async def test_a_limit_names_a_date_and_is_waited_for(portal: ShipMonk, sandbox: SandboxProcess) -> None:
    sandbox.control("faults", [{"on": "GET /v1/integrations/orders-list", "fault": "429", "times": 1, "seconds": 600}])
    with pytest.raises(RateLimited) as caught:
        await portal.poll("")
    # A date has no fractions, and some of the time has gone since.
    assert 540 < caught.value.wait <= 602


def test_the_list_of_orders_has_a_limit_of_its_own() -> None:
    spoken = Tongue(limits=True)
    assert all(spoken.wait("GET /v1/integrations/orders-list") is None for _ in range(1000))
    wait = spoken.wait("GET /v1/integrations/orders-list")
    assert wait is not None
    assert spoken.wait("POST /v1/integrations/order") is None
    until = parsedate_to_datetime(spoken.limited(wait).headers["retry-after"])
    assert 1700 < (until - datetime.now(UTC)).total_seconds() <= 1802
    assert all(Tongue(limits=False).wait("GET /v1/integrations/orders-list") is None for _ in range(1001))


async def test_the_test_changes_nothing_and_names_what_is_wrong(portal: ShipMonk, sandbox: SandboxProcess) -> None:
    await push(portal, "T-1")
    before = (await portal.find("T-1"), ledger(sandbox.state))
    assert [(check.ok, check.words) for check in await portal.test()] == [(True, "yes")] * 3
    assert (await portal.find("T-1"), ledger(sandbox.state)) == before
    elsewhere, locked = connect(sandbox, Account(1234, "XX9")), connect(sandbox, secret=Secret("wrong"))
    assert "there is no building XX9; known are SB1" in (await elsewhere.test())[0].words
    assert [check.ok for check in await locked.test()] == [False] * 3
    await elsewhere.close()
    await locked.close()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "store_id"),
        ({"store_id": 0}, "store_id"),
        ({"store_id": "1234"}, "store_id"),
        ({"store_id": 1234, "shop": 1}, "there is no such option"),
        ({"store_id": 1234, "without_tax_id": "yes"}, "true or false"),
    ],
)
def test_settings_that_can_not_work_are_refused_by_name(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    settings = WarehouseSettings(
        "US1", "Monk", ("*",), "shipmonk", "https://api.shipmonk.com", "env:X", options=options
    )
    with pytest.raises(WorkspaceError, match=words):
        portal_for(settings, tmp_path, Clock())


def test_settings_reach_the_portal(tmp_path: Path) -> None:
    options = {"store_id": 7, "warehouse": "FL1", "shipping_service": "DHL", "max_lag": 30, "concurrency": 2}
    settings = WarehouseSettings(
        "US1", "Monk", ("*",), "shipmonk", "https://api.shipmonk.com", "env:X", options=options
    )
    caps = portal_for(settings, tmp_path, Clock()).caps
    assert (caps.max_lag, caps.concurrency, caps.deadline, caps.announce) == (30.0, 2, 20.0, True)
    bare = WarehouseSettings("US1", "Monk", ("*",), "shipmonk", "https://api.shipmonk.com", options={"store_id": 7})
    assert portal_for(bare, tmp_path, Clock()).caps.max_lag == 900.0


def test_a_worker_sends_amends_holds_and_cancels_through_it(
    workspace: Workspace,
    sandbox: SandboxProcess,
    campaign: int,
    make_order: MakeOrder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(SECRET, sandbox.token.reveal())
    options = {"store_id": 1234, "warehouse": "SB1", "max_lag": 0.2}
    settings = WarehouseSettings("EU1", "Monk", ("*",), "shipmonk", sandbox.url, f"env:{SECRET}", options=options)
    save_warehouse(workspace.folder, settings)
    ws = Workspace(workspace.folder, Actor("dana", "console", "dana-1"), Clock())
    first, second, third = make_order(), make_order(lines=(("GAME", 2), ("MAT", 1))), make_order()
    parked = make_order(address=replace(HOME, country="MX"))
    # Two of three replies are lost on the way.
    sandbox.control("faults", [{"on": "POST /v1/integrations/order", "fault": "drop_after", "times": 2}])
    batch = make_batch(ws, campaign)
    send_batch(ws, Item(batch, 0), BatchRows(ws.store).rows([batch])[batch].shipments, start=False)
    assert run_worker(ws, "EU1", say=print) == 0
    assert pushed(ws, batch).accepted == 3
    assert set(creations(sandbox).values()) == {1}
    reason = ws.store.value("SELECT reason FROM holds WHERE order_id = ? AND released_at IS NULL", (parked,))
    assert "tax id" in reason

    moved = replace(HOME, line1="Oak Lane 9")
    with ws.write("test.propose", "propose") as tx:
        change = propose(tx, first, moved, AddressSource.BACKER)
    assert change is not None
    accept(ws, [item(ws, "changes", change)])
    hold_at_warehouse(ws, [item(ws, "orders", second)], "wait for the mat", start=False)
    cancel_orders(ws, [item(ws, "orders", third)], "changed their mind", start=False)
    assert run_worker(ws, "EU1", say=print) == 0
    assert ws.store.value("SELECT state FROM changes WHERE id = ?", (change,)) == "confirmed"
    assert ws.store.value("SELECT stage FROM orders WHERE id = ?", (third,)) == "cancelled"
    release_at_warehouse(ws, [item(ws, "orders", second)], start=False)
    assert run_worker(ws, "EU1", say=print) == 0
    there = {entry["reference"].split("-")[1]: entry for entry in ledger(sandbox.state)}
    assert there[f"{first:06}"]["address"]["address1"] == "Oak Lane 9"
    assert there[f"{third:06}"]["status"] == "CANCELLED"
    assert {entry["creations"] for entry in there.values()} == {1}
    states = dict(ws.store.rows("SELECT kind, state FROM commands WHERE kind <> 'push'"))
    assert states == dict.fromkeys(("amend", "hold", "cancel", "release"), "accepted")
    ws.close()


def item(ws: Workspace, table: str, id_: int) -> Item:
    return Item(id_, int(ws.store.value(f"SELECT rev FROM {table} WHERE id = ?", (id_,))))
