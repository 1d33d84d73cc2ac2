"""Amending, cancelling and holding orders at ShipBob, shipment by shipment, against a sandbox that speaks so."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from data.model import Address, CommandKind, ShipmentState
from data.portals.errors import (
    Ambiguous,
    NotSent,
)
from data.portals.outcomes import (
    Applied,
    Cancelled,
    Doubtful,
    Held,
    Partly,
    Refused,
    Released,
    RemoteLine,
    TooLate,
)
from data.portals.sandbox.process import SandboxProcess
from data.portals.shipbob import ShipBob
from tests.shipbob import (
    AMEND,
    AWAY,
    DAY,
    HOME,
    HOUR,
    SHOW,
    bob,
    connect,
    pushed,
    raw,
    split,
    state,
    until,
)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with bob(tmp_path_factory.mktemp("shipbob")) as running:
        yield running


@pytest.fixture
async def portal(sandbox: SandboxProcess) -> AsyncIterator[ShipBob]:
    sandbox.control("faults", [])
    made = connect(sandbox)
    yield made
    await made.close()


async def test_an_amendment_is_applied_until_it_is_picked_and_too_late_after_with_the_address_that_ships(
    portal: ShipBob, sandbox: SandboxProcess
) -> None:
    key, remote_id, last = await pushed(portal)
    body = portal.render_amend(AWAY, last)
    assert json.loads(body)["email"] == "zoe@example.org"
    assert await portal.amend(remote_id, key, body) == Applied(AWAY)
    # The vendor's order keeps the recipient it was created with: the shipments are what goes out.
    told = raw(sandbox, f"/2026-01/order/{remote_id}")
    assert told["recipient"]["address"]["city"] == "London"
    assert (await state(portal, key)).address == AWAY
    await until(portal, sandbox, key, ShipmentState.PICKING)
    late = await portal.amend(remote_id, key, portal.render_amend(HOME, body))
    assert isinstance(late, TooLate)
    assert (late.address, "Picked" in late.reason) == (AWAY, True)


async def test_every_shipment_of_an_order_is_amended(portal: ShipBob, sandbox: SandboxProcess) -> None:
    key, remote_id, last = await split(portal, sandbox)
    assert await portal.amend(remote_id, key, portal.render_amend(AWAY, last)) == Applied(AWAY)
    told = raw(sandbox, f"/2026-01/order/{remote_id}")
    assert [each["recipient"]["address"]["city"] for each in told["shipments"]] == ["Genève", "Genève"]


async def test_an_amendment_that_reached_one_of_two_shipments_is_doubtful_and_no_address_is_claimed(
    portal: ShipBob, sandbox: SandboxProcess
) -> None:
    key, remote_id, last = await split(portal, sandbox)
    sandbox.control("faults", [{"on": AMEND, "fault": "drop_after", "times": 1}])
    body = portal.render_amend(AWAY, last)
    assert isinstance(await portal.amend(remote_id, key, body), Doubtful)
    mixed = await state(portal, key)
    assert (mixed.address, mixed.exceptions) == (None, ("its shipments go to different addresses",))
    assert await portal.amend(remote_id, key, body) == Applied(AWAY)


async def test_an_amendment_of_which_one_shipment_has_left_says_so_with_the_address_it_goes_to(
    portal: ShipBob, sandbox: SandboxProcess
) -> None:
    key, remote_id, last = await split(portal, sandbox)
    await until(portal, sandbox, key, ShipmentState.PART_SHIPPED)
    late = await portal.amend(remote_id, key, portal.render_amend(AWAY, last))
    assert isinstance(late, TooLate)
    assert late.address == HOME
    assert late.reason.startswith("1 of 2 shipments: ")


@pytest.mark.parametrize(("fault", "held"), [("drop_before", HOME), ("drop_after", AWAY), ("slow", AWAY)])
async def test_an_amendment_without_a_trusted_reply_is_doubtful_and_a_look_up_tells(
    portal: ShipBob, sandbox: SandboxProcess, fault: str, held: Address
) -> None:
    key, remote_id, last = await pushed(portal)
    sandbox.control("faults", [{"on": AMEND, "fault": fault, "times": 1, "seconds": 5}])
    assert isinstance(await portal.amend(remote_id, key, portal.render_amend(AWAY, last)), Doubtful)
    assert (await state(portal, key)).address == held


async def test_what_is_read_back_counts_and_not_the_reply(portal: ShipBob, sandbox: SandboxProcess) -> None:
    key, remote_id, last = await pushed(portal)
    sandbox.control("faults", [{"on": AMEND, "fault": "garbage", "times": 1}])
    assert await portal.amend(remote_id, key, portal.render_amend(AWAY, last)) == Applied(AWAY)
    refused = await portal.amend(remote_id, key, portal.render_amend(replace(HOME, country="Schweiz"), last))
    assert isinstance(refused, Refused)
    assert "country" in refused.reason
    assert (await state(portal, key)).address == AWAY


async def test_a_refusal_of_the_vendor_s_is_told_in_its_words(portal: ShipBob, sandbox: SandboxProcess) -> None:
    key, remote_id, last = await pushed(portal)
    refused = await portal.amend(remote_id, key, portal.render_amend(replace(HOME, city="x" * 300), last))
    assert isinstance(refused, Refused)
    assert (
        refused.address,
        "VALIDATION_ERROR: ship_to.city" in refused.reason.replace("city must", "ship_to.city"),
    ) == (
        HOME,
        True,
    )


async def test_nothing_is_sent_where_what_goes_before_an_amendment_fails(
    portal: ShipBob, sandbox: SandboxProcess
) -> None:
    key, remote_id, last = await pushed(portal)
    for change in (portal.amend, portal.hold, portal.release):
        sandbox.control("faults", [{"on": SHOW, "fault": "500", "times": 1}])
        with pytest.raises(NotSent):
            await change(remote_id, key, portal.render_amend(AWAY, last))
    assert (await state(portal, key)).address == HOME


async def test_a_cancel_is_what_it_comes_to_and_not_what_the_reply_says(
    portal: ShipBob, sandbox: SandboxProcess
) -> None:
    fresh, fresh_id, _ = await pushed(portal)
    assert await portal.cancel(fresh_id, fresh, "") == Cancelled()
    assert (await state(portal, fresh)).status is ShipmentState.CANCELLED
    # The vendor refuses to cancel it twice; it is cancelled all the same.
    assert await portal.cancel(fresh_id, fresh, "") == Cancelled()

    parted, parted_id, _ = await split(portal, sandbox)
    await until(portal, sandbox, parted, ShipmentState.PART_SHIPPED)
    partly = await portal.cancel(parted_id, parted, "")
    assert isinstance(partly, Partly)
    assert (partly.lines, "already picked" in partly.reason) == ((RemoteLine("DICE-2", 2),), True)

    picked, picked_id, _ = await pushed(portal)
    await until(portal, sandbox, picked, ShipmentState.PICKING)
    late = await portal.cancel(picked_id, picked, "")
    assert isinstance(late, TooLate)
    assert (late.address, "already picked" in late.reason) == (HOME, True)


async def test_a_cancel_that_can_not_be_read_back_is_doubtful(portal: ShipBob, sandbox: SandboxProcess) -> None:
    key, remote_id, _ = await pushed(portal)
    for fault in ("500", "429"):
        sandbox.control("faults", [{"on": SHOW, "fault": fault, "times": 1}])
        with pytest.raises(Ambiguous):
            await portal.cancel(remote_id, key, "")


async def test_a_held_order_stays_with_all_its_shipments_until_it_is_released(
    portal: ShipBob, sandbox: SandboxProcess
) -> None:
    key, remote_id, last = await split(portal, sandbox)
    body = portal.render_change(CommandKind.HOLD, last)
    assert await portal.hold(remote_id, key, body) == Held()
    assert await portal.hold(remote_id, key, body) == Held()
    sandbox.control("clock", {"advance": 3 * DAY})
    remote = await state(portal, key)
    assert (remote.status, remote.held, remote.exceptions) == (ShipmentState.HELD, True, ())
    assert await portal.release(remote_id, key, portal.render_change(CommandKind.RELEASE, last)) == Released()
    assert not (await state(portal, key)).held
    await until(portal, sandbox, key, ShipmentState.SHIPPED, step=12)
    assert isinstance(await portal.hold(remote_id, key, body), TooLate)


async def test_an_order_of_which_one_shipment_is_held_is_not_held(portal: ShipBob, sandbox: SandboxProcess) -> None:
    key, remote_id, _ = await split(portal, sandbox)
    one = raw(sandbox, f"/2026-01/order/{remote_id}")["shipments"][0]["id"]
    raw(sandbox, "/2026-01/shipment:bulkPlaceOnHold", {"shipment_ids": [one]})
    remote = await state(portal, key)
    assert (remote.held, remote.status) == (False, ShipmentState.ACCEPTED)
    assert remote.raw_status == "Processing: OnHold Manual, Processing"


async def test_a_release_says_what_else_holds_the_order(portal: ShipBob, sandbox: SandboxProcess) -> None:
    key, remote_id, last = await pushed(portal)
    sandbox.control("fate", {"reference": key, "fate": "address_query"})
    sandbox.control("clock", {"advance": 10 * HOUR})
    blocked = await state(portal, key)
    words = "carrier does not know this address"
    assert (blocked.status, blocked.held, blocked.exceptions) == (ShipmentState.BLOCKED, False, (words,))
    await portal.hold(remote_id, key, portal.render_change(CommandKind.HOLD, last))
    released = await portal.release(remote_id, key, portal.render_change(CommandKind.RELEASE, last))
    assert isinstance(released, Released)
    assert words in released.still_held


async def test_a_picked_order_can_not_be_held(portal: ShipBob, sandbox: SandboxProcess) -> None:
    key, remote_id, last = await pushed(portal)
    await until(portal, sandbox, key, ShipmentState.PICKING)
    late = await portal.hold(remote_id, key, portal.render_change(CommandKind.HOLD, last))
    assert isinstance(late, TooLate)
    assert "CONFLICT" in late.reason
