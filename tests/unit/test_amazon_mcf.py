"""Amazon's Multi-Channel Fulfillment, driven against the sandbox that speaks like it."""

from __future__ import annotations

import itertools
import json
import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.clock import Clock, HeldClock
from data.desk.poll import poll_warehouse
from data.dispatch.hold import release_at_warehouse
from data.dispatch.send import send_batch
from data.model import Address, CommandKind, InputError, Item, ParcelStatus, ShipmentState, WorkspaceError
from data.policy import WarehouseSettings, load_policy, save_warehouse
from data.portals.amazon_bodies import Terms, read_address
from data.portals.amazon_cursor import Cursor, read_cursor
from data.portals.amazon_login import AmazonLogin
from data.portals.amazon_mcf import AmazonMcf
from data.portals.amazon_words import PACKAGES, SHIPMENTS, STATES, read_order
from data.portals.errors import (
    Ambiguous,
    AuthFailed,
    Conflict,
    NotSent,
    Permanent,
    PortalError,
    RateLimited,
    Retryable,
)
from data.portals.notices import Carton, InboundNotice, ReturnLine, ReturnNotice
from data.portals.outcomes import (
    Absent,
    Applied,
    Cancelled,
    Doubtful,
    Found,
    Held,
    Page,
    Pushed,
    Refused,
    Released,
    RemoteLine,
    RemoteState,
    TooLate,
    Unknown,
    Unsupported,
)
from data.portals.protocol import Idem, Portal, ShipmentLine, ShipmentOrder
from data.portals.registry import portal_for
from data.portals.sandbox.ledger import ledger
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.secrets import Secret
from data.store.actor import Actor
from data.store.workspace import Workspace
from tests.conftest import MakeOrder
from tests.sending import creations, finish, make_batch, pushed, start_worker_process

HOME = Address("Zoë O'Neill", "", "1 High Street", "Flat 3 [rear]", "London", "", "N1 1AA", "GB", "+44 20 7946 0018")
AWAY = Address("Zoë O'Neill", "Été SA", "Rue de l'Été 5", "", "Genève", "", "1201", "CH", "")
SECRET = "amzn1.application-oa2-client.4f2b:amzn1.oa2-cs.v1.77ad0c:Atzr|IwEBIC+/canary"
CANARIES = ("canary-client-5c1f", "canary-secret-77", "Atzr|canary/refresh+9")
"""Parts of a secret that no warehouse accepts; no test's variable may hold them, for tracebacks show those."""
MARKET = "A1F83G8C2ARO7P"
HOUR, DAY = 3600, 86400
ORDER = "/fba/outbound/2020-07-01/fulfillmentOrders/{id}"
ORDERS = "/fba/outbound/2020-07-01/fulfillmentOrders"
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    path = tmp_path_factory.mktemp("amazon") / "warehouse.db"
    with start(path, token=Secret(SECRET), dialect="amazon", limits=False) as running:
        running.control("settings", {"exceptions": 0})
        yield running


@asynccontextmanager
async def driving(
    sandbox: SandboxProcess, secret: str = SECRET, clock: Clock | None = None, **options: Any
) -> AsyncIterator[AmazonMcf]:
    clock = clock or Clock()
    terms = Terms(MARKET, hold_first=options.pop("hold_first", False))
    login = AmazonLogin(lambda: Secret(secret), sandbox.url, clock)
    given = {"deadline": 1.5, "per_minute": 60_000} | options
    portal = AmazonMcf(sandbox.url, login, clock, terms, **given)
    try:
        yield portal
    finally:
        await portal.close()


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


def order(**changes: Any) -> ShipmentOrder:
    lines = (ShipmentLine("GAME", "The game", 1), ShipmentLine("DICE-2", "Dice", 2))
    number = next(numbers)
    made = ShipmentOrder(f"EMBER-{number:06d}-1", f"#{number}", HOME, lines, "zoe@example.org", "Ember Isles")
    return replace(made, ordered_at="2026-10-01T10:00:00Z", currency="EUR", **changes)


async def placed(portal: AmazonMcf, **changes: Any) -> str:
    """Return the key of an order that is there."""
    made = order(**changes)
    await portal.push(portal.render_push(made), made.key)
    return made.key


async def state(portal: Portal, key: str) -> RemoteState:
    found = await portal.find(key)
    assert isinstance(found, Found)
    return found.remote


