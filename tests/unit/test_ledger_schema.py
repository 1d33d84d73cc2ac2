"""The ledger follows orders: reserved when allocated, freed with it, gone when a parcel leaves, back with an undo."""

from __future__ import annotations

import pytest
from sqlite_utils.utils import sqlite3

from data.dispatch.allocate import allocate, unallocate
from data.policy import WarehouseSettings, save_warehouse
from data.store.undo import undo
from data.store.workspace import Workspace
from tests.conftest import MakeOrder, MakeShipment


def levels(ws: Workspace) -> dict[tuple[str, str], int]:
    """Return what the ledger says of EU1, by SKU and state, without zeros."""
    return {
        (sku, state): quantity
        for sku, state, quantity in ws.store.rows(
            "SELECT sku, state, quantity FROM stock_levels WHERE warehouse = 'EU1' AND quantity <> 0"
        )
    }


@pytest.fixture
def ready(workspace: Workspace) -> Workspace:
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", ("*",)))
    workspace.reload_policy()
    return workspace


def test_allocating_reserves_and_taking_back_or_undoing_frees(
    ready: Workspace, make_order: MakeOrder, campaign: int
) -> None:
    order = make_order(lines=(("GAME", 2), ("DICE-2", 1), ("GAME", 1)))
    done = allocate(ready, campaign_id=campaign).done
    assert levels(ready) == {("GAME", "allocated"): 3, ("DICE-2", "allocated"): 1}
    assert done.act is not None
    undo(ready.store, ready.actor, done.act)
    assert levels(ready) == {}
    allocate(ready, campaign_id=campaign)
    unallocate(ready, [order])
    assert levels(ready) == {}


def test_kits_are_reserved_as_their_parts_and_stay_as_they_were(
    ready: Workspace, make_order: MakeOrder, campaign: int
) -> None:
    make_order(lines=(("BOX", 2), ("GAME", 1)))
    with ready.write("kit", "kit") as tx:
        tx.run("INSERT OR IGNORE INTO products(sku) VALUES ('DICE')")
        tx.insert("kit_parts", {"kit": "BOX", "sku": "GAME", "quantity": 1})
        tx.insert("kit_parts", {"kit": "BOX", "sku": "DICE", "quantity": 3})
    allocate(ready, campaign_id=campaign)
    assert levels(ready) == {("GAME", "allocated"): 3, ("DICE", "allocated"): 6}
    with pytest.raises(sqlite3.IntegrityError, match="make a new SKU"), ready.write("kit", "kit") as tx:
        tx.run("UPDATE kit_parts SET quantity = 4, rev = rev + 1 WHERE sku = 'DICE'")


def test_what_leaves_is_no_longer_on_hand_nor_reserved(
    ready: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    order = make_order(lines=(("GAME", 2), ("DICE-2", 1)))
    with ready.write("count", "count") as tx:
        tx.run("INSERT OR IGNORE INTO warehouses(code, name) VALUES ('EU1', 'Cedar')")
        for sku in ("GAME", "DICE-2"):
            values: dict[str, object] = {
                "sku": sku,
                "warehouse": "EU1",
                "state": "on_hand",
                "quantity": 10,
                "reason": "count",
            }
            tx.insert("movements", values | {"at": "2026-11-23T09:00:00Z"})
    make_shipment(order, state="shipped", quantities=(1, 1))
    assert levels(ready) == {("GAME", "on_hand"): 9, ("DICE-2", "on_hand"): 9}
    assert ready.store.value("SELECT stage FROM orders") == "shipped"


def test_a_part_that_leaves_frees_only_what_it_held_though_the_order_stays(
    ready: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    order = make_order(lines=(("GAME", 2), ("DICE-2", 1)))
    with ready.write("count", "count") as tx:
        tx.run("INSERT OR IGNORE INTO warehouses(code, name) VALUES ('EU1', 'Cedar')")
        for sku in ("GAME", "DICE-2"):
            values: dict[str, object] = {"sku": sku, "warehouse": "EU1", "state": "on_hand", "quantity": 10}
            tx.insert("movements", values | {"reason": "count", "at": "2026-11-23T09:00:00Z"})
    make_shipment(order, state="accepted", quantities=(0, 1))
    first = make_shipment(order, state="accepted", quantities=(2, 0))
    assert levels(ready)["GAME", "allocated"] == 2
    with ready.write("leave", "leave") as tx:
        tx.run("UPDATE shipments SET state = 'shipped', rev = rev + 1 WHERE id = ?", (first,))
    assert levels(ready) == {("GAME", "on_hand"): 8, ("DICE-2", "on_hand"): 10, ("DICE-2", "allocated"): 1}
