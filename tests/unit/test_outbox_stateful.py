"""The outbox against a model: crashes between any two steps, lost replies, late arrivals, a person in between.

The model's warehouse counts every creation it commits. Nothing may be created twice, nothing may be lost, and with a
healthy warehouse every command comes to an end.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from data.clock import HeldClock
from data.model import CommandKind, CommandState
from data.outbox.claim import Claimed, claim_again, claim_due, doubtful_due
from data.outbox.person import confirm, plan_again
from data.outbox.plan import Intent, plan, withdraw
from data.outbox.record import Outcome, record
from data.outbox.recover import recover
from data.store.actor import Actor
from data.store.store import Write
from data.store.workspace import Workspace, init_workspace
from tests.conftest import START

QUIET = 3.0
"""Seconds before a look-up is believed."""
DEADLINE = 2.5
LAG = 2.0
"""Seconds after which a request whose connection is gone has reached the warehouse, or never will."""
ANSWERED, NOT_SENT, LOST, REPLY_LOST, LATE = "answered", "not sent", "lost", "reply lost", "late"
_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""A file system whose syncing costs nothing; what dies here is the worker, not the machine."""
_ENDS = st.lists(
    st.tuples(st.sampled_from([ANSWERED, NOT_SENT, LOST, REPLY_LOST, LATE]), st.booleans()), min_size=1, max_size=4
)
"""How attempts end, and whether the worker lives to record it."""


