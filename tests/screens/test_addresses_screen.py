"""The queue of changes is decided by one key each, in the order of what matters, and nothing is decided unseen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.settings import Settings
from data.addresses.decide import accept, reject
from data.addresses.propose import propose
from data.model import Address, AddressSource, Item
from data.store.workspace import Workspace
from screens.addresses import AddressesScreen
from screens.bindings import bindings_of
from screens.verbs import ADDRESSES, VERBS

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, MakeShipment, OpenAs

HOME = Address(
    name="Anna Lindqvist", line1="Elm Street 5", city="Berlin", postcode="10115", country="DE", phone="+49 30 901820"
)
MOVED = replace(HOME, line1="Lindenallee 12", postcode="20259", city="Hamburg")
ABROAD = replace(HOME, line1="Calle Triana 10", postcode="35002", city="Las Palmas", country="ES")
LOUD = replace(HOME, city="BERLIN")
Suggest = Callable[..., int]


@pytest.fixture
def suggest(workspace: Workspace, make_order: MakeOrder) -> Suggest:
    """Return `suggest(address, on_file=HOME, order=None, number=...) -> id` of a change, of an order made for it."""

    def suggest_(address: Address, on_file: Address = HOME, order: int | None = None, number: str | None = None) -> int:
        order_id = make_order(address=on_file, name=on_file.name, number=number) if order is None else order
        with workspace.write("test.propose", "propose") as tx:
            made = propose(tx, order_id, address, AddressSource.BACKER)
        assert made is not None
        return made

    return suggest_


class Seat:
    """A person before the Addresses screen."""

    def __init__(self, app: ConsoleApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def screen(self) -> AddressesScreen:
        assert isinstance(self.app.screen, AddressesScreen)
        return self.app.screen

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something to come true."""
        async with asyncio.timeout(20):
            while not true():
                await self.pilot.pause(0.01)

    async def until_said(self, words: str) -> None:
        await self.until(lambda: words in "".join(self.screen.status.text))

    async def until_asked(self, words: str) -> None:
        await self.until(lambda: self.screen.prompt.asking and words in self.screen.prompt.words)

    async def until_on(self, change: int) -> None:
        """Wait until the cursor and the picture are on a change."""
        await self.until(
            lambda: (
                self.screen.table.record == change
                and self.screen.review.shown is not None
                and self.screen.review.record == change
            )
        )

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    @property
    def lines(self) -> list[str]:
        """What the terminal shows."""
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]


@asynccontextmanager
async def seated(workspace: Workspace, first: int | None, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Seat]:
    """Open the console on the Addresses screen and wait for the first change to be shown."""
    app = ConsoleApp(workspace, Settings())
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.press("2")
        seat = Seat(app, pilot)
        await seat.until(lambda: isinstance(app.screen, AddressesScreen))
        if first is not None:
            await seat.until_on(first)
        yield seat


def states(workspace: Workspace, *changes: int) -> list[str]:
    return [workspace.store.value("SELECT state FROM changes WHERE id = ?", (each,)) for each in changes]


def test_every_verb_of_the_screen_is_answered() -> None:
    missing = [
        each.id
        for each in VERBS
        if ADDRESSES in each.screens and not each.app and not hasattr(AddressesScreen, f"action_{each.action}")
    ]
    assert missing == []
    assert bindings_of(ADDRESSES)


async def test_at_80_by_24_the_queue_the_whole_picture_and_what_accepting_does_are_in_sight(
    workspace: Workspace, suggest: Suggest
) -> None:
    suggest(LOUD)
    suggest(HOME)
    zone = suggest(ABROAD, replace(HOME, line2="Hinterhaus", company="Rook & Pawn", region="Berlin"), number="77")
    async with seated(workspace, zone) as seat:
        await seat.until(lambda: "other zone 1" in seat.lines[1])
        assert seat.lines[1].split("  ")[:7] == [
            "no change 1", "trivial 1", "repair 0", "contact 0", "errors 0", "move 0", "other zone 1"
        ]  # fmt: skip
        assert seat.lines[3].startswith("> !!other zone 77")
        text = "\n".join(seat.lines)
        for part in ("!!country  [DE]", "{ES}", "phone    +49 30 901820", "!!OTHER ZONE", "accept → another zone"):
            assert part in text
        assert "shipping was paid for DE" in text.replace("\n ", " ")
        assert "a accept" in seat.lines[23]
        assert all(len(line) <= 80 for line in seat.lines)


async def test_accepting_goes_on_to_the_next_that_waits_and_leaves_the_row_where_it_was(
    workspace: Workspace, suggest: Suggest
) -> None:
    trivial, move, zone = suggest(LOUD), suggest(MOVED), suggest(ABROAD)
    async with seated(workspace, zone) as seat:
        await seat.press("a")
        await seat.until_on(move)
        await seat.until_said("accept the address of order")
        await seat.until_said("u undo")
        assert list(seat.screen.table.ids) == [zone, move, trivial]
        await seat.until(lambda: "✓ accepted" in seat.lines[3])
        await seat.until(lambda: "other zone 0" in seat.lines[1])
        assert states(workspace, zone, move, trivial) == ["accepted", "waiting", "waiting"]


