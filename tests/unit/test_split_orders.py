"""An order whose lines leave several warehouses: from its allocation to the last parcel, and back."""

from __future__ import annotations

import pytest

from data.desk.verify import verify
from data.desk.warehouse_lines import read_warehouses
from data.dispatch.allocate import allocate, unallocate
from data.dispatch.allocation_plan import split_lines
from data.dispatch.baskets import Line
from data.dispatch.batches import add_to_batch, create_batch, remove_from_batch
from data.dispatch.cancel import cancel_orders
from data.dispatch.follow import record_all
from data.dispatch.orders_out import read_outgoing
from data.dispatch.preflight import check_batch
from data.dispatch.send import send_batch
from data.dispatch.sender import Answered
from data.dispatch.stock_left import StockLeft
from data.dispatch.waiting import waiting_for_batch
from data.dispatch.why_here import explain
from data.dispatch.worker import run_worker
from data.model import CommandState, Item
from data.orders.holds import release
from data.orders.rows import OrderRows
from data.orders.stages import settle
from data.outbox.claim import claim_due
from data.outbox.record import Outcome
from data.policy import WarehouseSettings, save_warehouse
from data.store.undo import undo
from data.store.workspace import Workspace
from data.tracking.reconcile import reconcile, remainders
from tests.conftest import MakeOrder
from tests.stock import count_in, left, make_kit, places, say


@pytest.fixture
def ws(workspace: Workspace) -> Workspace:
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", ("DE",)))
    save_warehouse(workspace.folder, WarehouseSettings("EU2", "Birch", ("DE",)))
    save_warehouse(workspace.folder, WarehouseSettings("EU3", "Elm", ("DE",)))
    workspace.reload_policy()
    say(workspace, '[allocation]\nsplit = "by_warehouse"\n')
    count_in(workspace, "EU1", GAME=1, DICE=3, MAT=1)
    count_in(workspace, "EU2", GAME=1, DICE=1, MAT=5)
    count_in(workspace, "EU3", GAME=1, DICE=1, MAT=1)
    return workspace


@pytest.fixture
def order(ws: Workspace, make_order: MakeOrder) -> int:
    """An order that no warehouse has whole: EU1 has its game and dice, EU2 its mats."""
    return make_order(lines=(("GAME", 1), ("DICE", 3), ("MAT", 4)), locked=True)


def lines(ws: Workspace) -> dict[str, str | None]:
    return dict(ws.store.rows("SELECT sku, warehouse FROM order_lines"))


def stage(ws: Workspace) -> str:
    return str(ws.store.value("SELECT stage FROM orders"))


def ship(ws: Workspace, warehouse: str, state: str) -> None:
    with ws.write("test.ship", "ship") as tx:
        ids = [row[0] for row in tx.rows("SELECT id FROM shipments WHERE warehouse = ?", (warehouse,))]
        tx.run("UPDATE shipments SET state = ?, rev = rev + 1 WHERE warehouse = ?", (state, warehouse))
        settle(tx, [row[0] for row in tx.rows("SELECT order_id FROM shipment_lines WHERE shipment_id = ?", ids)])


def reject(ws: Workspace, warehouse: str) -> None:
    """Let a warehouse refuse the one push that is planned."""
    with ws.store.write(ws.actor, "test", "reject", compensate="order cancel") as tx:
        (claimed,) = claim_due(tx, ws.clock, warehouse, 1, lambda kind, body, last: body)
        record_all(tx, ws.clock, [Answered(Outcome(claimed, CommandState.REJECTED, "no such SKU"))])


