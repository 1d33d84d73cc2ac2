"""The Overview counts what waits, follows others' work, and says how far the check of addresses has come."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console import background
from data.model import HoldKind, Item
from data.orders.holds import hold
from data.store.workspace import Workspace
from screens.messages import Checking
from screens.orders import OrdersScreen
from screens.overview import OverviewScreen
from tests.conftest import HOME, MakeOrder, OpenAs
from tests.screens.console_seat import seated


async def test_it_counts_what_waits_and_counts_again_when_somebody_else_has_worked(
    workspace: Workspace, make_order: MakeOrder, open_as: OpenAs
) -> None:
    first = make_order()
    make_order(address=None)
    async with seated(open_as("rob"), OverviewScreen, "0") as seat:
        await seat.until_shown("1  1  order needs information")
        await seat.until_shown("1  1  order ready to allocate")
        assert not any("hold" in line for line in seat.lines)
        hold(workspace, [Item(first, 0)], HoldKind.CLIENT, "asked")
        await seat.until_shown("1  1  hold")
        await seat.until_shown("1 client")


async def test_a_campaign_is_chosen_for_every_screen(
    workspace: Workspace, make_order: MakeOrder, open_as: OpenAs
) -> None:
    make_order()
    with workspace.write("campaign.add", "add campaign Dice") as tx:
        tx.insert(
            "campaigns",
            {"code": "DICE", "name": "Dice", "platform": "kickstarter", "currency": "EUR", "time_zone": "UTC"},
        )
    async with seated(open_as("rob"), OverviewScreen, "0") as seat:
        await seat.until_shown("ready to allocate")
        await seat.press("c")
        await seat.until_asked("Campaign")
        key = seat.screen.prompt.words.partition(" DICE")[0][-1]
        await seat.press(key)
        await seat.until(lambda: seat.lines[0].startswith("DICE > Overview"))
        await seat.until_shown("nothing waits")
        await seat.press("1")
        await seat.until(lambda: isinstance(seat.app.screen, OrdersScreen))
        await seat.until_shown("0 shown")
        assert seat.lines[0].startswith("DICE > Orders")
        await seat.press("minus")
        assert seat.screen.shell.campaign_code == "DICE"


async def test_how_far_the_check_of_addresses_has_come_is_shown_and_goes_away(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    make_order()
    async with seated(workspace, OverviewScreen, "0") as seat:
        seat.app.post_message(Checking(12_000, 1_000_000, 24.0))
        await seat.until_shown("checking addresses")
        assert any("12,000/1,000,000" in line and "500/s" in line for line in seat.lines)
        seat.app.post_message(Checking(0, 0, 0.0))
        await seat.until(lambda: not any("checking addresses" in line for line in seat.lines))


async def test_addresses_that_were_imported_are_checked_beside_the_screens_and_undo_leaves_that_alone(
    make_order: MakeOrder, open_as: OpenAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "UPKEEP_FIRST", 0.0)
    make_order(address=replace(HOME, postcode="1"))
    rob = open_as("rob")
    async with seated(rob, OverviewScreen, "0") as seat:
        await seat.until(lambda: rob.store.value("SELECT count(*) FROM checked") == 1)
        await seat.until_shown("order needs information")
        await seat.press("u")
        await seat.until_said("nothing of this console is left to undo")


async def test_a_failure_behind_the_screens_is_shown_and_kept_and_the_console_goes_on(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    make_order()
    async with seated(workspace, OrdersScreen, "1") as seat:
        log = workspace.path("run") / "console.log"

        def broken(*_: object) -> None:
            raise ValueError("planted [/x] \x1b[2J")

        seat.screen.source = broken  # type: ignore[assignment,method-assign]
        await seat.press("O")
        await seat.until_said("! something went wrong: ValueError: planted [/x] ␛[2J")
        await seat.until(lambda: log.exists() and "planted" in log.read_text())
        assert "OrdersScreen.ask" in log.read_text()
        assert "\x1b" not in log.read_text()
        assert log.stat().st_mode & 0o777 == 0o600
        await seat.press("p")
        await seat.until_asked("Hold 1 order")


async def test_a_terminal_too_small_says_so_keeps_the_keys_and_gives_the_screen_back(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    make_order()
    async with seated(workspace, OrdersScreen, "1") as seat:
        await seat.pilot.resize_terminal(50, 24)
        await seat.until_shown("terminal too small: lastcall needs 60x16")
        await seat.press("C")
        await seat.pilot.resize_terminal(80, 24)
        await seat.until_shown("Anna Lindqvist")
        assert not seat.screen.prompt.asking
        await seat.pilot.resize_terminal(80, 15)
        await seat.until_shown("terminal too small")
