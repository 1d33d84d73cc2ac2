"""What changed at Amazon, page by page, until every parcel has arrived."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from data.clock import HeldClock
from data.model import ParcelStatus, ShipmentState
from data.portals.amazon_cursor import Cursor, read_cursor
from data.portals.amazon_mcf import AmazonMcf
from data.portals.outcomes import Cancelled, RemoteLine, RemoteState
from data.portals.sandbox.process import SandboxProcess
from tests.amazon import DAY, HOUR, driving, keys, now_there, placed, playing, read_all


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with playing(tmp_path_factory.mktemp("amazon") / "warehouse.db") as running:
        yield running


@pytest.fixture
async def portal(sandbox: SandboxProcess) -> AsyncIterator[AmazonMcf]:
    sandbox.control("faults", [])
    async with driving(sandbox) as made:
        yield made


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
    with playing(tmp_path / "w.db") as alone:
        clock = HeldClock(now_there(alone))
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
