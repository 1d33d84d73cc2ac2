"""Reading from ShipBob what changed: its pages, its cursor, and words that are in no table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.clock import Clock, utc_text
from data.model import Address, ParcelStatus, ShipmentState
from data.portals import shipbob
from data.portals.budget import Budget
from data.portals.credentials import SecretHeader
from data.portals.outcomes import Found, RemoteState
from data.portals.protocol import ShipmentLine, ShipmentOrder
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.shipbob import ShipBob
from data.portals.shipbob_cursor import CHANGES, TRACKING, Sweep, read_sweep
from data.portals.shipbob_words import read_order

HOME = Address("Anna", "", "Elm Street 5", "", "Berlin", "", "10115", "DE", "")
DAY = 86400
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
LAG = timedelta(seconds=900)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with start(tmp_path / "warehouse.db", dialect="shipbob", limits=False) as running:
        running.control("settings", {"exceptions": 0})
        running.control("stock", {"GAME": 10_000})
        yield running


@pytest.fixture
async def portal(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ShipBob]:
    monkeypatch.setattr(shipbob, "PAGE", 3)
    made = ShipBob(
        sandbox.url, SecretHeader(lambda: sandbox.token), Clock(), channel=101, max_lag=900, per_minute=100_000
    )
    yield made
    await made.close()


async def push(portal: ShipBob, key: str) -> str:
    order = ShipmentOrder(key, key, HOME, (ShipmentLine("GAME", "The game", 1),))
    return (await portal.push(portal.render_push(order), key)).remote_ids[0]


async def sweep(portal: ShipBob, cursor: str) -> tuple[list[RemoteState], str]:
    """Poll as the worker does until there is no more, and return everything with the cursor."""
    found: list[RemoteState] = []
    while True:
        page = await portal.poll(cursor)
        found += page.states
        cursor = page.cursor
        if not page.more:
            return found, cursor


@pytest.mark.parametrize("count", [0, 1, 3, 7])
async def test_a_sweep_reads_all_pages_and_the_next_one_only_what_changed(
    portal: ShipBob, sandbox: SandboxProcess, count: int
) -> None:
    keys = [f"K-{number}" for number in range(count)]
    for key in keys:
        await push(portal, key)
    found, cursor = await sweep(portal, "")
    assert sorted(each.reference for each in found) == keys
    # What changed within the overlap is told again, and changes nothing.
    again, cursor = await sweep(portal, cursor)
    assert {each.reference for each in again} == set(keys)
    await push(portal, "K-LATE")
    found, _ = await sweep(portal, cursor)
    assert "K-LATE" in {each.reference for each in found}


async def test_a_sweep_begins_later_each_time(portal: ShipBob, sandbox: SandboxProcess) -> None:
    then = datetime.now(UTC) - timedelta(days=3)
    sandbox.control("clock", {"at": then.timestamp()})
    old = await push(portal, "K-OLD")
    sandbox.control("clock", {"at": (then + timedelta(hours=1)).timestamp()})
    await push(portal, "K-NEW")
    _, cursor = await sweep(portal, "")
    assert read_sweep(cursor) == Sweep(since=utc_text(then + timedelta(hours=1) - LAG))
    found, cursor = await sweep(portal, cursor)
    assert [each.reference for each in found] == ["K-NEW"]
    await portal.cancel(old, "K-OLD", "")
    found, _ = await sweep(portal, cursor)
    assert {each.reference: each.status for each in found}["K-OLD"] is ShipmentState.CANCELLED


async def test_what_changes_behind_a_sweep_s_back_is_found_by_the_next(
    portal: ShipBob, sandbox: SandboxProcess
) -> None:
    ids = {f"K-{number}": await push(portal, f"K-{number}") for number in range(7)}
    first = await portal.poll("")
    read = {each.reference for each in first.states}
    behind = sorted(read)[0]
    # One that was read is cancelled, and a new one pushes every other to a later place.
    await portal.cancel(ids[behind], behind, "")
    await push(portal, "K-NEW")
    rest, cursor = await sweep(portal, first.cursor)
    assert read | {each.reference for each in rest} >= ids.keys()
    found, _ = await sweep(portal, cursor)
    latest = {each.reference: each.status for each in found}
    assert (latest[behind], latest["K-NEW"]) == (ShipmentState.CANCELLED, ShipmentState.ACCEPTED)


async def test_a_poll_reads_its_own_channel_and_a_look_up_all_of_them(portal: ShipBob, sandbox: SandboxProcess) -> None:
    await push(portal, "K-OURS")
    shop = ShipBob(sandbox.url, SecretHeader(lambda: sandbox.token), Clock(), channel=102, per_minute=100_000)
    await push(shop, "K-SHOP")
    for each, key in ((portal, "K-OURS"), (shop, "K-SHOP")):
        found, _ = await sweep(each, "")
        assert [remote.reference for remote in found] == [key]
        assert isinstance(await each.find("K-OURS"), Found)
    await shop.close()


async def test_what_only_the_carrier_s_scans_changed_is_found_too(portal: ShipBob, sandbox: SandboxProcess) -> None:
    # This warehouse counts no scan as an update of the order: only the filter of tracking finds it.
    for number in range(4):
        await push(portal, f"K-{number}")
    _, cursor = await sweep(portal, "")
    sandbox.control("clock", {"advance": 20 * DAY})
    found, _ = await sweep(portal, cursor)
    assert {each.status for each in found} == {ShipmentState.DELIVERED}
    assert {each.parcels[0].status for each in found} == {ParcelStatus.DELIVERED}


async def test_an_order_that_can_not_be_read_keeps_no_other_back(portal: ShipBob, sandbox: SandboxProcess) -> None:
    await push(portal, "K-1")
    states, problems, told = shipbob.read_page(
        [None, {"id": 7, "products": 3}, order_json(reference_id=None), order_json(id="\u202e8")]
    )
    assert [each.reference for each in states] == ["K-1"]
    assert len(problems) == 3
    assert "\u202e" not in "".join(problems)
    assert told


STAMPS = st.integers(0, 2_000_000).map(lambda second: utc_text(NOW - timedelta(seconds=second)))


PAGES = st.lists(st.lists(STAMPS, max_size=4), min_size=1, max_size=4)


@given(PAGES, PAGES, st.sampled_from(["", utc_text(NOW - LAG)]))
def test_no_cursor_goes_back_or_beyond_what_was_told(
    changed: list[list[str]], tracked: list[list[str]], since: str
) -> None:
    now = Sweep(since)
    # The beginning of everything has no tracking of its own: there is nothing it could have left out.
    rounds = [(CHANGES, changed), (TRACKING, tracked)] if since else [(CHANGES, changed)]
    for by, pages in rounds:
        for place, told in enumerate(pages):
            assert (now.by, now.page, now.since) == (by, place + 1, since)
            following = now.after(told, full=place + 1 < len(pages), now=NOW, overlap=LAG)
            assert read_sweep(following.text()) == following
            now = following
    assert now == Sweep(now.since)
    assert now.since >= since
    every = [each for _, pages in rounds for told in pages for each in told]
    assert now.since <= max([since, *(utc_text(datetime.fromisoformat(each) - LAG) for each in every)])


def test_a_clock_that_is_wrong_on_either_side_loses_nothing() -> None:
    vendor = "2026-11-28T11:59:30.1234567+00:00"
    fast = Sweep().after([vendor], full=False, now=NOW + timedelta(days=300), overlap=LAG)
    slow = Sweep().after([vendor], full=False, now=NOW - timedelta(days=300), overlap=LAG)
    assert fast.since == "2026-11-28T11:44:30Z"
    assert slow.since == utc_text(NOW - timedelta(days=300) - LAG)
    # A sweep that was broken off long ago begins the next one where it began itself.
    resumed = Sweep("", 4, "2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z")
    assert resumed.after([vendor], full=False, now=NOW, overlap=LAG).since == "2026-10-31T23:45:00Z"


@pytest.mark.parametrize(
    "text", ["", "17", "a|b|c|d|e", "|x1|||", "|1|||IDs", f"2026|1|||{CHANGES}", f"|1|yesterday||{CHANGES}"]
)
def test_a_cursor_of_another_kind_is_the_beginning(text: str) -> None:
    assert read_sweep(text) == Sweep()


def order_json(**changes: Any) -> dict[str, Any]:
    place = {"address1": "Elm Street 5", "city": "Berlin", "zip_code": "10115", "country": "DE"}
    recipient = {"name": "Anna", "address": place}
    shipment = {
        "id": 11,
        "status": "Processing",
        "recipient": recipient,
        "last_update_at": "2026-11-28T10:00:00.5Z",
        "products": [{"reference_id": "GAME", "inventory_items": [{"id": 5, "quantity": 1}, {"id": 5, "quantity": 2}]}],
    }
    order = {
        "id": 7,
        "reference_id": "K-1",
        "status": "Processing",
        "recipient": recipient,
        "products": [{"reference_id": "GAME", "quantity": 3}],
        "shipments": [shipment],
    }
    own = {name[9:]: value for name, value in changes.items() if name.startswith("shipment_")}
    return order | {"shipments": [shipment | own]} | {n: v for n, v in changes.items() if not n.startswith("shipment_")}


@pytest.mark.parametrize(
    ("status", "details", "state"),
    [
        ("None", [], ShipmentState.ACCEPTED),
        ("Processing", [], ShipmentState.ACCEPTED),
        ("Processing", ["Picked"], ShipmentState.PICKING),
        ("Processing", ["Picked", "Packed"], ShipmentState.PACKED),
        ("LabeledCreated", [], ShipmentState.PACKED),
        ("Exception", ["OutOfStock"], ShipmentState.BLOCKED),
        ("ImportReview", [], ShipmentState.BLOCKED),
        ("CleanSweeped", [], ShipmentState.BLOCKED),
        ("OnHold", ["Manual"], ShipmentState.HELD),
        ("OnHold", [], ShipmentState.HELD),
        ("OnHold", ["InvalidAddress"], ShipmentState.BLOCKED),
        ("Completed", ["InTransit"], ShipmentState.SHIPPED),
        ("Completed", ["Delivered"], ShipmentState.DELIVERED),
        ("Cancelled", [], ShipmentState.CANCELLED),
    ],
)
def test_each_word_of_a_shipment_has_its_state(status: str, details: list[str], state: ShipmentState) -> None:
    told = [{"id": 1, "name": each, "description": each.lower()} for each in details]
    remote = read_order(order_json(shipment_status=status, shipment_status_details=told)).remote
    assert remote.status is state
    assert remote.held is (state is ShipmentState.HELD)
    assert bool(remote.exceptions) is (state is ShipmentState.BLOCKED)


def test_a_word_that_is_in_no_table_is_kept_and_never_raises() -> None:
    remote = read_order(order_json(status="Teleported", shipment_status="Beamed")).remote
    assert (remote.raw_status, remote.status) == ("Teleported: Beamed", None)
    known = read_order(order_json(status="Processing", shipment_status="Beamed")).remote
    assert (known.raw_status, known.status) == ("Processing: Beamed", ShipmentState.ACCEPTED)
    tracking = {"carrier": None, "tracking_number": 12, "tracking_url": None}
    parcel = read_order(order_json(shipment_status="Beamed", shipment_tracking=tracking)).remote.parcels[0]
    assert (parcel.tracking_number, parcel.raw_status, parcel.status) == ("12", "Beamed", ParcelStatus.UNKNOWN)
    assert parcel.lines[0].quantity == 3


def test_an_order_with_nothing_but_its_names_is_read() -> None:
    remote = read_order(
        {"id": 1, "reference_id": "K", "status": "Fulfilled", "shipments": None, "recipient": None}
    ).remote
    assert (remote.status, remote.address, remote.lines) == (ShipmentState.SHIPPED, None, ())


async def test_a_budget_lets_go_what_the_window_has_room_for_and_no_more() -> None:
    clock = [0.0]

    async def sleep(seconds: float) -> None:
        assert seconds > 0
        clock[0] += seconds

    def now() -> float:
        return clock[0]

    at: list[float] = []
    waits: Callable[[float], Awaitable[None]] = sleep
    budget = Budget(3, 60.0, now, waits)
    for _ in range(8):
        await budget.spend()
        at.append(clock[0])
    assert at == [0, 0, 0, 60, 60, 60, 120, 120]
