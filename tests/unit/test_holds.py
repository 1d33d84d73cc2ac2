"""Holds, notes, priority and lateness: what they do, refuse, and how they are taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from data.clock import HeldClock
from data.model import HoldKind, InputError, Item
from data.orders.detail import order_detail
from data.orders.flags import set_late, set_priority
from data.orders.holds import hold, release, release_due
from data.orders.notes import add_note
from data.orders.rows import order_rows
from data.store.undo import undo
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, MakeShipment, OpenAs


def holds_of(ws: Workspace, order_id: int) -> tuple[str, ...]:
    return order_rows(ws.store, [order_id])[order_id].holds


def seen(ws: Workspace, order_id: int) -> Item:
    return Item(order_id, order_rows(ws.store, [order_id])[order_id].rev)


def test_a_hold_is_put_on_every_order_once_and_undo_takes_it_off(workspace: Workspace, make_order: MakeOrder) -> None:
    first, second = make_order(), make_order()
    done = hold(workspace, [seen(workspace, first), seen(workspace, second)], HoldKind.CUSTOMS, "no HS code")
    assert (done.done, done.words) == ((first, second), "hold 2 orders: customs")
    assert holds_of(workspace, second) == ("customs",)

    again = hold(workspace, [Item(first, 0)], HoldKind.CUSTOMS, "no HS code")
    assert again.act is None
    assert [each.reason for each in again.refused] == ["it has the hold customs already"]

    hold(workspace, [Item(first, 0)], HoldKind.OPERATOR, "wait")
    assert holds_of(workspace, first) == ("customs", "operator")
    assert done.act is not None
    undo(workspace.store, workspace.actor, done.act)
    assert (holds_of(workspace, first), holds_of(workspace, second)) == (("operator",), ())


def test_release_takes_one_kind_or_all_and_refuses_where_there_is_none(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    order = make_order(holds=["stock", "address"])
    assert release(workspace, [Item(order, 0)], HoldKind.STOCK).done == (order,)
    assert [each.reason for each in release(workspace, [Item(order, 0)], HoldKind.STOCK).refused] == [
        "it has no stock hold"
    ]
    assert release(workspace, [Item(order, 0)]).done == (order,)
    assert holds_of(workspace, order) == ()
    detail = order_detail(workspace.store, order)
    assert detail is not None
    assert [each.kind for each in detail.holds] == ["address", "stock"]
    assert all(each.released_at for each in detail.holds)


def test_a_hold_until_a_date_ends_by_itself(workspace: Workspace, make_order: MakeOrder, clock: HeldClock) -> None:
    order = make_order()
    with pytest.raises(InputError, match="needs the date"):
        hold(workspace, [Item(order, 0)], HoldKind.UNTIL, "")
    hold(workspace, [Item(order, 0)], HoldKind.UNTIL, "", clock.now() + timedelta(days=2))
    assert release_due(workspace).act is None
    clock.move(timedelta(days=2))
    assert release_due(workspace).done == (order,)
    assert holds_of(workspace, order) == ()


def test_a_hold_needs_a_reason_and_a_date_to_come(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order()
    with pytest.raises(InputError, match="needs a reason"):
        hold(workspace, [Item(order, 0)], HoldKind.OPERATOR, "  ")
    with pytest.raises(InputError, match="past"):
        hold(workspace, [Item(order, 0)], HoldKind.OPERATOR, "wait", workspace.clock.now())


def test_what_has_left_is_refused_and_what_the_warehouse_has_is_said(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    gone, there, gone_by = make_order(number="10"), make_order(), 10**6
    make_shipment(gone, state="shipped")
    make_shipment(there, state="accepted")
    done = hold(workspace, [Item(gone, 0), Item(there, 0), Item(gone_by, 0)], HoldKind.OPERATOR, "recall")
    assert done.done == (there,)
    assert [(each.name, each.reason) for each in done.refused] == [
        ("#1000000", "there is no such order any more"),
        ("10", "it has left"),
    ]
    assert done.notes == ("1 order held here only: the warehouse has it already",)


def test_an_order_that_moved_since_it_was_seen_is_refused_with_what_the_other_did(
    workspace: Workspace, make_order: MakeOrder, open_as: OpenAs, clock: HeldClock
) -> None:
    first, second = make_order(number="21"), make_order(number="22")
    as_seen = [seen(workspace, first), seen(workspace, second)]
    set_priority(open_as("mira"), [as_seen[0]], 5)
    clock.move(timedelta(minutes=3))
    done = hold(workspace, as_seen, HoldKind.OPERATOR, "wait")
    assert done.done == (second,)
    assert [(each.name, each.reason) for each in done.refused] == [
        ("21", "it has moved since you saw it (mira, 3m ago: 1 order: priority 5)")
    ]


def test_priority_and_lateness_are_set_and_taken_back(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order()
    act = set_priority(workspace, [Item(order, 0)], 3).act
    assert set_priority(workspace, [Item(order, 0)], 3).act is None
    assert set_late(workspace, [Item(order, 0)], True).words == "1 order: late"
    row = order_rows(workspace.store, [order])[order]
    assert (row.priority, row.late) == (3, True)
    with pytest.raises(InputError):
        set_priority(workspace, [Item(order, 0)], 10)
    assert act is not None


def test_a_note_is_kept_with_who_wrote_it(workspace: Workspace, make_order: MakeOrder, open_as: OpenAs) -> None:
    order = make_order()
    as_seen = seen(workspace, order)
    set_priority(workspace, [as_seen], 1)
    assert add_note(open_as("mira"), [as_seen], " call her \n before Friday ").done == (order,)
    detail = order_detail(workspace.store, order)
    assert detail is not None
    assert [(each.user, each.text) for each in detail.notes] == [("mira", "call her \n before Friday")]
    with pytest.raises(InputError):
        add_note(workspace, [as_seen], "   ")
