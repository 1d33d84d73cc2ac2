"""Products: every value checked by its name, kits that stand while orders stand on them, spares."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlite_utils.utils import sqlite3

from data.dispatch.allocate import allocate, unallocate
from data.model import InputError, Money, StaleError
from data.policy import WarehouseSettings, save_warehouse
from data.stock.adjust import Counted, count, receive
from data.stock.products import add_product, find_product, list_products, set_product
from data.store.undo import undo
from data.store.workspace import Workspace
from tests.conftest import MakeOrder, MakeShipment


@pytest.fixture
def goods(workspace: Workspace) -> Workspace:
    """A workspace with GAME, DICE, BOX (a kit of both), a digital PDF, and the warehouse EU1."""
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", ("*",)))
    workspace.reload_policy()
    add_product(workspace, "GAME", {"title": "Lighthouse"})
    add_product(workspace, "DICE")
    add_product(workspace, "PDF", {"physical": False})
    add_product(workspace, "BOX", {"parts": [("GAME", 1), ("DICE", 3)]})
    return workspace


def test_everything_that_can_be_said_is_kept_changed_and_taken_back(goods: Workspace) -> None:
    said: Mapping[str, object] = {
        "title": " Lighthouse, 2nd edition ",
        "weight_g": 1850,
        "length_mm": 300,
        "width_mm": 300,
        "height_mm": 75,
        "hs_code": "950490",
        "origin": "CN",
        "description": "board game",
        "spare": True,
        "values": [Money(3200, "USD"), Money(2950, "EUR")],
    }
    done = set_product(goods, find_product(goods.store, "GAME"), said)
    found = find_product(goods.store, "GAME")
    assert found.title == "Lighthouse, 2nd edition"
    assert (found.weight_g, found.length_mm, found.height_mm, found.spare) == (1850, 300, 75, True)
    assert found.values == (Money(2950, "EUR"), Money(3200, "USD"))
    assert set_product(goods, found, said).act is None
    set_product(goods, found, {"values": [Money(3000, "EUR")]})
    assert find_product(goods.store, "GAME").values == (Money(3000, "EUR"),)
    with pytest.raises(StaleError, match="later work"):
        undo(goods.store, goods.actor, done.act or 0)
    assert [each.sku for each in list_products(goods.store, spares=True)] == ["GAME"]
    assert {each.sku: len(each.parts) for each in list_products(goods.store)} == {
        "BOX": 2,
        "DICE": 0,
        "GAME": 0,
        "PDF": 0,
    }


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"weight_g": 0}, "weight: "),
        ({"width_mm": 10_001}, "width: "),
        ({"hs_code": "9504"}, "HS code 9504"),
        ({"hs_code": "95049٠"}, "HS code"),
        ({"origin": "China"}, "origin China"),
        ({"title": "a\x1b[2J"}, "title: "),
        ({"description": "x" * 201}, "description: "),
        ({"values": [Money(1, "EUR"), Money(2, "EUR")]}, "stands twice"),
        ({"values": [Money(-1, "EUR")]}, "value EUR"),
        ({"values": [Money(1, "euro")]}, "value euro"),
        ({"parts": [("DICE", 0)]}, "whole number"),
        ({"parts": [("DICE", 1), ("DICE", 2)]}, "stands twice"),
        ({"parts": [("NONE", 1)]}, "no product NONE"),
        ({"parts": [("PDF", 1)]}, "PDF takes no parcel"),
        ({"parts": [("BOX", 1)]}, "BOX is a kit"),
        ({"parts": [("NEW", 1)]}, "can't be in itself"),
        ({"physical": False, "parts": [("DICE", 1)]}, "NEW takes no parcel"),
        ({"colour": "red"}, "no colour"),
    ],
)
def test_what_a_product_cant_be_is_refused_by_name_and_leaves_nothing(
    goods: Workspace, values: Mapping[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        add_product(goods, "NEW", values)
    assert len(list_products(goods.store)) == 4


def test_a_change_that_somebody_else_has_overtaken_is_refused_also_where_it_is_beside_the_row(goods: Workspace) -> None:
    seen = find_product(goods.store, "DICE")
    set_product(goods, seen, {"values": [Money(900, "EUR")]})
    with pytest.raises(StaleError, match="somebody else"):
        set_product(goods, seen, {"values": [Money(800, "EUR")]})
    assert find_product(goods.store, "DICE").values == (Money(900, "EUR"),)


def test_a_kit_can_have_no_kit_in_it_whichever_came_first(goods: Workspace) -> None:
    with pytest.raises(InputError, match="DICE is part of BOX"):
        set_product(goods, find_product(goods.store, "DICE"), {"parts": [("GAME", 1)]})
    with pytest.raises(sqlite3.IntegrityError, match="no kits in it"), goods.write("test", "test") as tx:
        tx.insert("kit_parts", {"kit": "DICE", "sku": "GAME", "quantity": 1})
    with pytest.raises(InputError, match="it takes a parcel"):
        set_product(goods, find_product(goods.store, "DICE"), {"physical": False})
    with pytest.raises(InputError, match="it takes a parcel"):
        set_product(goods, find_product(goods.store, "BOX"), {"physical": False})


def test_a_product_with_pieces_of_its_own_becomes_a_kit_only_when_they_are_counted_away(goods: Workspace) -> None:
    add_product(goods, "SET")
    receive(goods, "EU1", "SET", 5)
    with pytest.raises(InputError, match="count it to 0 first"):
        set_product(goods, find_product(goods.store, "SET"), {"parts": [("DICE", 1)]})
    count(goods, [Counted("EU1", "SET", 0)])
    set_product(goods, find_product(goods.store, "SET"), {"parts": [("DICE", 1)]})
    assert find_product(goods.store, "SET").parts == (("DICE", 1),)


def test_a_kits_parts_stand_while_an_order_has_them_and_can_change_when_it_has_not(
    goods: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, campaign: int
) -> None:
    order = make_order(lines=(("BOX", 1),))
    change = {"parts": [("GAME", 1), ("DICE", 4)]}
    allocate(goods, campaign_id=campaign)
    refused: list[dict[str, list[tuple[str, int]]]] = [
        change,
        {"parts": []},
        {"parts": [("DICE", 3)]},
        {"parts": [("GAME", 2), ("DICE", 3)]},
    ]
    for parts in refused:
        with pytest.raises(StaleError, match="BOX: orders with this kit are allocated or gone: make a new SKU of it"):
            set_product(goods, find_product(goods.store, "BOX"), parts)
    unallocate(goods, [order])
    set_product(goods, find_product(goods.store, "BOX"), change)
    make_shipment(order, state="shipped")
    with pytest.raises(StaleError, match="allocated or gone"):
        set_product(goods, find_product(goods.store, "BOX"), {"parts": []})
    assert dict(find_product(goods.store, "BOX").parts) == {"GAME": 1, "DICE": 4}
