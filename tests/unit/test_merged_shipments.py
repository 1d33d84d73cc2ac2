"""Merged orders go as one parcel: minted, sent, tracked and cancelled together, and apart where they can't."""

from __future__ import annotations

import asyncio
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from data.addresses.check_run import run_checks
from data.addresses.edit import edit_order
from data.addresses.merge_orders import merge_for_shipping, separate
from data.desk.poll import poll_warehouse
from data.desk.verify import verify
from data.dispatch.allocate import allocate, unallocate
from data.dispatch.batches import create_batch, remove_from_batch
from data.dispatch.cancel import cancel_orders
from data.dispatch.preflight import check_batch
from data.dispatch.send import send_batch
from data.dispatch.worker import run_worker
from data.model import Item
from data.orders.rows import order_rows
from data.policy import WarehouseSettings, save_warehouse
from data.portals.protocol import Portal
from data.portals.registry import portal_for
from data.portals.sandbox.process import start
from data.store.undo import undo
from data.store.workspace import Workspace
from tests.conftest import HOME, MakeOrder
from tests.sending import creations, drive

DAY = 86_400


@pytest.fixture
def ws(workspace: Workspace) -> Workspace:
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", ("DE",), portal="file"))
    save_warehouse(workspace.folder, WarehouseSettings("US1", "Oak", ("*",), portal="file"))
    workspace.reload_policy()
    return workspace


@pytest.fixture
def pair(ws: Workspace, make_order: MakeOrder) -> tuple[int, int]:
    """Two merged orders of one person; the second leads nothing and was merged by naming it first."""
    first = make_order(lines=(("GAME", 1),), locked=True)
    second = make_order(lines=(("GAME", 1), ("DICE", 2)), email="x7@privaterelay.appleid.com", locked=True)
    merge_for_shipping(ws, _items(second, first))
    return first, second


def _items(*ids: int) -> list[Item]:
    return [Item(each, 0) for each in ids]


def _stages(ws: Workspace, *ids: int) -> list[str]:
    return [ws.store.value("SELECT stage FROM orders WHERE id = ?", (each,)) for each in ids]


def _lines(ws: Workspace) -> list[tuple[str, int, str, int]]:
    return ws.store.rows(
        "SELECT s.key, l.order_id, l.sku, l.quantity FROM shipment_lines l JOIN shipments s ON s.id = l.shipment_id"
        " WHERE s.state <> 'cancelled' ORDER BY l.id"
    )


def _hold(ws: Workspace, order: int) -> None:
    with ws.write("test.hold", "hold") as tx:
        tx.insert("holds", {"order_id": order, "kind": "client", "reason": "ask", "placed_at": "2026-11-23T09:00:00Z"})


def _send(ws: Workspace, campaign: int) -> int:
    allocate(ws)
    batch = create_batch(ws, campaign, "EU1").made[0]
    checked = check_batch(ws, Item(batch, 0))
    send_batch(ws, Item(batch, 0), checked.orders, start=False)
    return batch


def test_a_batch_has_one_shipment_for_merged_orders_under_the_leading_ones_key(
    ws: Workspace, campaign: int, pair: tuple[int, int], make_order: MakeOrder
) -> None:
    first, second = pair
    alone = make_order(locked=True)
    allocate(ws, ids=[second], warehouse="US1")
    assert order_rows(ws.store, [first])[first].warehouse == "US1"
    unallocate(ws, [first])
    assert _stages(ws, *pair) == ["ready", "ready"]
    allocate(ws)
    none = create_batch(ws, campaign, "EU1", ids=[second], limit=1)
    assert none.act is None
    batch = create_batch(ws, campaign, "EU1", ids=[second, alone]).made[0]
    key = f"EMBER-{first:06}-1"
    assert _lines(ws) == [
        (key, first, "GAME", 1),
        (key, second, "GAME", 1),
        (key, second, "DICE", 2),
        (f"EMBER-{alone:06}-1", alone, "GAME", 1),
    ]
    checked = check_batch(ws, Item(batch, 0))
    assert (checked.orders, dict(checked.units), checked.done.refused) == (2, {"GAME": 3, "DICE": 2}, ())
    assert [each.reason for each in separate(ws, _items(first)).refused] == [
        "it is batched: only what is in no batch can be separated"
    ]
    assert verify(ws.store).findings == ()
    assert set(remove_from_batch(ws, Item(batch, 0), [second]).done) == {first, second}
    assert _stages(ws, *pair) == ["allocated", "allocated"]


