"""Whoever allocates, moves, takes back or undoes, in whatever order: no allocation promises what is not there.

Walks of two people on one workspace, each from its own seed. Stock is scarce, BOX is a kit, and what one does falls
between the other's plan and its writing.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.clock import HeldClock
from data.desk.verify_checks import stages
from data.dispatch.allocate import Allocation, allocate, unallocate
from data.policy import WarehouseSettings, save_warehouse
from data.store.actor import Actor
from data.store.undo import last_undoable, undo
from data.store.workspace import Workspace, init_workspace
from tests.conftest import START
from tests.stock import count_in, left, make_kit, say

CODES = ("EU1", "EU2", "US1")
SKUS = ("GAME", "DICE", "BOX")
STEPS = 40


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three warehouses and a campaign, copied for each walk."""
    folder = tmp_path_factory.mktemp("allocation") / "workspace"
    init_workspace(folder)
    save_warehouse(folder, WarehouseSettings("EU1", "Cedar", ("DE", "FR")))
    save_warehouse(folder, WarehouseSettings("EU2", "Birch", ("DE",)))
    save_warehouse(folder, WarehouseSettings("US1", "Oak", ("*",)))
    ws = Workspace(folder, Actor("dana", "console"), HeldClock(START))
    with ws.write("test.campaign", "campaign") as tx:
        tx.insert("campaigns", {"code": "EMBER", "name": "Ember Isles"})
        tx.insert("backers", {"campaign_id": 1, "platform": "test", "uid": "1"})
    make_kit(ws, "BOX", GAME=1, DICE=2)
    ws.close()
    return folder


class Walk:
    """Two people, and what they may do next."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.people = [Workspace(folder, Actor(user, "console", user), HeldClock(START)) for user in ("dana", "mira")]
        self.ws = self.people[0]
        self.orders: list[int] = []
        self.seen: Counter[str] = Counter()
        """What has come about, so that a walk past everything does not pass for one through it."""
        split, self.unchecked = self.chance.choice(["whole", "by_warehouse"]), self.chance.choice(["", "", "US1"])
        toml = f'[allocation]\nsplit = "{split}"\n'
        say(self.ws, toml + (f'[warehouse.{self.unchecked}.policy]\nstock = "ignore"\n' if self.unchecked else ""))
        self.people[1].reload_policy()
        for code in CODES:
            count_in(self.ws, code, GAME=self.chance.randint(1, 6), DICE=self.chance.randint(1, 6))

    def step(self) -> None:
        """Do one thing; what must always hold is asked after it."""
        acts = (self.order, self.order, self.count, self.count, self.all, self.all, self.by_hand, self.back, self.undo)
        self.chance.choice(acts)()
        reserved = "SELECT warehouse, sku, sum(quantity) FROM {} GROUP BY 1, 2 HAVING sum(quantity) <> 0"
        assert sorted(self.ws.store.rows(reserved.format("order_stock"))) == sorted(
            self.ws.store.rows(reserved.format("stock_levels WHERE state = 'allocated'"))
        )
        assert list(stages(self.ws.store)) == []

    def order(self) -> None:
        for _ in range(self.chance.randint(1, 3)):
            self._order()

    def _order(self) -> None:
        number = str(len(self.orders) + 1)
        with self.ws.write("test.order", "order") as tx:
            values: dict[str, object] = {"campaign_id": 1, "backer_id": 1, "kind": "pledge", "source": "test"}
            values |= {"external_id": number, "number": number, "stage": "ready"}
            order = tx.insert("orders", values | {"priority": self.chance.randint(0, 2)})
            place: dict[str, object] = {"name": "Anna", "line1": "Elm Street 5", "at": "2026-11-23T09:00:00Z"}
            place |= {"country": self.chance.choice(["DE", "DE", "FR", "PE"]), "order_id": order, "backer_id": 1}
            address = tx.insert("addresses", place | {"source": "import"})
            tx.run("UPDATE orders SET address_id = ?, rev = rev + 1 WHERE id = ?", (address, order))
            for sku in self.chance.sample(SKUS, self.chance.randint(1, 3)):
                tx.insert("order_lines", {"order_id": order, "sku": sku, "quantity": self.chance.randint(1, 2)})
        self.orders.append(order)

    def count(self) -> None:
        count_in(self.ws, self.chance.choice(CODES), **{self.chance.choice(SKUS[:2]): self.chance.randint(2, 6)})

    def all(self) -> None:
        """Allocate what is ready; half of the time the other sends orders somewhere before that is written."""
        me, other = self.chance.sample(self.people, 2)
        ids = self.chance.sample(self.orders, min(len(self.orders), 2)) if self.chance.random() < 0.5 else []

        def between(done: int, total: int) -> None:
            if ids and total and done == total:
                self.seen["between"] += self._sound(other, ids=[ids.pop(), *ids], warehouse=self.chance.choice(CODES))
                ids.clear()

        self._sound(me, progress=between)

    def by_hand(self) -> None:
        if self.orders:
            ids = self.chance.sample(self.orders, min(len(self.orders), 3))
            self.seen["by hand"] += self._sound(self.ws, ids=ids, warehouse=self.chance.choice(CODES))

    def back(self) -> None:
        if self.orders:
            unallocate(self.ws, [self.chance.choice(self.orders)])

    def undo(self) -> None:
        """Take the last act back where that is an allocation; what it took from elsewhere may have been given away."""
        act = last_undoable(self.ws.store, None)
        if act is not None and act.verb == "order.allocate":
            undo(self.ws.store, self.ws.actor, act.id)
            self.seen["undone"] += 1

    def _sound(self, ws: Workspace, **asked: object) -> int:
        """Allocate; nothing that is counted and checked is promised beyond what is there. Returns how many went."""
        before = left(ws)
        found: Allocation = allocate(ws, **asked)  # type: ignore[arg-type]
        for (warehouse, sku), pieces in left(ws).items():
            if warehouse != self.unchecked:
                assert pieces >= min(0, before[(warehouse, sku)]), (warehouse, sku, found.done.words)
        self.seen["given"] += found.orders
        self.seen["split"] += found.split
        self.seen["short"] += len(found.short)
        return found.orders


@pytest.fixture
def walks(template: Path, tmp_path: Path) -> Iterator[list[Walk]]:
    made: list[Walk] = []
    for seed in range(16):
        folder = shutil.copytree(template, tmp_path / str(seed))
        made.append(Walk(folder, seed))
    yield made
    for walk in made:
        for each in walk.people:
            each.close()


def test_no_allocation_promises_what_is_not_there(walks: list[Walk]) -> None:
    seen: Counter[str] = Counter()
    for walk in walks:
        for _ in range(STEPS):
            walk.step()
        seen += walk.seen
    assert all(seen[each] >= 5 for each in ("given", "split", "short", "between", "by hand", "undone")), seen
