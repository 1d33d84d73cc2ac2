"""Allocating by keyboard: what it would do is shown before it is asked, then how far it is, and Esc stops it."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator

import pytest

from data.dispatch import allocate, allocation_plan
from data.policy import WarehouseSettings, save_warehouse
from data.store.workspace import Workspace
from screens.long_work import LongWork
from screens.orders import OrdersScreen
from tests.conftest import MakeOrder, OpenAs
from tests.screens.console_seat import Seat, seated
from tests.stock import count_in, places
from widgets.meter import Meter

Orders = Seat[OrdersScreen]


@pytest.fixture
def orders(workspace: Workspace, make_order: MakeOrder) -> list[int]:
    """Six orders for a warehouse that has five games."""
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", ("DE",)))
    workspace.reload_policy()
    count_in(workspace, "EU1", GAME=5)
    return [make_order(lines=(("GAME", 1),)) for _ in range(6)]


@pytest.fixture
async def seat(open_as: OpenAs, orders: list[int]) -> AsyncIterator[Orders]:
    async with seated(open_as("rob"), OrdersScreen, "1", size=(80, 24)) as found:
        yield found


class Gate:
    """Holds the work up once two orders were looked at, so that a person can look at it and press a key."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(allocation_plan, "PAGE", 2)
        monkeypatch.setattr(allocate, "CHUNK", 2)
        self.reached, self.open = threading.Event(), threading.Event()
        tell = LongWork.progress

        def tell_and_wait(task: LongWork, done: int, total: int) -> None:
            tell(task, done, total)
            if done == 2:
                self.reached.set()
                assert self.open.wait(20)

        monkeypatch.setattr(LongWork, "progress", tell_and_wait)


async def test_the_dry_run_is_shown_by_warehouse_country_and_sku_before_anything_is_written(
    seat: Orders, workspace: Workspace, orders: list[int]
) -> None:
    await seat.press("d")
    await seat.until_asked("Allocate 5 to EU1? 1 stay: not in stock; EU1 lacks 1 of GAME")
    for words in (
        "Backorders: what is lacking",
        "EU1  1 x GAME",
        "EU1  5 x GAME  0 left",
        "EU1  DE  5 orders, 5 units",
    ):
        await seat.until_shown(words)
    await seat.press("n")
    await seat.until(lambda: not seat.screen.prompt.asking and not seat.screen.has_class("-detail"))
    assert set(places(workspace).values()) == {None}
    await seat.press("d")
    await seat.answer("Allocate 5 to EU1?", "y")
    await seat.until_said("allocate 5 orders: EU1 5")
    assert sorted(places(workspace).values(), key=str) == ["EU1"] * 5 + [None]
    await seat.press("u")
    await seat.until_said("undone: allocate 5 orders")
    assert set(places(workspace).values()) == {None}
    await seat.press("d")
    await seat.answer("Allocate 5 to EU1?", "y")
    await seat.until_said("allocate 5 orders")
    await seat.press("G", "enter")
    await seat.until_shown("Why here")
    await seat.until_shown("backorder, not in stock: EU1 lacks 1 of GAME")


async def test_planning_shows_how_far_it_is_leaves_the_keys_alone_and_is_stopped_by_esc(
    seat: Orders, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    await seat.press("d")
    await seat.until(gate.reached.is_set)
    await seat.until_shown("planning ██████░░░░░░░░░░░░░░ 33% 2/6")
    await seat.until_shown("q stops")
    await seat.press("j", "j")
    await seat.until(lambda: seat.screen.table.position == 2)
    await seat.press("d")
    await seat.until_said("planning still: q stops it")
    await seat.press("escape")
    await seat.until_shown("stopping")
    gate.open.set()
    await seat.until_said("stopped: nothing was allocated")
    await seat.until(lambda: not seat.screen.query_one(Meter).display)
    assert not seat.screen.prompt.asking
    assert set(places(workspace).values()) == {None}


async def test_writing_is_stopped_between_two_acts_and_what_was_written_stays(
    seat: Orders, workspace: Workspace, orders: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await seat.press("d")
    await seat.until_asked("Allocate 5 to EU1?")
    gate = Gate(monkeypatch)
    await seat.press("y")
    await seat.until(gate.reached.is_set)
    await seat.until_shown("allocating ██████")
    await seat.press("escape")
    gate.open.set()
    await seat.until_said("stopped: allocate 2 orders: EU1 2")
    assert [places(workspace)[each] for each in orders] == ["EU1", "EU1", None, None, None, None]
    await seat.press("u")
    await seat.until_said("undone: allocate 2 orders")
    assert set(places(workspace).values()) == {None}
