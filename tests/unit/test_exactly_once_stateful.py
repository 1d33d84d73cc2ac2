"""Verbs, deaths, lost replies and late requests in any order, against a model of every class of warehouse.

The workspace, its verbs, the outbox, and what a worker does at the database and with a reply are the real ones; only
the warehouse and the clock are models. `tests/soak` runs many more examples of the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from data.addresses.edit import edit_order
from data.clock import HeldClock, utc_text
from data.desk.verify import verify
from data.dispatch.allocate import allocate
from data.dispatch.batches import create_batch
from data.dispatch.cancel import cancel_orders
from data.dispatch.delta import create_delta
from data.dispatch.hold import hold_at_warehouse, release_at_warehouse
from data.dispatch.lookup import SendAgain, look_up, look_up_batch
from data.dispatch.person import SEND_AGAIN, confirm_command, send_again
from data.dispatch.preflight import check_batch
from data.dispatch.send import send_batch
from data.dispatch.sender import Answered, send_one
from data.dispatch.sender import send_batch as hand_over
from data.dispatch.stop import resume_warehouse, stop_warehouse
from data.dispatch.told import Answer, tell_answer
from data.dispatch.turn import Desk
from data.model import CommandKind, CommandState, InputError, Item, ShipmentState
from data.orders.stages import settle
from data.outbox.claim import Claimed
from data.outbox.plan import Intent, plan
from data.outbox.record import Outcome
from data.policy import WarehouseSettings, save_warehouse
from data.portals import registry
from data.portals.notices import Carton, InboundNotice
from data.portals.outcomes import RemoteLine
from data.portals.protocol import Idem
from data.store.actor import Actor
from data.store.workspace import Workspace, init_workspace
from data.tracking.apply import apply_states
from tests.conftest import HOME, START, ensure_product
from tests.model_portal import DEADLINE, LAG, QUIET, Died, Fate, ModelPortal

_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_AT = st.integers(0, 20)
_FATES = st.lists(st.sampled_from(Fate), min_size=1, max_size=5)
_HEALTHY = ("planned", "sending", "doubtful")


class EveryClassMachine(RuleBasedStateMachine):
    """One warehouse of one class, workers that die, and people who change their minds."""

    idem = Idem.REJECT_DUPLICATE
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="classes-", dir=_MEMORY))
        shutil.copytree(self.template, self.folder / "workspace")
        self.clock = HeldClock(START)
        self.ws = Workspace(self.folder / "workspace", Actor("dana", "console"), self.clock)
        self.portal = ModelPortal(self.idem, self.clock)
        self.numbers = 0
        self.cities = 0
        self.loop = asyncio.new_event_loop()
        registry._KINDS["file"] = lambda settings, folder, clock: self.portal

    def teardown(self) -> None:
        try:
            self.drain()
        finally:
            self.loop.close()
            self.ws.close()
            shutil.rmtree(self.folder)

    # What people do.

    @initialize()
    def begin(self) -> None:
        self.send(2)

    @rule(count=st.integers(1, 3))
    def send(self, count: int) -> None:
        """Take orders in, allocate, batch, check and send them."""
        self._take_in(count)
        allocate(self.ws)
        self._send_batch(create_batch(self.ws, 1, "EU1", early=True).made)

    def delta(self, at: int) -> None:
        """Send what has come about since the last batch."""
        self._send_batch(create_delta(self.ws, 1, "EU1", early=True).made)

    def told(self, at: int) -> None:
        """Hear on the telephone what became of a correction that went in a file."""
        keys = [row[0] for row in self.ws.store.rows("SELECT key FROM shipments ORDER BY id")]
        key = keys[at % len(keys)]
        with contextlib.suppress(InputError):
            gone = [each.state not in (ShipmentState.ACCEPTED, ShipmentState.CANCELLED) for each in self.portal.of(key)]
            tell_answer(self.ws, key, Answer.TOO_LATE if any(gone) else Answer.DONE)

    def _send_batch(self, made: tuple[int, ...]) -> None:
        if made:
            checked = check_batch(self.ws, Item(made[0], 0))
            if checked.orders:
                send_batch(self.ws, Item(made[0], 0), checked.orders, start=False)

    @rule(
        what=st.sampled_from(
            ["cancel", "hold", "release", "move", "move", "announce", "decide", "stop", "delta", "told"]
        ),
        at=_AT,
    )
    def people_do(self, what: str, at: int) -> None:
        """Let people do one thing more."""
        {
            "cancel": self.cancel,
            "hold": self.hold,
            "release": self.release,
            "move": self.move_house,
            "announce": self.announce,
            "decide": self.a_person_decides,
            "stop": self.stop_or_go_on,
            "delta": self.delta,
            "told": self.told,
        }[what](at)

    def cancel(self, at: int) -> None:
        if order := self._order(at, "stage NOT IN ('cancelled', 'needs_info')"):
            cancel_orders(self.ws, [order], "changed their mind", start=False)

    def hold(self, at: int) -> None:
        if order := self._order(at, "stage IN ('at_warehouse', 'picking')"):
            hold_at_warehouse(self.ws, [order], "a question", start=False)

    def release(self, at: int) -> None:
        if order := self._order(at, "id IN (SELECT order_id FROM holds WHERE released_at IS NULL)"):
            release_at_warehouse(self.ws, [order], start=False)

    def move_house(self, at: int) -> None:
        """Give an order another address, whatever has become of it."""
        if order := self._order(at, "stage NOT IN ('cancelled', 'shipped', 'delivered')"):
            self.cities += 1
            edit_order(self.ws, order, replace(HOME, line1=f"Elm Street {self.cities + 10}"))

    def announce(self, at: int) -> None:
        notice = InboundNotice(f"ASN-{self.numbers}", "2026-12-04", (Carton("", (RemoteLine("GAME", 10),), 4),))
        known = self.ws.store.one("SELECT 1 FROM commands WHERE key = ?", (notice.key,))
        if self.portal.caps.announce and known is None:
            with self.ws.write("test.announce", "announce", compensate="none") as tx:
                plan(tx, Intent(CommandKind.ANNOUNCE, "EU1", notice.key, self.portal.render_notice(notice)))

    def a_person_decides(self, at: int) -> None:
        """Ask the warehouse on the telephone, after whatever was under way has arrived."""
        rows = self.ws.store.rows("SELECT id, rev, key, kind FROM commands WHERE state = 'person'")
        if not rows:
            return
        self.portal.move(LAG)
        command, rev, key, kind = rows[at % len(rows)]
        there = [*self.portal.of(key), *(each for each in self.portal.notices if each.key == key)]
        if kind in ("push", "announce") and there:
            confirm_command(self.ws, Item(command, rev), there[0].remote_id)
        else:
            send_again(self.ws, Item(command, rev), SEND_AGAIN, "they do not have it", start=False)

    def stop_or_go_on(self, at: int) -> None:
        if self.ws.store.one("SELECT 1 FROM warehouses WHERE stopped_at IS NOT NULL"):
            resume_warehouse(self.ws, "EU1", start=False)
        else:
            stop_warehouse(self.ws, "EU1")

    # What the warehouse and the clock do.

    @rule(at=_AT, told=st.booleans())
    def the_warehouse_works(self, at: int, told: bool) -> None:
        self.portal.advance(at)
        if told:
            self.poll(at)

    def poll(self, at: int) -> None:
        """Read what the warehouse has to say: some of it, in any order, more than once."""
        told = [each.told() for each in self.portal.orders]
        told = [*told[at % 3 :: 2], *reversed(told)]
        with self.ws.write("tracking.poll", "poll", compensate="sync") as tx:
            apply_states(tx, "EU1", told, utc_text(self.clock.now()))

    # What a worker does.

    @rule(seconds=st.sampled_from([0.0, 0.5, 1.0, QUIET]), fates=_FATES, forgets=st.booleans())
    def work_badly(self, seconds: float, fates: list[Fate], forgets: bool) -> None:
        """Let some time pass, and run a worker that has bad luck with what it sends."""
        self.portal.move(seconds)
        self.work(len(fates), fates, looks=bool(seconds), forgets=forgets)

    @rule(seconds=st.sampled_from([0.0, 1.0, QUIET + DEADLINE]))
    def work_well(self, seconds: float) -> None:
        """Let some time pass, and run a worker that has no bad luck at all."""
        self.portal.move(seconds)
        self.work(6, [], looks=True, forgets=False)

    def work(self, want: int, fates: list[Fate], looks: bool, forgets: bool) -> None:
        """Run a worker for a while; with `forgets` it dies before what it learned last is recorded."""
        self.portal.fates = list(fates)
        desk = Desk(self.ws, "EU1", self.portal)
        desk.begin(1)
        try:
            if looks:
                self._look_up(desk)
            self._send_all(desk, list(desk.turn([], [], want).claimed), forgets)
        except Died:
            pass
        self.portal.fates = []

    def _look_up(self, desk: Desk) -> None:
        whole = desk.doubtful_batch() if self.idem is Idem.FILE else []
        if whole:
            found = self._run(look_up_batch(self.portal, desk.batch_number(whole[0]), whole))
            if isinstance(found, SendAgain):
                self._send_all(desk, list(desk.turn([], whole, 0).claimed), False)
            else:
                desk.turn(found, [], 0)
        for each in desk.doubtful(10):
            if self.idem is Idem.FILE and each.claimed.batch_id is not None:
                continue
            judged = self._run(look_up(self.portal, each.claimed, each.wanted, self._wait))
            if isinstance(judged, SendAgain):
                self._send_all(desk, list(desk.turn([], [each.claimed], 0).claimed), False)
            else:
                desk.turn([judged], [], 0)

    def _send_all(self, desk: Desk, claimed: list[Claimed], forgets: bool) -> None:
        batched = [each for each in claimed if self.idem is Idem.FILE and each.batch_id is not None]
        if batched:
            claimed = [each for each in claimed if each.batch_id is None]
            answers = self._run(hand_over(self.portal, desk.batch_number(batched[0]), batched))
            if forgets:
                raise Died
            desk.turn(answers, [], 0)
        for at, each in enumerate(claimed):
            answered = self._run(send_one(self.portal, each))
            if forgets and at == len(claimed) - 1:
                raise Died
            desk.turn([answered], [], 0)
            if answered.pause or answered.failed:
                self._give_back(desk, claimed[at + 1 :])
                return

    def _give_back(self, desk: Desk, rest: list[Claimed]) -> None:
        """Return what was claimed and not begun, as a worker does whose portal asks to wait."""
        states = [CommandState.DOUBTFUL if each.doubts else CommandState.PLANNED for each in rest]
        desk.turn([Answered(Outcome(*each, "not sent yet")) for each in zip(rest, states, strict=True)], [], 0)

    # What must hold.

    @invariant()
    def nothing_is_made_twice(self) -> None:
        for things in (self.portal.orders, self.portal.notices):
            made = Counter(each.key for each in things)
            assert all(count == 1 for count in made.values()), made
        live = Counter(
            order
            for order, key in self.ws.store.rows(
                "SELECT DISTINCT l.order_id, s.key FROM shipment_lines l JOIN shipments s ON s.id = l.shipment_id"
            )
            for each in self.portal.of(key)
            if each.state is not ShipmentState.CANCELLED
        )
        assert all(count == 1 for count in live.values()), live

    @invariant()
    def every_command_says_what_is_so(self) -> None:
        for key, kind, state in self.ws.store.rows("SELECT key, kind, state FROM commands"):
            if kind in ("push", "announce"):
                things = self.portal.orders if kind == "push" else self.portal.notices
                there = any(each.key == key for each in things)
                if state == "accepted":
                    assert there, (key, kind)
                elif state in ("planned", "withdrawn", "rejected"):
                    assert not there, (key, kind, state)

    @invariant()
    def a_cancelled_order_goes_nowhere(self) -> None:
        for (key,) in self.ws.store.rows(
            "SELECT s.key FROM orders o JOIN shipment_lines l ON l.order_id = o.id JOIN shipments s"
            " ON s.id = l.shipment_id WHERE o.stage = 'cancelled'"
        ):
            assert all(each.state is ShipmentState.CANCELLED for each in self.portal.of(key)), key

    @invariant()
    def a_confirmed_address_is_the_one_over_there(self) -> None:
        for key, name, street in self.ws.store.rows(
            "SELECT s.key, a.name, a.line1 FROM changes c JOIN shipment_lines l ON l.order_id = c.order_id"
            " JOIN shipments s ON s.id = l.shipment_id JOIN addresses a ON a.id = c.to_id"
            " WHERE c.state = 'confirmed' AND s.state NOT IN ('cancelled', 'rejected')"
            " AND c.id = (SELECT max(id) FROM changes x WHERE x.order_id = c.order_id)"
        ):
            remote = self.portal.of(key)[0]
            assert (remote.address.name, remote.address.line1) == (name, street), key

    # The end.

    def drain(self) -> None:
        """With a healthy warehouse, living workers and people who decide, everything comes to an end."""
        resume_warehouse(self.ws, "EU1", start=False)
        with self.ws.write("test.release", "release all") as tx:
            tx.run("UPDATE holds SET released_at = ?, rev = rev + 1 WHERE released_at IS NULL", (START.isoformat(),))
        for _ in range(60):
            if self.idem is Idem.FILE:
                self.delta(0)
            states = {row[0] for row in self.ws.store.rows("SELECT DISTINCT state FROM commands")}
            if not states & {*_HEALTHY, "person"}:
                break
            self.portal.move(QUIET + DEADLINE)
            self.work(20, [], looks=True, forgets=False)
            self.a_person_decides(0)
        else:
            stuck = self.ws.store.rows(
                "SELECT key, kind, state, reason FROM commands WHERE state IN"
                " ('planned', 'sending', 'doubtful', 'person')"
            )
            raise AssertionError(f"stuck: {stuck}")
        self.poll(0)
        self.nothing_is_made_twice()
        self.every_command_says_what_is_so()
        self.a_cancelled_order_goes_nowhere()
        for number, stage, live in self.ws.store.rows(
            "SELECT o.number, o.stage, (SELECT count(DISTINCT s.id) FROM shipment_lines l JOIN shipments s"
            " ON s.id = l.shipment_id WHERE l.order_id = o.id AND s.state NOT IN ('rejected', 'cancelled'))"
            " FROM orders o"
        ):
            assert stage in ("ready", "allocated", "cancelled") or live == 1, (number, stage, live)
        assert verify(self.ws.store).findings == ()

    def _take_in(self, count: int) -> None:
        at = utc_text(self.clock.now())
        with self.ws.write("test.orders", "take orders in") as tx:
            ensure_product(tx, "GAME")
            for _ in range(count):
                self.numbers += 1
                number = str(1000 + self.numbers)
                backer = tx.insert(
                    "backers", {"campaign_id": 1, "platform": "kickstarter", "uid": number, "number": number}
                )
                order = tx.insert(
                    "orders",
                    {
                        "campaign_id": 1,
                        "backer_id": backer,
                        "kind": "pledge",
                        "source": "kickstarter",
                        "external_id": number,
                        "number": number,
                        "stage": "needs_info",
                        "units": 1,
                        "currency": "EUR",
                    },
                )
                values: dict[str, object] = asdict(replace(HOME, line1=f"Oak Street {self.numbers}"))
                address = tx.insert(
                    "addresses", {"order_id": order, "backer_id": backer, "source": "import", "at": at, **values}
                )
                tx.insert("order_lines", {"order_id": order, "sku": "GAME", "name": "game", "quantity": 1})
                tx.run("UPDATE orders SET address_id = ?, rev = rev + 1 WHERE id = ?", (address, order))
                settle(tx, [order])

    def _order(self, at: int, which: str) -> Item | None:
        rows = self.ws.store.rows(f"SELECT id, rev FROM orders WHERE {which} ORDER BY id")
        return Item(*rows[at % len(rows)]) if rows else None

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    async def _wait(self, seconds: float) -> None:
        self.portal.move(seconds)


@contextmanager
def _restored() -> Iterator[None]:
    """Put back the portal whose place the model takes."""
    before = registry._KINDS["file"]
    try:
        yield
    finally:
        registry._KINDS["file"] = before


def run_machine(idem: Idem, folder: Path, examples: int, steps: int) -> None:
    """Run the machine for one class."""
    EveryClassMachine.template = folder / "workspace"
    init_workspace(EveryClassMachine.template)
    save_warehouse(EveryClassMachine.template, WarehouseSettings("EU1", "Cedar", ("*",)))
    ws = Workspace(EveryClassMachine.template, Actor("dana", "console"), HeldClock(START))
    with ws.write("campaign.add", "add a campaign") as tx:
        tx.insert("campaigns", {"code": "EMBER", "name": "Ember Isles", "currency": "EUR"})
    ws.close()
    machine: type[RuleBasedStateMachine] = type("Machine", (EveryClassMachine,), {"idem": idem})
    with _restored():
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


@pytest.mark.parametrize("idem", Idem)
def test_whatever_happens_to_a_warehouse_of_any_class_nothing_is_sent_twice_lost_or_stuck(
    idem: Idem, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run_machine(idem, tmp_path_factory.mktemp(str(idem)), examples=60, steps=25)
