"""Addresses on file that the checks object to stand in the queue, and are repaired, edited or asked about there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from data.addresses.amend import record_answer
from data.addresses.bulk import accept_filter, accept_repairs, sure_repairs
from data.addresses.check import check
from data.addresses.check_run import run_checks
from data.addresses.decide import accept, ask, reject
from data.addresses.edit import edit_order
from data.addresses.fault_detail import fault_detail
from data.addresses.mending import is_sure, mending_of
from data.addresses.propose import propose
from data.addresses.review import SORTS, ReviewRows
from data.addresses.review_counts import review_counts
from data.addresses.review_fields import Group
from data.model import Address, AddressSource, ChangeState, HoldKind, Item, StaleError
from data.orders.holds import hold
from data.store.undo import undo
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, MakeShipment, OpenAs, Ran

HOME = Address("Anna Lindqvist", "", "Elm Street 5", "", "Berlin", "", "10115", "DE", "+49 30 901820")
SOUND = Address("Sam Rivera", "", "12 Elm St", "", "Hoboken", "NJ", "07030", "US", "+1 201 555 0142")
LOST = replace(SOUND, postcode="7030")
SWAPPED = replace(HOME, city="10115", postcode="Berlin")
NOWHERE = replace(HOME, line1="", line2="")
DOUBTFUL = replace(HOME, line1="Elm Street")
MOVED = replace(HOME, line1="Lindenallee 12", postcode="20259", city="Hamburg")
ABROAD = replace(HOME, line1="Calle Triana 10", postcode="35002", city="Las Palmas", country="ES")
PHONED = replace(HOME, phone="+49 30 901821")


@pytest.fixture
def suggest(workspace: Workspace, make_order: MakeOrder) -> Callable[[Address], int]:
    def suggest_(address: Address) -> int:
        order = make_order(address=HOME)
        with workspace.write("test.propose", "propose") as tx:
            made = propose(tx, order, address, AddressSource.BACKER)
        assert made is not None
        return made

    return suggest_


def ids(workspace: Workspace, text: str = "", sort: str = "", descending: bool = False) -> list[int]:
    return list(ReviewRows(workspace.store, text, sort, descending).ids())


def on_file(workspace: Workspace, order: int) -> tuple[str, ...]:
    found = workspace.store.one(
        "SELECT o.stage, a.line1, a.postcode, a.city FROM orders o JOIN addresses a ON a.id = o.address_id"
        " WHERE o.id = ?",
        (order,),
    )
    assert found is not None
    return found


def test_errors_stand_between_moves_and_contacts_and_warnings_only_where_they_are_asked_for(
    workspace: Workspace, make_order: MakeOrder, suggest: Callable[[Address], int]
) -> None:
    warned, lost, nowhere = (make_order(address=each) for each in (DOUBTFUL, LOST, NOWHERE))
    phoned, moved, abroad = suggest(PHONED), suggest(MOVED), suggest(ABROAD)
    assert ids(workspace) == [abroad, moved, phoned]
    run_checks(workspace)
    assert ids(workspace) == [abroad, moved, -lost, -nowhere, phoned]
    assert ids(workspace, descending=True) == [phoned, -nowhere, -lost, moved, abroad]
    assert ids(workspace, "finding:warning kind:finding") == [-warned]
    assert ids(workspace, "kind:finding finding:any") == [-lost, -nowhere, -warned]
    assert review_counts(workspace.store).groups[Group.ERROR] == 2
    for sort in SORTS:
        for backwards in (False, True):
            rows = ReviewRows(workspace.store, "", sort, backwards)
            every = list(rows.ids())
            assert sorted(every) == sorted([abroad, moved, phoned, -lost, -nowhere])
            assert (rows.first(3), rows.last(3), rows.count()) == (every[:3], every[-3:], 5)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kind:finding", ["lost", "swapped"]),
        ("kind:change", ["change"]),
        ("finding:postcode_lost_zero", ["lost"]),
        ("finding:error -country:US", ["swapped"]),
        ("finding:error,warning kind:finding", ["lost", "swapped", "warned"]),
        ("group:error field:city", ["swapped"]),
        ("group:warning", ["warned"]),
        ("level:>=0", ["change"]),
        ("-level:9", ["change", "lost", "swapped"]),
        ("state:asked", []),
        ("state:waiting stage:needs_info", ["lost", "swapped"]),
        ("source:backer", ["change"]),
        ("hoboken", ["lost"]),
        ("zone:any", []),
        ("proposed:today kind:finding", ["lost", "swapped"]),
    ],
)
def test_the_filter_asks_the_same_of_both_kinds(
    workspace: Workspace, make_order: MakeOrder, suggest: Callable[[Address], int], text: str, found: list[str]
) -> None:
    lost, swapped, warned = (make_order(address=each) for each in (LOST, SWAPPED, DOUBTFUL))
    names = {-lost: "lost", -swapped: "swapped", -warned: "warned", suggest(MOVED): "change"}
    run_checks(workspace)
    assert sorted(names[each] for each in ids(workspace, text)) == sorted(found)


def test_a_row_says_what_is_wrong_and_what_the_repair_makes_of_it(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(address=LOST, name="Sam Rivera")
    run_checks(workspace)
    row = ReviewRows(workspace.store).rows([-order])[-order]
    assert (row.kind, row.order_id, row.group, row.state) == ("finding", order, "error", "waiting")
    assert (row.fields, row.codes, row.new) == (("postcode",), ("postcode_lost_zero",), SOUND.one_line())
    detail = fault_detail(workspace.store, order)
    assert detail is not None
    assert (detail.can_accept, detail.outcome, detail.mending.address) == (True, "nothing is sent yet", SOUND)


def test_accepting_puts_the_repairs_on_file_as_the_operators_change_and_undo_takes_it_back(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    orders = [make_order(address=each) for each in (LOST, SWAPPED)]
    run_checks(workspace)
    assert on_file(workspace, orders[0])[0] == "needs_info"
    done = accept(
        workspace,
        [Item(-each, workspace.store.value("SELECT rev FROM orders WHERE id = ?", (each,))) for each in orders],
    )
    assert (done.done, done.refused) == (tuple(-each for each in orders), ())
    assert on_file(workspace, orders[0]) == ("ready", "12 Elm St", "07030", "Hoboken")
    assert on_file(workspace, orders[1]) == ("ready", "Elm Street 5", "10115", "Berlin")
    assert workspace.store.rows("SELECT DISTINCT source, state, label, decided_by FROM changes") == [
        ("operator", "accepted", "correction_of_invalid", "dana")
    ]
    assert not ids(workspace)
    assert ReviewRows(workspace.store).rows([-orders[0]])[-orders[0]].state == "accepted"
    assert done.act is not None
    undo(workspace.store, workspace.actor, done.act)
    assert ids(workspace) == [-each for each in orders]
    assert on_file(workspace, orders[0]) == ("needs_info", "12 Elm St", "7030", "Hoboken")


def test_an_error_without_a_repair_is_refused_naming_it_and_nothing_is_changed(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    order = make_order(address=NOWHERE)
    run_checks(workspace)
    done = accept(workspace, [Item(-order, 0)])
    assert (done.act, done.done) == (None, ())
    assert done.refused[0].reason == "no repair is known: line1: no street"
    assert "nobody asked for a change" in reject(workspace, [Item(-order, 0)]).refused[0].reason
    assert workspace.store.value("SELECT count(*) FROM changes") == 0


def test_a_row_that_has_moved_since_it_was_seen_is_refused_with_what_the_other_did(
    workspace: Workspace, make_order: MakeOrder, open_as: OpenAs
) -> None:
    order = make_order(address=LOST)
    run_checks(workspace)
    rev = workspace.store.value("SELECT rev FROM orders WHERE id = ?", (order,))
    edit_order(open_as("mira"), Item(order, 0), SOUND)
    stale = accept(workspace, [Item(-order, rev)])
    assert "mira, just now: edit the address of order" in stale.refused[0].reason
    assert "nothing is wrong" in accept(workspace, [Item(-order, 0)]).refused[0].reason


def test_an_edit_is_checked_at_once_and_the_row_is_resolved_or_says_what_is_left(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    order = make_order(address=NOWHERE)
    run_checks(workspace)
    done = edit_order(workspace, Item(order, 0), replace(NOWHERE, line1="Elm Street 5", postcode="1011"))
    assert any(each.startswith("postcode:") for each in done.notes)
    assert ids(workspace) == [-order]
    assert ReviewRows(workspace.store).rows([-order])[-order].fields == ("postcode",)
    edit_order(workspace, Item(order, 0), HOME)
    assert not ids(workspace)
    assert on_file(workspace, order)[0] == "ready"


def test_asking_gives_a_text_that_names_what_is_wrong_and_marks_this_version_only(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    order = make_order(address=replace(NOWHERE, postcode="1.0115E+4"))
    run_checks(workspace)
    done = ask(workspace, [Item(-order, 0)])
    assert "- line1: no street" in done.notes[0]
    assert "- postcode: a spreadsheet threw digits" in done.notes[0]
    assert "ask the backer" not in done.notes[0]
    assert ids(workspace, "state:asked") == [-order]
    assert ids(workspace, "state:waiting") == []
    edit_order(workspace, Item(order, 0), replace(NOWHERE, line1="Elm Street 5", postcode="1"))
    assert ids(workspace, "state:waiting") == [-order]


def test_a_change_that_is_under_way_stands_for_the_address_it_will_settle(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    order, shipped, cancelled = (make_order(address=LOST) for _ in range(3))
    make_shipment(shipped, state="shipped")
    run_checks(workspace)
    with workspace.write("test.cancel", "cancel") as tx:
        tx.run("UPDATE orders SET stage = 'cancelled', rev = rev + 1 WHERE id = ?", (cancelled,))
        made = propose(tx, order, SOUND, AddressSource.BACKER)
    assert made is not None
    assert ids(workspace) == [made]
    assert "a change of its address is waiting" in accept(workspace, [Item(-order, 0)]).refused[0].reason
    reject(workspace, [Item(made, 0)])
    assert ids(workspace) == [-order]


def test_a_repair_at_a_warehouse_is_requested_there_and_waits_for_its_answer(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    order = make_order(address=LOST)
    shipment = make_shipment(order, state="accepted")
    run_checks(workspace)
    assert ids(workspace) == [-order]
    assert not accept(workspace, [Item(-order, 0)]).refused
    change, to_id, state = workspace.store.rows("SELECT id, to_id, state FROM changes")[0]
    assert state == "requested"
    assert ReviewRows(workspace.store).rows([-order])[-order].state == "requested"
    # As if its check had been made by other rules: what goes on file is checked in the act that puts it there.
    with workspace.store.derive() as tx:
        tx.run("DELETE FROM checked WHERE address_id = ?", (to_id,))
    with workspace.write("test.answer", "the worker") as tx:
        tx.run("UPDATE commands SET state = 'sending', rev = rev + 1 WHERE change_id = ?", (change,))
        tx.run("UPDATE commands SET state = 'accepted', rev = rev + 1 WHERE change_id = ?", (change,))
        record_answer(tx, change, shipment, ChangeState.CONFIRMED, held=SOUND)
    assert workspace.store.one("SELECT errors FROM checked WHERE address_id = ?", (to_id,)) == (0,)
    assert not ids(workspace)


@pytest.mark.parametrize(
    ("address", "sure"),
    [
        (LOST, True),
        (SWAPPED, True),
        (replace(HOME, postcode="", city="10115 Berlin"), True),
        (replace(HOME, postcode="'10115"), True),
        (replace(HOME, line1="Elm Street 5 anna@mail.example"), True),
        # Nothing here says that the digit that went was a zero at the start.
        (replace(LOST, region=""), False),
        (replace(HOME, city="Dresden", postcode="1067"), False),
        # The country is a guess.
        (replace(SOUND, country=""), False),
        (NOWHERE, False),
        (HOME, False),
    ],
)
def test_only_what_follows_from_what_was_written_is_sure(address: Address, sure: bool) -> None:
    mending = mending_of(address, check(address))
    assert is_sure(address, mending) is sure
    if sure:
        assert not [each for each in check(mending.address) if each.severity == "error"]


HOMES = [("07030", "NJ"), ("02134", "MA"), ("06510", "CT"), ("19103", "PA"), ("60614", "IL"), ("90210", "CA")]


@pytest.mark.parametrize(("postcode", "state"), HOMES)
def test_a_sure_repair_of_a_code_with_a_digit_lost_is_never_another_place(postcode: str, state: str) -> None:
    for at in range(len(postcode)):
        damaged = replace(SOUND, region=state, postcode=postcode[:at] + postcode[at + 1 :])
        mending = mending_of(damaged, check(damaged))
        assert not is_sure(damaged, mending) or mending.address.postcode == postcode


def test_all_of_a_kind_of_repair_are_accepted_by_their_count_and_the_unsure_are_left(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    sure = [make_order(address=LOST) for _ in range(3)]
    unsure, other = make_order(address=replace(LOST, region="")), make_order(address=SWAPPED)
    run_checks(workspace)
    codes = ["postcode_lost_zero"]
    assert sure_repairs(workspace.store, "", None, codes) == [-each for each in sure]
    with pytest.raises(StaleError, match="there are 3 by now, not 4"):
        accept_repairs(workspace, "", None, codes, 4)
    assert accept_repairs(workspace, "", None, codes, 3).words == "accept 3 address changes"
    assert ids(workspace) == [-unsure, -other]
    assert accept_filter(workspace, "", None, 0).done == ()
    assert ids(workspace) == [-unsure, -other]


def test_a_held_order_keeps_its_place(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(address=LOST)
    run_checks(workspace)
    hold(workspace, [Item(order, 0)], HoldKind.OPERATOR, "wait")
    assert ids(workspace) == [-order]


def test_the_command_line_lists_shows_accepts_and_asks_by_either_name(
    workspace: Workspace, make_order: MakeOrder, lastcall: Callable[..., Ran]
) -> None:
    one, two = make_order(address=LOST, number="501"), make_order(address=LOST, number="502")
    three = make_order(address=NOWHERE, number="503")
    run_checks(workspace)
    rows = lastcall("addresses", "--json").json
    assert [(each["kind"], each["id"], each["number"]) for each in rows] == [
        ("finding", -one, "501"),
        ("finding", -two, "502"),
        ("finding", -three, "503"),
    ]
    assert lastcall("addresses", "--counts", "--json").json["error"] == 3
    shown = lastcall("address", "show", "501")
    assert "07030" in shown.out
    assert "accepting: nothing is sent yet" in shown.err
    assert lastcall("address", "accept", "501").code == 0
    assert lastcall("address", "accept", f"#-{two}").code == 0
    refused = lastcall("address", "accept", "503")
    assert (refused.code, "no repair is known" in refused.out + refused.err) == (1, True)
    assert "- line1: no street" in lastcall("address", "ask", "503").out
    assert lastcall("address", "edit", f"#-{three}", "--line1", "Elm Street 5").code == 0
    assert lastcall("addresses", "--json").json == []
