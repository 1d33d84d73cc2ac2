"""Issues are taken, put to whom they wait for, put away and resolved by one key each, and none is lost of sight."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.settings import Settings
from data.issues.verbs import note, raise_issue, resolve, take
from data.model import IssueType, Item
from data.store.workspace import Workspace
from screens.issues import IssuesScreen
from screens.verbs import ISSUES, VERBS

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, MakeShipment, OpenAs

Trouble = Callable[..., int]


@pytest.fixture
def trouble(workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment) -> Trouble:
    """Return `trouble(title, type=DAMAGED, number=..., name=...) -> id` of an issue about a shipped order."""

    def trouble_(title: str = "box crushed", kind: IssueType = IssueType.DAMAGED, **order: str) -> int:
        order_id = make_order(**order)
        make_shipment(order_id, state="shipped")
        return raise_issue(workspace, [Item(order_id, 0)], kind, title).made[0]

    return trouble_


class Seat:
    """A person before the Issues screen."""

    def __init__(self, app: ConsoleApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def screen(self) -> IssuesScreen:
        assert isinstance(self.app.screen, IssuesScreen)
        return self.app.screen

    @property
    def lines(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something to come true."""
        async with asyncio.timeout(20):
            while not true():
                await self.pilot.pause(0.01)

    async def until_said(self, words: str) -> None:
        await self.until(lambda: words in "".join(self.screen.status.text))

    async def until_asked(self, words: str) -> None:
        await self.until(lambda: self.screen.prompt.asking and words in self.screen.prompt.words)

    async def until_on(self, issue: int) -> None:
        await self.until(lambda: self.screen.table.record == issue and self.screen.current() is not None)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)


@asynccontextmanager
async def seated(workspace: Workspace, first: int, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Seat]:
    """Open the console on the Issues screen and wait for the first issue."""
    app = ConsoleApp(workspace, Settings())
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.press("4")
        seat = Seat(app, pilot)
        await seat.until(lambda: isinstance(app.screen, IssuesScreen))
        await seat.until_on(first)
        yield seat


def facts(workspace: Workspace, issue: int, *columns: str) -> tuple[object, ...]:
    return workspace.store.rows(f"SELECT {', '.join(columns)} FROM issues WHERE id = ?", (issue,))[0]


def test_every_verb_of_the_screen_is_answered() -> None:
    verbs = [each for each in VERBS if ISSUES in each.screens and not each.app]
    assert [each.id for each in verbs if not hasattr(IssuesScreen, f"action_{each.action}")] == []


async def test_taking_makes_an_issue_mine_and_once_more_gives_it_back(workspace: Workspace, trouble: Trouble) -> None:
    issue = trouble(number="77")
    async with seated(workspace, issue) as seat:
        assert "! new" in seat.lines[2]
        assert "77" in seat.lines[2]
        await seat.press("t")
        await seat.until(lambda: "dana" in seat.lines[2] and "? triage" in seat.lines[2])
        await seat.press("t")
        await seat.until(lambda: "dana" not in seat.lines[2])
        assert facts(workspace, issue, "assigned_to") == ("",)


async def test_what_waits_for_somebody_or_is_put_away_is_left_and_the_next_one_comes(
    workspace: Workspace, trouble: Trouble
) -> None:
    first, second, third = trouble(), trouble(), trouble()
    async with seated(workspace, first) as seat:
        await seat.press("W")
        await seat.until_asked("wait for b backer  w warehouse  c carrier  n nobody")
        await seat.press("c")
        await seat.until_on(second)
        assert facts(workspace, first, "state", "waiting_on") == ("waiting", "carrier")
        await seat.press("z")
        await seat.until_asked("Snooze 1 issue until")
        await seat.press("backspace", "backspace", *"2026-12-01", "enter")
        await seat.until_on(third)
        # Midnight of the campaign's zone, Berlin.
        assert facts(workspace, second, "snoozed_until") == ("2026-11-30T23:00:00Z",)
        await seat.until(lambda: "z 11-30" in seat.lines[3])
        await seat.press("k", "z")
        await seat.until(lambda: facts(workspace, second, "snoozed_until") == (None,))


async def test_a_date_that_makes_no_sense_or_is_past_changes_nothing(workspace: Workspace, trouble: Trouble) -> None:
    issue = trouble()
    async with seated(workspace, issue) as seat:
        for typed, told in (("soon", "is not a day"), ("2020-01-01", "is past")):
            await seat.press("z")
            await seat.until_asked("Snooze")
            await seat.press("backspace", "backspace", *typed, "enter")
            await seat.until_said(told)
        assert facts(workspace, issue, "snoozed_until", "rev") == (None, 1)


