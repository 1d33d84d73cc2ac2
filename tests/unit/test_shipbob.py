"""The ShipBob portal against a sandbox warehouse that speaks as ShipBob does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from data.clock import Clock
from data.model import CommandKind, InputError, ParcelStatus, ShipmentState
from data.portals.credentials import SecretHeader
from data.portals.errors import (
    Ambiguous,
    AuthFailed,
    Conflict,
    NotSent,
    NotUnderstood,
    Permanent,
    PortalError,
    RateLimited,
    Retryable,
)
from data.portals.notices import Carton, InboundNotice, ReturnAction, ReturnLine, ReturnNotice
from data.portals.outcomes import (
    Absent,
    Found,
    Pushed,
    RemoteLine,
)
from data.portals.protocol import ShipmentLine
from data.portals.sandbox.ledger import ledger
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.sandbox.shipbob import PER_MINUTE
from data.portals.secrets import Secret
from data.portals.shipbob import ShipBob
from tests.shipbob import (
    CREATE,
    DAY,
    FIND,
    HOME,
    bob,
    connect,
    creations,
    order,
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


async def test_a_pushed_order_is_found_as_it_was_asked_for(portal: ShipBob, sandbox: SandboxProcess) -> None:
    made = order(campaign="Ember", late=True, ordered_at="2026-10-01T10:00:00Z")
    body = portal.render_push(made)
    assert isinstance(await portal.find(made.key), Absent)
    result = await portal.push(body, made.key)
    remote = await state(portal, made.key)
    assert (result.outcome, result.remote_ids) == (Pushed.CREATED, (remote.remote_id,))
    assert (remote.status, remote.raw_status, remote.held) == (ShipmentState.ACCEPTED, "Processing", False)
    assert remote.address == HOME
    assert portal.matches(body, remote) == []
    told = raw(sandbox, f"/2026-01/order/{remote.remote_id}")
    assert told["tags"] == [{"name": "campaign", "value": "Ember"}, {"name": "late", "value": "yes"}]
    assert told["shipments"][0]["id"] != told["id"]


async def test_a_duplicate_is_already_there_and_another_order_under_the_reference_is_a_conflict(
    portal: ShipBob, sandbox: SandboxProcess
) -> None:
    key, remote_id, body = await pushed(portal)
    again = await portal.push(body, key)
    assert (again.outcome, again.remote_ids) == (Pushed.ALREADY, (remote_id,))
    other = order(key=key, address=replace(HOME, city="Leeds"), lines=(ShipmentLine("GAME", "", 3),))
    with pytest.raises(Conflict) as caught:
        await portal.push(portal.render_push(other), key)
    assert [line.split(":")[0] for line in caught.value.differences] == ["city", "DICE-2", "GAME"]
    assert creations(sandbox, key) == 1


async def test_a_422_that_is_no_duplicate_is_refused_once_the_reference_is_seen_to_be_absent(
    portal: ShipBob, sandbox: SandboxProcess
) -> None:
    made = order()
    body = json.loads(portal.render_push(made))
    body["recipient"]["address"]["city"] = ""
    body["products"][0]["name"] = ""
    with pytest.raises(Permanent) as caught:
        await portal.push(json.dumps(body), made.key)
    assert {each.field for each in caught.value.fields} == {"Recipient.Address.city", "lines[0].name"}
    assert (caught.value.http_status, creations(sandbox, made.key)) == (422, 0)
    sandbox.control("faults", [{"on": FIND, "fault": "500", "times": 1}])
    with pytest.raises(Ambiguous):
        await portal.push(json.dumps(body), made.key)


async def test_a_422_of_any_words_is_a_duplicate_where_the_reference_is_there(portal: ShipBob) -> None:
    key, remote_id, text = await pushed(portal)
    body = json.loads(text)
    body["shipping_method"] = ""
    again = await portal.push(json.dumps(body), key)
    assert (again.outcome, again.remote_ids) == (Pushed.ALREADY, (remote_id,))


@pytest.mark.parametrize(
    ("fault", "raised", "created"),
    [
        ("429", RateLimited, 0),
        ("500", Ambiguous, 0),
        ("500_after", Ambiguous, 1),
        ("slow", Ambiguous, 1),
        ("drop_before", Ambiguous, 0),
        ("drop_after", Ambiguous, 1),
        ("reset_after", Ambiguous, 1),
        ("truncate", Ambiguous, 1),
        ("garbage", NotUnderstood, 1),
        ("other_reference", NotUnderstood, 1),
    ],
)
async def test_a_lost_reply_leaves_one_order_however_often_it_is_asked(
    portal: ShipBob, sandbox: SandboxProcess, fault: str, raised: type[PortalError], created: int
) -> None:
    seconds = {"429": 7, "slow": 5}.get(fault, 0)
    sandbox.control("faults", [{"on": CREATE, "fault": fault, "times": 1, "seconds": seconds}])
    made = order()
    body = portal.render_push(made)
    with pytest.raises(raised) as caught:
        await portal.push(body, made.key)
    if isinstance(caught.value, RateLimited):
        assert caught.value.wait == 7
    assert creations(sandbox, made.key) == created
    again = await portal.push(body, made.key)
    assert again.outcome is (Pushed.ALREADY if created else Pushed.CREATED)
    assert creations(sandbox, made.key) == 1


async def test_an_unknown_sku_is_refused_before_anything_is_sent_for_shipbob_would_make_it_up(
    portal: ShipBob, sandbox: SandboxProcess
) -> None:
    # The vendor's search finds GAME-DELUXE for GAME-DEL: only the same text is the same product.
    made = order(lines=(ShipmentLine("GAME", "", 1), ShipmentLine("GAME-DEL", "", 1)))
    body = portal.render_push(made)
    with pytest.raises(Permanent) as caught:
        await portal.push(body, made.key)
    assert [each.field for each in caught.value.fields] == ["lines.GAME-DEL"]
    assert creations(sandbox, made.key) == 0
    # The trap itself, past the portal: a product without stock that nobody wanted.
    raw(sandbox, "/2026-01/order", json.loads(body))
    counted = {each.sku: each.on_hand for each in await portal.stock()}
    assert counted["GAME-DEL"] == 0


async def test_a_sku_is_looked_up_once_in_a_run(portal: ShipBob, sandbox: SandboxProcess) -> None:
    seen = [{"on": "GET /{version}/product", "fault": "slow"}]
    sandbox.control("faults", seen)
    before = sandbox.control("faults", seen)["struck"].get("slow", 0)
    lines = (ShipmentLine("GAME", "", 1),)
    await asyncio.gather(*(pushed(portal, lines=lines) for _ in range(5)))
    assert sandbox.control("faults", [])["struck"]["slow"] == before + 1
    await pushed(portal)
    sandbox.control("faults", [{"on": "GET /{version}/product", "fault": "500"}])
    await pushed(portal)
    with pytest.raises(NotSent):
        await pushed(portal, lines=(ShipmentLine("GAME-DELUXE", "", 1),))
    sandbox.control("faults", [])
    await pushed(portal, lines=(ShipmentLine("GAME-DELUXE", "", 1),))


@pytest.mark.parametrize("fault", ["500", "drop_before", "slow", "truncate", "compressed", "redirect"])
async def test_a_look_up_that_fails_may_be_asked_again(portal: ShipBob, sandbox: SandboxProcess, fault: str) -> None:
    key, _, _ = await pushed(portal)
    sandbox.control("faults", [{"on": FIND, "fault": fault, "times": 1, "seconds": 5}])
    with pytest.raises(Retryable):
        await portal.find(key)
    assert isinstance(await portal.find(key), Found)


async def test_a_parcel_is_followed_to_the_door(portal: ShipBob, sandbox: SandboxProcess) -> None:
    key, _, _ = await split(portal, sandbox)
    await until(portal, sandbox, key, ShipmentState.PACKED)
    labelled = (await state(portal, key)).parcels
    assert [each.status for each in labelled] == [ParcelStatus.PRE_TRANSIT] * 2
    await until(portal, sandbox, key, ShipmentState.DELIVERED, step=12)
    remote = await state(portal, key)
    first, second = remote.parcels
    assert (first.raw_status, first.status) == ("Delivered", ParcelStatus.DELIVERED)
    assert first.tracking_number != second.tracking_number
    assert (first.lines, second.lines) == ((RemoteLine("GAME", 1),), (RemoteLine("DICE-2", 2),))
    assert remote.raw_status == "Fulfilled: Completed Delivered"


async def test_what_goes_wrong_underway_is_told_in_the_vendor_s_words(portal: ShipBob, sandbox: SandboxProcess) -> None:
    key, _, _ = await pushed(portal)
    sandbox.control("fate", {"reference": key, "fate": "lost"})
    sandbox.control("clock", {"advance": 30 * DAY})
    remote = await state(portal, key)
    assert (remote.status, remote.parcels[0].status) == (ShipmentState.SHIPPED, ParcelStatus.FAILURE)
    assert remote.parcels[0].raw_status == "DeliveryException: lost by the carrier"
    assert remote.exceptions == ("lost by the carrier",)


async def test_stock_is_that_of_the_centre_or_of_all(portal: ShipBob, sandbox: SandboxProcess) -> None:
    sandbox.control("stock", {f"PAGE-{number:03d}": number for number in range(260)})
    for center in (4, 0):
        other = connect(sandbox, fulfillment_center=center)
        counted = {each.sku: each for each in await other.stock()}
        assert [counted[f"PAGE-{number:03d}"].on_hand for number in (0, 7, 259)] == [0, 7, 259]
        await other.close()
    before = {each.sku: each.available for each in await portal.stock()}
    await pushed(portal, lines=(ShipmentLine("PAGE-259", "", 5),))
    after = {each.sku: each.available for each in await portal.stock()}
    assert before["PAGE-259"] - after["PAGE-259"] == 5


async def test_an_inbound_shipment_is_announced_once_though_the_vendor_takes_it_twice(
    portal: ShipBob, sandbox: SandboxProcess
) -> None:
    cartons = (
        Carton("1Z1", (RemoteLine("GAME", 10),), count=4),
        Carton("1Z2", (RemoteLine("GAME", 3), RemoteLine("DICE-2", 6))),
    )
    notice = InboundNotice("ASN-1", "2026-12-04", cartons)
    body = portal.render_notice(notice)
    assert isinstance(await portal.find_notice(CommandKind.ANNOUNCE, "ASN-1"), Absent)
    sandbox.control("faults", [{"on": "POST /{version}/receiving", "fault": "drop_after", "times": 1}])
    with pytest.raises(Ambiguous):
        await portal.notify(CommandKind.ANNOUNCE, body, "ASN-1")
    again = await portal.notify(CommandKind.ANNOUNCE, body, "ASN-1")
    assert again.outcome is Pushed.ALREADY
    found = await portal.find_notice(CommandKind.ANNOUNCE, "ASN-1")
    assert isinstance(found, Found)
    assert (found.remote.raw_status, found.remote.lines) == (
        "Awaiting",
        (RemoteLine("GAME", 43), RemoteLine("DICE-2", 6)),
    )
    fewer = portal.render_notice(replace(notice, cartons=cartons[:1]))
    with pytest.raises(Conflict):
        await portal.notify(CommandKind.ANNOUNCE, fewer, "ASN-1")
    unknown = portal.render_notice(replace(notice, key="ASN-2", cartons=(Carton("", (RemoteLine("NO-SUCH", 1),)),)))
    with pytest.raises(Permanent, match="NO-SUCH"):
        await portal.notify(CommandKind.ANNOUNCE, unknown, "ASN-2")
    assert len(raw(sandbox, "/2026-01/receiving")) == 1


async def test_a_return_names_the_shipment_that_it_is_of(portal: ShipBob, sandbox: SandboxProcess) -> None:
    key, remote_id, _ = await split(portal, sandbox)
    lines = (ReturnLine("DICE-2", 1, ReturnAction.RESTOCK),)
    body = portal.render_notice(ReturnNotice("RMA-1", key, remote_id, lines, "1Z9", "refused"))
    first = await portal.notify(CommandKind.RETURN, body, "RMA-1")
    again = await portal.notify(CommandKind.RETURN, body, "RMA-1")
    assert (first.outcome, again.outcome, first.remote_ids) == (Pushed.CREATED, Pushed.ALREADY, again.remote_ids)
    (told,) = raw(sandbox, "/2026-01/return?ReferenceIds=RMA-1")["items"]
    shipments = raw(sandbox, f"/2026-01/order/{remote_id}")["shipments"]
    assert told["original_shipment_id"] == shipments[1]["id"]
    assert told["inventory"][0]["action_requested"] == {"action": "Restock"}


async def test_a_test_of_the_portal_changes_nothing_and_names_what_is_wrong(
    portal: ShipBob, sandbox: SandboxProcess
) -> None:
    before = ledger(sandbox.state), await portal.stock()
    assert [each.ok for each in await portal.test()] == [True] * 6
    read_only = connect(sandbox, channel=103)
    assert [each.words for each in await read_only.test() if not each.ok] == [
        "this secret may not write there; it may orders_read"
    ]
    await read_only.close()
    wrong = connect(sandbox, channel=104, shipping_method="Rocket", fulfillment_center=5)
    checks = {each.name: each.words for each in await wrong.test() if not each.ok}
    assert list(checks) == [
        "channel 104 takes orders",
        "shipping method Rocket is known",
        "fulfilment centre 5 is known",
    ]
    assert "101" in checks["channel 104 takes orders"]
    with pytest.raises(AuthFailed):
        await pushed(wrong)
    await wrong.close()
    other = ShipBob(sandbox.url, SecretHeader(lambda: Secret("wrong")), Clock(), channel=101)
    assert not any(each.ok for each in await other.test())
    await other.close()
    assert (ledger(sandbox.state), await portal.stock()) == before


async def test_a_version_that_is_not_there_is_a_failure_and_no_refusal_of_the_order(sandbox: SandboxProcess) -> None:
    portal = connect(sandbox, version="2031-01")
    with pytest.raises(NotSent):
        await pushed(portal)
    with pytest.raises(NotUnderstood):
        await portal.find("K-1")
    await portal.close()


def test_what_shipbob_can_not_take_is_said_before_it_is_sent(sandbox: SandboxProcess) -> None:
    portal = connect(sandbox, fulfillment_center=0)
    for wrong, words in (
        ({"name": "", "company": "ACME"}, "name"),
        ({"line1": "", "line2": "Flat 3"}, "street"),
        ({"city": ""}, "city"),
        ({"country": "Germany"}, "two-letter"),
    ):
        with pytest.raises(InputError, match=words):
            portal.render_push(order(address=replace(HOME, **wrong)))
    with pytest.raises(InputError, match="fulfillment_center"):
        portal.render_notice(InboundNotice("ASN-3", "2026-12-04", (Carton("", (RemoteLine("GAME", 1),)),)))
    assert not portal.caps.announce
    assert not portal.caps.returns


async def test_the_vendor_s_limit_is_kept_and_its_own_header_says_how_long(tmp_path: Path) -> None:
    with start(tmp_path / "limited.db", dialect="shipbob") as limited:
        portal = connect(limited, concurrency=10, deadline=30.0)
        await asyncio.gather(*(portal.find("K-1") for _ in range(PER_MINUTE)))
        with pytest.raises(RateLimited) as caught:
            await portal.find("K-1")
        assert 1 <= caught.value.wait <= 60
        assert caught.value.http_status == 429
        await portal.close()