async def test_keys_typed_faster_than_the_disk_decide_each_row_once(workspace: Workspace, suggest: Suggest) -> None:
    changes = [suggest(MOVED) for _ in range(12)]
    async with seated(workspace, changes[0]) as seat:
        await seat.press(*"a" * 8, "s", "a")
        await seat.until(lambda: states(workspace, *changes).count("accepted") == 9)
        assert states(workspace, changes[8]) == ["waiting"]
        await seat.until_on(changes[10])
        assert "refused" not in "".join(seat.screen.status.text)


async def test_rejecting_asks_why_and_the_reason_may_be_empty(workspace: Workspace, suggest: Suggest) -> None:
    first, second, third = suggest(MOVED), suggest(MOVED), suggest(MOVED)
    async with seated(workspace, first) as seat:
        await seat.press("r")
        await seat.until_asked("Reject 1 change, why?")
        await seat.press(*"fraud", "enter")
        await seat.until_on(second)
        await seat.until(lambda: states(workspace, first) == ["rejected"])
        assert workspace.store.value("SELECT answer FROM changes WHERE id = ?", (first,)) == "fraud"
        await seat.press("r")
        await seat.until_asked("Reject")
        await seat.press("enter")
        await seat.until_on(third)
        await seat.until(lambda: states(workspace, second) == ["rejected"])
        await seat.press("r")
        await seat.until_asked("Reject")
        await seat.press("escape")
        await seat.until(lambda: not seat.screen.prompt.asking)
        assert states(workspace, third) == ["waiting"]
        await seat.press("full_stop")
        await seat.until(lambda: states(workspace, third) == ["rejected"])


async def test_accepting_all_of_a_verdict_needs_their_number_typed(workspace: Workspace, suggest: Suggest) -> None:
    trivial = [suggest(LOUD) for _ in range(3)]
    move = suggest(MOVED)
    async with seated(workspace, move) as seat:
        await seat.press("j")
        await seat.until_on(trivial[0])
        await seat.press("A")
        await seat.until_asked("Accept all 3 (trivial)? type 3 to accept")
        await seat.press("2", "enter")
        assert seat.screen.prompt.asking
        await seat.press("backspace", "3", "enter")
        await seat.until(lambda: states(workspace, *trivial) == ["accepted"] * 3)
        await seat.until_said("accept 3 address changes")
        assert states(workspace, move) == ["waiting"]


async def test_more_than_were_counted_are_not_accepted(
    workspace: Workspace, suggest: Suggest, make_order: MakeOrder
) -> None:
    trivial, late_order = [suggest(LOUD) for _ in range(2)], make_order(address=HOME)
    async with seated(workspace, trivial[0]) as seat:
        await seat.press("A")
        await seat.until_asked("type 2 to accept")
        suggest(LOUD, order=late_order)
        await seat.press("2", "enter")
        await seat.until_said("there are 3 by now, not 2")
        assert states(workspace, *trivial) == ["waiting"] * 2


async def test_undo_brings_the_change_and_the_cursor_back(workspace: Workspace, suggest: Suggest) -> None:
    first, second = suggest(MOVED), suggest(MOVED)
    async with seated(workspace, first) as seat:
        await seat.press("a", "u")
        await seat.until(lambda: states(workspace, first) == ["waiting"])
        await seat.until_said("undone: accept the address of order")
        await seat.until_on(first)
        await seat.until(lambda: "! move" in seat.lines[3])
        await seat.press("s")
        await seat.until_on(second)
        await seat.press("N")
        await seat.until_on(first)


async def test_another_persons_decision_shows_by_itself_and_a_stale_one_is_told_and_gone_past(
    workspace: Workspace, suggest: Suggest, open_as: OpenAs
) -> None:
    first, second, third = suggest(MOVED), suggest(MOVED), suggest(MOVED)
    mira = open_as("mira")
    async with seated(workspace, first) as seat:
        reject(mira, [Item(second, 1)], "no")
        await seat.until(lambda: "× rejected" in seat.lines[4])
        # The watch is stopped, as on a line that hangs, so that the row on the screen is old.
        seat.app._leaving.set()
        await seat.pilot.pause(0.3)
        accept(mira, [Item(first, 1)])
        await seat.press("a")
        await seat.until_said("mira, just now: accept the address of order")
        await seat.until_on(third)
        assert states(workspace, first, third) == ["accepted", "waiting"]


