"""Mintsoft through nothing but its TOML file, against a warehouse that speaks like it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.addresses.decide import accept
from data.addresses.propose import propose
from data.clock import Clock
from data.desk.poll import poll_warehouse
from data.dispatch.batch_rows import BatchRows
from data.dispatch.cancel import cancel_orders
from data.dispatch.send import send_batch
from data.dispatch.worker import run_worker
from data.model import Address, AddressSource, CommandKind, Item, ShipmentState
from data.policy import WarehouseSettings, save_warehouse
from data.portals.errors import Ambiguous, AuthFailed, Conflict, NotUnderstood, Permanent, PortalError, RateLimited
from data.portals.notices import Carton, InboundNotice
from data.portals.outcomes import (
    Absent,
    Applied,
    Cancelled,
    Doubtful,
    Found,
    Held,
    Pushed,
    Refused,
    Released,
    RemoteLine,
    RemoteState,
    TooLate,
    Unsupported,
)
from data.portals.protocol import Portal, ShipmentLine, ShipmentOrder
from data.portals.registry import portal_for
from data.portals.sandbox.ledger import ledger
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.secrets import Secret
from data.store.actor import Actor
from data.store.workspace import Workspace
from tests.conftest import MakeOrder
from tests.sending import SECRET, creations, make_batch, pushed

HOME = Address("Zoë O'Neill", "", "1 High Street", "Flat 3 [rear]", "London", "", "N1 1AA", "GB", "+44 20 7946 0018")
AWAY = Address("Zoë O'Neill", "", "Rue de l'Été 5", "", "Genève", "", "1201", "CH", "")
HOUR, DAY = 3600, 86400
LOGIN = "operator:correct-horse"
OPTIONS: dict[str, Any] = {"spec": "mintsoft", "warehouse_id": 3, "max_lag": 0.2, "deadline": 2, "per_minute": 60_000}
numbers = itertools.count(1)


def _started(folder: Path) -> SandboxProcess:
    running = start(folder / "mintsoft.db", token=Secret(LOGIN), dialect="mintsoft")
    running.control("settings", {"exceptions": 0})
    return running


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with _started(tmp_path_factory.mktemp("mintsoft")) as running:
        yield running


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[SandboxProcess]:
    """A warehouse that holds nothing yet."""
    with _started(tmp_path) as running:
        yield running


def connected(sandbox: SandboxProcess, folder: Path) -> Portal:
    settings = WarehouseSettings("UK1", "Hub", portal="http", url=sandbox.url, secret=f"env:{SECRET}", options=OPTIONS)
    return portal_for(settings, folder, Clock())


@pytest.fixture
async def portal(sandbox: SandboxProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Portal]:
    monkeypatch.setenv(SECRET, LOGIN)
    sandbox.control("faults", [])
    made = connected(sandbox, tmp_path)
    yield made
    await made.close()


def order(**changes: Any) -> ShipmentOrder:
    lines = (ShipmentLine("GAME", "The game", 1), ShipmentLine("DICE-2", "Dice", 2))
    number = next(numbers)
    return replace(ShipmentOrder(f"K-{number}_x", f"#{number}", HOME, lines, "zoe@example.org"), **changes)


async def there(portal: Portal, **changes: Any) -> tuple[str, str]:
    """Return key and the warehouse's id of an order that is there."""
    made = order(**changes)
    result = await portal.push(portal.render_push(made), made.key)
    return made.key, result.remote_ids[0]


async def state(portal: Portal, key: str) -> RemoteState:
    found = await portal.find(key)
    assert isinstance(found, Found)
    return found.remote


def test_there_is_no_code_for_mintsoft_but_the_warehouses_to_try_it_on() -> None:
    root = Path(__file__).parents[2]
    naming = {
        path.relative_to(root).as_posix()
        for room in ("data", "console", "screens", "widgets")
        for path in (root / room).rglob("*.py")
        if "mintsoft" in path.read_text(encoding="utf-8").casefold()
    }
    # The demonstration chooses it, as a person's `lastcall.toml` does.
    assert {each for each in naming if not each.startswith("data/portals/sandbox/")} == {
        "data/desk/sample/warehouses.py"
    }


async def test_a_pushed_order_is_found_as_it_was_asked_for(portal: Portal) -> None:
    made = order()
    body = portal.render_push(made)
    assert isinstance(await portal.find(made.key), Absent)
    result = await portal.push(body, made.key)
    remote = await state(portal, made.key)
    assert (result.outcome, result.remote_ids) == (Pushed.CREATED, (remote.remote_id,))
    assert (remote.status, remote.raw_status) == (ShipmentState.ACCEPTED, "NEW")
    assert (remote.address, remote.lines) == (HOME, (RemoteLine("GAME", 1), RemoteLine("DICE-2", 2)))
    assert portal.matches(body, remote) == []


