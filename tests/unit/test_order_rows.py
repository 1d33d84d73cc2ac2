"""Rows, documents, the detail of an order, finding one by what people call it, and who touched what."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from data.model import HoldKind, InputError, Item
from data.orders.detail import order_detail
from data.orders.find import find_orders
from data.orders.holds import hold
from data.orders.rows import OrderRows, order_document, order_rows
from data.orders.touched import touched_orders
from data.store.watch import Watch
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, MakeShipment, OpenAs


def test_a_row_has_what_a_list_shows(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, make_parcel: Callable[..., int]
) -> None:
    order = make_order(
        number="77", lines=[("GAME", 1), (None, 2), ("DICE", 0)], holds=["stock", "address"], late=True, locked=True
    )
    other = make_order()
    make_parcel(make_shipment(other, state="shipped"), "JD01")
    make_parcel(make_shipment(make_order(), state="shipped"), "JD02")
    rows = order_rows(workspace.store, [order, other, 999])
    assert set(rows) == {order, other}
    row = rows[order]
    assert [(line.sku, line.name, line.quantity) for line in row.lines] == [
        ("GAME", "game", 1),
        (None, "mystery add-on", 2),
    ]
    assert (row.units, row.holds, row.late, row.locked, row.country) == (3, ("address", "stock"), True, True, "DE")
    assert (rows[other].tracking, rows[other].carriers, rows[other].warehouse) == (("JD01",), ("DHL",), "EU1")


def test_a_document_has_exactly_the_contracts_fields(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(number="77", name="Zoë", address=None, lines=[("GAME", 2)])
    document = order_document(order_rows(workspace.store, [order])[order])
    assert document == {
        "id": order,
        "number": "77",
        "kind": "pledge",
        "stage": "needs_info",
        "name": "Zoë",
        "email": "backer77@example.org",
        "country": "",
        "postcode": "",
        "address": dict.fromkeys(
            ("name", "company", "line1", "line2", "city", "region", "postcode", "country", "phone"), ""
        ),
        "lines": [{"sku": "GAME", "name": "game", "quantity": 2}],
        "holds": [],
        "locked": False,
        "late": False,
        "warehouse": None,
    }
    assert json.loads(json.dumps(document)) == document


def test_reading_all_ids_stops_when_it_is_told_to(
    workspace: Workspace, make_order: MakeOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        make_order()
    rows = OrderRows(workspace.store)
    assert len(rows.ids(lambda: False)) == 3
    calls = 0

    def stopped() -> bool:
        nonlocal calls
        calls += 1
        return True

    slow = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
    monkeypatch.setattr(rows, "_queries", lambda limit, descending: [(slow, ())])
    assert list(rows.ids(stopped)) == []
    assert calls >= 1
    assert workspace.store.value("SELECT 1") == 1


def test_a_first_page_sorts_and_scans_nothing(workspace: Workspace, make_order: MakeOrder) -> None:
    make_order(holds=["stock"])
    for text in (
        "anna", "stage:ready", "stage:ready,cancelled", "country:DE,FR", "hold:any", "hold:stock,address",
        "sku:GAME", "late:yes", "paid:no", "kind:store", "warehouse:EU1", "number:1001", "priority:any",
    ):  # fmt: skip
        rows = OrderRows(workspace.store, text)
        for sql, parameters in rows._queries(100, descending=True):
            plan = [row[3] for row in workspace.store.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)]
            assert not [step for step in plan if "FOR ORDER BY" in step or step.split()[:2] == ["SCAN", "o"]], (
                text,
                plan,
            )


def test_an_order_is_found_by_each_thing_people_call_it(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, make_parcel: Callable[..., int]
) -> None:
    order = make_order(number="A-1", email="Zoe@Example.org")
    make_parcel(make_shipment(order, state="shipped", key="LC-ONE"), "JD0001")
    for word in ("A-1", f"#{order}", "zoe@example.org", "LC-ONE", "lc-one", "JD0001"):
        assert [item.id for item in find_orders(workspace.store, [word])] == [order], word
    assert find_orders(workspace.store, ["A-1", f"#{order}"]) == [
        Item(order, order_rows(workspace.store, [order])[order].rev)
    ]
    for word in ("A", "zoe", "#0", "#x", "", "--", "\x00", "JD"):
        with pytest.raises(InputError, match="no order is called"):
            find_orders(workspace.store, [word])


def test_a_word_that_names_several_orders_is_refused_with_their_ids(
    workspace: Workspace, make_order: MakeOrder, campaign: int
) -> None:
    with workspace.write("campaign.add", "add") as tx:
        other = tx.insert("campaigns", {"code": "TWO", "name": "Two"})
    here, there = make_order(number="5"), make_order(number="5", campaign_id=other, name="Bo")
    with pytest.raises(InputError, match=rf"names 2 orders: #{here} 5 Anna .*; #{there} 5 Bo"):
        find_orders(workspace.store, ["5"])
    assert [item.id for item in find_orders(workspace.store, ["5"], campaign)] == [here]


def test_the_detail_tells_the_whole_story(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, make_parcel: Callable[..., int]
) -> None:
    order = make_order(lines=[("GAME", 2), ("DICE", 1)])
    hold(workspace, [Item(order, 0)], HoldKind.OPERATOR, "look")
    shipment = make_shipment(order, state="shipped", quantities=(1, 1), key="LC-1")
    make_parcel(shipment, "JD01", status="in_transit")
    detail = order_detail(workspace.store, order)
    assert detail is not None
    assert [(line.sku, line.quantity, line.in_shipments) for line in detail.lines] == [("GAME", 2, 1), ("DICE", 1, 1)]
    assert [(each.source, each.on_file, each.proposed, each.held_by) for each in detail.addresses] == [
        ("import", True, False, ())
    ]
    assert detail.shipments[0].lines == (("DICE", 1), ("GAME", 1))
    assert [each.tracking_number for each in detail.shipments[0].parcels] == ["JD01"]
    assert [each.words for each in detail.journal] == [
        "add parcel JD01",
        f"add a shipment of order {order}",
        "hold 1 order: operator",
        "add order 1001",
    ]
    moved = detail.journal[1].moves
    assert "warehouse: none → EU1" in moved
    assert "shipment state: draft → shipped" in moved
    assert detail.timeline[0].words == "ordered"
    assert "held: operator" in [each.words for each in detail.timeline]
    assert order_detail(workspace.store, 999) is None


def test_others_work_names_the_orders_it_touched(
    workspace: Workspace, make_order: MakeOrder, make_shipment: MakeShipment, open_as: OpenAs
) -> None:
    first, second, third = make_order(), make_order(), make_order()
    shipment = make_shipment(second)
    watch = Watch(workspace.store, workspace.actor.session)
    mira = open_as("mira")
    hold(mira, [Item(first, 0)], HoldKind.OPERATOR, "look")
    with mira.write("test", "state") as tx:
        tx.run("UPDATE shipments SET raw_status = 'picked', rev = rev + 1 WHERE id = ?", (shipment,))
    looked = watch.look()
    assert looked is not None
    assert touched_orders(workspace.store, looked.rows) == {first, second}
    assert third not in touched_orders(workspace.store, looked.rows)