async def test_what_is_too_late_asks_what_is_done_instead(
    workspace: Workspace, suggest: Suggest, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    order = make_order(address=HOME, number="42")
    make_shipment(order, state="picking")
    late, move = suggest(MOVED, order=order), suggest(MOVED)
    async with seated(workspace, late) as seat:
        await seat.press("a")
        await seat.until_asked("Order 42 is too late to change: d redirect at the carrier  w watch")
        await seat.press("a", "w")
        await seat.until_on(move)
        await seat.until(lambda: states(workspace, late) == ["too_late"])
        assert "watched for its return" in workspace.store.value("SELECT answer FROM changes WHERE id = ?", (late,))


async def test_marked_changes_that_prove_too_late_are_asked_about_afterwards(
    workspace: Workspace, suggest: Suggest, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    order = make_order(address=HOME, number="42")
    make_shipment(order, state="packed")
    late, move = suggest(MOVED, order=order), suggest(MOVED)
    async with seated(workspace, late) as seat:
        await seat.press("asterisk")
        await seat.until(lambda: seat.screen.table.marked_count == 2)
        await seat.press("a")
        await seat.until_asked("Order 42 is too late")
        assert states(workspace, late, move) == ["waiting", "accepted"]
        await seat.press("d")
        await seat.until(lambda: states(workspace, late) == ["too_late"])


async def test_asking_the_backer_copies_a_text_that_is_safe_to_paste(workspace: Workspace, suggest: Suggest) -> None:
    first = suggest(replace(MOVED, line1="Linden\x1b]52;c;x\x07allee 12"), replace(HOME, name="An\u202ena"))
    async with seated(workspace, first) as seat:
        await seat.press("at")
        await seat.until(lambda: (seat.screen.shell.clipboard / "last-copy.txt").exists())
        await seat.until(lambda: states(workspace, first) == ["asked"])
        text = (seat.screen.shell.clipboard / "last-copy.txt").read_text(encoding="utf-8")
        assert "Hello Anna," in text
        assert "Linden]52;c;xallee 12" in text
        assert not {"\x1b", "\x07", "\u202e"} & set(text)


async def test_an_edit_in_place_decides_the_change_by_the_operators_address(
    workspace: Workspace, suggest: Suggest
) -> None:
    change, after = suggest(MOVED), suggest(LOUD)
    async with seated(workspace, change) as seat:
        await seat.press("e")
        await seat.until_asked("Edit")
        await seat.press("1")
        await seat.until_asked("line1")
        await seat.press(*"34", "enter")
        await seat.until_asked("line*")
        await seat.press("s")
        await seat.until(lambda: states(workspace, change) == ["superseded"])
        await seat.until_on(after)
        on_file = workspace.store.value(
            "SELECT a.line1 FROM changes c JOIN orders o ON o.id = c.order_id JOIN addresses a ON a.id = o.address_id"
            " WHERE c.id = ?",
            (change,),
        )
        assert on_file == "Lindenallee 1234"


async def test_orders_of_changes_are_held_locked_and_raised_as_issues(workspace: Workspace, suggest: Suggest) -> None:
    suggest(MOVED)
    async with seated(workspace, None) as seat:
        await seat.until(lambda: seat.screen.current() is not None)
        await seat.press("p")
        await seat.until_asked("Hold 1 order for")
        await seat.press("o")
        await seat.until_asked("why?")
        await seat.press(*"ask", "enter")
        await seat.until_said("hold 1 order")
        await seat.press("l")
        await seat.until_said("lock 1 address")
        await seat.until(lambda: "(locked)" in "".join(seat.lines))
        await seat.press("l")
        await seat.until_asked("Unlock")
        await seat.press("escape", "i")
        await seat.until_asked("Issue")
        await seat.press("escape", "E")
        await seat.until_asked("Note on 1 order")
        await seat.press("escape")


HOSTILE = [
    "[/x] [red]loud[/red] [@click=app.quit]x[/]",
    "\x1b[31mred\x1b]0;title\x07 \x9b2J",
    "\u202egnirts\u2066 \u200b\ufeff",
    "x" * 5_000,
    "山田 طريق \U0001f468\u200d\U0001f469\u200d\U0001f467",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_in_every_field_breaks_no_screen_and_reaches_no_terminal(
    workspace: Workspace, suggest: Suggest, text: str
) -> None:
    fields = ("name", "company", "line1", "line2", "city", "region", "postcode", "phone")
    loud = replace(HOME, **dict.fromkeys(fields, text))
    change = suggest(loud, replace(loud, line1=f"5 {text}"), number=text[:40])
    async with seated(workspace, change) as seat:
        await seat.press("enter", "G", "escape", "r")
        await seat.until_asked("Reject")
        await seat.press("escape", "a")
        await seat.until(lambda: states(workspace, change) != ["waiting"] or bool(seat.screen.last_words))
        await seat.pilot.pause()
        shown = "".join(seat.lines)
        assert not {"\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff"} & set(shown)


@pytest.mark.parametrize("size", [(120, 40), (170, 45), (64, 20)])
async def test_other_sizes_share_the_screen_between_queue_and_picture(
    workspace: Workspace, suggest: Suggest, size: tuple[int, int]
) -> None:
    change = suggest(MOVED)
    async with seated(workspace, change, size) as seat:
        await seat.until(lambda: "accept → nothing is sent yet" in "".join(seat.lines))
        assert any(line.startswith("> ! move") for line in seat.lines)
        side_by_side = any("! move" in line and ("field" in line or "----" in line) for line in seat.lines)
        assert side_by_side is (size[0] >= 160)
