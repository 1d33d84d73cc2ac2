"""Addresses on file that the checks object to are decided in the queue by the same keys as changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from data.addresses.check_run import run_checks
from data.addresses.propose import propose
from data.addresses.review import ReviewRows
from data.model import Address, AddressSource
from data.store.workspace import Workspace
from screens.addresses import AddressesScreen
from tests.screens.console_seat import Seat, seated
from tests.screens.test_addresses_screen import HOSTILE

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, MakeShipment

HOME = Address("Anna Lindqvist", "", "Elm Street 5", "", "Berlin", "", "10115", "DE", "+49 30 901820")
MOVED = replace(HOME, line1="Lindenallee 12", postcode="20259", city="Hamburg")
LOST = Address("Sam Rivera", "", "12 Elm St", "", "Hoboken", "NJ", "7030", "US", "+1 201 555 0142")
NOWHERE = replace(HOME, line1="", line2="", city="")


async def until_on(seat: Seat[AddressesScreen], record: int) -> None:
    """Wait until the cursor and the picture are on a row."""
    await seat.until(lambda: seat.screen.table.record == record and seat.screen.review.record == record)


def on_file(workspace: Workspace, order: int) -> tuple[str, ...]:
    found = workspace.store.one(
        "SELECT o.stage, a.line1, a.city, a.postcode FROM orders o JOIN addresses a ON a.id = o.address_id"
        " WHERE o.id = ?",
        (order,),
    )
    assert found is not None
    return found


async def test_each_finding_stands_under_its_field_with_the_repair_beside_it(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    order = make_order(address=replace(LOST, line2="12:30"), number="77")
    run_checks(workspace)
    async with seated(workspace, AddressesScreen, "2") as seat:
        await until_on(seat, -order)
        await seat.until(lambda: "errors 1" in seat.lines[1])
        assert seat.lines[3].startswith("> x error      77")
        text = "\n".join(seat.lines)
        for part in ("REPAIR", "+ postcode [7030]", "{07030}", "x “7030” lost its leading zero", "x ERROR · postcode"):
            assert part in text
        assert "accept → nothing is sent yet" in text
        assert all(len(line) <= 80 for line in seat.lines)


async def test_a_takes_the_repair_goes_on_and_undo_comes_back(workspace: Workspace, make_order: MakeOrder) -> None:
    first, second = make_order(address=LOST), make_order(address=LOST)
    run_checks(workspace)
    async with seated(workspace, AddressesScreen, "2") as seat:
        await until_on(seat, -first)
        await seat.press("a")
        await until_on(seat, -second)
        await seat.until(lambda: on_file(workspace, first) == ("ready", "12 Elm St", "Hoboken", "07030"))
        await seat.until(lambda: "✓ accepted" in seat.lines[3] and "errors 1" in seat.lines[1])
        await seat.press("u")
        await until_on(seat, -first)
        await seat.until(lambda: "x error" in seat.lines[3] and "errors 2" in seat.lines[1])
        assert on_file(workspace, first)[0] == "needs_info"


async def test_without_a_repair_it_stays_and_says_what_is_missing(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(address=NOWHERE)
    make_order(address=NOWHERE)
    run_checks(workspace)
    async with seated(workspace, AddressesScreen, "2") as seat:
        await until_on(seat, -order)
        await seat.until_shown("! line1")
        await seat.press("a")
        await seat.until_said("no repair is known: city: no city; line1: no street")
        assert seat.screen.table.record == -order
        await seat.press("r")
        await seat.until_said("nobody asked for a change here")
        assert workspace.store.value("SELECT count(*) FROM changes") == 0


async def test_an_edit_is_checked_at_once_and_resolves_the_row(workspace: Workspace, make_order: MakeOrder) -> None:
    order, after = make_order(address=replace(HOME, line1="")), make_order(address=NOWHERE)
    run_checks(workspace)
    async with seated(workspace, AddressesScreen, "2") as seat:
        await until_on(seat, -order)
        await seat.press("e")
        await seat.answer("Edit", "1")
        await seat.write("line1", "Elm Street 5")
        await seat.answer("line*", "s")
        await until_on(seat, -after)
        await seat.until(lambda: "✓ accepted" in seat.lines[3])
        assert on_file(workspace, order)[0] == "ready"
        assert list(ReviewRows(workspace.store).ids()) == [-after]


async def test_asking_names_what_is_wrong_and_the_row_waits_for_the_backer(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    order, after = make_order(address=NOWHERE), make_order(address=LOST)
    run_checks(workspace)
    async with seated(workspace, AddressesScreen, "2") as seat:
        await until_on(seat, -order)
        await seat.press("at")
        await until_on(seat, -after)
        kept = seat.screen.shell.clipboard / "last-copy.txt"
        await seat.until(kept.exists)
        assert "- line1: no street" in kept.read_text(encoding="utf-8")
        await seat.until(lambda: "? asked" in seat.lines[3])
        await seat.press("N")
        await seat.until_said("no row further on needs a decision")


async def test_all_sure_repairs_of_one_kind_need_their_number_typed(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    sure = [make_order(address=LOST) for _ in range(3)]
    unsure = make_order(address=replace(LOST, region=""))
    run_checks(workspace)
    async with seated(workspace, AddressesScreen, "2") as seat:
        await until_on(seat, -sure[0])
        await seat.press("A")
        await seat.answer("Accept all 3 sure repairs (postcode lost zero)? type 3", "3", "enter")
        await seat.until_said("accept 3 address changes")
        await until_on(seat, -unsure)
        assert list(ReviewRows(workspace.store).ids()) == [-unsure]


async def test_holding_and_the_filter_work_on_both_kinds(workspace: Workspace, make_order: MakeOrder) -> None:
    faulty, warned = make_order(address=LOST), make_order(address=replace(HOME, line1="Elm Street"))
    run_checks(workspace)
    async with seated(workspace, AddressesScreen, "2") as seat:
        await until_on(seat, -faulty)
        await seat.press("p")
        await seat.answer("Hold 1 order for", "o")
        await seat.write("why?", "wait")
        await seat.until_said("hold 1 order")
        await seat.press("slash")
        await seat.write("/", "finding:house_number_missing")
        await until_on(seat, -warned)
        await seat.until_shown("w warning")


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_in_a_faulty_address_breaks_no_screen_and_reaches_no_terminal(
    workspace: Workspace, make_order: MakeOrder, text: str
) -> None:
    fields = ("name", "company", "line1", "line2", "city", "region", "postcode", "country", "phone")
    order = make_order(address=Address(**dict.fromkeys(fields, text)), number=text[:40])
    run_checks(workspace)
    async with seated(workspace, AddressesScreen, "2") as seat:
        await until_on(seat, -order)
        await seat.press("enter", "G", "escape", "a")
        await seat.until(lambda: seat.screen.last_words is not None)
        shown = "".join(seat.lines)
        assert not {"\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff"} & set(shown)
        assert all(cell_len(line) <= 80 for line in seat.lines)


async def test_an_edit_that_proves_too_late_asks_what_is_done_instead(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    order = make_order(address=HOME, number="42")
    make_shipment(order, state="packed")
    with workspace.write("test.propose", "propose") as tx:
        change = propose(tx, order, MOVED, AddressSource.BACKER)
    assert change is not None
    async with seated(workspace, AddressesScreen, "2") as seat:
        await until_on(seat, change)
        await seat.press("e")
        await seat.answer("Edit", "1")
        await seat.write("line1", "Lindenallee 21")
        await seat.answer("line*", "s")
        await seat.answer("Order 42 is too late to change: d redirect at the carrier  w watch", "d")
        await seat.until_said("accept the address of order 42")
        assert workspace.store.rows("SELECT state, source, answer FROM changes ORDER BY id") == [
            ("superseded", "backer", ""),
            ("too_late", "operator", "to be redirected at the carrier"),
        ]
        assert on_file(workspace, order)[1] == HOME.line1
