"""Orders by keyboard: found while typing, marked, held and released, taken out, and taken back."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from data.addresses.check_run import run_checks
from data.issues.rows import IssueRows
from data.store.workspace import Workspace
from screens.orders import OrdersScreen
from tests.conftest import HOME, MakeOrder, OpenAs
from tests.screens.console_seat import Seat, seated

Orders = Seat[OrdersScreen]


@pytest.fixture
def orders(make_order: MakeOrder) -> dict[str, int]:
    """Six orders by the name of their backer; Eve's lacks an address, Frank's is held."""
    names = {"Anna": "DE", "Bob": "US", "Chloe": "FR", "Dan": "DE"}
    made = {name: make_order(name=f"{name} Moss", country=country) for name, country in names.items()}
    made["Eve"] = make_order(name="Eve Moss", address=None)
    made["Frank"] = make_order(name="Frank Moss", holds=["client"])
    return made


@pytest.fixture
async def seat(open_as: OpenAs, orders: dict[str, int]) -> AsyncIterator[Orders]:
    async with seated(open_as("rob"), OrdersScreen, "1") as found:
        yield found


def names(seat: Orders) -> list[str]:
    """The first names on the screen, in order."""
    known = ("Anna", "Bob", "Chloe", "Dan", "Eve", "Frank")
    words = [word for line in seat.lines[2:-2] for word in line.split() if word in known]
    return list(dict.fromkeys(words))


async def test_the_list_follows_the_filter_while_it_is_typed_and_esc_goes_back(seat: Orders) -> None:
    await seat.press("slash")
    await seat.type("country:DE -hold:any")
    await seat.until(lambda: names(seat) == ["Anna", "Dan"])
    assert seat.screen.prompt.asking
    await seat.press("enter")
    await seat.until_said("2 shown · sort: number ↑ · filter: country:DE -hold:any")
    await seat.press("slash")
    await seat.type(" bob")
    await seat.until(lambda: names(seat) == [])
    await seat.press("escape")
    await seat.until(lambda: names(seat) == ["Anna", "Dan"])
    await seat.press("q")
    await seat.until(lambda: len(names(seat)) == 6)


async def test_an_error_in_a_filter_points_at_its_column_and_keeps_the_list_and_the_prompt(seat: Orders) -> None:
    await seat.press("slash")
    await seat.type("stage:redy")
    await seat.until(lambda: "column 7: stage can't be redy" in seat.screen.prompt.words)
    await seat.press("enter")
    assert seat.screen.prompt.asking
    await seat.press("backspace", "backspace", "a", "d", "y", "enter")
    await seat.until_said("filter: stage:ready")
    assert names(seat) == ["Anna", "Bob", "Chloe", "Dan", "Frank"]


async def test_marks_and_cursor_stay_with_their_orders_through_sort_and_filter(seat: Orders) -> None:
    await seat.press("j", "space")
    await seat.until_said("1 marked")
    await seat.press("j")
    on = seat.screen.table.record
    await seat.press("o")
    await seat.answer("Sort by", "a")
    await seat.press("O")
    await seat.until_said("sort: name ↓")
    assert names(seat) == ["Frank", "Eve", "Dan", "Chloe", "Bob", "Anna"]
    assert seat.screen.table.record == on
    await seat.press("slash")
    await seat.type("chloe")
    await seat.press("enter")
    await seat.until_said("1 shown · 1 marked")
    await seat.press("escape", "escape")
    await seat.until_said("6 shown · sort: name ↓")
    assert seat.screen.table.marked_count == 0


async def test_a_hold_asks_for_its_kind_and_reason_is_repeated_by_the_dot_and_taken_back_by_u(
    seat: Orders, workspace: Workspace, orders: dict[str, int]
) -> None:
    held = "SELECT order_id, kind, reason FROM holds WHERE released_at IS NULL AND kind = 'stock' ORDER BY 1"
    await seat.press("full_stop")
    await seat.until_said("nothing to repeat yet")
    await seat.press("space", "space", "p")
    await seat.answer("Hold 2 orders for", "s")
    await seat.write("why?", "dice")
    await seat.until_said("hold 2 orders: stock  u undo")
    await seat.until_shown("H:S")
    assert seat.screen.table.marked_count == 0
    await seat.press("full_stop")
    await seat.until_said("hold 1 order: stock")
    assert workspace.store.rows(held) == [(orders[name], "stock", "dice") for name in ("Anna", "Bob", "Chloe")]
    await seat.press("u")
    await seat.until_said("undone: hold 1 order")
    await seat.press("u")
    await seat.until_said("undone: hold 2 orders")
    assert workspace.store.rows(held) == []
    await seat.press("u")
    await seat.until_said("nothing of this console is left to undo")
    await seat.press("ctrl+r")
    await seat.until_said("hold 2 orders")
    assert [row[0] for row in workspace.store.rows(held)] == [orders["Anna"], orders["Bob"]]


async def test_a_held_order_is_released_and_what_cannot_be_done_is_said_with_its_reason(seat: Orders) -> None:
    await seat.press("G", "p")
    await seat.answer("release, or hold for", "r")
    await seat.until_said("release 1 order")
    await seat.press("exclamation_mark")
    await seat.write("Priority of 1 order", "much")
    await seat.until_said("! a priority is a number from -9 to 9")
    await seat.press("b")
    await seat.until_said("has no warehouse yet: allocate it first")
    await seat.press("d")
    await seat.until_said("nothing to allocate: ")
    assert "no warehouse serves DE" in seat.said


async def test_n_goes_from_one_order_that_waits_for_a_person_to_the_next(seat: Orders, orders: dict[str, int]) -> None:
    await seat.press("n")
    await seat.until(lambda: seat.screen.table.record == orders["Eve"])
    await seat.press("n")
    await seat.until(lambda: seat.screen.table.record == orders["Frank"])
    await seat.press("n")
    await seat.until_said("no row further on needs a decision")
    await seat.press("N")
    await seat.until(lambda: seat.screen.table.record == orders["Eve"])


async def test_an_export_takes_the_marked_rows_and_never_writes_over_a_file(
    seat: Orders, workspace: Workspace, tmp_path: Path
) -> None:
    taken = tmp_path / "mine.csv"
    taken.write_text("kept")
    await seat.press("space", "x")
    await seat.answer("Export 1 marked row", "c")
    await seat.until_asked("To")
    await seat.press("ctrl+u")
    await seat.type(str(taken))
    await seat.press("enter")
    await seat.until(lambda: not seat.screen.prompt.asking and "mine.csv" in seat.said)
    assert seat.said.startswith("!")
    assert taken.read_text() == "kept"
    await seat.press("X")
    await seat.until_said("1 row in ")
    (written,) = workspace.path("exports").iterdir()
    assert "Anna Moss" in written.read_text(encoding="utf-8")
    assert "Bob Moss" not in written.read_text(encoding="utf-8")
    await seat.press("x")
    await seat.answer("Export", "j")
    await seat.answer("To", "enter")
    await seat.until_said(".jsonl")
    (lines,) = [path for path in workspace.path("exports").iterdir() if path.suffix == ".jsonl"]
    assert len([json.loads(line) for line in lines.read_text().splitlines()]) == 1


async def test_a_copy_goes_to_the_terminal_and_to_a_file_that_only_the_person_reads(
    seat: Orders, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    driver = seat.app._driver
    assert driver is not None
    monkeypatch.setattr(driver, "write", sent.append)
    await seat.press("y")
    await seat.until_said("copied reference: 1001")
    await seat.press("Y")
    await seat.answer("Copy", "e")
    await seat.until_said("copied e-mail: backer1001@example.org")
    assert f"\x1b]52;c;{base64.b64encode(b'1001').decode()}\x07" in sent
    kept = workspace.path("run") / "last-copy.txt"
    assert kept.read_text() == "backer1001@example.org"
    assert kept.stat().st_mode & 0o777 == 0o600


async def test_a_saved_view_comes_back_with_its_filter_and_order(seat: Orders) -> None:
    await seat.press("right_square_bracket")
    await seat.until_said("no views are saved yet: w saves this one")
    await seat.press("slash")
    await seat.type("country:DE")
    await seat.press("enter", "O")
    await seat.until_said("sort: number ↓ · filter: country:DE")
    await seat.press("w")
    await seat.write("Save this view as", "Germans")
    await seat.until_shown("Orders > “Germans”")
    await seat.press("q")
    await seat.until_said("6 shown")
    await seat.press("right_square_bracket")
    await seat.until_shown("Orders > “Germans”")
    await seat.until_said("filter: country:DE")
    await seat.press("left_square_bracket")
    await seat.until_said("6 shown · sort: number ↑")


async def test_enter_opens_everything_about_an_order_and_an_issue_raised_there_shows(
    seat: Orders, workspace: Workspace
) -> None:
    await seat.press("enter")
    await seat.until_shown("Order 1001")
    await seat.until_shown("Elm Street 5")
    await seat.press("i")
    await seat.answer("Issue about 1 order", "d")
    await seat.write("what happened?", "box crushed")
    await seat.until_shown("box crushed")
    await seat.press("E")
    await seat.write("Note on 1 order", "call her")
    await seat.until_shown("call her")
    await seat.press("escape")
    await seat.until(lambda: names(seat)[0] == "Anna" and not seat.screen.has_class("-detail"))
    assert len(IssueRows(workspace.store).ids(lambda: False)) == 1


async def test_a_cancel_needs_its_count_typed_and_a_reason(
    seat: Orders, workspace: Workspace, orders: dict[str, int]
) -> None:
    stage = "SELECT count(*) FROM orders WHERE stage = 'cancelled'"
    await seat.press("asterisk", "C")
    await seat.answer("Cancel 6 orders? type 6 to cancel", "y", "enter")
    assert "not 6" in seat.screen.prompt.words
    await seat.press("backspace", "6", "enter")
    await seat.answer("Why?", "escape")
    await seat.until(lambda: not seat.screen.prompt.asking)
    assert workspace.store.value(stage) == 0
    await seat.press("C")
    await seat.answer("Cancel 6", "6", "enter")
    await seat.write("Why?", "refunded")
    await seat.until_said("cancel 6 orders")
    assert workspace.store.value(stage) == len(orders)


async def test_keys_that_find_nothing_to_act_on_say_so(workspace: Workspace, campaign: int) -> None:
    async with seated(workspace, OrdersScreen, "1") as seat:
        assert any("nothing here" in line for line in seat.lines)
        for key in ("p", "l", "exclamation_mark", "b", "C", "i", "E"):
            seat.screen.say("")
            await seat.press(key)
            await seat.until_said("nothing to act on")
        await seat.press("y")
        await seat.until_said("nothing to copy")
        await seat.press("e")
        await seat.until_said("nothing to edit")


async def test_m_merges_the_orders_of_one_person_marks_them_as_meant_and_separates_them(
    open_as: OpenAs, workspace: Workspace, make_order: MakeOrder
) -> None:
    first, second = make_order(), make_order(email="x7@privaterelay.appleid.com")
    alone = make_order(address=replace(HOME, line1="Elm Street 6"))
    run_checks(workspace)
    merged = "SELECT id FROM orders WHERE ship_with IS NOT NULL ORDER BY id"
    async with seated(open_as("rob"), OrdersScreen, "1", size=(80, 40)) as seat:
        await seat.until_shown("D?")
        await seat.press("M")
        await seat.answer("With 1002 Anna Lindqvist:", "y")
        await seat.until_said("merge 2 orders for shipping: 1001, 1002  u undo")
        await seat.until_shown("=2")
        assert workspace.store.rows(merged) == [(first,), (second,)]
        await seat.press("enter")
        await seat.until_shown("May be the same person as")
        await seat.until_shown("in one parcel")
        await seat.press("q", "M")
        await seat.answer("With 1002", "s")
        await seat.until_said("separate 1 order")
        assert workspace.store.rows(merged) == []
        await seat.press("M")
        await seat.answer("With 1002", "m")
        await seat.until_said("mark 2 orders as meant")
        await seat.until(lambda: not any("D?" in line for line in seat.lines))
        await seat.press("u")
        await seat.until_shown("D?")
        await seat.press("G", "M")
        await seat.until_said("no other order of this person goes to this address")
        assert seat.screen.table.record == alone