def test_an_order_whose_partner_can_not_go_stays_with_it_and_says_so(
    ws: Workspace, campaign: int, pair: tuple[int, int]
) -> None:
    first, second = pair
    allocate(ws)
    batch = create_batch(ws, campaign, "EU1").made[0]
    _hold(ws, second)
    checked = check_batch(ws, Item(batch, 0))
    assert {each.id: each.reason for each in checked.done.refused} == {
        first: "it is merged with order 1002, which can't go: held: client: ask",
        second: "held: client: ask",
    }
    assert ws.store.value("SELECT count(*) FROM holds") == 1
    made = create_batch(ws, campaign, "EU1", ids=[first])
    assert [(each.id, each.reason) for each in made.refused] == [
        (first, "it is merged with order 1002, which can't go: it is held")
    ]
    assert create_batch(ws, campaign, "EU1").notes == (
        "left out 1: an order it is merged with can't go",
        "left out 1: it is held",
    )


def test_a_file_holds_one_parcel_for_merged_orders_and_its_tracking_brings_both_home(
    ws: Workspace, campaign: int, pair: tuple[int, int]
) -> None:
    first, second = pair
    _send(ws, campaign)
    assert ws.store.value("SELECT words FROM act ORDER BY id DESC") == "send batch 1: 2 orders in 1 parcel to EU1"
    assert _stages(ws, *pair) == ["sending", "sending"]
    assert run_worker(ws, "EU1", say=print) == 0
    (file,) = (ws.folder / "drop" / "EU1").glob("batch-*.csv")
    rows = [line.split(",")[:2] for line in file.read_text(encoding="utf-8").splitlines()[1:]]
    assert rows == [[f"EMBER-{first:06}-1", "1001"]] * 2
    assert _stages(ws, *pair) == ["at_warehouse", "at_warehouse"]
    refused = cancel_orders(ws, _items(second), "no", start=False).refused
    assert [each.reason for each in refused] == ["EU1 has it in one parcel with 1001: cancel them together"]
    incoming = ws.folder / "drop" / "EU1" / "in"
    incoming.mkdir(parents=True, exist_ok=True)
    (incoming / "tracking.csv").write_text(
        f"reference,tracking number,carrier,status\nEMBER-{first:06}-1,JD1,DHL,delivered\n"
    )
    # The workspace's clock stands still; a file from its future is still being written.
    os.utime(incoming / "tracking.csv", (0, 0))
    asyncio.run(poll_warehouse(ws, portal_for(ws.policy.warehouse("EU1"), ws.folder, ws.clock), "EU1"))
    assert _stages(ws, *pair) == ["delivered", "delivered"]
    assert [row.tracking for row in order_rows(ws.store, pair).values()] == [("JD1",), ("JD1",)]
    assert verify(ws.store).findings == ()


def test_cancelling_one_of_merged_orders_before_sending_takes_it_out_and_undo_brings_it_back(
    ws: Workspace, campaign: int, pair: tuple[int, int], make_order: MakeOrder
) -> None:
    first, second = pair
    third = make_order(locked=True)
    merge_for_shipping(ws, _items(second, third))
    allocate(ws)
    create_batch(ws, campaign, "EU1")
    before = _lines(ws)
    done = cancel_orders(ws, _items(first), "changed their mind", start=False)
    assert _stages(ws, first, second, third) == ["cancelled", "batched", "batched"]
    assert {(key, order) for key, order, _, _ in _lines(ws)} == {
        (f"EMBER-{second:06}-1", second),
        (f"EMBER-{second:06}-1", third),
    }
    assert verify(ws.store).findings == ()
    assert done.act is not None
    undo(ws.store, ws.actor, done.act)
    assert _lines(ws) == before
    assert _stages(ws, first, second, third) == ["batched"] * 3
    cancel_orders(ws, _items(second, third), "both", start=False)
    assert _stages(ws, first, second, third) == ["batched", "cancelled", "cancelled"]
    assert order_rows(ws.store, [first])[first].merged == 0
    assert verify(ws.store).findings == ()


