"""The ledger against a model: whatever people, workers and warehouses do in whatever order, no unit is lost.

The machine works by the real verbs, with a warehouse that is played: pushes are claimed and recorded as a worker does,
states are applied as a poll does. The model counts what was brought in by hand, and what left and came back, from the
shipments alone.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from data.clock import HeldClock, utc_text
from data.desk.verify_stock import below_nothing, levels, reservations
from data.dispatch.allocate import allocate, unallocate
from data.dispatch.batches import create_batch
from data.dispatch.cancel import cancel_orders
from data.dispatch.follow import record_all
from data.dispatch.preflight import check_batch
from data.dispatch.send import count_orders, send_batch
from data.dispatch.sender import Answered
from data.model import CommandKind, CommandState, Done, HoldKind, Item, LastcallError, ShipmentState, StaleError
from data.orders.holds import hold, release
from data.orders.stages import settle
from data.outbox.claim import claim_due
from data.outbox.record import Outcome
from data.policy import WarehouseSettings, save_warehouse
from data.portals.outcomes import RemoteState
from data.stock.adjust import Counted, adjust, count, damage, receive, repair, transfer, write_off
from data.stock.levels import list_levels
from data.stock.movements import all_movements
from data.stock.products import add_product
from data.stock.restock import restock
from data.store.actor import Actor
from data.store.undo import last_undoable, undo
from data.store.workspace import Workspace, init_workspace
from data.tracking.apply import apply_states
from tests.conftest import START

_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""A file system whose syncing costs nothing."""
WAREHOUSES = ("EU1", "US1")
SKUS = ("GAME", "DICE", "TOWER")
"""What lies on shelves; BOX is a kit of the first two."""
_PLACES = tuple((code, sku) for code in WAREHOUSES for sku in SKUS)
_RESERVED = "('allocated', 'batched', 'sending', 'at_warehouse', 'picking', 'part_shipped')"
_GONE = "('shipped', 'delivered', 'returned')"
_SKU, _WAREHOUSE, _PIECES = st.sampled_from(SKUS), st.sampled_from(WAREHOUSES), st.integers(1, 6)
_LINES = st.lists(st.tuples(st.sampled_from(("GAME", "DICE", "BOX", "PDF")), st.integers(1, 3)), min_size=1, max_size=3)
_STEPS = {
    "accepted": ("picking", "shipped", "cancelled"),
    "picking": ("packed", "part_shipped", "shipped"),
    "packed": ("part_shipped", "shipped"),
    "part_shipped": ("shipped", "delivered"),
    "shipped": ("delivered", "returned"),
    "delivered": ("returned",),
}
"""What a warehouse may say next."""