class OutboxMachine(RuleBasedStateMachine):
    """One warehouse that refuses doubles, one worker that dies now and then, and a person."""

    refuses_doubles = True
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="outbox-", dir=_MEMORY))
        shutil.copytree(self.template, self.folder / "workspace")
        self.clock = HeldClock(START)
        self.ws = Workspace(self.folder / "workspace", Actor("dana", "console"), self.clock)
        with self._write() as tx:
            tx.insert("warehouses", {"code": "EU1", "name": "Cedar"})
        self.created: Counter[str] = Counter()
        self.wire: list[tuple[float, str]] = []
        self.in_hand: list[Claimed] = []
        self.minted = 0

    def teardown(self) -> None:
        self.drain()
        self.ws.close()
        shutil.rmtree(self.folder)

    def _write(self) -> AbstractContextManager[Write]:
        return self.ws.store.write(self.ws.actor, "test", "test", compensate="order cancel")

    def _arrive(self, key: str) -> None:
        if not (self.refuses_doubles and self.created[key]):
            self.created[key] += 1

    def _move(self, seconds: float) -> None:
        self.clock.move(timedelta(seconds=seconds))
        now = self.clock.boot_ns() / 1e9
        for at, key in self.wire:
            if at <= now:
                self._arrive(key)
        self.wire = [each for each in self.wire if each[0] > now]

    def _plan(self, count: int) -> None:
        with self._write() as tx:
            for _ in range(count):
                self.minted += 1
                key = f"EMBER-{self.minted:06}-1"
                plan(tx, Intent(CommandKind.PUSH, "EU1", key, body=f"body of {key}"))

    @rule()
    def withdraw_one(self) -> None:
        row = self.ws.store.one("SELECT id FROM commands WHERE state = 'planned' ORDER BY id DESC LIMIT 1")
        if row:
            with self._write() as tx:
                assert withdraw(tx, [row[0]], "not wanted") == [row[0]]

    @rule(planned=st.integers(1, 3), ends=_ENDS)
    def work(self, planned: int, ends: list[tuple[str, bool]]) -> None:
        """Plan some, claim as many as there are ends, and let each end as it says; the rest in hand is never sent."""
        self._plan(planned)
        with self._write() as tx:
            self.in_hand = claim_due(tx, self.clock, "EU1", len(ends), lambda kind, body, last: body)
        self._send_all(ends)

    def _send_all(self, ends: list[tuple[str, bool]]) -> None:
        for fate, recorded in ends:
            if self.in_hand:
                self._send(fate, recorded)
        if self.in_hand:
            self.die()

    def _send(self, fate: str, recorded: bool) -> None:
        claimed = self.in_hand.pop(0)
        # A reply is waited for as long as the deadline: the quiet window begins only after it.
        self._move(DEADLINE)
        if fate in (ANSWERED, REPLY_LOST):
            self._arrive(claimed.key)
        elif fate == LATE:
            self.wire.append((self.clock.boot_ns() / 1e9 + LAG, claimed.key))
        if not recorded:
            self.die()
            return
        state = {ANSWERED: CommandState.ACCEPTED, NOT_SENT: CommandState.PLANNED}.get(fate, CommandState.DOUBTFUL)
        if fate == NOT_SENT and claimed.doubts:
            state = CommandState.DOUBTFUL
        with self._write() as tx:
            assert record(tx, self.clock, [Outcome(claimed, state, remote_id="W1" if fate == ANSWERED else "")])

    @rule()
    def die(self) -> None:
        """Kill the worker, and let another begin; what it had in hand was never sent."""
        self.in_hand = []
        with self._write() as tx:
            recover(tx, self.clock, "EU1")

    @rule(seconds=st.sampled_from([0.0, 0.5, 2.5, 4.0]), ends=_ENDS)
    def look_up(self, seconds: float, ends: list[tuple[str, bool]]) -> None:
        """Ask the warehouse about what is doubtful, and send again what it does not have."""
        self._move(seconds)
        absent: list[Claimed] = []
        for each in doubtful_due(self.ws.store, self.clock, "EU1", QUIET, 10):
            state = CommandState.PERSON if each.doubts > 3 else None
            if self.created[each.key]:
                state = CommandState.ACCEPTED
            if state is None:
                absent.append(each)
                continue
            with self._write() as tx:
                record(tx, self.clock, [Outcome(each, state, "looked up", looked_up=True)])
        with self._write() as tx:
            self.in_hand = claim_again(tx, self.clock, "EU1", absent)
        self._send_all(ends)

    @rule(again=st.booleans())
    def a_person_decides(self, again: bool) -> None:
        row = self.ws.store.one("SELECT id, key FROM commands WHERE state = 'person' LIMIT 1")
        if row is None:
            return
        with self._write() as tx:
            if again and not self.created[row[1]]:
                plan_again(tx, row[0], "the warehouse does not have it")
            else:
                self.created[row[1]] = max(1, self.created[row[1]])
                confirm(tx, row[0], "W1", "asked on the phone")

    @invariant()
    def nothing_is_created_twice(self) -> None:
        assert all(count <= 1 for count in self.created.values()), self.created

    @invariant()
    def accepted_is_there_and_what_is_not_begun_is_not(self) -> None:
        for key, state in self.ws.store.rows("SELECT key, state FROM commands"):
            if state == "accepted":
                assert self.created[key] == 1, key
            elif state in ("planned", "withdrawn"):
                assert self.created[key] == 0, (key, state)

    @invariant()
    def every_byte_that_left_has_a_durable_attempt(self) -> None:
        tried = {row[0] for row in self.ws.store.rows("SELECT key FROM commands WHERE attempt > 0")}
        assert {key for key, count in self.created.items() if count} <= tried

    def drain(self) -> None:
        """With a healthy warehouse and a living worker, every command comes to an end."""
        self.die()
        well = [(ANSWERED, True)] * 100
        while self.ws.store.value("SELECT 1 FROM commands WHERE state IN ('planned', 'sending', 'doubtful')"):
            self.look_up(QUIET + 1, well)
            self.work(0, well)
        self._move(LAG + 1)
        self.nothing_is_created_twice()
        ends = Counter(row[0] for row in self.ws.store.rows("SELECT state FROM commands"))
        assert ends.keys() <= {"accepted", "withdrawn", "person"}, ends
        self.accepted_is_there_and_what_is_not_begun_is_not()


class TrustingMachine(OutboxMachine):
    """A warehouse that takes every double: only the quiet window and the look-up keep it from shipping twice."""

    refuses_doubles = False


@pytest.mark.parametrize("machine", [OutboxMachine, TrustingMachine])
def test_whatever_dies_nothing_is_sent_twice_and_nothing_is_lost(
    machine: type[OutboxMachine], tmp_path_factory: pytest.TempPathFactory
) -> None:
    OutboxMachine.template = tmp_path_factory.mktemp("outbox") / "workspace"
    init_workspace(OutboxMachine.template)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=120,
            stateful_step_count=16,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
