"""Allocation, batches and the check before sending."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.dispatch.allocate import allocate, unallocate
from data.dispatch.batch_rows import BatchRows
from data.dispatch.batches import add_to_batch, create_batch, dissolve_batch, remove_from_batch
from data.dispatch.preflight import check_batch
from data.dispatch.send import send_batch
from data.dispatch.start import start_worker
from data.dispatch.why_here import explain
from data.model import Address, Item, StaleError
from data.policy import WarehouseSettings, save_warehouse
from data.store.undo import undo
from data.store.workspace import Workspace
from tests.conftest import HOME, MakeOrder, OpenAs


@pytest.fixture
def ws(workspace: Workspace) -> Workspace:
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", ("DE", "FR")))
    save_warehouse(workspace.folder, WarehouseSettings("JP1", "Pine", ("JP",)))
    save_warehouse(workspace.folder, WarehouseSettings("US1", "Oak", ("*",)))
    workspace.reload_policy()
    return workspace


def _at(ws: Workspace) -> dict[int, tuple[str, str | None]]:
    return {row[0]: (row[1], row[2]) for row in ws.store.rows("SELECT id, stage, warehouse FROM orders")}


def test_orders_go_to_the_warehouse_that_names_their_country_else_to_the_one_for_everywhere(
    ws: Workspace, make_order: MakeOrder
) -> None:
    german, japanese, peruvian = make_order(), make_order(country="JP"), make_order(country="PE")
    held, unpaid = make_order(holds=["client"]), make_order(paid=False)
    dry = allocate(ws, dry_run=True)
    assert dry.done.act is None
    assert _at(ws)[german] == ("ready", None)
    found = allocate(ws)
    assert found.given == dry.given
    assert _at(ws) == {
        german: ("allocated", "EU1"),
        japanese: ("allocated", "JP1"),
        peruvian: ("allocated", "US1"),
        held: ("ready", None),
        unpaid: ("needs_info", None),
    }
    assert dict(found.left) == {"it is held": 1, "something is missing: its address, its items or its payment": 1}
    assert explain(ws.store, ws.policy, german) == ("EU1: it names DE",)
    assert explain(ws.store, ws.policy, peruvian) == ("US1: no warehouse names PE, and it serves everywhere else",)
    assert "held (client): a test says so" in explain(ws.store, ws.policy, held)
    assert found.done.act is not None
    undo(ws.store, ws.actor, found.done.act)
    assert _at(ws)[german] == ("ready", None)


def test_a_person_can_choose_another_warehouse_as_long_as_it_serves_the_country(
    ws: Workspace, make_order: MakeOrder
) -> None:
    german, japanese = make_order(), make_order(country="JP")
    allocate(ws)
    chosen = allocate(ws, ids=[german, japanese], warehouse="US1")
    assert _at(ws)[german] == ("allocated", "US1")
    back = allocate(ws, ids=[german, japanese], warehouse="EU1")
    assert not chosen.done.refused
    assert [(each.id, each.reason) for each in back.done.refused] == [(japanese, "EU1 does not serve JP")]
    unallocate(ws, [german])
    assert _at(ws)[german] == ("ready", None)


def test_a_batch_takes_what_fits_and_says_what_does_not(ws: Workspace, campaign: int, make_order: MakeOrder) -> None:
    first, urgent = make_order(locked=True), make_order(locked=True, priority=5)
    unlocked, japanese = make_order(), make_order(country="JP", locked=True)
    allocate(ws)
    everyone = [first, urgent, unlocked, japanese]
    made = create_batch(ws, campaign, "EU1", ids=everyone, limit=1)
    assert made.done == (urgent,)
    assert {each.id: each.reason for each in made.refused} == {
        unlocked: "its address is not locked",
        japanese: "it goes to JP1",
    }
    more = add_to_batch(ws, Item(made.made[0], 0), everyone)
    assert more.done == (first,)
    assert {each.id for each in more.refused} == {urgent, unlocked, japanese}
    early = create_batch(ws, campaign, "EU1", early=True)
    assert early.done == (unlocked,)
    numbers = [each.number for each in BatchRows(ws.store).rows([*made.made, *early.made]).values()]
    assert sorted(numbers) == [1, 2]
    dissolve_batch(ws, Item(early.made[0], 0))
    assert _at(ws)[unlocked] == ("allocated", "EU1")
    assert create_batch(ws, campaign, "EU1", early=True).words.startswith("create batch 3")


def test_a_shipment_takes_the_physical_lines_under_a_key_of_its_own(
    ws: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    order = make_order(locked=True, lines=(("GAME", 2), ("PDF", 1)))
    with ws.write("test.pdf", "a digital product") as tx:
        tx.run("UPDATE products SET physical = 0, rev = rev + 1 WHERE sku = 'PDF'")
    allocate(ws)
    batch = create_batch(ws, campaign, "EU1").made[0]
    assert ws.store.rows(
        "SELECT s.key, l.sku, l.quantity FROM shipments s JOIN shipment_lines l ON l.shipment_id = s.id"
    ) == [(f"EMBER-{order:06}-1", "GAME", 2)]
    remove_from_batch(ws, Item(batch, 0), [order])
    assert ws.store.value("SELECT count(*) FROM shipments") == 0
    assert _at(ws)[order] == ("allocated", "EU1")


def test_the_check_takes_out_what_breaks_a_rule_with_its_reason_and_the_rest_goes_on(
    ws: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    good, held = make_order(locked=True), make_order(locked=True)
    moved = make_order(locked=True)
    cyrillic = make_order(locked=True, address=replace(HOME, name="Анна", line1="Улица Ленина 5"))
    allocate(ws)
    batch = create_batch(ws, campaign, "EU1").made[0]
    with ws.write("test.later", "things change after batching") as tx:
        tx.insert("holds", {"order_id": held, "kind": "client", "reason": "ask", "placed_at": "2026-11-23T09:00:00Z"})
        values: dict[str, object] = {"order_id": moved, "backer_id": 1, "source": "operator", "name": "Anna"}
        values |= {"at": "2026-11-23T09:00:00Z", "line1": "Calle 5", "country": "PE"}
        tx.run("UPDATE orders SET address_id = ?, rev = rev + 1 WHERE id = ?", (tx.insert("addresses", values), moved))
    found = check_batch(ws, Item(batch, 0))
    assert {each.id: each.reason for each in found.done.refused} == {
        held: "held: client: ask",
        moved: "EU1 does not serve PE",
    }
    assert set(found.done.done) == {good, cyrillic}
    assert (found.orders, found.units, found.countries) == (2, (("GAME", 2),), (("DE", 2),))
    assert {each.order_id for each in found.cautions} == {0, cyrillic}
    assert ws.store.rows("SELECT kind, reason FROM holds WHERE order_id = ?", (moved,)) == [
        ("operator", "batch 1: EU1 does not serve PE")
    ]
    assert BatchRows(ws.store).rows([batch])[batch].state == "ready"


def test_a_batch_that_moved_since_it_was_seen_or_checked_is_not_sent(
    ws: Workspace, campaign: int, make_order: MakeOrder, open_as: OpenAs
) -> None:
    order = make_order(locked=True)
    late = make_order(locked=True)
    allocate(ws)
    batch = create_batch(ws, campaign, "EU1", ids=[order]).made[0]
    with pytest.raises(StaleError, match="is not checked"):
        send_batch(ws, Item(batch, 0), 1, start=False)
    check_batch(ws, Item(batch, 0))
    seen = Item(batch, BatchRows(ws.store).rows([batch])[batch].rev)
    mira = open_as("mira")
    add_to_batch(mira, Item(batch, 0), [late])
    with pytest.raises(StaleError, match="mira"):
        send_batch(ws, seen, 1, start=False)
    check_batch(ws, Item(batch, 0))
    with ws.write("test.hold", "hold") as tx:
        tx.insert("holds", {"order_id": late, "kind": "client", "reason": "ask", "placed_at": "2026-11-23T09:00:00Z"})
    with pytest.raises(StaleError, match=r"checked again.*held: client: ask"):
        send_batch(ws, Item(batch, 0), 2, start=False)
    assert ws.store.value("SELECT count(*) FROM commands") == 0


def test_who_cannot_read_the_secret_sends_nothing_and_is_told_that_the_intent_stays(
    ws: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    save_warehouse(
        ws.folder, WarehouseSettings("EU1", "Cedar", ("DE",), "sandbox", "http://127.0.0.1:9", "env:LASTCALL_NO_SUCH")
    )
    ws.reload_policy()
    make_order(locked=True)
    allocate(ws)
    batch = create_batch(ws, campaign, "EU1").made[0]
    check_batch(ws, Item(batch, 0))
    done = send_batch(ws, Item(batch, 0), 1)
    assert "what is planned stays planned" in done.notes[0]
    assert ws.store.value("SELECT state FROM commands") == "planned"
    assert "LASTCALL_NO_SUCH" in start_worker(ws, "EU1")


def test_a_body_that_no_portal_can_express_never_leaves(ws: Workspace, campaign: int, make_order: MakeOrder) -> None:
    order = make_order(locked=True, address=Address("A\x1b]0;x\x07", line1="Elm Street 5", country="DE"))
    allocate(ws)
    batch = create_batch(ws, campaign, "EU1").made[0]
    found = check_batch(ws, Item(batch, 0))
    assert [(each.id, each.reason) for each in found.done.refused] == [
        (order, "its address holds control or invisible characters")
    ]
    with pytest.raises(StaleError, match="is not checked"):
        send_batch(ws, Item(batch, 0), 0, start=False)
