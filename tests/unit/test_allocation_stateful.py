"""Whoever allocates, moves, takes back or undoes, in whatever order: no allocation promises what is not there."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from data.clock import HeldClock
from data.desk.verify_checks import stages
from data.dispatch.allocate import Allocation, allocate, unallocate
from data.model import LastcallError
from data.policy import WarehouseSettings, save_warehouse
from data.store.actor import Actor
from data.store.undo import last_undoable, undo
from data.store.workspace import Workspace, init_workspace
from tests.conftest import START
from tests.stock import count_in, left, make_kit, say

_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_CODES = ("EU1", "EU2", "US1")
_SKUS = ("GAME", "DICE", "BOX")
_LINES = st.lists(st.tuples(st.sampled_from(_SKUS), st.integers(1, 4)), min_size=1, max_size=3)


class AllocationMachine(RuleBasedStateMachine):
    """Two people on one workspace; BOX is a kit of GAME and DICE."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="allocation-", dir=_MEMORY))
        shutil.copytree(self.template, self.folder / "workspace")
        self.people = [self._open("dana"), self._open("mira")]
        self.ws = self.people[0]
        self.orders: list[int] = []

    def _open(self, user: str) -> Workspace:
        return Workspace(self.folder / "workspace", Actor(user, "console", user), HeldClock(START))

    def teardown(self) -> None:
        assert list(stages(self.ws.store)) == []
        for each in self.people:
            each.close()
        shutil.rmtree(self.folder)

    @initialize(split=st.booleans(), lax=st.booleans())
    def rules(self, split: bool, lax: bool) -> None:
        toml = f'[allocation]\nsplit = "{"by_warehouse" if split else "whole"}"\n'
        say(self.ws, toml + ('[warehouse.US1.policy]\nstock = "ignore"\n' if lax else ""))
        self.people[1].reload_policy()
        self.unchecked = {"US1"} if lax else set()

    @rule(lines=_LINES, country=st.sampled_from(["DE", "FR", "PE"]), priority=st.integers(0, 2))
    def order(self, lines: list[tuple[str, int]], country: str, priority: int) -> None:
        number = len(self.orders) + 1
        with self.ws.write("test.order", "order") as tx:
            values: dict[str, object] = {"campaign_id": 1, "backer_id": 1, "kind": "pledge", "source": "test"}
            values |= {"external_id": str(number), "number": str(number), "stage": "ready", "priority": priority}
            order = tx.insert("orders", values)
            place: dict[str, object] = {"name": "Anna", "line1": "Elm Street 5", "country": country}
            place |= {"order_id": order, "backer_id": 1, "source": "import", "at": "2026-11-23T09:00:00Z"}
            tx.run(
                "UPDATE orders SET address_id = ?, rev = rev + 1 WHERE id = ?", (tx.insert("addresses", place), order)
            )
            for sku, quantity in lines:
                tx.insert("order_lines", {"order_id": order, "sku": sku, "quantity": quantity})
        self.orders.append(order)

    @rule(code=st.sampled_from(_CODES), sku=st.sampled_from(_SKUS[:2]), pieces=st.integers(1, 6))
    def count(self, code: str, sku: str, pieces: int) -> None:
        count_in(self.ws, code, **{sku: pieces})

    @rule(who=st.integers(0, 1), rival=st.booleans())
    def all(self, who: int, rival: bool) -> None:
        """Allocate what is ready; with a rival who does the same between the plan and the writing."""
        me, other = self.people[who], self.people[1 - who]

        def between(done: int, total: int) -> None:
            if rival and done == total:
                self._sound(other)

        self._sound(me, progress=between)

    @rule(code=st.sampled_from(_CODES), data=st.data())
    def by_hand(self, code: str, data: st.DataObject) -> None:
        if self.orders:
            ids = data.draw(st.lists(st.sampled_from(self.orders), min_size=1, max_size=3, unique=True))
            self._sound(self.ws, ids=ids, warehouse=code)

    @rule(data=st.data())
    def back(self, data: st.DataObject) -> None:
        if self.orders:
            unallocate(self.ws, [data.draw(st.sampled_from(self.orders))])

    @rule()
    def undo(self) -> None:
        """Take the last act back where that is an allocation: what was freed may be promised to others since."""
        act = last_undoable(self.ws.store, None)
        if act is not None and act.verb.startswith("order.allocate"):
            undo(self.ws.store, self.ws.actor, act.id)

    def _sound(self, ws: Workspace, **asked: object) -> Allocation | None:
        before = left(ws)
        try:
            found = allocate(ws, **asked)  # type: ignore[arg-type]
        except LastcallError:
            return None
        for (warehouse, sku), pieces in left(ws).items():
            if warehouse not in self.unchecked:
                assert pieces >= min(0, before[(warehouse, sku)]), (warehouse, sku)
        return found

    @invariant()
    def the_ledger_is_what_orders_reserve(self) -> None:
        reserved = "SELECT warehouse, sku, sum(quantity) FROM {} GROUP BY 1, 2 HAVING sum(quantity) <> 0"
        assert sorted(self.ws.store.rows(reserved.format("order_stock"))) == sorted(
            self.ws.store.rows(reserved.format("stock_levels WHERE state = 'allocated'"))
        )


def test_no_allocation_promises_what_is_not_there(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = AllocationMachine.template = tmp_path_factory.mktemp("allocation") / "workspace"
    init_workspace(folder)
    save_warehouse(folder, WarehouseSettings("EU1", "Cedar", ("DE", "FR")))
    save_warehouse(folder, WarehouseSettings("EU2", "Birch", ("DE",)))
    save_warehouse(folder, WarehouseSettings("US1", "Oak", ("*",)))
    ws = Workspace(folder, Actor("dana", "console"), HeldClock(START))
    with ws.write("test.campaign", "campaign") as tx:
        tx.insert("campaigns", {"code": "EMBER", "name": "Ember Isles"})
        tx.insert("backers", {"campaign_id": 1, "platform": "test", "uid": "1"})
        for sku in _SKUS:
            tx.insert("products", {"sku": sku})
    make_kit(ws, "BOX", GAME=1, DICE=2)
    ws.close()
    run_state_machine_as_test(
        AllocationMachine,
        settings=settings(
            max_examples=60,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