async def test_resolving_asks_how_at_what_cost_and_why(workspace: Workspace, trouble: Trouble) -> None:
    first, second = trouble(), trouble()
    async with seated(workspace, first) as seat:
        await seat.press("r")
        await seat.until_asked("Resolve 1 issue by r replacement  f refund  c claim  n nothing")
        await seat.press("f")
        await seat.until_asked("Cost in EUR")
        await seat.press(*"12,x")
        await seat.until_asked("is not an amount")
        await seat.press("backspace", *"5", "0", "enter")
        await seat.until_asked("What should the others know?")
        await seat.press(*"agreed", "enter")
        await seat.until_on(second)
        assert facts(workspace, first, "state", "resolution", "cost_minor", "currency") == (
            "resolved",
            "refund",
            1250,
            "EUR",
        )
        await seat.until(lambda: "✓ refund" in seat.lines[2])
        await seat.press("u")
        await seat.until(lambda: facts(workspace, first, "state") == ("new",))


async def test_a_replacement_is_an_order_that_the_detail_names(workspace: Workspace, trouble: Trouble) -> None:
    issue = trouble(number="77")
    async with seated(workspace, issue, (120, 40)) as seat:
        await seat.press("r")
        await seat.until_asked("Resolve")
        await seat.press("r")
        await seat.until_asked("Cost")
        await seat.press("enter")
        await seat.until_asked("others")
        await seat.press("enter")
        await seat.until(lambda: "resolved by replacement 77-R1" in "\n".join(seat.lines))


async def test_the_detail_shows_the_issue_its_notes_and_its_order(workspace: Workspace, trouble: Trouble) -> None:
    issue = trouble("corner dented", number="77", name="山田 花子")
    note(workspace, [Item(issue, 0)], "photo asked for\nsecond line")
    async with seated(workspace, issue) as seat:
        await seat.press("enter")
        await seat.until(lambda: "corner dented" in "\n".join(seat.lines))
        text = "\n".join(seat.lines)
        for part in ("Issue 1  ! new", "nobody has taken it", "Notes on it", "  second line", "Order 77", "山田 花子"):
            assert part in text
        assert text.count("photo asked for") == 1
        await seat.press("escape", "E")
        await seat.until_asked("Note on 1 issue")
        await seat.press(*"called", "enter")
        await seat.until(lambda: workspace.store.value("SELECT count(*) FROM notes") == 2)


async def test_others_work_shows_by_itself_and_a_stale_decision_is_told(
    workspace: Workspace, trouble: Trouble, open_as: OpenAs
) -> None:
    first, second = trouble(), trouble()
    mira = open_as("mira")
    async with seated(workspace, first) as seat:
        take(mira, [Item(first, 0)])
        await seat.until(lambda: "mira" in seat.lines[2])
        # The watch is stopped, as on a line that hangs, so that the row on the screen is old.
        seat.app._leaving.set()
        await seat.pilot.pause(0.3)
        resolve(mira, [Item(first, 0)], "nothing")
        await seat.press("W")
        await seat.until_asked("wait for")
        await seat.press("b")
        await seat.until_said("mira, just now")
        assert facts(workspace, first, "state") == ("resolved",)
        await seat.until_on(second)


async def test_next_goes_past_what_needs_nobody(workspace: Workspace, trouble: Trouble) -> None:
    first, second, third = trouble(), trouble(), trouble()
    resolve(workspace, [Item(second, 0)], "nothing")
    async with seated(workspace, first) as seat:
        await seat.press("slash", *"state:open,resolved", "enter")
        await seat.until(lambda: seat.screen.table.total == 3)
        await seat.press("n")
        await seat.until_on(third)
        await seat.press("N")
        await seat.until_on(first)


async def test_a_warehouse_that_cannot_be_asked_is_named(workspace: Workspace, trouble: Trouble) -> None:
    issue = trouble()
    async with seated(workspace, issue) as seat:
        await seat.press("s")
        await seat.until_said("nobody to ask")


@pytest.mark.parametrize(
    "text", ["[/x] [@click=app.quit]x[/]", "\x1b[31mred\x1b]0;t\x07 \x9b2J \u202egnirts", "山" * 190]
)
async def test_hostile_titles_names_and_notes_break_no_screen_and_reach_no_terminal(
    workspace: Workspace, trouble: Trouble, text: str
) -> None:
    issue = trouble(text, number=text[:30], name=text)
    note(workspace, [Item(issue, 0)], text)
    async with seated(workspace, issue, (120, 40)) as seat:
        await seat.press("enter", "G", "escape", "t")
        await seat.until_said("assign to dana")
        await seat.press("y")
        await seat.until_said("copied")
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set("".join(seat.lines))