def test_a_planned_parcel_of_a_cancelled_order_is_called_off_and_the_other_is_free(
    ws: Workspace, campaign: int, pair: tuple[int, int]
) -> None:
    _send(ws, campaign)
    done = cancel_orders(ws, _items(pair[0]), "changed their mind", start=False)
    assert done.notes == ("order 1002 was to go in the same parcel: batch it again",)
    assert _stages(ws, *pair) == ["cancelled", "allocated"]
    assert verify(ws.store).findings == ()


def test_an_address_that_moves_elsewhere_parts_merged_orders_and_one_in_the_place_does_not(
    ws: Workspace, campaign: int, pair: tuple[int, int]
) -> None:
    first, second = pair
    run_checks(ws)
    allocate(ws)
    batch = create_batch(ws, campaign, "EU1").made[0]
    leading = ws.store.value("SELECT address_id FROM orders WHERE id = ?", (first,))
    edit_order(ws, Item(second, 0), replace(HOME, name="A. Lindqvist", line1="Elm Str. 5"))
    assert order_rows(ws.store, [second])[second].merged == 2
    assert ws.store.value("SELECT address_id FROM shipments") == leading
    assert check_batch(ws, Item(batch, 0)).done.refused == ()
    done = edit_order(ws, Item(second, 0), replace(HOME, line1="Elm Street 8"))
    assert done.notes == (
        "order 1002 no longer ships with 1001: it goes to another place",
        "order 1002 and 1001 were taken out of batch 1 at Cedar",
    )
    assert _stages(ws, *pair) == ["allocated", "allocated"]
    assert order_rows(ws.store, [second])[second].merged == 0
    assert verify(ws.store).findings == ()


def test_merging_is_undone_as_long_as_nothing_stands_on_it(ws: Workspace, make_order: MakeOrder) -> None:
    done = merge_for_shipping(ws, _items(make_order(), make_order()))
    assert done.act is not None
    undo(ws.store, ws.actor, done.act)
    assert ws.store.value("SELECT count(*) FROM orders WHERE ship_with IS NOT NULL") == 0


def test_verify_names_merged_orders_that_travel_apart(
    ws: Workspace, pair: tuple[int, int], make_shipment: MakeOrder
) -> None:
    make_shipment(pair[0], key="LC-9")
    words = [each.words for each in verify(ws.store).findings if each.check == "merged orders travel together"]
    assert words == [f"order 1002 (#{pair[1]}) is merged with one in shipment LC-9, but is not in it"]


def test_a_warehouse_creates_one_order_for_merged_ones_and_both_are_delivered_or_cancelled(
    ws: Workspace,
    campaign: int,
    pair: tuple[int, int],
    make_order: MakeOrder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given_up = make_order(locked=True), make_order(locked=True)
    merge_for_shipping(ws, _items(*given_up))
    with start(tmp_path / "sandbox.db") as sandbox, closing(drive(ws, sandbox, monkeypatch.setenv)) as here:
        sandbox.control("settings", {"exceptions": 0})
        sandbox.control("stock", {"GAME": 10, "DICE": 10})
        _send(here, campaign)
        assert run_worker(here, "EU1", say=print) == 0
        keys = [f"EMBER-{leader:06}-1" for leader in (pair[0], given_up[0])]
        assert creations(sandbox) == dict.fromkeys(keys, 1)
        assert _stages(here, *pair, *given_up) == ["at_warehouse"] * 4
        assert not cancel_orders(here, _items(*given_up), "both", start=False).refused
        assert run_worker(here, "EU1", say=print) == 0
        assert _stages(here, *given_up) == ["cancelled", "cancelled"]
        portal = portal_for(here.policy.warehouse("EU1"), here.folder, here.clock)
        sandbox.control("clock", {"advance": 20 * DAY})
        asyncio.run(_poll(here, portal))
        assert _stages(here, *pair) == ["delivered", "delivered"]
        assert verify(here.store).findings == ()


async def _poll(ws: Workspace, portal: Portal) -> None:
    await poll_warehouse(ws, portal, "EU1")
    await portal.close()
