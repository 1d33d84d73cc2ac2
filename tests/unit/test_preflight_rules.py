"""Each rule of the check before sending, by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.dispatch.orders_out import Member
from data.dispatch.preflight_rules import Failure, judge, out_of_stock
from data.model import Address, HoldKind
from data.policy import LabelLimits, WarehouseSettings
from tests.outgoing import BASEL, BERLIN, BOSTON, GAME, facts, house, outgoing

DICE = replace(GAME, sku="DICE", quantity=3)


def _reasons(*found: object) -> list[tuple[HoldKind | None, str]]:
    return [(each.hold, each.reason) for each in judge(*found)]  # type: ignore[arg-type]


def test_a_whole_order_of_a_warehouse_without_rules_goes() -> None:
    for address in (BERLIN, BOSTON, BASEL):
        assert judge(outgoing(address), house(), facts()) == ()


def test_what_is_held_or_not_locked_is_looked_at_no_further() -> None:
    bad = outgoing(replace(BERLIN, name="", line1=""), ())
    assert _reasons(bad, house(), facts(held={1: "client: ask"}, unlocked=frozenset({1}))) == [
        (None, "held: client: ask")
    ]
    assert _reasons(bad, house(), facts(unlocked=frozenset({1}))) == [(None, "its address is not locked")]
    early = facts(unlocked=frozenset({1}), early=True)
    assert judge(outgoing(), house(), early) == ()


def test_an_order_without_lines_has_nothing_to_send() -> None:
    assert _reasons(outgoing(lines=()), house(), facts()) == [(HoldKind.STOCK, "nothing of it is to be sent")]


def test_merged_orders_go_to_one_place_and_the_one_that_does_not_is_named() -> None:
    members = (Member(1, "1001", BERLIN), Member(2, "1002", BASEL))
    (broken,) = judge(outgoing(members=members), house(), facts())
    assert (broken.hold, broken.at, broken.reason) == (HoldKind.ADDRESS, 1, "it goes to another place than order 1001")
    moved = replace(BERLIN, name="A. Lindqvist")
    assert judge(outgoing(members=(members[0], Member(2, "1002", moved))), house(), facts()) == ()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (replace(BERLIN, name=""), "address without a name"),
        (replace(BERLIN, line1=""), "address without a street"),
        (replace(BERLIN, country=""), "address without a country"),
    ],
)
def test_an_address_has_what_no_carrier_goes_without(address: Address, reason: str) -> None:
    assert _reasons(outgoing(address), house(), facts()) == [(HoldKind.ADDRESS, reason)]


def test_a_company_needs_no_name() -> None:
    assert judge(outgoing(replace(BERLIN, name="", company="Moss & Daughters")), house(), facts()) == ()


def test_the_first_thing_that_is_wrong_with_an_address_is_told_once() -> None:
    settings = replace(house(), label=LabelLimits(line=5))
    known = facts(errors={1: "postcode: is none of DE"})
    assert _reasons(outgoing(), settings, known) == [(HoldKind.ADDRESS, "postcode: is none of DE")]
    ((kind, words),) = _reasons(outgoing(), settings, facts())
    assert kind is HoldKind.ADDRESS
    assert words.startswith("the label of EU1: ")


def test_charset_and_hidden_characters_are_held() -> None:
    latin = replace(house(), label=LabelLimits(charset="ascii"))
    ((_, words),) = _reasons(outgoing(replace(BERLIN, name="山田 太郎")), latin, facts())
    assert "can't be printed" in words
    hidden = outgoing(replace(BERLIN, name="Anna\x1b[2J"))
    assert _reasons(hidden, house(), facts()) == [
        (HoldKind.ADDRESS, "its address holds control or invisible characters")
    ]


def test_a_country_that_is_not_served_is_for_the_operator() -> None:
    settings = WarehouseSettings("EU1", "Cedar", ("DE", "FR"))
    assert _reasons(outgoing(BOSTON), settings, facts()) == [(HoldKind.OPERATOR, "EU1 does not serve US")]
    assert judge(outgoing(), settings, facts()) == ()


@pytest.mark.parametrize(
    ("country", "line1", "line2", "refused"),
    [
        ("US", "PO Box 12", "", True),
        ("US", "5 Elm Street", "P.O. Box 12", True),
        ("DE", "Postfach 1234", "", True),
        ("GB", "5 Boxwood Road", "", False),
        ("AE", "PO Box 12", "", False),
        ("SA", "P.O. Box 12", "", False),
        ("OM", "PO Box 12", "", False),
        ("QA", "PO Box 12", "", False),
    ],
)
def test_a_po_box_is_held_where_it_is_refused_but_for_the_gulf(
    country: str, line1: str, line2: str, refused: bool
) -> None:
    address = Address("Robert Kay", "", line1, line2, "Town", "", "", country)
    assert judge(outgoing(address), house(), facts()) == ()
    found = _reasons(outgoing(address), house(po_box=False), facts())
    assert found == ([(HoldKind.ADDRESS, "a PO box, which EU1 can't deliver to")] if refused else [])


def test_a_telephone_number_where_the_warehouse_wants_one() -> None:
    berlin, basel = (outgoing(replace(each, phone=" ")) for each in (BERLIN, BASEL))
    assert judge(basel, house(phone="optional"), facts()) == ()
    (found,) = judge(berlin, house(phone="required"), facts())
    assert (found.hold, found.reason) == (HoldKind.ADDRESS, "no telephone number: EU1 needs one")
    assert judge(outgoing(), house(phone="required"), facts()) == ()
    abroad = house(phone="abroad", ships_from="DE")
    assert judge(berlin, abroad, facts()) == ()
    assert [each.reason for each in judge(basel, abroad, facts())] == [
        "no telephone number: EU1 needs one for parcels abroad"
    ]
    assert judge(basel, house(phone="abroad"), facts()) == (), "where it ships from is not known"


def test_more_than_goes_into_a_parcel_is_for_the_operator() -> None:
    two = outgoing(lines=(GAME, DICE))
    assert _reasons(two, house(max_lines=1), facts()) == [(HoldKind.OPERATOR, "2 SKUs; EU1 takes 1 in one parcel")]
    assert _reasons(two, house(max_units=3), facts()) == [(HoldKind.OPERATOR, "4 pieces; EU1 takes 3 in one parcel")]
    assert judge(two, house(max_lines=2, max_units=4), facts()) == ()


def test_a_sku_the_warehouse_does_not_know_waits_for_stock() -> None:
    two = outgoing(lines=(GAME, DICE))
    known = facts(known_skus=frozenset({"GAME"}))
    assert _reasons(two, house(), known) == [(HoldKind.STOCK, "EU1 does not know DICE")]
    assert judge(two, house(stock="ignore"), known) == ()
    assert judge(two, house(), facts(known_skus=None)) == ()


def test_a_possible_duplicate_waits_until_somebody_has_said_what_it_is() -> None:
    members = (Member(1, "1001", BERLIN), Member(2, "1002", BERLIN))
    (found,) = judge(outgoing(members=members), house(), facts(alike={2: "1007,1009"}))
    assert (found.hold, found.at) == (HoldKind.DUPLICATE, 1)
    assert found.reason.startswith("possibly the same person's as order 1007,1009")


def test_everything_that_is_wrong_is_told_and_each_kind_of_hold_says_all_of_its_reasons() -> None:
    address = replace(BASEL, name="R. Meier", line1="Postfach 12", phone="")
    settings = house(po_box=False, phone="required", max_lines=1, ships_from="DE")
    order = outgoing(address, (replace(GAME, hs_code=""), DICE))
    failure = Failure(order, judge(order, settings, facts()))
    assert failure.holds() == [
        (1, HoldKind.ADDRESS, "a PO box, which EU1 can't deliver to; no telephone number: EU1 needs one"),
        (1, HoldKind.OPERATOR, "2 SKUs; EU1 takes 1 in one parcel"),
        (1, HoldKind.CUSTOMS, "customs: GAME has no HS code; “R. Meier” is no full name"),
    ]
    (refusal,) = failure.refusals()
    assert refusal.reason == "; ".join(words for _, _, words in failure.holds())


def test_an_order_merged_with_one_that_fails_is_told_which() -> None:
    members = (Member(1, "1001", BERLIN), Member(2, "1002", BERLIN))
    order = outgoing(members=members)
    failure = Failure(order, judge(order, house(), facts(errors={2: "city: is missing"})))
    assert [(each.id, each.reason) for each in failure.refusals()] == [
        (1, "it is merged with order 1002, which can't go: city: is missing"),
        (2, "city: is missing"),
    ]
    assert [order for order, _, _ in failure.holds()] == [2]


def test_what_is_lacking_is_lacking_for_the_last_orders_and_no_order_is_filled_in_part() -> None:
    orders = [outgoing(lines=(replace(DICE, quantity=count),), order=at) for at, count in enumerate((2, 3, 1), 1)]
    short = facts(short={"DICE": 3})
    found = out_of_stock(orders, orders, house(), short)
    assert [(each.outgoing.order_id, each.reason) for each in found] == [
        (2, "not in stock at EU1: 3 x DICE, 1 left"),
    ]
    assert out_of_stock(orders, orders, house(stock="ignore"), short) == []
    assert out_of_stock(orders, orders, house(), facts()) == []


def test_an_order_that_leaves_for_another_reason_leaves_its_stock_to_the_others() -> None:
    orders = [outgoing(lines=(replace(DICE, quantity=2),), order=at) for at in (1, 2)]
    assert out_of_stock(orders[1:], orders, house(), facts(short={"DICE": 2})) == []
    assert len(out_of_stock(orders, orders, house(), facts(short={"DICE": 9}))) == 2
