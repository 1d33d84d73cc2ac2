"""Reading ShipMonk's list of changed orders while it changes: nothing is lost, whatever its length."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from data.portals.shipmonk_poll import SLACK, Place, Reading, place_text, read_place

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SIZE, MOST = 3, 12


class Listing:
    """ShipMonk's list as its description has it: sorted by the orders' numbers, cut off at `MOST` when filtered."""

    def __init__(self, size: int = SIZE, most: int = MOST) -> None:
        self.size, self.most = size, most
        self.now = NOON
        self.orders: dict[int, tuple[datetime, int]] = {}
        self.asked = 0

    def change(self, number: int, seconds: int = 0) -> None:
        self.now += timedelta(seconds=seconds)
        self.orders[number] = (self.now, self.orders.get(number, (NOON, 0))[1] + 1)

    def page(self, query: dict[str, str], number: int) -> list[tuple[int, int, str]]:
        self.asked += 1
        first, last = (
            datetime.fromisoformat(query[name]) if name in query else None
            for name in ("updatedAtStart", "updatedAtEnd")
        )
        found = [
            (order, version, at.isoformat())
            for order, (at, version) in sorted(self.orders.items())
            if (first is None or at >= first) and (last is None or at <= last)
        ]
        found = found[: self.most] if query else found
        return found[(number - 1) * self.size : number * self.size]


class Poller:
    """Reads the list as the portal does, and keeps what it saw."""

    def __init__(self, listing: Listing) -> None:
        self.listing, self.reading, self.cursor = listing, Reading(listing.size, listing.most), ""
        self.seen: dict[int, int] = {}
        self.problems: list[str] = []

    def step(self) -> bool:
        place, now = read_place(self.cursor), self.listing.now
        rows = self.listing.page(self.reading.query(place), place.page)
        for order, version, _ in rows:
            self.seen[order] = max(version, self.seen.get(order, 0))
        found = self.reading.next(place, [at for _, _, at in rows], now)
        self.cursor = place_text(found.place)
        self.problems += [found.problem] if found.problem else []
        return found.more

    def finish(self) -> None:
        for _ in range(3000):
            if not self.step():
                return
        raise AssertionError("the list has no end")

    def missed(self) -> set[int]:
        return {order for order, (_, version) in self.listing.orders.items() if self.seen.get(order, 0) < version}


@given(
    before=st.lists(st.tuples(st.integers(1, 60), st.integers(0, 400)), max_size=80),
    meanwhile=st.lists(
        st.one_of(st.none(), st.tuples(st.integers(1, 60), st.integers(0, 90)), st.just("quiet")), max_size=120
    ),
)
@settings(max_examples=400, deadline=None)
def test_whatever_changes_between_two_pages_the_last_change_of_every_order_is_seen(
    before: list[tuple[int, int]], meanwhile: list[tuple[int, int] | str | None]
) -> None:
    listing = Listing()
    poller = Poller(listing)
    for number, seconds in before:
        listing.change(number, seconds)
    for event in meanwhile:
        if event == "quiet":
            listing.now += timedelta(hours=1)
        elif isinstance(event, tuple):
            listing.change(*event)
        else:
            poller.step()
    for _ in range(3):
        # Once nothing changes any more and the clocks are far past it, a few polls see all there is.
        listing.now += timedelta(hours=2)
        poller.finish()
    assert poller.problems == [] or len(listing.orders) > MOST
    if not poller.problems:
        assert poller.missed() == set()


def test_more_changes_than_a_filtered_list_holds_are_read_in_windows_of_the_past() -> None:
    listing = Listing()
    poller = Poller(listing)
    listing.change(1)
    poller.finish()
    listing.now += timedelta(hours=5)
    for number in range(2, 202):
        listing.change(number, 5)
    listing.now += timedelta(hours=1)
    asked = listing.asked
    poller.finish()
    assert poller.missed() == set()
    assert listing.asked - asked < 600


def test_an_order_that_leaves_a_page_already_read_takes_no_other_with_it() -> None:
    listing = Listing(2, 64)
    poller = Poller(listing)
    listing.change(500)
    poller.finish()
    listing.now += timedelta(hours=1)
    for number in range(120, 0, -1):
        listing.change(number, 20)
    listing.now += timedelta(hours=1)
    # While the past is read, page by page, the first orders in it change again: what stood behind them moves up.
    moved = 0
    while poller.step():
        place = read_place(poller.cursor)
        if place.end and not place.high and moved < 20:
            for number, _, _ in listing.page(poller.reading.query(place), 1):
                listing.change(number, 1)
                moved += 1
    assert moved == 20
    for _ in range(3):
        listing.now += timedelta(hours=1)
        poller.finish()
    assert poller.missed() == set()


def test_more_changes_in_one_second_than_a_list_holds_are_told_and_block_nothing() -> None:
    listing = Listing()
    poller = Poller(listing)
    listing.change(500)
    poller.finish()
    listing.now += timedelta(hours=1)
    for number in range(1, 21):
        listing.change(number)
    listing.now += timedelta(hours=1)
    listing.change(600)
    listing.now += timedelta(hours=1)
    poller.finish()
    # The second stands at the end of one window and at the beginning of the next.
    assert [line.partition(" orders that changed at ")[2][:20] for line in poller.problems] == [
        "2026-11-23T12:59:59Z",
        "2026-11-23T13:00:00Z",
    ]
    assert poller.seen[600] == 1
    assert {order for order in poller.missed() if order <= 12} == set()


def test_an_idle_list_is_one_request_and_the_same_cursor() -> None:
    listing = Listing()
    poller = Poller(listing)
    listing.change(1)
    listing.change(2)
    poller.finish()
    poller.finish()
    cursor, asked = poller.cursor, listing.asked
    listing.now += timedelta(days=3)
    poller.finish()
    assert (poller.cursor, listing.asked) == (cursor, asked + 1)
    assert read_place(cursor).start == (NOON - SLACK).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_cursor_that_cannot_be_read_is_the_beginning() -> None:
    for text in ("", "17", "nonsense", '{"unknown": 1}', "[]"):
        assert read_place(text) == Place()
    place = Place("2026-11-23T12:00:00Z", 4, "2026-11-23T13:00:00Z", "2026-11-23T12:30:00Z")
    assert read_place(place_text(place)) == place
