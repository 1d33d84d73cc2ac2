"""What every screen looks like, at the size it is designed for and at a wide one; with and without colour."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from console import background
from console.app import ConsoleApp
from console.settings import Settings
from data.clock import HeldClock
from data.desk.sample.campaign import SampleCampaign
from data.desk.sample.kickstarter import write_kickstarter
from data.desk.upkeep import upkeep
from data.dispatch.allocate import allocate
from data.dispatch.batches import create_batch
from data.dispatch.preflight import check_batch
from data.intake.imports import import_files
from data.issues.verbs import raise_issue
from data.model import HoldKind, IssueType, Item
from data.orders.holds import hold
from data.policy import WarehouseSettings, save_warehouse
from data.store.actor import Actor
from data.store.workspace import Workspace, init_workspace
from screens.base import BaseScreen
from screens.listing import DETAIL_SECONDS, ListScreen
from screens.overview import OverviewScreen
from tests.conftest import START
from tests.screens.console_seat import Seat

NORMAL, WIDE = (80, 24), (120, 40)
KEYS = {"overview": "0", "orders": "1", "addresses": "2", "dispatch": "3", "issues": "4"}
LASTING = ("background", "prompt")
"""Groups of workers that do not end by themselves."""
Compare = Callable[..., bool]


@pytest.fixture(scope="session")
def _campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign of sixty orders in the middle of its journey, made once and copied."""
    folder = tmp_path_factory.mktemp("campaign") / "workspace"
    init_workspace(folder)
    for code, name, countries in (("EU1", "Cedar Mills", ("DE", "FR", "IT")), ("US1", "Harbor & Sons", ("*",))):
        save_warehouse(folder, WarehouseSettings(code, name, countries))
    ws = Workspace(folder, Actor("dana", "command line", session="dana-1"), HeldClock(START))
    sample = SampleCampaign(60)
    for turn in range(2):
        path = folder / "imports" / f"report-{turn}.csv"
        write_kickstarter(path, sample)
        import_files(ws, [path], "Ember Isles", make_skus=True)
        upkeep(ws)
        sample = sample.updated(changed=0.3, late=2)
    campaign = ws.store.value("SELECT id FROM campaigns")
    allocate(ws, campaign_id=campaign)
    for code, limit in (("EU1", 5), ("US1", 3)):
        (batch,) = create_batch(ws, campaign, code, limit=limit, early=True).made
        if code == "EU1":
            check_batch(ws, Item(batch, 0))
    ids = [row[0] for row in ws.store.rows("SELECT id FROM orders WHERE stage IN ('ready', 'allocated') ORDER BY id")]
    hold(ws, [Item(each, 0) for each in ids[:2]], HoldKind.CLIENT, "asked to wait for the second wave")
    raise_issue(ws, [Item(ids[2], 0)], IssueType.DAMAGED, "the box came crushed")
    raise_issue(ws, [Item(ids[3], 0)], IssueType.MISSING_ITEM, "dice are missing")
    ws.close()
    return folder


@pytest.fixture
def ws(_campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(background, "UPKEEP_FIRST", 3600.0)
    folder = tmp_path / "workspace"
    shutil.copytree(_campaign, folder)
    opened = Workspace(folder, Actor("rob", "console", session="rob-1"), HeldClock(START))
    yield opened
    opened.close()


def at(app: ConsoleApp, name: str, *keys: str) -> Callable[[Pilot[Any]], Any]:
    """Return what goes to a screen, waits until all of it is there, and presses more keys."""

    # The picture's title carries no version.
    app.title = "lastcall"

    async def go(pilot: Pilot[Any]) -> None:
        seat = Seat(app, pilot, BaseScreen)
        await pilot.press(KEYS[name])
        await seat.until(lambda: app.current_mode == name and isinstance(app.screen, BaseScreen))
        screen = app.screen
        if isinstance(screen, ListScreen):
            await seat.settled()
        if isinstance(screen, OverviewScreen):
            await seat.until(lambda: screen.overview is not None)
        await seat.until(lambda: app.shell.warehouses)
        await pilot.press(*keys)
        for _ in range(2):
            # What a key starts may itself start something a moment later: the detail of a row.
            await seat.until(lambda: all(each.is_finished for each in app.workers if each.group not in LASTING))
            await pilot.pause(DETAIL_SECONDS)

    return go


@pytest.mark.parametrize("size", [NORMAL, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", KEYS)
def test_screen(snap_compare: Compare, ws: Workspace, name: str, size: tuple[int, int]) -> None:
    app = ConsoleApp(ws, Settings())
    assert snap_compare(app, terminal_size=size, run_before=at(app, name))


@pytest.mark.parametrize("name", ["orders", "addresses"])
def test_screen_without_colour(
    snap_compare: Compare, ws: Workspace, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = ConsoleApp(ws, Settings())
    assert snap_compare(app, terminal_size=NORMAL, run_before=at(app, name, "j", "space"))


@pytest.mark.parametrize("name", ["orders", "addresses"])
def test_screen_in_the_light_theme(snap_compare: Compare, ws: Workspace, name: str) -> None:
    app = ConsoleApp(ws, Settings(theme="light"))
    assert snap_compare(app, terminal_size=NORMAL, run_before=at(app, name, "j", "space"))


def test_orders_detail_on_a_small_terminal(snap_compare: Compare, ws: Workspace) -> None:
    app = ConsoleApp(ws, Settings())
    assert snap_compare(app, terminal_size=NORMAL, run_before=at(app, "orders", "enter"))


def test_orders_while_a_hold_is_asked_for(snap_compare: Compare, ws: Workspace) -> None:
    app = ConsoleApp(ws, Settings())
    assert snap_compare(app, terminal_size=NORMAL, run_before=at(app, "orders", "space", "space", "p"))


def test_keys_of_dispatch(snap_compare: Compare, ws: Workspace) -> None:
    app = ConsoleApp(ws, Settings())
    assert snap_compare(app, terminal_size=NORMAL, run_before=at(app, "dispatch", "question_mark"))


def test_a_terminal_too_small(snap_compare: Compare, ws: Workspace) -> None:
    app = ConsoleApp(ws, Settings())
    app.title = "lastcall"
    assert snap_compare(app, terminal_size=(50, 12))
