"""Amazon's Multi-Channel Fulfillment, driven against the sandbox that speaks like it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from data.clock import Clock
from data.desk.poll import poll_warehouse
from data.dispatch.hold import release_at_warehouse
from data.dispatch.send import send_batch
from data.model import CommandKind, InputError, Item, ShipmentState, WorkspaceError
from data.policy import WarehouseSettings, load_policy, save_warehouse
from data.portals.amazon_mcf import AmazonMcf
from data.portals.errors import Ambiguous, Conflict, NotSent, Permanent, PortalError, RateLimited, Retryable
from data.portals.outcomes import Absent, Applied, Cancelled, Doubtful, Held, Pushed, Refused, Released, TooLate
from data.portals.protocol import Idem, ShipmentLine
from data.portals.registry import portal_for
from data.portals.sandbox.ledger import ledger
from data.portals.sandbox.process import SandboxProcess
from data.store.actor import Actor
from data.store.workspace import Workspace
from tests.amazon import AWAY, DAY, HOME, MARKET, ORDER, ORDERS, SECRET, driving, order, placed, playing, state, until
from tests.conftest import MakeOrder
from tests.sending import creations, finish, make_batch, pushed, start_worker_process


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with playing(tmp_path_factory.mktemp("amazon") / "warehouse.db") as running:
        yield running


@pytest.fixture
async def portal(sandbox: SandboxProcess) -> AsyncIterator[AmazonMcf]:
    sandbox.control("faults", [])
    async with driving(sandbox) as made:
        yield made


@pytest.fixture
async def holding(sandbox: SandboxProcess) -> AsyncIterator[AmazonMcf]:
    """The same seller, whose orders are created on hold."""
    sandbox.control("faults", [])
    async with driving(sandbox, hold_first=True) as made:
        yield made


async def test_a_pushed_order_is_found_as_it_was_asked_for(portal: AmazonMcf, sandbox: SandboxProcess) -> None:
    made = order(address=AWAY)
    body = portal.render_push(made)
    assert isinstance(await portal.find(made.key), Absent)
    result = await portal.push(body, made.key)
    assert (result.outcome, result.remote_ids) == (Pushed.CREATED, (made.key,))
    remote = await state(portal, made.key)
    assert (remote.status, remote.raw_status, remote.held) == (ShipmentState.ACCEPTED, "Planning", False)
    assert remote.address == AWAY
    assert portal.matches(body, remote) == []
    assert portal.caps.idem is Idem.CLIENT_ID


async def test_a_second_push_of_the_same_is_already_there_and_another_is_a_conflict(
    portal: AmazonMcf, sandbox: SandboxProcess
) -> None:
    made = order()
    await portal.push(portal.render_push(made), made.key)
    again = await portal.push(portal.render_push(made), made.key)
    assert again.outcome is Pushed.ALREADY
    other = replace(made, address=replace(HOME, city="Leeds"), lines=(ShipmentLine("GAME", "", 3),))
    with pytest.raises(Conflict) as caught:
        await portal.push(portal.render_push(other), made.key)
    assert [line.split(":")[0] for line in caught.value.differences] == ["city", "DICE-2", "GAME"]
    assert creations(sandbox)[made.key] == 1


async def test_what_is_refused_and_not_there_was_not_created_and_its_field_is_named(
    portal: AmazonMcf, sandbox: SandboxProcess
) -> None:
    made = order(address=replace(HOME, city=""))
    with pytest.raises(Permanent, match="city is missing") as caught:
        await portal.push(portal.render_push(made), made.key)
    assert [each.field for each in caught.value.fields] == ["destinationAddress.city"]
    assert made.key not in creations(sandbox)


@pytest.mark.parametrize(
    ("fault", "raised", "created"),
    [
        ("429", RateLimited, 0),
        ("500", Ambiguous, 0),
        ("500_after", Ambiguous, 1),
        ("slow", Ambiguous, 1),
        ("drop_before", Ambiguous, 0),
        ("drop_after", Ambiguous, 1),
        ("truncate", Ambiguous, 1),
        ("garbage", Ambiguous, 1),
        ("redirect", Ambiguous, 0),
    ],
)
async def test_a_reply_that_is_lost_is_sorted_by_what_may_be_done_next(
    portal: AmazonMcf, sandbox: SandboxProcess, fault: str, raised: type[PortalError], created: int
) -> None:
    sandbox.control("faults", [{"on": f"POST {ORDERS}", "fault": fault, "times": 1, "seconds": 5}])
    made = order()
    with pytest.raises(raised) as caught:
        await portal.push(portal.render_push(made), made.key)
    assert not (raised is Ambiguous and isinstance(caught.value, Retryable))
    assert creations(sandbox).get(made.key, 0) == created
    again = await portal.push(portal.render_push(made), made.key)
    assert again.outcome is (Pushed.ALREADY if created else Pushed.CREATED)
    assert creations(sandbox)[made.key] == 1


async def test_a_yes_that_can_not_be_read_back_is_not_believed(portal: AmazonMcf, sandbox: SandboxProcess) -> None:
    sandbox.control("faults", [{"on": f"GET {ORDER}", "fault": "other_reference", "times": 1}])
    made = order()
    with pytest.raises(Ambiguous, match="could not be read back"):
        await portal.push(portal.render_push(made), made.key)
    assert creations(sandbox)[made.key] == 1


async def test_an_id_that_amazon_takes_for_another_s_is_not_sent(portal: AmazonMcf) -> None:
    with pytest.raises(Permanent, match="finds no order"):
        await portal.find("K 1")
    with pytest.raises(InputError, match="can't find an order again"):
        portal.render_push(order(key="K+1"))


async def test_an_address_is_amended_on_hold_and_refused_otherwise_with_the_one_that_will_ship(
    portal: AmazonMcf, holding: AmazonMcf, sandbox: SandboxProcess
) -> None:
    key = await placed(holding)
    remote = await state(holding, key)
    assert (remote.status, remote.raw_status, remote.held) == (ShipmentState.ACCEPTED, "Received", True)
    assert await holding.amend(key, key, holding.render_amend(AWAY, "")) == Applied(AWAY)
    assert [each["address"]["company"] for each in ledger(sandbox.state) if each["reference"] == key] == ["Été SA"]

    going = await placed(portal)
    refused = await portal.amend(going, going, portal.render_amend(AWAY, ""))
    assert isinstance(refused, Refused)
    assert refused.address == HOME
    assert "on hold" in refused.reason
    await until(portal, sandbox, going, ShipmentState.PICKING)
    late = await portal.amend(going, going, portal.render_amend(AWAY, ""))
    assert isinstance(late, TooLate)
    assert (late.reason, late.address) == ("the order is Processing", HOME)


async def test_an_amendment_that_amazon_does_not_take_is_refused_with_what_it_holds(holding: AmazonMcf) -> None:
    key = await placed(holding)
    refused = await holding.amend(key, key, holding.render_amend(replace(AWAY, country="Schweiz"), ""))
    assert isinstance(refused, Refused)
    assert refused.address == HOME
    assert "countryCode" in refused.reason


@pytest.mark.parametrize(
    ("fault", "expected"),
    [("drop_before", Doubtful), ("drop_after", Applied), ("slow", Applied), ("garbage", Applied), ("500", Doubtful)],
)
async def test_an_amendment_without_a_trusted_reply_is_what_is_read_back(
    holding: AmazonMcf, sandbox: SandboxProcess, fault: str, expected: type
) -> None:
    key = await placed(holding)
    sandbox.control("faults", [{"on": f"PUT {ORDER}", "fault": fault, "times": 1, "seconds": 5}])
    assert isinstance(await holding.amend(key, key, holding.render_amend(AWAY, "")), expected)


async def test_where_an_order_can_not_be_read_first_nothing_is_asked_of_it(
    holding: AmazonMcf, sandbox: SandboxProcess
) -> None:
    key = await placed(holding)
    sandbox.control("faults", [{"on": f"GET {ORDER}", "fault": "500", "times": 1}])
    with pytest.raises(NotSent, match="nothing was asked"):
        await holding.amend(key, key, holding.render_amend(AWAY, ""))
    remote = await state(holding, key)
    assert (remote.address, remote.held) == (HOME, True)


async def test_a_hold_is_told_and_never_made(portal: AmazonMcf, holding: AmazonMcf, sandbox: SandboxProcess) -> None:
    held, going = await placed(holding), await placed(portal)
    assert await holding.hold(held, held, "") == Held()
    refused = await holding.hold(going, going, "")
    assert isinstance(refused, Refused)
    assert "only when it is created" in refused.reason
    assert (portal.caps.hold_before, holding.caps.hold_before) == (None, ShipmentState.PICKING)
    assert portal.caps.amend_before is None


async def test_a_held_order_stays_until_it_is_released(holding: AmazonMcf, sandbox: SandboxProcess) -> None:
    key = await placed(holding)
    sandbox.control("clock", {"advance": 3 * DAY})
    assert (await state(holding, key)).held
    body = holding.render_change(CommandKind.RELEASE, "")
    assert await holding.release(key, key, body) == Released()
    assert await holding.release(key, key, body) == Released()
    await until(holding, sandbox, key, ShipmentState.SHIPPED)


async def test_a_hold_of_fourteen_days_ends_in_a_cancel(holding: AmazonMcf, sandbox: SandboxProcess) -> None:
    key = await placed(holding)
    sandbox.control("clock", {"advance": 14 * DAY})
    assert (await state(holding, key)).status is ShipmentState.CANCELLED
    late = await holding.release(key, key, holding.render_change(CommandKind.RELEASE, ""))
    assert isinstance(late, TooLate)
    assert "14 days" in late.reason
    assert isinstance(await holding.amend(key, key, holding.render_amend(AWAY, "")), TooLate)


async def test_a_release_without_a_reply_is_looked_up(holding: AmazonMcf, sandbox: SandboxProcess) -> None:
    key = await placed(holding)
    body = holding.render_change(CommandKind.RELEASE, "")
    sandbox.control("faults", [{"on": f"PUT {ORDER}", "fault": "drop_before", "times": 1}])
    with pytest.raises(Ambiguous, match="still on hold"):
        await holding.release(key, key, body)
    sandbox.control("faults", [{"on": f"PUT {ORDER}", "fault": "drop_after", "times": 1}])
    assert await holding.release(key, key, body) == Released()


async def test_an_order_is_cancelled_until_somebody_picks_it(portal: AmazonMcf, sandbox: SandboxProcess) -> None:
    fresh = await placed(portal)
    assert await portal.cancel(fresh, fresh, "") == Cancelled()
    assert await portal.cancel(fresh, fresh, "") == Cancelled()
    assert (await state(portal, fresh)).status is ShipmentState.CANCELLED
    picked = await placed(portal)
    await until(portal, sandbox, picked, ShipmentState.PICKING)
    late = await portal.cancel(picked, picked, "")
    assert isinstance(late, TooLate)
    assert "Processing" in late.reason
    assert late.address == HOME


async def test_a_cancel_that_can_not_be_read_back_is_doubtful(portal: AmazonMcf, sandbox: SandboxProcess) -> None:
    key = await placed(portal)
    sandbox.control("faults", [{"on": f"GET {ORDER}", "fault": "500", "times": 1}])
    with pytest.raises(Ambiguous):
        await portal.cancel(key, key, "")
    assert (await state(portal, key)).status is ShipmentState.CANCELLED


async def test_stock_is_what_amazon_counts_over_all_pages(portal: AmazonMcf, sandbox: SandboxProcess) -> None:
    sandbox.control("stock", {f"SHELF-{number:03d}": number for number in range(60)} | {"RARE": 3})
    await placed(portal, lines=(ShipmentLine("RARE", "", 2),))
    levels = {each.sku: (each.on_hand, each.available) for each in await portal.stock()}
    assert levels["RARE"] == (3, 1)
    assert levels["SHELF-059"] == (59, 59)


async def test_what_amazon_gives_up_is_cancelled_and_says_why(portal: AmazonMcf, sandbox: SandboxProcess) -> None:
    sandbox.control("stock", {"NONE": 0})
    short, wrong = await placed(portal, lines=(ShipmentLine("NONE", "", 1),)), await placed(portal)
    sandbox.control("fate", {"reference": wrong, "fate": "address_query"})
    sandbox.control("clock", {"advance": DAY})
    for key, raw in ((short, "Unfulfillable"), (wrong, "Invalid")):
        remote = await state(portal, key)
        assert (remote.status, remote.raw_status) == (ShipmentState.CANCELLED, raw)
        assert remote.exceptions[0].startswith(f"{raw}: ")


async def test_a_test_of_the_portal_changes_nothing(tmp_path: Path) -> None:
    with playing(tmp_path / "w.db") as alone:
        async with driving(alone) as portal:
            await placed(portal)
            before = ledger(alone.state)
            assert [check.ok for check in await portal.test()] == [True, True, True]
        assert ledger(alone.state) == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "marketplace_id is missing"),
        ({"marketplace_id": MARKET, "shipping_speed": "Overnight"}, "Standard, Expedited, Priority"),
        ({"marketplace_id": MARKET, "hold_first": "yes"}, "true or false"),
        ({"marketplace_id": MARKET, "login_url": "http://login.example"}, "only https"),
        ({"marketplace_id": MARKET, "region": "eu"}, "no such option"),
    ],
)
def test_settings_that_can_not_be_are_named(tmp_path: Path, options: dict[str, object], words: str) -> None:
    url = "https://sellingpartnerapi-eu.amazon.com"
    save_warehouse(tmp_path, WarehouseSettings("AMZ", "Amazon", ("*",), "amazon", url, "env:NONE", options=options))
    with pytest.raises(WorkspaceError, match=words):
        portal_for(load_policy(tmp_path).warehouse("AMZ"), tmp_path, Clock())


async def test_a_worker_sends_releases_and_follows_a_batch(
    workspace: Workspace, campaign: int, make_order: MakeOrder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with playing(tmp_path / "w.db") as alone:
        alone.control(
            "faults",
            [
                {"on": f"POST {ORDERS}", "fault": "drop_after", "times": 1},
                {"on": f"POST {ORDERS}", "fault": "drop_before", "times": 1},
            ],
        )
        monkeypatch.setenv("LASTCALL_TEST_AMAZON", SECRET)
        options = {
            "marketplace_id": MARKET,
            "login_url": alone.url,
            "hold_first": True,
            "max_lag": 0.2,
            "per_minute": 6000,
        }
        settings = WarehouseSettings(
            "EU1", "Amazon", ("*",), "amazon", alone.url, "env:LASTCALL_TEST_AMAZON", options=options
        )
        save_warehouse(workspace.folder, settings)
        ws = Workspace(workspace.folder, Actor("dana", "console", "dana-1"), Clock())
        orders = [make_order(lines=(("GAME", 1), ("DICE-2", 2))) for _ in range(5)]
        batch = make_batch(ws, campaign)
        send_batch(ws, Item(batch, _rev(ws, "batches", batch)), 5, start=False)
        assert finish(start_worker_process(ws))[0] == 0
        assert pushed(ws, batch).accepted == 5
        assert sorted(creations(alone).values()) == [1] * 5

        portal = portal_for(ws.policy.warehouse("EU1"), ws.folder, ws.clock)
        await poll_warehouse(ws, portal, "EU1")
        assert _stages(ws) == {"at_warehouse"}
        release_at_warehouse(ws, [Item(each, _rev(ws, "orders", each)) for each in orders], start=False)
        assert finish(start_worker_process(ws))[0] == 0
        alone.control("clock", {"advance": 30 * DAY})
        await poll_warehouse(ws, portal, "EU1")
        assert _stages(ws) == {"delivered"}
        await portal.close()
        ws.close()


def _stages(ws: Workspace) -> set[str]:
    return {row[0] for row in ws.store.rows("SELECT stage FROM orders")}


def _rev(ws: Workspace, table: str, row: int) -> int:
    return int(ws.store.value(f"SELECT rev FROM {table} WHERE id = ?", (row,)))
