"""The stage of an order follows from its facts: each line of the rule, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlite_utils.utils import sqlite3

from data.model import Address, Stage, StaleError
from data.orders.stages import derived_sql, refuse_illegal, settle
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, MakeShipment

WHERE_TO = Address(name="A", line1="Elm Street 5", city="Berlin", postcode="10115", country="DE")


def stage(ws: Workspace, order: int) -> str:
    return str(ws.store.value("SELECT stage FROM orders WHERE id = ?", (order,)))


def move(ws: Workspace, shipment: int, state: str) -> None:
    with ws.write("test.move", state) as tx:
        tx.run("UPDATE shipments SET state = ?, rev = rev + 1 WHERE id = ?", (state, shipment))
        settle(
            tx, [row[0] for row in tx.rows("SELECT order_id FROM shipment_lines WHERE shipment_id = ?", (shipment,))]
        )


def test_an_order_with_address_physical_line_and_payment_is_ready(workspace: Workspace, make_order: MakeOrder) -> None:
    assert stage(workspace, make_order()) == "ready"
    assert stage(workspace, make_order(warehouse="EU1")) == "allocated"


@pytest.mark.parametrize(
    "lack",
    [
        {"address": None},
        {"address": replace(WHERE_TO, line1="", line2="")},
        {"address": replace(WHERE_TO, country="")},
        {"address": replace(WHERE_TO, name="")},
        {"paid": False},
        {"lines": []},
        {"lines": [("GAME", 0)]},
        {"lines": [("GAME", 1), (None, 1)]},
        {"paid": False, "warehouse": "EU1"},
    ],
)
def test_an_order_that_lacks_something_needs_info(
    workspace: Workspace, make_order: MakeOrder, lack: dict[str, Any]
) -> None:
    assert stage(workspace, make_order(**lack)) == "needs_info"


def test_a_name_mapped_to_nothing_and_a_second_address_line_are_enough(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    order = make_order(address=replace(WHERE_TO, line1="", line2="Flat 2"), lines=[("GAME", 1), (None, 0)])
    assert stage(workspace, order) == "ready"


def test_only_things_that_can_be_sent_make_an_order_ready(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(lines=[("PDF", 1)])
    with workspace.write("test", "digital") as tx:
        tx.run("UPDATE products SET physical = 0, rev = rev + 1 WHERE sku = 'PDF'")
        settle(tx, [order])
    assert stage(workspace, order) == "needs_info"


def test_an_error_in_the_address_takes_it_back_and_a_mended_one_forward(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    order = make_order()
    for errors, expected in ((1, "needs_info"), (0, "ready")):
        with workspace.write("test", "checked") as tx:
            tx.run(
                "INSERT OR REPLACE INTO checked(address_id, errors, warnings, rules)"
                " SELECT address_id, ?, 3, 'x' FROM orders",
                (errors,),
            )
            settle(tx, [order])
        assert stage(workspace, order) == expected


def test_the_stage_follows_one_shipment_step_by_step(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    order = make_order()
    shipment = make_shipment(order)
    assert stage(workspace, order) == "batched"
    for state, expected in (
        ("sending", "sending"),
        ("accepted", "at_warehouse"),
        ("held", "at_warehouse"),
        ("blocked", "at_warehouse"),
        ("picking", "picking"),
        ("packed", "picking"),
        ("part_shipped", "part_shipped"),
        ("shipped", "shipped"),
        ("delivered", "delivered"),
        ("returned", "returned"),
    ):
        move(workspace, shipment, state)
        assert stage(workspace, order) == expected, state


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (("draft", "accepted"), "batched"),
        (("sending", "picking"), "sending"),
        (("accepted", "picking"), "at_warehouse"),
        (("shipped", "draft"), "part_shipped"),
        (("delivered", "accepted"), "part_shipped"),
        (("shipped", "delivered"), "shipped"),
        (("shipped", "returned"), "shipped"),
        (("delivered", "returned"), "delivered"),
        (("returned", "returned"), "returned"),
        (("shipped", "cancelled"), "shipped"),
        (("rejected", "accepted"), "at_warehouse"),
        (("rejected", "cancelled"), "allocated"),
    ],
)
def test_of_several_shipments_the_slowest_counts_until_some_have_left(
    workspace: Workspace,
    make_order: MakeOrder,
    make_shipment: MakeShipment,
    states: tuple[str, str],
    expected: str,
) -> None:
    order = make_order(lines=[("GAME", 1), ("DICE", 1)])
    shipments = (make_shipment(order, quantities=(1, 0)), make_shipment(order, quantities=(0, 1)))
    for shipment, state in zip(shipments, states, strict=True):
        if state != "draft":
            move(workspace, shipment, "accepted")
            move(workspace, shipment, state)
    assert stage(workspace, order) == expected


def test_a_merged_shipment_moves_every_order_in_it(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    first, second = make_order(uid="same"), make_order(uid="same")
    shipment = make_shipment(first)
    with workspace.write("test", "merge") as tx:
        tx.run(
            "INSERT INTO shipment_lines(shipment_id, order_id, order_line_id, sku, quantity)"
            " SELECT ?, order_id, id, sku, quantity FROM order_lines WHERE order_id = ?",
            (shipment, second),
        )
        settle(tx, [second])
    move(workspace, shipment, "shipped")
    assert (stage(workspace, first), stage(workspace, second)) == ("shipped", "shipped")


def test_a_cancelled_order_stays_cancelled_whatever_its_facts(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order()
    with workspace.write("test", "cancel") as tx:
        tx.run("UPDATE orders SET stage = 'cancelled', rev = rev + 1 WHERE id = ?", (order,))
        assert settle(tx, [order]) == {}
    assert stage(workspace, order) == "cancelled"


def test_settling_moves_only_what_moved_and_says_so(workspace: Workspace, make_order: MakeOrder) -> None:
    first, second = make_order(), make_order()
    with workspace.write("test", "unpaid") as tx:
        tx.run("UPDATE orders SET paid = 0, rev = rev + 1 WHERE id = ?", (first,))
        assert settle(tx, [first, second, second]) == {first: Stage.NEEDS_INFO}
    assert workspace.store.rows(derived_sql()) == [(first, "needs_info", "needs_info"), (second, "ready", "ready")]


def test_a_move_that_the_table_does_not_have_is_refused_with_the_reason(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    for old, new in ((Stage.CANCELLED, Stage.READY), (Stage.SHIPPED, Stage.BATCHED), (Stage.READY, Stage.SHIPPED)):
        with pytest.raises(StaleError, match=f"can't go from {old} to {new}"):
            refuse_illegal(1, old, new)
    refuse_illegal(1, Stage.READY, Stage.ALLOCATED)


def test_more_than_was_ordered_is_never_shipped(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    order = make_order(lines=[("GAME", 2)])
    first = make_shipment(order, quantities=(1,))
    make_shipment(order, quantities=(1,))
    with pytest.raises(sqlite3.IntegrityError, match="more would be shipped than was ordered"):
        make_shipment(order, quantities=(1,))
    move(workspace, first, "rejected")
    make_shipment(order, quantities=(1,))
    with pytest.raises(sqlite3.IntegrityError, match="more would be shipped than was ordered"):
        move(workspace, first, "accepted")