def test_lines_go_to_as_few_warehouses_as_have_them_and_come_back_by_undo_or_verb(ws: Workspace, order: int) -> None:
    found = allocate(ws)
    assert (found.orders, found.split) == (1, 1)
    assert found.done.words == "allocate 1 order (1 split): EU1 1, EU2 1"
    assert [(each.warehouse, each.orders, each.units) for each in found.given] == [("EU1", 1, 4), ("EU2", 1, 4)]
    assert places(ws) == {order: "EU1"}
    assert lines(ws) == {"GAME": None, "DICE": None, "MAT": "EU2"}
    assert left(ws)[("EU2", "MAT")] == 1
    assert left(ws)[("EU1", "DICE")] == 0
    assert explain(ws.store, ws.policy, order)[-2:] == (
        "split, for no warehouse had all of it: what is not named here goes to EU1",
        "EU2: 4 x MAT",
    )
    assert list(OrderRows(ws.store, "warehouse:EU2").ids(lambda: False)) == [order]
    before = {("EU1", "GAME"): 1, ("EU1", "DICE"): 3, ("EU2", "MAT"): 5}
    assert found.done.act is not None
    undo(ws.store, ws.actor, found.done.act)
    assert left(ws).items() >= before.items()
    assert set(lines(ws).values()) == {None}
    allocate(ws)
    unallocate(ws, [order])
    assert left(ws).items() >= before.items()
    assert set(lines(ws).values()) == {None}
    assert stage(ws) == "ready"


def test_where_orders_leave_whole_it_is_a_backorder_instead(ws: Workspace, order: int) -> None:
    path = ws.folder / "lastcall.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("by_warehouse", "whole"), encoding="utf-8")
    ws.reload_policy()
    found = allocate(ws)
    assert (found.orders, [(each.warehouse, each.sku, each.missing) for each in found.short]) == (
        0,
        [("EU1", "MAT", 3)],
    )


def test_no_line_is_divided_and_what_was_tried_in_vain_is_given_back() -> None:
    stock = StockLeft([("A", "X", 2), ("B", "X", 3), ("C", "X", 2)])
    two, three, four = (Line(pieces, pieces, (("X", pieces),)) for pieces in (2, 3, 4))
    assert split_lines(stock, ["A", "B", "C"], [two, four]) is None
    assert [stock.left(code, "X") for code in "ABC"] == [2, 3, 2]
    assert split_lines(stock, ["A", "B", "C"], [three, two, two]) == ["B", "A", "C"]
    assert [stock.left(code, "X") for code in "ABC"] == [0, 0, 0]


def test_each_part_waits_for_its_own_batch_and_the_order_is_shipped_when_all_have_left(
    ws: Workspace, order: int, campaign: int
) -> None:
    allocate(ws)
    assert [(each.warehouse, each.orders) for each in waiting_for_batch(ws.store)] == [("EU1", 1), ("EU2", 1)]
    assert {each.code: each.waiting for each in read_warehouses(ws.store)} == {"EU1": 1, "EU2": 1, "EU3": 0}
    assert [each.reason for each in create_batch(ws, campaign, "EU3", ids=[order]).refused] == ["it goes to EU1"]
    first = create_batch(ws, campaign, "EU1").made[0]
    assert stage(ws) == "batched"
    assert [(each.warehouse, each.orders) for each in waiting_for_batch(ws.store)] == [("EU2", 1)]
    assert [each.reason for each in add_to_batch(ws, Item(first, 0), [order]).refused] == ["it is batched"]
    accounts = {(each.warehouse, each.sku): each for each in reconcile(ws.store)}
    assert accounts[("EU1", "GAME")].places["batched"] == 1
    assert accounts[("EU2", "MAT")].places["allocated"] == 4
    assert sum(each.unexplained for each in accounts.values()) == 0
    assert list(remainders(ws.store)) == []
    check_batch(ws, Item(first, 0))
    send_batch(ws, Item(first, 0), 1, start=False)
    assert run_worker(ws, "EU1", say=print) == 0
    assert stage(ws) == "at_warehouse"
    ship(ws, "EU1", "delivered")
    assert stage(ws) == "part_shipped"
    assert left(ws)[("EU2", "MAT")] == 1
    assert verify(ws.store).findings == ()
    second = create_batch(ws, campaign, "EU2").made[0]
    assert [
        (each.order.key, [(line.sku, line.quantity) for line in each.order.lines])
        for each in read_outgoing(ws.store, second)
    ] == [(f"EMBER-{order:06}-2", [("MAT", 4)])]
    assert waiting_for_batch(ws.store) == []
    remove_from_batch(ws, Item(second, 0), [order])
    assert stage(ws) == "part_shipped"
    second = create_batch(ws, campaign, "EU2").made[0]
    check_batch(ws, Item(second, 0))
    send_batch(ws, Item(second, 0), 1, start=False)
    assert run_worker(ws, "EU2", say=print) == 0
    assert stage(ws) == "part_shipped"
    ship(ws, "EU2", "delivered")
    assert stage(ws) == "delivered"
    assert verify(ws.store).findings == ()
    assert list(create_batch(ws, campaign, "EU1", ids=[order]).refused) != []
    assert create_batch(ws, campaign, "EU1").notes == ()