async def test_a_duplicate_is_a_200_and_yet_already_there_or_a_conflict(
    portal: Portal, sandbox: SandboxProcess
) -> None:
    made = order()
    first = await portal.push(portal.render_push(made), made.key)
    again = await portal.push(portal.render_push(made), made.key)
    assert (again.outcome, again.remote_ids) == (Pushed.ALREADY, first.remote_ids)
    other = replace(made, address=replace(HOME, city="Leeds"), lines=(ShipmentLine("GAME", "", 3),))
    with pytest.raises(Conflict) as caught:
        await portal.push(portal.render_push(other), made.key)
    assert [line.split(":")[0] for line in caught.value.differences] == ["city", "DICE-2", "GAME"]
    assert creations(sandbox)[made.key] == 1


async def test_a_failure_that_comes_with_200_is_never_accepted(portal: Portal, sandbox: SandboxProcess) -> None:
    wrong = order(lines=(ShipmentLine("A B", "", 0),))
    with pytest.raises(Permanent, match="quantity must be a whole number") as caught:
        await portal.push(portal.render_push(wrong), wrong.key)
    assert caught.value.http_status == 200
    assert wrong.key not in creations(sandbox)


@pytest.mark.parametrize(
    ("fault", "raised", "created"),
    [
        ("429", RateLimited, 0),
        ("500", Ambiguous, 0),
        ("500_after", Ambiguous, 1),
        ("drop_before", Ambiguous, 0),
        ("drop_after", Ambiguous, 1),
        ("reset_after", Ambiguous, 1),
        ("truncate", Ambiguous, 1),
        ("garbage", NotUnderstood, 1),
        ("other_reference", NotUnderstood, 1),
        ("redirect", Ambiguous, 0),
    ],
)
async def test_a_lost_reply_leaves_exactly_one_order_once_it_is_asked_again(
    portal: Portal, sandbox: SandboxProcess, fault: str, raised: type[PortalError], created: int
) -> None:
    await portal.find("K-none")
    sandbox.control("faults", [{"on": "PUT /api/Order", "fault": fault, "times": 1, "seconds": 7}])
    made = order()
    with pytest.raises(raised) as caught:
        await portal.push(portal.render_push(made), made.key)
    if isinstance(caught.value, RateLimited):
        assert caught.value.wait == 7
    assert creations(sandbox).get(made.key, 0) == created
    again = await portal.push(portal.render_push(made), made.key)
    assert again.outcome is (Pushed.ALREADY if created else Pushed.CREATED)
    assert creations(sandbox)[made.key] == 1


async def test_an_address_is_changed_until_somebody_has_the_order_in_hands(
    portal: Portal, sandbox: SandboxProcess
) -> None:
    made = order()
    push = portal.render_push(made)
    (remote_id,) = (await portal.push(push, made.key)).remote_ids
    amend = portal.render_amend(AWAY, push)
    assert await portal.amend(remote_id, made.key, amend) == Applied(AWAY)
    assert (await state(portal, made.key)).lines == (RemoteLine("GAME", 1), RemoteLine("DICE-2", 2))
    sandbox.control("clock", {"advance": 6 * HOUR + 1})
    late = await portal.amend(remote_id, made.key, portal.render_amend(HOME, amend))
    assert isinstance(late, TooLate)
    assert late.address == AWAY


async def test_a_change_that_is_refused_is_refused_with_what_is_held(portal: Portal) -> None:
    made = order()
    push = portal.render_push(made)
    (remote_id,) = (await portal.push(push, made.key)).remote_ids
    body = portal.render_amend(AWAY, push).replace('"Genève"', '""')
    refused = await portal.amend(remote_id, made.key, body)
    assert isinstance(refused, Refused)
    assert (refused.address, "city is required" in refused.reason) == (HOME, True)


@pytest.mark.parametrize(("fault", "held"), [("drop_before", HOME), ("drop_after", AWAY), ("500_after", AWAY)])
async def test_an_amendment_without_a_trusted_reply_is_doubtful_and_a_look_up_tells(
    portal: Portal, sandbox: SandboxProcess, fault: str, held: Address
) -> None:
    made = order()
    push = portal.render_push(made)
    (remote_id,) = (await portal.push(push, made.key)).remote_ids
    sandbox.control("faults", [{"on": "POST /api/Order/{id:int}", "fault": fault, "times": 1}])
    assert isinstance(await portal.amend(remote_id, made.key, portal.render_amend(AWAY, push)), Doubtful)
    assert (await state(portal, made.key)).address == held