async def read_all(portal: Portal, cursor: str) -> tuple[list[Page], str]:
    """Poll until nothing is left, as a worker does."""
    pages: list[Page] = []
    while True:
        pages.append(await portal.poll(cursor))
        cursor = pages[-1].cursor
        if not pages[-1].more:
            return pages, cursor


def keys(pages: list[Page]) -> list[str]:
    return [each.reference for page in pages for each in page.states]


async def until(portal: Portal, sandbox: SandboxProcess, key: str, wanted: ShipmentState) -> None:
    """Move the warehouse's clock until an order is where it is wanted."""
    for _ in range(400):
        if (await state(portal, key)).status is wanted:
            return
        sandbox.control("clock", {"advance": 1700})
    pytest.fail(f"{key} never became {wanted}")


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


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"address": replace(HOME, postcode="")}, "a postcode"),
        ({"address": replace(HOME, name="")}, "a name"),
        ({"address": replace(HOME, line1="")}, "the street"),
        ({"address": replace(HOME, country="")}, "a country"),
        ({"ordered_at": "yesterday"}, "the date"),
        ({"lines": (ShipmentLine("GAME", "", 1000),)}, "999 units in an order of one SKU"),
        ({"lines": (ShipmentLine("GAME", "", 150), ShipmentLine("DICE", "", 1))}, "150 units in an order of several"),
        ({"lines": tuple(ShipmentLine(f"S{n}", "", 1) for n in range(101))}, "100 lines"),
        ({"lines": (ShipmentLine("S" * 51, "", 1),)}, "no line of 1"),
        ({"lines": ()}, "1 to 100 lines"),
    ],
)
def test_what_amazon_is_known_to_refuse_is_not_rendered(changes: dict[str, Any], words: str) -> None:
    made = order()
    with pytest.raises(InputError, match=words):
        _offline().render_push(replace(made, **changes))


def test_the_limits_themselves_are_rendered_and_lines_of_one_sku_are_one() -> None:
    one = json.loads(_offline().render_push(order(lines=(ShipmentLine("GAME", "", 900), ShipmentLine("GAME", "", 99)))))
    assert [(item["sellerSku"], item["quantity"]) for item in one["items"]] == [("GAME", 999)]
    several = (ShipmentLine("GAME", "", 149), ShipmentLine("DICE", "", 1))
    assert len(json.loads(_offline().render_push(order(lines=several)))["items"]) == 2


@pytest.mark.parametrize("number", ["№ 5", "", "9" * 41])
def test_a_number_that_amazon_can_not_print_gives_way_to_the_key(number: str) -> None:
    made = order(number=number)
    assert json.loads(_offline().render_push(made))["displayableOrderId"] == made.key


@pytest.mark.parametrize("address", [HOME, AWAY, replace(AWAY, name=""), replace(HOME, country="JP", city="渋谷区")])
def test_an_address_is_read_back_as_it_was_written(address: Address) -> None:
    written = json.loads(_offline().render_push(order(address=address)))["destinationAddress"]
    assert read_address(written) == address
    assert ("city" in written) is (address.country != "JP")


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


async def test_polling_goes_page_by_page_and_repeats_do_no_harm(portal: AmazonMcf, sandbox: SandboxProcess) -> None:
    _, cursor = await read_all(portal, "")
    made = [await placed(portal) for _ in range(12)]
    pages, after = await read_all(portal, cursor)
    assert [key for key in keys(pages) if key in made] == made
    assert len(pages) > 1
    # The same cursor tells the same: a page that was not stored is not lost.
    again, _ = await read_all(portal, cursor)
    assert [key for key in keys(again) if key in made] == made
    sandbox.control("clock", {"advance": HOUR})
    assert await portal.cancel(made[3], made[3], "") == Cancelled()
    pages, _ = await read_all(portal, after)
    told = {each.reference: each for page in pages for each in page.states}
    assert told[made[3]].status is ShipmentState.CANCELLED