def test_a_part_goes_first_wherever_the_order_is_and_a_hold_keeps_every_part(
    ws: Workspace, order: int, campaign: int
) -> None:
    allocate(ws)
    second = create_batch(ws, campaign, "EU2").made[0]
    assert [each.order_id for each in read_outgoing(ws.store, second)] == [order]
    assert [(each.warehouse, each.orders) for each in waiting_for_batch(ws.store)] == [("EU1", 1)]
    assert [each.reason for each in unallocate(ws, [order]).refused] == ["it is batched"]
    with ws.write("test.hold", "hold") as tx:
        tx.insert("holds", {"order_id": order, "kind": "client", "reason": "ask", "placed_at": "2026-11-23T09:00:00Z"})
    assert create_batch(ws, campaign, "EU1").notes == ("left out 1: it is held",)
    assert {(each.warehouse, each.sku): each.places["held"] for each in reconcile(ws.store)}[("EU1", "DICE")] == 3
    cancel_orders(ws, [Item(order, 0)], "changed their mind", start=False)
    assert stage(ws) == "cancelled"
    assert left(ws)[("EU2", "MAT")] == 5
    assert verify(ws.store).findings == ()


def test_a_part_that_is_rejected_waits_for_the_same_warehouse_while_the_rest_goes_on(
    ws: Workspace, order: int, campaign: int
) -> None:
    allocate(ws)
    for code in ("EU1", "EU2"):
        batch = create_batch(ws, campaign, code).made[0]
        check_batch(ws, Item(batch, 0))
        send_batch(ws, Item(batch, 0), 1, start=False)
    assert run_worker(ws, "EU1", say=print) == 0

    reject(ws, "EU2")
    assert (stage(ws), places(ws)[order], lines(ws)["MAT"]) == ("at_warehouse", "EU1", "EU2")
    assert left(ws)[("EU2", "MAT")] == 1
    assert verify(ws.store).findings == ()
    release(ws, [Item(order, 0)])
    again = create_batch(ws, campaign, "EU2").made[0]
    assert [(each.order.key, each.revision) for each in read_outgoing(ws.store, again)] == [(f"EMBER-{order:06}-2", 2)]
    assert stage(ws) == "batched"


def test_an_order_whose_parts_are_all_rejected_is_ready_again(ws: Workspace, order: int, campaign: int) -> None:
    allocate(ws)
    batch = create_batch(ws, campaign, "EU2").made[0]
    check_batch(ws, Item(batch, 0))
    send_batch(ws, Item(batch, 0), 1, start=False)
    reject(ws, "EU2")
    assert (stage(ws), places(ws)[order], set(lines(ws).values())) == ("ready", None, {None})
    assert left(ws)[("EU2", "MAT")] == 5


def test_a_kit_is_sent_as_its_parts_and_accounted_for_as_itself(
    ws: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    make_kit(ws, "BOX", GAME=1, DICE=2)
    make_order(lines=(("BOX", 1), ("DICE", 1)), locked=True)
    allocate(ws)
    batch = create_batch(ws, campaign, "EU1").made[0]
    (sent,) = read_outgoing(ws.store, batch)
    assert [(line.sku, line.title, line.quantity) for line in sent.order.lines] == [
        ("GAME", "Game", 1),
        ("DICE", "Dice", 3),
    ]
    checked = check_batch(ws, Item(batch, 0))
    assert dict(checked.units) == {"GAME": 1, "DICE": 3}
    assert ws.store.rows("SELECT sku, quantity FROM shipment_lines ORDER BY id") == [("BOX", 1), ("DICE", 1)]
    send_batch(ws, Item(batch, 0), 1, start=False)
    assert run_worker(ws, "EU1", say=print) == 0
    (file,) = (ws.folder / "drop" / "EU1").glob("batch-*.csv")
    assert "BOX" not in file.read_text(encoding="utf-8")
    ship(ws, "EU1", "shipped")
    assert left(ws)[("EU1", "DICE")] == 0
    assert verify(ws.store).findings == ()
