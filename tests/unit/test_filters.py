"""The filter language: what is read, what is refused and where, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.clock import HeldClock
from data.model import Address, FilterError
from data.orders.conditions import context_of
from data.orders.fields import ORDER_FIELDS, order_conditions
from data.orders.filters import parse
from data.orders.rows import SORTS, OrderRows
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, MakeShipment


@pytest.fixture
def find(workspace: Workspace, campaign: int) -> Callable[[str], list[str]]:
    """Return the numbers of the orders a filter finds."""

    def find_(text: str) -> list[str]:
        rows = OrderRows(workspace.store, text, campaign_id=campaign)
        ids = list(rows.ids(lambda: False))
        assert rows.first(50) == ids[:50]
        assert rows.last(50) == ids[-50:]
        assert rows.count() == len(ids)
        found = rows.rows(ids)
        return [found[each].number for each in ids]

    return find_


@pytest.fixture
def many(workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment) -> None:
    """Orders of which each filter below finds some and misses others."""
    make_order(number="1", name="Anna Lindqvist", lines=[("DICE-2", 1)], priority=3)
    make_order(number="2", name="Anna-Maria O'Brien", country="FR", holds=["stock", "address"], email="am@obrien.ie")
    make_order(number="3", name="李小龙", address=None, lines=[("DICE-3", 2), (None, 1)], amount_minor=12000)
    make_order(number="4", name="Boris 🎲", country="IS", late=True, locked=True, kind="store", tier="100% deluxe")
    shipped = make_order(number="5", name="Zoë", paid=True, ordered_at="2026-11-20T23:30:00Z")
    make_shipment(shipped, state="shipped", key="LC-FIVE")
    make_order(number="6", name="Yu", paid=False, currency="JPY", amount_minor=120, ordered_at=None, parent_id=shipped)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", "123456"),
        ("anna", "12"),
        ("anna lind", "1"),
        ("lind anna", ""),  # only the last bare word may go on
        ('"lind"', ""),
        ('"anna lindqvist"', "1"),
        ("o'brien", "2"),
        ("zoe", "5"),  # marks on letters do not count
        ("李小", "3"),
        ("🎲", "4"),
        ("boris 🎲", "4"),
        ("-🎲", "12356"),
        ("-anna", "3456"),
        ('-"anna lindqvist" anna', "2"),
        ("elm -country:DE", "24"),
        ("LC-FIVE", ""),
        ("tracking:lc-five", "5"),
        ("stage:ready", "124"),
        ("STAGE:ready,shipped", "1245"),
        ("-stage:ready", "356"),
        ("country:fr,IS", "24"),
        ("country:none", "3"),
        ("hold:any", "2"),
        ("hold:none", "13456"),
        ("-hold:stock", "13456"),
        ("hold:stock,customs", "2"),
        ("sku:dice-2", "1"),
        ("sku:DICE*", "13"),
        ('sku:"DICE*"', ""),
        ("sku:none", "3"),
        ("sku:NOTHING", ""),
        ("-sku:GAME", "13"),
        ("late:yes", "4"),
        ("late:no locked:no", "12356"),
        ("kind:store,replacement", "4"),
        ("paid:no", "6"),
        ("warehouse:eu1", "5"),
        ("warehouse:none", "12346"),
        ("-warehouse:any", "12346"),
        ('tier:"100%"', "4"),
        ("tier:1_0", ""),
        ("name:anna", "12"),
        ("email:am@obrien.ie", "2"),
        ("number:4", "4"),
        ("number:>=4", "456"),
        ("number:..2", "12"),
        ("amount:>100", "36"),  # 120.00 euros and 120 yen
        ("amount:69", "1245"),
        ("priority:>0", "1"),
        ("priority:any", "1"),
        ("ordered:2026-11-21", "5"),  # 23:30 UTC is the next day in Berlin
        ("ordered:2026-11", "5"),
        ("ordered:7d", "5"),
        ("ordered:<7d", "1234"),
        ("ordered:2026-09..2026-10-01", "1234"),
        ("ordered:none", "6"),
        ("ordered:yesterday,today", ""),
        ("parent:5", "6"),
        ("parent:none", "12345"),
        ("address:none", "3"),
        ("address:any -anna", "456"),
        ("batch:none", "123456"),
        ("batch:1", ""),
        ("issue:any", ""),
        ("issue:lost,resolved", ""),
        ("change:none level:>=0", ""),
        ("carrier:dhl", ""),
        ("import:1", ""),
        ("stage:ready country:DE,FR -hold:any sku:GAME", ""),
    ],
)
@pytest.mark.usefixtures("many")
def test_a_filter_finds_exactly_what_it_says(find: Callable[[str], list[str]], text: str, numbers: str) -> None:
    assert "".join(find(text)) == numbers


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("stage:redy", 6, "did you mean ready?"),
        ("anna stage:", 10, "a value is missing"),
        ("stage:ready,", 11, "a value is missing"),
        ("stage:ready,redy", 12, "did you mean ready?"),
        ("contry:DE", 0, "did you mean country?"),
        ("12:30", 0, "quotes"),
        ("elm 12:30", 4, "quotes"),
        ("anna -", 5, "right after it"),
        ('"elm', 0, "no partner"),
        ('name:"elm', 5, "no partner"),
        ('""', 0, "nothing between"),
        ('name:"a"b', 8, "after the quote"),
        ("name:>3", 5, "has no order"),
        ("late:maybe", 5, "yes, no"),
        ("ordered:soon", 8, "2026-11-01"),
        ("ordered:2026-13-01", 8, "2026-11-01"),
        ("ordered:>", 8, "needs a value"),
        ("ordered:..", 8, "one side"),
        ("amount:ten", 7, "write a number"),
        ("amount:1e9", 7, "write a number"),
        ("level:1.5", 6, "whole number"),
        ("address:here", 8, "any, none"),
        ("anna \x00", 5, "can't be searched"),
        ("\udce4", 0, "can't be searched"),
    ],
)
def test_an_error_says_what_is_wrong_and_where(workspace: Workspace, text: str, column: int, words: str) -> None:
    with pytest.raises(FilterError) as caught:
        order_conditions(text, context_of(workspace.store, None))
    assert caught.value.column == column
    assert words in str(caught.value)


_pieces = st.one_of(
    st.text(max_size=12),
    st.sampled_from(['"', "-", ",", ":", "..", ">", "<=", "*", " ", "any", "none", "7d", "2026-11-01", "AND", "NEAR("]),
    st.sampled_from([f"{name}:" for name in ORDER_FIELDS]),
    st.sampled_from([f"{name}:{each}" for name, field in ORDER_FIELDS.items() for each in field.choices]),
)


def open_rows(workspace: Workspace, text: str) -> OrderRows | FilterError:
    try:
        return OrderRows(workspace.store, text)
    except FilterError as error:
        return error


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_pieces, max_size=6).map("".join))
@pytest.mark.usefixtures("many")
def test_no_text_crashes_and_every_error_points_inside_it(workspace: Workspace, text: str) -> None:
    rows = open_rows(workspace, text)
    if isinstance(rows, FilterError):
        assert 0 <= rows.column < len(text)
    else:
        assert rows.first(10) == list(rows.ids(lambda: False))[:10]


_readable = st.text(st.characters(exclude_characters='"\x00', exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(max_examples=100, deadline=None)
@given(_readable.filter(lambda text: text.strip() == text))
def test_whatever_is_quoted_is_one_phrase_as_it_is_written(text: str) -> None:
    found = parse(f'"{text}"', ORDER_FIELDS)
    assert [value.text for value in found.searched(negated=False)] == [text]


@pytest.mark.usefixtures("many")
def test_a_relative_date_moves_with_the_clock(find: Callable[[str], list[str]], clock: HeldClock) -> None:
    assert find("ordered:3d") == ["5"]
    clock.move(timedelta(days=1))
    assert find("ordered:3d") == []


@pytest.mark.usefixtures("many")
def test_another_campaigns_orders_stay_out(
    workspace: Workspace, make_order: MakeOrder, find: Callable[[str], list[str]], campaign: int
) -> None:
    with workspace.write("campaign.add", "add") as tx:
        other = tx.insert("campaigns", {"code": "TWO", "name": "Two"})
    make_order(number="7", name="Anna", campaign_id=other)
    assert find("anna") == ["1", "2"]
    assert find("") == list("123456")
    everybody = OrderRows(workspace.store, "anna")
    assert len(everybody.first(10)) == 3
    assert OrderRows(workspace.store, "", campaign_id=other).count() == 1


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("sort", sorted(SORTS))
@pytest.mark.parametrize("text", ["", "anna", "hold:any", "stage:ready country:DE,FR"])
def test_every_sort_gives_the_same_orders_both_ways(workspace: Workspace, sort: str, text: str) -> None:
    up = OrderRows(workspace.store, text, sort)
    down = OrderRows(workspace.store, text, sort, descending=True)
    ids = list(up.ids(lambda: False))
    assert sorted(ids) == list(OrderRows(workspace.store, text).ids(lambda: False))
    assert list(down.ids(lambda: False)) == ids[::-1]
    assert (up.first(2), up.last(2)) == (ids[:2], ids[-2:])


def test_an_address_is_found_by_its_words(find: Callable[[str], list[str]], make_order: MakeOrder) -> None:
    make_order(number="1", address=Address(name="A", line1="12 Rue de l'Église", city="Lyon", country="FR"))
    make_order(number="2", address=Address(name="B", line1="Église 12", city="Nice", country="FR"))
    assert find('"rue de"') == ["1"]
    assert find("eglise ly") == ["1"]