async def test_parcels_are_followed_until_they_have_arrived(tmp_path: Path) -> None:
    with start(tmp_path / "w.db", token=Secret(SECRET), dialect="amazon", limits=False) as alone:
        alone.control("settings", {"exceptions": 0})
        clock = HeldClock(_now(alone))
        async with driving(alone, clock=clock) as portal:
            key, split = await placed(portal), await placed(portal)
            alone.control("fate", {"reference": split, "fate": "split"})
            _, cursor = await read_all(portal, "")

            async def after(days: float) -> dict[str, RemoteState]:
                nonlocal cursor
                alone.control("clock", {"advance": days * DAY})
                clock.move(timedelta(days=days))
                pages, cursor = await read_all(portal, cursor)
                return {each.reference: each for page in pages for each in page.states}

            seen: dict[str, RemoteState] = {}
            for _ in range(40):
                seen |= await after(0.6)
            assert (seen[key].status, seen[split].status) == (ShipmentState.DELIVERED, ShipmentState.DELIVERED)
            (parcel,) = seen[key].parcels
            assert (parcel.status, parcel.raw_status) == (ParcelStatus.DELIVERED, "DELIVERED")
            assert parcel.lines == (RemoteLine("GAME", 1), RemoteLine("DICE-2", 2))
            assert parcel.tracking_url.startswith("https://")
            assert [each.lines for each in seen[split].parcels] == [
                (RemoteLine("GAME", 1),),
                (RemoteLine("DICE-2", 2),),
            ]
            # What has arrived is not asked for again.
            assert not await after(1)


async def test_a_token_of_a_list_that_is_no_longer_good_begins_it_again(
    portal: AmazonMcf, sandbox: SandboxProcess
) -> None:
    key = await placed(portal)
    cursor = Cursor("2020-01-01T00:00:00Z", begun="2026-01-01T00:00:00Z", token="spoilt").text()
    pages, _ = await read_all(portal, cursor)
    assert key in keys(pages)


@pytest.mark.parametrize(
    "text", ["", "null", "7", "{}", '{"since": "x"}', '{"since": 5}', '{"since": "", "z": 1}', "["]
)
def test_a_cursor_that_is_none_begins_some_months_ago(text: str) -> None:
    now = datetime.fromisoformat("2026-11-28T12:00:00+00:00")
    assert read_cursor(text, now) == Cursor("2026-08-30T12:00:00Z")


def test_a_list_begins_before_the_last_one_and_never_skips_what_was_not_seen() -> None:
    now = datetime.fromisoformat("2026-11-28T12:00:00+00:00")
    at = Cursor("2026-11-01T00:00:00Z").begin(now)
    assert (at.sweeping, at.start) == (True, "2026-10-14T12:00:00Z")
    assert at.took((), "", "").read().since == "2026-11-01T00:00:00Z"
    assert at.took((), "2026-11-20T00:00:00Z", "").read().since == "2026-11-20T00:00:00Z"
    # A change seen just now: another, of the same minute, may not be in the list yet.
    ended = at.took((), "2026-11-28T12:00:00Z", "").read()
    assert (ended.since, ended.swept, ended.running) == ("2026-11-28T11:55:00Z", "2026-11-28T12:00:00Z", False)
    soon = ended.begin(now + timedelta(hours=11))
    assert (soon.sweeping, soon.start) == (False, "2026-11-28T11:55:00Z")
    assert ended.begin(now + timedelta(hours=12)).sweeping
    assert read_cursor(at.took(("A", "B"), "", "t").text(), now) == at.took(("A", "B"), "", "t")


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


async def test_units_come_back_each_with_its_shipment_and_are_announced_once(
    portal: AmazonMcf, sandbox: SandboxProcess
) -> None:
    key = await placed(portal)
    notice = ReturnNotice("RMA-1", key, key, (ReturnLine("DICE-2", 2), ReturnLine("GAME", 1)), "", "defective")
    body = portal.render_notice(notice)
    with pytest.raises(Permanent, match="have not left"):
        await portal.notify(CommandKind.RETURN, body, "RMA-1")
    await until(portal, sandbox, key, ShipmentState.SHIPPED)
    for expected in (Pushed.CREATED, Pushed.ALREADY):
        told = await portal.notify(CommandKind.RETURN, body, "RMA-1")
        assert not isinstance(told, Unsupported)
        assert told.outcome is expected
    more = replace(notice, key="RMA-2", lines=(ReturnLine("GAME", 1),))
    with pytest.raises(Permanent, match="come back already"):
        await portal.notify(CommandKind.RETURN, portal.render_notice(more), "RMA-2")
    assert isinstance(await portal.find_notice(CommandKind.RETURN, "RMA-1"), Unknown)


