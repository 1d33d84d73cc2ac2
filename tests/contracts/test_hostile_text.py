"""Hostile text in every column of an import reaches no terminal raw and crashes no screen; nor does a command print it.

The guard of the last resort is off here: what is shown must have been made visible before.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from textual.widgets import Input

from console import guard
from console.app import ConsoleApp
from console.settings import Settings
from data.desk.sample.campaign import SampleCampaign
from data.desk.sample.kickstarter import write_kickstarter
from data.intake.imports import ImportResult, import_files
from data.issues.verbs import raise_issue
from data.model import HoldKind, IssueType, Item
from data.orders.holds import hold
from data.orders.notes import add_note
from data.orders.views import save_view
from data.store.workspace import Workspace
from screens.base import BaseScreen
from screens.listing import ListScreen
from screens.verbs import VIEWS
from tests.conftest import OpenAs, Ran
from tests.contracts.test_guard import FORBIDDEN, OWN, PAYLOADS
from tests.screens.console_seat import Seat

NAUGHTY = Path(__file__).parents[2].parent / "shared" / "corpora" / "blns" / "blns.json"
HOSTILE = {
    **{name: text.replace("\x00", "") for name, text in PAYLOADS.items()},
    "closing": "Bob [/x] Moss",
    "action": "[@click=app.boom]press[/]",
    "link": "[link=http://evil.example]here[/link] [bold]",
    "unfinished": "Flat 3 [",
    "marks": "Zoe" + "\u0301" * 40,
    "right to left": "\u202eNivek\u202c \u200bMoss",
    "formula": '=HYPERLINK("http://evil.example")',
    "megabyte": "M" * 1_000_000,
    "wide": "花" * 300,
}
KEYS = {"Backer Number", "Backer UID", "Reward ID", "Pledged Status", "Email"}
"""What the importer goes by; hostile in rows of their own, which it may refuse."""


@dataclass
class Report:
    """A Kickstarter report whose cells can be spoilt."""

    header: list[str]
    rows: list[list[str]]

    def write(self, path: Path) -> Path:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([self.header, *self.rows])
        return path


@pytest.fixture(autouse=True)
def _unguarded() -> None:
    guard.install()()


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """A report with one row for each hostile text, and as many again."""
    path = tmp_path / "plain.csv"
    write_kickstarter(path, SampleCampaign(2 * len(HOSTILE)))
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    return Report(rows[0], rows[1:])


def bring(ws: Workspace, report: Report, path: Path) -> ImportResult:
    return import_files(ws, [report.write(path)], "Ember [/x] Isles", make_skus=True)


@pytest.fixture
def spoilt(workspace: Workspace, report: Report, tmp_path: Path) -> Workspace:
    """A workspace where every word a stranger can write is hostile, changes of address, issues and notes included."""
    for row, text in zip(report.rows, HOSTILE.values(), strict=False):
        for at, title in enumerate(report.header):
            if title == "Backer Name":
                row[at] = text
            elif title not in KEYS and row[at] and not row[at].replace(".", "").isdigit():
                row[at] = text[:5_000]
    assert bring(workspace, report, tmp_path / "first.csv").created >= len(HOSTILE)
    name, line = report.header.index("Shipping Name"), report.header.index("Shipping Address 1")
    spare = report.rows[len(HOSTILE) :]
    for row, text in zip(spare, HOSTILE.values(), strict=True):
        row[name], row[line] = text[:2000], f"{text[:2000]} 7"
    bring(workspace, report, tmp_path / "second.csv")
    every = [Item(row[0], 0) for row in workspace.store.rows("SELECT id FROM orders ORDER BY id")]
    for item, text in zip(every, HOSTILE.values(), strict=False):
        text = text[:200].replace("\n", " ").strip()
        hold(workspace, [item], HoldKind.OPERATOR, text)
        add_note(workspace, [item], text)
        raise_issue(workspace, [item], IssueType.DAMAGED, text)
    for screen, _ in VIEWS.values():
        save_view(workspace, screen, "view [/x] [", "")
    return workspace


def at(app: ConsoleApp, name: str) -> bool:
    """Tell whether the console shows a screen."""
    return app.current_mode == name and isinstance(app.screen, BaseScreen)


def raw(app: ConsoleApp) -> list[str]:
    """Return what must not reach a terminal, of all that is painted."""
    painted = app.screen._compositor.render_full_update().render_segments(app.console)
    return FORBIDDEN.findall(OWN.sub("", painted))


async def test_no_screen_paints_it_raw_and_none_crashes(spoilt: Workspace, open_as: OpenAs) -> None:
    ws = open_as("rob")
    app = ConsoleApp(ws, Settings())
    async with app.run_test(size=(140, 60), notifications=True, tooltips=True) as pilot:
        seat = Seat(app, pilot, BaseScreen)
        for key, (name, _) in VIEWS.items():
            await pilot.press(key)
            await seat.until(partial(at, app, name))
            screen = app.screen
            if isinstance(screen, ListScreen):
                await seat.settled()
                assert raw(app) == []
                for record in screen.table.ids[: len(HOSTILE) + 2]:
                    screen.table.go_to(record)
                    screen.read(record)
                    await seat.until(lambda: all(each.is_finished for each in app.workers if each.group == "detail"))
                    assert raw(app) == []
                await pilot.press("enter")
                await seat.until(lambda: all(each.is_finished for each in app.workers if each.group == "detail"))
                await pilot.pause()
                assert raw(app) == []
                await pilot.press("escape", "right_square_bracket")
                await seat.until_shown("“view [/x] [”")
                assert raw(app) == []
                await pilot.press("y")
                await pilot.pause()
                assert raw(app) == []
            await pilot.press("question_mark")
            await pilot.pause()
            assert raw(app) == []
            await pilot.press("escape")
        await pilot.press("colon")
        for text in HOSTILE.values():
            app.screen.query_one(Input).value = "".join(each for each in text[:40] if each.isprintable())
            await pilot.pause()
            assert raw(app) == []
        await pilot.press("escape")
        await seat.until(lambda: isinstance(app.screen, BaseScreen))
        assert isinstance(app.screen, BaseScreen)
        for text in HOSTILE.values():
            app.screen.say(text)
            app.screen.show_failure(ValueError(text))
            await pilot.pause()
            assert raw(app) == []
    assert not (ws.path("run") / "console.log").exists()


@pytest.fixture
def guarded() -> Iterator[None]:
    undo = guard.install()
    yield
    undo()


@pytest.mark.usefixtures("guarded")
async def test_what_is_typed_over_in_a_prompt_is_stopped_where_strips_become_bytes(
    spoilt: Workspace, open_as: OpenAs
) -> None:
    app = ConsoleApp(open_as("rob"), Settings())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        seat = Seat(app, pilot, BaseScreen)
        await pilot.press("1")
        await seat.until(lambda: app.current_mode == "orders" and isinstance(app.screen, ListScreen))
        await seat.settled()
        # Those that a terminal would obey.
        for _ in range(4):
            await pilot.press("j", "e")
            await seat.until_asked("Edit")
            await pilot.press("n")
            await seat.until_asked("name")
            assert raw(app) == []
            await pilot.press("escape")
            await seat.until_asked("Edit")
            await pilot.press("escape")
            await seat.until(lambda: not seat.screen.prompt.asking)


def test_no_command_prints_it_raw(spoilt: Workspace, lastcall: Callable[..., Ran], tmp_path: Path) -> None:
    number = spoilt.store.value("SELECT number FROM orders ORDER BY id LIMIT 1")
    for command in (
        ["orders"],
        ["order", "show", str(number)],
        ["addresses"],
        ["issues"],
        ["views"],
        ["campaigns"],
        ["products"],
        ["log"],
        ["orders", "--filter", 'name:"\x1b[2J"'],
        ["import", str(tmp_path / "second.csv"), "--dry-run"],
    ):
        for arguments in (command, [*command, "--json"]):
            ran = lastcall(*arguments)
            found = FORBIDDEN.findall(re.sub(r"[\t\n]", "", ran.out + ran.err))
            assert found == [], f"{arguments}: {found[:5]}"
            assert "Traceback" not in ran.err


def test_no_command_about_goods_prints_it_raw(
    workspace: Workspace, lastcall: Callable[..., Ran], tmp_path: Path
) -> None:
    with workspace.write("test", "hostile goods") as tx:
        tx.insert("warehouses", {"code": "EU1", "name": "Cedar"})
        for at, text in enumerate(HOSTILE.values()):
            tx.insert("products", {"sku": f"P{at}", "title": text, "description": text})
            moved: dict[str, object] = {"sku": f"P{at}", "warehouse": "EU1", "state": "on_hand", "quantity": 1}
            tx.insert("movements", {**moved, "reason": text, "reference": text, "at": "2026-11-23T09:00:00Z"})
    goods, counts = tmp_path / "goods.csv", tmp_path / "counts.csv"
    for path, header in ((goods, ["sku", "title", "hs", "Extra \x1b[2J"]), (counts, ["sku", "on hand"])):
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = [[text, text, text, ""][: len(header)] for text in HOSTILE.values()]
            csv.writer(file).writerows([header, *rows])
    every = [["product", "show", f"P{at}"] for at in range(len(HOSTILE))]
    every += [["stock", "show", "EU1", f"P{at}"] for at in range(len(HOSTILE))]
    every += [
        ["products"],
        ["stock"],
        ["product", "import", str(goods)],
        ["stock", "count", "EU1", "--file", str(counts)],
    ]
    every += [["stock", "receive", text, text, "1"] for text in HOSTILE.values()]
    for command in every:
        for arguments in (command, [*command, "--json"]):
            ran = lastcall(*arguments)
            found = FORBIDDEN.findall(re.sub(r"[\t\n]", "", ran.out + ran.err))
            assert found == [], f"{arguments[:2]}: {found[:5]}"
            assert "Traceback" not in ran.err


def test_a_header_and_a_key_that_are_hostile_are_told_without_harm(
    workspace: Workspace, report: Report, lastcall: Callable[..., Ran], tmp_path: Path
) -> None:
    uid, header = report.header.index("Backer UID"), len(report.header) - 1
    for row, text in zip(report.rows, HOSTILE.values(), strict=False):
        row[uid] = text[:200_000]
    report.header[header] = "Extra \x1b]0;owned\x07 [/x] \u202e"
    ran = lastcall("import", str(report.write(tmp_path / "keys.csv")), "--campaign", "Ember", "--json")
    assert FORBIDDEN.findall(re.sub(r"[\t\n]", "", ran.out + ran.err)) == []
    assert "Traceback" not in ran.err
    if ran.code != 2:
        told = json.loads(ran.out)
        assert told["rows"] == told["created"] + told["rejected"]


@pytest.mark.skipif(not NAUGHTY.exists(), reason="the big list of naughty strings is not here")
async def test_the_big_list_of_naughty_strings_is_shown_page_by_page(
    workspace: Workspace, tmp_path: Path, open_as: OpenAs
) -> None:
    naughty = [text.replace("\x00", "") for text in json.loads(NAUGHTY.read_text(encoding="utf-8"))]
    path = tmp_path / "plain.csv"
    write_kickstarter(path, SampleCampaign(len(naughty)))
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    report = Report(rows[0], rows[1:])
    name, city = report.header.index("Backer Name"), report.header.index("Shipping City")
    for row, text in zip(report.rows, naughty, strict=False):
        row[name] = row[city] = text
    assert bring(workspace, report, tmp_path / "naughty.csv").created > len(naughty) // 2
    app = ConsoleApp(open_as("rob"), Settings())
    async with app.run_test(size=(140, 60), notifications=True) as pilot:
        seat = Seat(app, pilot, BaseScreen)
        await pilot.press("1")
        await seat.until(lambda: app.current_mode == "orders" and isinstance(app.screen, ListScreen))
        await seat.settled()
        screen = app.screen
        assert isinstance(screen, ListScreen)
        while screen.table.position < len(screen.table.ids) - 1:
            await pilot.press("pagedown")
            await seat.until(lambda: all(screen.table.row_of(each) is not None for each in screen.table.seen()))
            await pilot.pause()
            assert raw(app) == []
