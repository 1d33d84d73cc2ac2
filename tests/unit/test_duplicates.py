"""One person's orders are found at one address, households are told apart, and nothing is decided by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from data.addresses.check_run import run_checks
from data.addresses.duplicate_groups import duplicate_groups
from data.addresses.duplicates import alike, person_text, place_text, same_place
from data.addresses.merge_orders import mark_meant, merge_for_shipping, separate
from data.desk.forget import forget
from data.model import Address, Item
from data.orders.alike import alike_orders
from data.orders.rows import OrderRows, order_rows
from data.store.undo import undo
from data.store.workspace import Workspace
from tests.conftest import HOME, MakeOrder, Ran

MAIN = Address("Robert Miller", "", "12 Main Street Apt 4", "", "Springfield", "IL", "62704", "US")


def _found(ws: Workspace, text: str) -> list[int]:
    return list(OrderRows(ws.store, text).ids(lambda: False))


def _items(*ids: int) -> list[Item]:
    return [Item(each, 0) for each in ids]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (replace(MAIN, line1="12 main st.", line2="#4"), True),
        (replace(MAIN, postcode="62704-1234", country="USA", name="Miller, Robert"), True),
        (replace(MAIN, line1="12 Main Street", line2="Apartment 4", region="Illinois"), True),
        (replace(MAIN, line1="21 Main Street Apt 4"), False),
        (replace(MAIN, line1="12 Main Street Apt 5"), False),
        (replace(MAIN, line1="12 Main Avenue Apt 4"), False),
        (replace(MAIN, postcode="62705"), False),
        (replace(MAIN, line1="4 Main Street Apt 12"), False),
        (replace(MAIN, line1="PO Box 12"), False),
    ],
)
def test_a_place_is_one_in_every_notation_and_another_by_number_flat_street_or_postcode(
    other: Address, same: bool
) -> None:
    assert same_place(MAIN, other) is same
    assert (place_text(MAIN) == place_text(other)) is same


def test_what_names_no_place_is_the_same_as_nothing() -> None:
    assert place_text(Address(country="DE", postcode="10115")) == ""
    assert place_text(Address(line1="12 Main Street", country="US")) == ""
    assert not same_place(Address(), Address())
    # Without postcodes in the country the city tells the places apart, whatever stands for a postcode.
    hong_kong = Address("Wong", "", "8 Queen's Road", "", "Central", "", "000", "HK")
    assert not same_place(hong_kong, replace(hong_kong, city="Kowloon"))


def test_names_are_alike_in_notation_and_short_forms_and_not_for_being_of_one_family() -> None:
    def names(one: str, other: str) -> bool:
        return alike(person_text(replace(MAIN, name=one)), person_text(replace(MAIN, name=other)))

    assert names("Mr. Robert Miller", "MILLER Robert")
    assert names("Robert Miller", "Rob Miller")
    assert names("R. Miller", "Robert Miller")
    assert not names("R. Miller", "Joan Miller")
    assert not names("Robert Miller", "Joan Miller")
    assert not names("", "")


def test_two_pledges_two_e_mails_and_a_relay_address_are_one_person_and_a_household_comes_after(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    household = make_order(name="Erik Lindqvist", email="erik@example.org")
    first = make_order(email="anna@example.org")
    relay = make_order(
        email="x7k2@privaterelay.appleid.com", address=replace(HOME, name="A. Lindqvist", line1="ELM STR. 5")
    )
    gift = make_order(
        email="Anna@Example.org", address=replace(HOME, name="Little Bo", phone=""), name="Anna Lindqvist"
    )
    elsewhere = make_order(email="anna@example.org", address=replace(HOME, line1="Elm Street 6"))
    replacement = make_order(kind="replacement", parent_id=first, email="anna@example.org")
    gone = make_order(email="anna@example.org")
    with workspace.write("test.cancel", "cancel") as tx:
        tx.run("UPDATE orders SET stage = 'cancelled', rev = rev + 1 WHERE id = ?", (gone,))
    assert duplicate_groups(workspace.store) == []
    run_checks(workspace)
    person, house = duplicate_groups(workspace.store)
    assert (person.likeness, [each.id for each in person.orders]) == ("same_person", [first, relay, gift])
    assert person.why == ("same e-mail", "similar names")
    assert (house.likeness, [each.id for each in house.orders]) == ("same_address", [household, first, relay, gift])
    assert _found(workspace, "duplicate:yes") == [first, relay, gift]
    assert _found(workspace, "duplicate:no") == [household, elsewhere, replacement, gone]
    assert [(each.id, each.why) for each in alike_orders(workspace.store, first)] == [
        (relay, "similar name"),
        (gift, "same e-mail"),
    ]
    assert [order_rows(workspace.store, [each])[each].duplicate for each in (first, household)] == [True, False]
    # Nothing was decided by the check.
    assert _found(workspace, "duplicate:merged") == _found(workspace, "duplicate:meant") == []


def test_the_two_pledges_of_one_backer_are_shown_also_when_one_of_them_was_sent(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeOrder
) -> None:
    sent, open_ = make_order(uid="anna"), make_order(uid="anna", name="Bo")
    make_shipment(sent, state="accepted")
    run_checks(workspace)
    (group,) = duplicate_groups(workspace.store)
    assert ([each.id for each in group.orders], group.why[0]) == ([sent, open_], "same backer")
    assert _found(workspace, "duplicate:yes") == [open_]
    make_shipment(open_, state="accepted")
    assert duplicate_groups(workspace.store) == []
    assert _found(workspace, "duplicate:yes") == []


def test_what_is_meant_is_not_shown_again_until_another_order_comes(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    first, second = make_order(), make_order()
    run_checks(workspace)
    done = mark_meant(workspace, _items(first, second))
    assert (done.words, done.refused) == ("mark 2 orders as meant", ())
    assert duplicate_groups(workspace.store) == []
    assert (_found(workspace, "duplicate:yes"), _found(workspace, "duplicate:meant")) == ([], [first, second])
    third = make_order()
    run_checks(workspace)
    assert _found(workspace, "duplicate:yes") == [first, second, third]
    mark_meant(workspace, _items(first, third))
    assert _found(workspace, "duplicate:yes") == []
    separate(workspace, _items(third))
    assert _found(workspace, "duplicate:yes") == [first, second, third]
    assert done.act is not None
    assert [each.reason for each in mark_meant(workspace, _items(first)).refused] == ["one order alone is no duplicate"]


def test_merging_refuses_what_can_not_travel_together_and_is_taken_back(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    first, second, third = make_order(), make_order(), make_order()
    held, elsewhere = make_order(holds=["client"]), make_order(address=replace(HOME, line1="Elm Street 7"))
    here, there = make_order(warehouse="EU1"), make_order(warehouse="US1")
    with workspace.write("test.campaign", "another campaign") as tx:
        other_campaign = tx.insert("campaigns", {"code": "FROST", "name": "Frost"})
    stranger = make_order(campaign_id=other_campaign)
    run_checks(workspace)
    done = merge_for_shipping(workspace, _items(second, first, held, elsewhere, here, there, stranger))
    assert set(done.done) == {first, second, here}
    assert {each.id: each.reason for each in done.refused} == {
        held: "it is held: client",
        elsewhere: "it goes to another place than order 1002",
        there: "it goes to US1, order 1006 to EU1: allocate both to one",
        stranger: "it belongs to another campaign",
    }
    assert order_rows(workspace.store, [second])[second].merged == 3
    merge_for_shipping(workspace, _items(third, second))
    assert workspace.store.rows("SELECT DISTINCT ship_with FROM orders WHERE ship_with IS NOT NULL") == [(first,)]
    assert _found(workspace, "duplicate:merged") == [first, second, third, here]
    separate(workspace, _items(first))
    assert _found(workspace, "duplicate:merged") == [second, third, here]
    assert {each.id for each in alike_orders(workspace.store, second) if each.state == "merged"} == {third, here}
    last = separate(workspace, _items(second, third))
    assert _found(workspace, "duplicate:merged") == []
    assert last.act is not None
    undo(workspace.store, workspace.actor, last.act)
    assert _found(workspace, "duplicate:merged") == [second, third, here]
    assert [each.reason for each in merge_for_shipping(workspace, _items(first)).refused] == [
        "one order alone can't be merged"
    ]


def test_the_command_line_lists_merges_separates_and_marks(
    lastcall: Callable[..., Ran], workspace: Workspace, make_order: MakeOrder
) -> None:
    first, second = make_order(), make_order()
    assert "2 addresses are not checked yet" in lastcall("addresses", "--duplicates").err
    assert lastcall("address", "check-all").code == 0
    (group,) = lastcall("addresses", "--duplicates", "--json").json
    assert (group["likeness"], [each["number"] for each in group["orders"]]) == ("same_person", ["1001", "1002"])
    listed = lastcall("addresses", "--duplicates").out.splitlines()
    assert listed[1].split("\t") == [
        "1", "1001", "Anna Lindqvist", "backer1001@example.org", "ready", "Elm Street 5, 10115", "same name"
    ]  # fmt: skip
    assert lastcall("address", "merge", "1001", "1002").out == "merge 2 orders for shipping: 1001, 1002\n"
    assert lastcall("orders", "--filter", "duplicate:merged", "--json").json[1]["id"] == second
    assert "1002  Anna Lindqvist  ready  same name  [merged]" in lastcall("order", "show", "1001").out
    assert lastcall("address", "merge", "1001").code == 1
    assert lastcall("address", "separate", f"#{first}").code == 0
    assert lastcall("address", "meant", "1001", "1002").code == 0
    assert lastcall("addresses", "--duplicates", "--json").json == []


def test_the_keys_of_a_person_go_when_they_are_forgotten(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(email="anna@example.org")
    run_checks(workspace)
    with workspace.write("test.cancel", "cancel") as tx:
        tx.run("UPDATE orders SET stage = 'cancelled', rev = rev + 1 WHERE id = ?", (order,))
    assert workspace.store.value("SELECT count(*) FROM address_keys") == 1
    forget(workspace, "anna@example.org")
    assert workspace.store.value("SELECT count(*) FROM address_keys") == 0