async def test_a_return_without_a_reply_is_made_once(portal: AmazonMcf, sandbox: SandboxProcess) -> None:
    key = await placed(portal)
    await until(portal, sandbox, key, ShipmentState.SHIPPED)
    body = portal.render_notice(ReturnNotice("RMA-3", key, key, (ReturnLine("GAME", 1),), "", "No longer needed"))
    sandbox.control("faults", [{"on": f"PUT {ORDER}/return", "fault": "drop_after", "times": 1}])
    with pytest.raises(Ambiguous):
        await portal.notify(CommandKind.RETURN, body, "RMA-3")
    told = await portal.notify(CommandKind.RETURN, body, "RMA-3")
    assert not isinstance(told, Unsupported)
    assert told.outcome is Pushed.ALREADY


async def test_a_reason_that_is_not_amazon_s_is_asked_for_unless_one_is_set(sandbox: SandboxProcess) -> None:
    async with driving(sandbox) as portal, driving(sandbox, return_reason="CR-DEFECTIVE") as set_up:
        key = await placed(portal)
        await until(portal, sandbox, key, ShipmentState.SHIPPED)
        body = portal.render_notice(ReturnNotice("RMA-4", key, key, (ReturnLine("GAME", 1),), "", "the dog ate it"))
        with pytest.raises(Permanent, match=r"CR-DEFECTIVE \(Defective\)"):
            await portal.notify(CommandKind.RETURN, body, "RMA-4")
        told = await set_up.notify(CommandKind.RETURN, body, "RMA-4")
        assert not isinstance(told, Unsupported)
        assert told.outcome is Pushed.CREATED


async def test_inbound_shipments_are_not_announced_here(portal: AmazonMcf) -> None:
    with pytest.raises(InputError, match="Seller Central"):
        portal.render_notice(InboundNotice("ASN-1", "2026-12-04", (Carton("", (RemoteLine("GAME", 1),)),)))
    assert isinstance(await portal.notify(CommandKind.ANNOUNCE, "{}", "ASN-1"), Unsupported)
    assert not portal.caps.announce


async def test_an_expired_token_is_renewed_in_the_middle_of_things(portal: AmazonMcf, sandbox: SandboxProcess) -> None:
    key = await placed(portal)
    # The warehouse's clock alone: the portal believes its token to be good for an hour yet.
    sandbox.control("clock", {"advance": HOUR + 1})
    assert isinstance(await portal.find(key), Found)
    sandbox.control("clock", {"advance": HOUR + 1})
    made = order()
    result = await portal.push(portal.render_push(made), made.key)
    assert result.outcome is Pushed.CREATED


async def test_a_token_is_renewed_before_it_ends(sandbox: SandboxProcess) -> None:
    clock = HeldClock(datetime.fromisoformat("2026-11-28T12:00:00+00:00"))
    login = AmazonLogin(lambda: Secret(SECRET), sandbox.url, clock)
    first = await login.headers()
    clock.move(timedelta(seconds=HOUR - 61))
    assert await login.headers() == first
    clock.move(timedelta(seconds=1))
    assert await login.headers() != first
    await login.close()


async def test_a_test_of_the_portal_changes_nothing(portal: AmazonMcf, sandbox: SandboxProcess) -> None:
    before = ledger(sandbox.state)
    assert [check.ok for check in await portal.test()] == [True, True, True]
    assert ledger(sandbox.state) == before


async def test_too_many_requests_are_refused_without_a_word_on_how_long(tmp_path: Path) -> None:
    with start(tmp_path / "w.db", token=Secret(SECRET), dialect="amazon") as strict:
        async with driving(strict) as portal:
            # The portal's own pace is set too high for Amazon's here.
            limited: RateLimited | None = None
            for number in range(1000):
                try:
                    await portal.find(f"K-{number}")
                except RateLimited as error:
                    limited = error
                    break
            assert limited is not None
            assert number >= 30
            assert limited.wait == 30.0


async def test_reading_keeps_amazon_s_pace_by_itself() -> None:
    from data.portals.bucket import Bucket

    now = 100.0
    bucket = Bucket(2.0, 30, lambda: now)
    assert [bucket.take() for _ in range(30)] == [0.0] * 30
    assert (bucket.take(), bucket.take()) == (0.5, 1.0)
    now += 16
    assert bucket.take() == 0.0
    strict = Bucket(2.0, 1, lambda: now)
    assert (strict.ask(), strict.ask()) == (None, 0.5)