class LedgerMachine(RuleBasedStateMachine):
    """Two warehouses, four products, and everybody at once."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="ledger-", dir=_MEMORY))
        shutil.copytree(self.template, self.folder / "workspace")
        self.clock = HeldClock(START)
        self.ws = Workspace(self.folder / "workspace", Actor("dana", "console", "dana-1"), self.clock)
        self.campaign = int(self.ws.store.value("SELECT id FROM campaigns"))
        self.orders = 0

    def teardown(self) -> None:
        self.opened_numbers_are_the_levels()
        self.ws.close()
        shutil.rmtree(self.folder)

    # People.

    @rule(orders=st.lists(_LINES, min_size=1, max_size=3), country=st.sampled_from(("DE", "US")), far=st.integers(0, 5))
    def come_in(self, orders: list[list[tuple[str, int]]], country: str, far: int) -> None:
        """Orders come in, and go some way at once: allocated, split, sent, shipped."""
        for lines in orders:
            self._order(lines, country)
        if far > 0:
            self.allocate_all()
        if far > 1:
            self.split(self.orders, "US1" if country == "DE" else "EU1")
        warehouse = "EU1" if country == "DE" else "US1"
        if far > 2:
            self.batch(warehouse, 10, True)
            self.work(warehouse, 10, self.orders % 4 != 0)
        if far > 3:
            self.report([(self.orders, 1), (self.orders + 1, 0), (self.orders, far), (self.orders, 1)])

    def _order(self, lines: list[tuple[str, int]], country: str) -> None:
        self.orders += 1
        number = str(self.orders)
        with self.ws.write("test.order", "an order") as tx:
            backer = tx.insert(
                "backers", {"campaign_id": self.campaign, "platform": "kickstarter", "uid": number, "name": "Anna"}
            )
            order = tx.insert(
                "orders",
                {
                    "campaign_id": self.campaign,
                    "backer_id": backer,
                    "kind": "pledge",
                    "source": "kickstarter",
                    "external_id": number,
                    "number": number,
                    "stage": "needs_info",
                    "units": sum(quantity for _, quantity in lines),
                },
            )
            place = {"name": "Anna", "line1": "Elm Street 5", "city": "Berlin", "postcode": "10115", "country": country}
            address = tx.insert(
                "addresses",
                {"order_id": order, "backer_id": backer, "source": "import", "at": utc_text(START), **place},
            )
            tx.run(
                "UPDATE orders SET address_id = ?, country = ?, rev = rev + 1 WHERE id = ?", (address, country, order)
            )
            for sku, quantity in lines:
                tx.insert("order_lines", {"order_id": order, "sku": sku, "quantity": quantity})
            settle(tx, [order])

    @rule()
    def allocate_all(self) -> None:
        allocate(self.ws, campaign_id=self.campaign)

    @rule(pick=st.integers(0, 30), warehouse=_WAREHOUSE)
    def move_to(self, pick: int, warehouse: str) -> None:
        if ids := self._orders("ready", "allocated", pick=pick):
            allocate(self.ws, ids=ids, warehouse=warehouse)

    @rule(pick=st.integers(0, 30))
    def take_back(self, pick: int) -> None:
        if ids := self._orders("allocated", pick=pick):
            unallocate(self.ws, ids)

    @rule(pick=st.integers(0, 30), warehouse=st.one_of(st.none(), _WAREHOUSE))
    def split(self, pick: int, warehouse: str | None) -> None:
        """Send one line of an order from elsewhere, or with the rest again."""
        rows = self.ws.store.rows(
            "SELECT l.id FROM order_lines l JOIN orders o ON o.id = l.order_id"
            " WHERE o.stage IN ('ready', 'allocated', 'at_warehouse', 'part_shipped') ORDER BY l.id"
        )
        if rows:
            line = rows[pick % len(rows)][0]
            with self.ws.write("test.split", "split an order") as tx:
                tx.run("UPDATE order_lines SET warehouse = ?, rev = rev + 1 WHERE id = ?", (warehouse, line))

    @rule(pick=st.integers(0, 30), quantity=st.integers(0, 3))
    def change_a_line(self, pick: int, quantity: int) -> None:
        rows = self.ws.store.rows(
            "SELECT l.id, l.order_id FROM order_lines l JOIN orders o ON o.id = l.order_id"
            " WHERE o.stage IN ('ready', 'allocated') ORDER BY l.id"
        )
        if rows:
            line, order = rows[pick % len(rows)]
            with self.ws.write("test.line", "change a line") as tx:
                tx.run("UPDATE order_lines SET quantity = ?, rev = rev + 1 WHERE id = ?", (quantity, line))
                settle(tx, [order])

    @rule(pick=st.integers(0, 30), on=st.booleans())
    def hold_or_release(self, pick: int, on: bool) -> None:
        ids = self._orders("ready", "allocated", "batched", "at_warehouse", pick=pick)
        if ids and on:
            hold(self.ws, [Item(ids[0], 0)], HoldKind.OPERATOR, "a test says so")
        elif ids:
            release(self.ws, [Item(ids[0], 0)])

    @rule(pick=st.integers(0, 30))
    def cancel(self, pick: int) -> None:
        ids = self._orders("needs_info", "ready", "allocated", "batched", "sending", "at_warehouse", pick=pick)
        if ids:
            cancel_orders(self.ws, [Item(ids[0], 0)], "not wanted", start=False)

    @rule(warehouse=_WAREHOUSE, limit=st.integers(1, 4), send=st.booleans())
    def batch(self, warehouse: str, limit: int, send: bool) -> None:
        made = create_batch(self.ws, self.campaign, warehouse, limit=limit, early=True).made
        if made:
            item = Item(made[0], 0)
            check_batch(self.ws, item)
            with suppress(LastcallError):
                if send and (orders := count_orders(self.ws, [item])):
                    send_batch(self.ws, item, orders, start=False)

    @rule()
    def take_the_last_act_back(self) -> None:
        act, before = last_undoable(self.ws.store, "dana-1"), self._shelf()
        if act is not None:
            with suppress(StaleError):
                undo(self.ws.store, self.ws.actor, act.id)
        for each in list_levels(self.ws.store):
            for state in ("on_hand", "damaged") if each.counted else ():
                assert getattr(each, state) >= min(0, before[each.warehouse, each.sku, state])

    # Warehouses.

    @rule(warehouse=_WAREHOUSE, most=st.integers(1, 4), accepted=st.booleans())
    def work(self, warehouse: str, most: int, accepted: bool) -> None:
        """Send what is planned, and record what the warehouse says."""
        with self._worker(warehouse) as tx:
            claimed = claim_due(tx, self.clock, warehouse, most, lambda kind, body, last: body)
        state = CommandState.ACCEPTED if accepted else CommandState.REJECTED
        answers = [
            Answered(
                Outcome(each, state, "" if accepted else "no", f"W{each.id}" if each.kind is CommandKind.PUSH else "")
            )
            for each in claimed
        ]
        with self._worker(warehouse) as tx:
            record_all(tx, self.clock, answers)

    @rule(said=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), min_size=1, max_size=6))
    def report(self, said: list[tuple[int, int]]) -> None:
        """Move shipments on, each as a page of a poll of its own."""
        for pick, step in said:
            self._report(pick, step)

    def _report(self, pick: int, step: int) -> None:
        rows = self.ws.store.rows("SELECT key, state, warehouse, remote_id FROM shipments ORDER BY id")
        rows = [row for row in rows if row[1] in _STEPS]
        if not rows:
            return
        key, state, warehouse, remote = rows[pick % len(rows)]
        says = _STEPS[state][step % len(_STEPS[state])]
        self.clock.move(timedelta(hours=1))
        now = utc_text(self.clock.now())
        with self._worker(warehouse) as tx:
            remote_state = RemoteState(
                remote_id=remote, reference=key, status=ShipmentState(says), raw_status=says, updated_at=now
            )
            report = apply_states(tx, warehouse, [remote_state], now)
        assert not report.problems

    # Shelves.

    @rule(sku=_SKU, warehouse=_WAREHOUSE, pieces=_PIECES)
    def receive_some(self, sku: str, warehouse: str, pieces: int) -> None:
        assert receive(self.ws, warehouse, sku, pieces).done

    @rule(sku=_SKU, warehouse=_WAREHOUSE, on_hand=st.integers(0, 12), force=st.booleans())
    def count_some(self, sku: str, warehouse: str, on_hand: int, force: bool) -> None:
        before = self._shelf()
        done = count(self.ws, [Counted(warehouse, sku, on_hand)], "a test says so" if force else "", force=force)
        if not done.refused:
            assert self._shelf()[warehouse, sku, "on_hand"] == on_hand
        self._refused_leave(done, before)

    @rule(
        verb=st.sampled_from((adjust, damage, repair, write_off)),
        sku=_SKU,
        warehouse=_WAREHOUSE,
        pieces=_PIECES,
        force=st.booleans(),
    )
    def correct(self, verb: object, sku: str, warehouse: str, pieces: int, force: bool) -> None:
        before = self._shelf()
        if verb is adjust:
            done = adjust(self.ws, warehouse, sku, -pieces, "a test says so", force=force)
        elif verb is damage:
            done = damage(self.ws, warehouse, sku, pieces, "a test says so", force=force)
        elif verb is repair:
            done = repair(self.ws, warehouse, sku, pieces, "a test says so", force=force)
        else:
            done = write_off(self.ws, warehouse, sku, pieces, "a test says so", force=force)
        self._refused_leave(done, before)
        if not force:
            self._nothing_was_taken_below_zero(before)

    @rule(sku=_SKU, source=_WAREHOUSE, pieces=_PIECES, force=st.booleans())
    def carry_over(self, sku: str, source: str, pieces: int, force: bool) -> None:
        before = self._shelf()
        target = WAREHOUSES[1 - WAREHOUSES.index(source)]
        done = transfer(self.ws, source, target, sku, pieces, "a test says so", force=force)
        self._refused_leave(done, before)
        if not force:
            self._nothing_was_taken_below_zero(before)

    @rule(pick=st.integers(0, 30), damaged=st.booleans(), some=st.booleans())
    def put_back(self, pick: int, damaged: bool, some: bool) -> None:
        rows = self.ws.store.rows(
            f"SELECT s.key, x.sku FROM shipments s JOIN shipment_lines x ON x.shipment_id = s.id"
            f" WHERE s.state IN {_GONE} ORDER BY x.id"
        )
        if not rows:
            return
        key, sku = rows[pick % len(rows)]
        if some and sku != "BOX":
            restock(self.ws, key, sku, 1, damaged=damaged)
        elif not restock(self.ws, key, damaged=damaged).refused:
            assert restock(self.ws, key, damaged=damaged).refused[0].reason == "all of it is back already"

    # What must hold.

    @invariant()
    def levels_are_the_sums_of_movements_and_movements_are_what_orders_say(self) -> None:
        assert list(levels(self.ws.store)) == []
        assert list(reservations(self.ws.store)) == []
        for each in list_levels(self.ws.store):
            assert each.available == each.on_hand - each.allocated
            assert each.allocated >= 0
        assert not [words for words in below_nothing(self.ws.store) if "back on a shelf" in words]

    @invariant()
    def no_unit_is_lost(self) -> None:
        """Brought in by hand = on hand + damaged + what left, by warehouse and SKU."""
        shelf = self._shelf()
        by_hand = Counter(
            {
                (code, sku): quantity
                for code, sku, quantity in self.ws.store.rows(
                    "SELECT warehouse, sku, sum(quantity) FROM movements GROUP BY warehouse, sku"
                )
            }
        )
        left = self._exploded(
            "SELECT s.warehouse, x.sku, x.quantity FROM shipment_lines x JOIN shipments s ON s.id = x.shipment_id"
            f" WHERE s.state IN {_GONE}"
        )
        for place in _PLACES:
            assert by_hand[place] == shelf[*place, "on_hand"] + shelf[*place, "damaged"] + left[place], place

    @invariant()
    def an_order_reserves_what_of_it_has_not_left(self) -> None:
        """While it is allocated: reserved + gone = ordered, where each line goes; before and after, nothing is."""
        shelf = self._shelf()
        ordered = self._exploded(
            "SELECT coalesce(l.warehouse, o.warehouse), l.sku, l.quantity FROM order_lines l"
            f" JOIN orders o ON o.id = l.order_id WHERE o.stage IN {_RESERVED} AND o.warehouse IS NOT NULL"
        )
        gone = self._exploded(
            "SELECT coalesce(l.warehouse, o.warehouse), x.sku, x.quantity FROM shipment_lines x"
            " JOIN shipments s ON s.id = x.shipment_id JOIN order_lines l ON l.id = x.order_line_id"
            f" JOIN orders o ON o.id = x.order_id WHERE s.state IN {_GONE} AND o.stage IN {_RESERVED}"
        )
        for place in _PLACES:
            assert shelf[*place, "allocated"] + gone[place] == ordered[place], place

    def opened_numbers_are_the_levels(self) -> None:
        for each in list_levels(self.ws.store):
            for number, value in each.numbers().items():
                opened = all_movements(self.ws.store, each.warehouse, each.sku, number)
                assert sum(movement.quantity for movement in opened) == value
                assert all(movement.words for movement in opened)

    # What the rules share.

    def _orders(self, *stages: str, pick: int) -> list[int]:
        """Return one order in one of the stages, or none."""
        marks = ", ".join("?" * len(stages))
        rows = self.ws.store.rows(f"SELECT id FROM orders WHERE stage IN ({marks}) ORDER BY id", stages)
        return [rows[pick % len(rows)][0]] if rows else []

    def _worker(self, warehouse: str):  # type: ignore[no-untyped-def]
        return self.ws.store.write(
            Actor("dana", f"worker {warehouse}"), "worker.turn", "work", compensate="order cancel"
        )

    def _shelf(self) -> Counter[tuple[str, str, str]]:
        rows = self.ws.store.rows("SELECT warehouse, sku, state, quantity FROM stock_levels")
        return Counter({(warehouse, sku, state): quantity for warehouse, sku, state, quantity in rows})

    def _exploded(self, sql: str) -> Counter[tuple[str, str]]:
        """Return pieces by warehouse and SKU, kits as their parts, by the model's own table of them."""
        found: Counter[tuple[str, str]] = Counter()
        for code, sku, quantity in self.ws.store.rows(sql):
            for part, pieces in {"BOX": (("GAME", 1), ("DICE", 3))}.get(sku, ((sku, 1),)):
                found[code, part] += quantity * pieces
        return found

    def _refused_leave(self, done: Done, before: Counter[tuple[str, str, str]]) -> None:
        if done.refused:
            assert done.act is None
            assert self._shelf() == before

    def _nothing_was_taken_below_zero(self, before: Counter[tuple[str, str, str]]) -> None:
        """No number that a person can lower is below zero and lower than it was."""
        after = self._shelf()
        for code in WAREHOUSES:
            for sku in SKUS:
                for plus, minus in (("on_hand", "none"), ("damaged", "none"), ("on_hand", "allocated")):
                    now = after[code, sku, plus] - after[code, sku, minus]
                    was = before[code, sku, plus] - before[code, sku, minus]
                    assert now >= 0 or now >= was, (code, sku, plus, minus)


def test_whatever_happens_in_whatever_order_the_ledger_balances(tmp_path_factory: pytest.TempPathFactory) -> None:
    LedgerMachine.template = folder = tmp_path_factory.mktemp("ledger") / "workspace"
    init_workspace(folder)
    save_warehouse(folder, WarehouseSettings("EU1", "Cedar", ("*",), "file"))
    # Nothing listens there: what it would answer is played.
    save_warehouse(folder, WarehouseSettings("US1", "Harbor", ("US",), "sandbox", "http://127.0.0.1:9", "env:NONE"))
    ws = Workspace(folder, Actor("dana", "console", "setup"), HeldClock(START))
    for sku in SKUS:
        add_product(ws, sku)
    add_product(ws, "PDF", {"physical": False})
    add_product(ws, "BOX", {"parts": [("GAME", 1), ("DICE", 3)]})
    with ws.write("campaign.add", "add a campaign") as tx:
        tx.insert("campaigns", {"code": "EMBER", "name": "Ember Isles"})
    receive(ws, "EU1", "GAME", 30)
    ws.close()
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=80,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