async def test_a_cancel_is_a_get_that_is_never_repeated_when_its_reply_is_lost(
    portal: Portal, sandbox: SandboxProcess
) -> None:
    key, remote_id = await there(portal)
    before = sandbox.control("faults", [])["struck"].get("drop_after", 0)
    sandbox.control("faults", [{"on": "GET /api/Order/{id:int}/Cancel", "fault": "drop_after", "times": 2}])
    with pytest.raises(Ambiguous):
        await portal.cancel(remote_id, key, "")
    assert sandbox.control("faults", [])["struck"]["drop_after"] == before + 1
    assert (await state(portal, key)).status is ShipmentState.CANCELLED
    assert await portal.cancel(remote_id, key, "") == Cancelled()


async def test_a_cancel_that_can_not_be_read_back_is_in_doubt(portal: Portal, sandbox: SandboxProcess) -> None:
    key, remote_id = await there(portal)
    sandbox.control("faults", [{"on": "GET /api/Order/{id:int}", "fault": "500", "times": 1}])
    with pytest.raises(Ambiguous, match="read back"):
        await portal.cancel(remote_id, key, "")


async def test_cancel_and_hold_come_too_late_once_it_is_picked(portal: Portal, sandbox: SandboxProcess) -> None:
    key, remote_id = await there(portal)
    assert await portal.hold(remote_id, key, "") == Held()
    assert (await state(portal, key)).status is ShipmentState.HELD
    sandbox.control("clock", {"advance": 3 * DAY})
    assert (await state(portal, key)).held
    assert await portal.release(remote_id, key, "") == Released()
    sandbox.control("clock", {"advance": 3 * DAY})
    assert isinstance(await portal.hold(remote_id, key, ""), TooLate)
    late = await portal.cancel(remote_id, key, "")
    assert isinstance(late, TooLate)
    assert late.address == HOME


async def test_a_listing_is_read_page_by_page_and_a_new_round_sees_only_what_changed(
    alone: SandboxProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, LOGIN)
    portal, sandbox = connected(alone, tmp_path), alone
    keys = {(await there(portal))[0] for _ in range(103)}
    page = await portal.poll("")
    assert (len(page.states), page.more) == (100, True)
    rest = await portal.poll(page.cursor)
    assert rest.more is False
    assert {each.reference for each in (*page.states, *rest.states)} == keys
    sandbox.control("clock", {"advance": 3 * DAY})
    new, _ = await there(portal)
    sandbox.control("clock", {"advance": 10})
    changed: list[RemoteState] = []
    more, cursor = True, rest.cursor
    while more:
        page = await portal.poll(cursor)
        changed += page.states
        more, cursor = page.more, page.cursor
    shipped = next(each for each in changed if each.reference in keys)
    assert shipped.status is ShipmentState.SHIPPED
    assert (shipped.parcels[0].tracking_number, shipped.parcels[0].carrier) != ("", "")
    sandbox.control("clock", {"advance": HOUR})
    last = await portal.poll(cursor)
    assert new in {each.reference for each in last.states}
    assert len(last.states) < 103
    await portal.close()


async def test_stock_is_counted(portal: Portal, sandbox: SandboxProcess) -> None:
    sandbox.control("stock", {"RARE": 50})
    await there(portal, lines=(ShipmentLine("RARE", "A rare thing", 3),))
    levels = {each.sku: (each.on_hand, each.available) for each in await portal.stock()}
    assert levels["RARE"] == (50, 47)


async def test_a_delivery_is_announced_once_though_nothing_over_there_keeps_a_second_out(
    portal: Portal, sandbox: SandboxProcess
) -> None:
    cartons = (Carton("1Z1", (RemoteLine("GAME", 10),), count=4), Carton("1Z2", (RemoteLine("DICE-2", 6),)))
    notice = InboundNotice("ASN-1", "2026-12-04", cartons, purchase_order="PO-7", supplier="Ember Press")
    body = portal.render_notice(notice)
    sandbox.control("faults", [{"on": "PUT /api/ASN", "fault": "drop_after", "times": 1}])
    with pytest.raises(Ambiguous):
        await portal.notify(CommandKind.ANNOUNCE, body, "ASN-1")
    again = await portal.notify(CommandKind.ANNOUNCE, body, "ASN-1")
    assert not isinstance(again, Unsupported)
    assert again.outcome is Pushed.ALREADY
    found = await portal.find_notice(CommandKind.ANNOUNCE, "ASN-1")
    assert isinstance(found, Found)
    assert found.remote.lines == (RemoteLine("GAME", 40), RemoteLine("DICE-2", 6))
    second = portal.render_notice(replace(notice, key="ASN-2", cartons=cartons[:1]))
    told = await portal.notify(CommandKind.ANNOUNCE, second, "ASN-2")
    assert not isinstance(told, Unsupported)
    assert told.outcome is Pushed.CREATED
    with pytest.raises(Conflict):
        await portal.notify(CommandKind.ANNOUNCE, second.replace("ASN-2", "ASN-1"), "ASN-1")