async def test_no_part_of_the_secret_is_in_an_error_a_log_or_a_repr(
    sandbox: SandboxProcess, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with driving(sandbox, ":".join(CANARIES)) as portal:
        with pytest.raises(AuthFailed, match="invalid_grant") as caught:
            await portal.find("K-1")
        checks = await portal.test()
        login = AmazonLogin(lambda: Secret(":".join(CANARIES)), sandbox.url, Clock())
        with pytest.raises(AuthFailed):
            await login.headers()
        echoed = login.hide(f"{CANARIES} client_id=canary-client-5c1f&refresh_token=Atzr%7Ccanary%2Frefresh%2B9")
        await login.close()
    told = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert [check.ok for check in checks] == [False, False, False]
    shown = (told, caplog.text, repr(checks), repr(vars(caught.value)), echoed, repr(login))
    assert not any("canary" in text for text in shown)
    assert "POST /auth/o2/token 400" in caplog.text


async def test_no_token_is_in_an_error_that_echoes_it(portal: AmazonMcf, sandbox: SandboxProcess) -> None:
    token = (await portal._login.headers())["x-amz-access-token"]
    with pytest.raises(Permanent) as caught:
        await portal.push(json.dumps({"sellerFulfillmentOrderId": token}), "K-0")
    told = "".join(traceback.TracebackException.from_exception(caught.value).format())
    assert token not in told + caught.value.reply_head
    assert portal._login.hide(f"x {token} y") == "x *** y"


@pytest.mark.parametrize("secret", ["one-word", "two:words", "a::c"])
async def test_a_secret_of_another_form_says_what_the_form_is(sandbox: SandboxProcess, secret: str) -> None:
    async with driving(sandbox, secret) as portal:
        with pytest.raises(WorkspaceError, match="client_id:client_secret:refresh_token") as caught:
            await portal.find("K-1")
        assert secret not in str(caught.value)


async def test_a_login_that_is_not_there_has_sent_nothing(sandbox: SandboxProcess, tmp_path: Path) -> None:
    gone = start(tmp_path / "gone.db")
    gone.stop()
    login = AmazonLogin(lambda: Secret(SECRET), gone.url, Clock())
    portal = AmazonMcf(sandbox.url, login, Clock(), Terms(MARKET))
    made = order()
    with pytest.raises(NotSent):
        await portal.push(portal.render_push(made), made.key)
    await portal.close()


def test_every_word_of_amazon_s_is_known_and_another_is_kept() -> None:
    assert (len(STATES), len(SHIPMENTS), len(PACKAGES)) == (9, 4, 18)
    told = {
        "fulfillmentOrder": {"sellerFulfillmentOrderId": "K", "fulfillmentOrderStatus": "Teleported"},
        "fulfillmentOrderItems": [{"sellerSku": "GAME", "quantity": 1}],
        "fulfillmentShipments": [
            {
                "fulfillmentShipmentStatus": "BEAMED",
                "fulfillmentShipmentItem": [],
                "fulfillmentShipmentPackage": [{"packageNumber": 1, "carrierCode": "X", "trackingNumber": "T"}],
            }
        ],
    }
    remote = read_order(told, {1: {"currentStatus": "LOST_IN_SPACE"}})
    assert (remote.raw_status, remote.status, remote.address) == ("Teleported", None, None)
    assert (remote.parcels[0].raw_status, remote.parcels[0].status) == ("LOST_IN_SPACE", ParcelStatus.UNKNOWN)


def test_an_order_that_ended_with_less_than_all_says_what_is_missing() -> None:
    told = {
        "fulfillmentOrder": {"sellerFulfillmentOrderId": "K", "fulfillmentOrderStatus": "CompletePartialled"},
        "fulfillmentOrderItems": [
            {"sellerSku": "GAME", "quantity": 2, "cancelledQuantity": 0, "unfulfillableQuantity": 1},
            {"sellerSku": "DICE", "quantity": 1, "cancelledQuantity": 1, "unfulfillableQuantity": 0},
        ],
    }
    remote = read_order(told)
    assert remote.status is ShipmentState.PART_SHIPPED
    assert remote.exceptions == ("GAME: 1 unfulfillable", "DICE: 1 cancelled")


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
    with start(tmp_path / "w.db", token=Secret(SECRET), dialect="amazon", limits=False) as alone:
        alone.control("settings", {"exceptions": 0})
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


def _now(sandbox: SandboxProcess) -> datetime:
    """Return the warehouse's own time."""
    return datetime.fromisoformat(sandbox.control("clock", {})["now"])


def _offline() -> AmazonMcf:
    """Return a portal that only renders."""
    url = "https://sellingpartnerapi-eu.amazon.com"
    return AmazonMcf(url, AmazonLogin(lambda: Secret(SECRET), url, Clock()), Clock(), Terms(MARKET))