async def test_a_key_that_has_ended_is_renewed_and_a_wrong_password_is_told_once_and_shown_nowhere(
    portal: Portal, sandbox: SandboxProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, _ = await there(portal)
    sandbox.control("clock", {"advance": 25 * HOUR})
    assert (await state(portal, key)).reference == key
    monkeypatch.setenv(SECRET, "operator:wrong-canary")
    stranger = connected(sandbox, tmp_path)
    with pytest.raises(AuthFailed) as caught:
        await stranger.find(key)
    checks = await stranger.test()
    assert [each.ok for each in checks] == [False, False, False]
    assert "canary" not in f"{caught.value}{caught.value.reply_head}{checks}"
    await stranger.close()


async def test_what_can_be_tried_without_changing_anything_is_tried(portal: Portal, sandbox: SandboxProcess) -> None:
    before = creations(sandbox)
    assert [each.ok for each in await portal.test()] == [True, True, True]
    assert creations(sandbox) == before


async def test_a_look_up_that_is_not_answered_with_a_list_never_says_absent(
    portal: Portal, sandbox: SandboxProcess
) -> None:
    key, _ = await there(portal)
    sandbox.control("faults", [{"on": "GET /api/Order/Search", "fault": "garbage", "times": 1}])
    with pytest.raises(NotUnderstood):
        await portal.find(key)
    assert isinstance(await portal.find(key), Found)


# ---- end to end, through the worker ----


@pytest.fixture
def ws(workspace: Workspace, alone: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv(SECRET, LOGIN)
    settings = WarehouseSettings("EU1", "Hub", ("*",), "http", alone.url, f"env:{SECRET}", options=OPTIONS)
    save_warehouse(workspace.folder, settings)
    opened = Workspace(workspace.folder, Actor("dana", "console", "dana-1"), Clock())
    yield opened
    opened.close()


def test_a_batch_goes_out_once_though_replies_are_lost_and_comes_back_with_tracking_numbers(
    ws: Workspace, alone: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    orders = [make_order() for _ in range(6)]
    batch = make_batch(ws, campaign)
    alone.control(
        "faults",
        [
            {"on": "PUT /api/Order", "fault": "drop_after", "times": 2},
            {"on": "PUT /api/Order", "fault": "500", "times": 1},
            {"on": "PUT /api/Order", "fault": "garbage", "times": 1},
        ],
    )
    send_batch(ws, Item(batch, 0), len(orders), start=False)
    assert run_worker(ws, "EU1", say=print) == 0
    assert pushed(ws, batch).accepted == 6
    assert sorted(creations(alone).values()) == [1] * 6
    assert BatchRows(ws.store).rows([batch])[batch].state == "sent"

    amended, cancelled = orders[:2]
    with ws.write("test.propose", "propose") as tx:
        change = propose(tx, amended, AWAY, AddressSource.BACKER)
    assert change is not None
    accept(ws, [Item(change, 0)])
    cancel_orders(ws, [_item(ws, cancelled)], "asked by the backer", start=False)
    assert run_worker(ws, "EU1", say=print) == 0
    assert ws.store.value("SELECT state FROM changes WHERE id = ?", (change,)) == "confirmed"
    assert _stage(ws, cancelled) == "cancelled"
    held = {each["reference"]: each["address"]["city"] for each in ledger(alone.state)}
    assert held[f"EMBER-{amended:06}-1"] == "Genève"

    alone.control("clock", {"advance": 3 * DAY})
    assert ws.store.value("SELECT count(*) FROM parcels") == 0
    asyncio.run(_poll(ws))
    assert ws.store.value("SELECT count(*) FROM parcels") == 5
    assert {_stage(ws, each) for each in orders[2:]} == {"shipped"}


async def _poll(ws: Workspace) -> None:
    portal = portal_for(ws.policy.warehouse("EU1"), ws.folder, ws.clock)
    await poll_warehouse(ws, portal, "EU1")
    await portal.close()


def _item(ws: Workspace, order: int) -> Item:
    return Item(order, int(ws.store.value("SELECT rev FROM orders WHERE id = ?", (order,))))


def _stage(ws: Workspace, order: int) -> str:
    return str(ws.store.value("SELECT stage FROM orders WHERE id = ?", (order,)))
