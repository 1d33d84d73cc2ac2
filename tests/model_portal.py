"""A warehouse that exists only as a model: every class, every way a request can end, on a clock that tests move."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from data.addresses.wire import address_from_json, address_json
from data.clock import HeldClock
from data.model import Address, CommandKind, ShipmentState
from data.portals.compare import address_differences, line_differences
from data.portals.errors import Ambiguous, Conflict, NotSent, Permanent, RateLimited
from data.portals.notices import InboundNotice, Notice
from data.portals.outcomes import (
    Absent,
    AmendResult,
    Cancelled,
    CancelResult,
    Check,
    Doubtful,
    FindResult,
    Found,
    HandedOver,
    Held,
    HoldResult,
    Page,
    Pushed,
    PushResult,
    Released,
    ReleaseResult,
    RemoteLine,
    RemoteState,
    Several,
    StockLevel,
    TooLate,
)
from data.portals.protocol import Action, Caps, Entry, Idem, Lookup, ShipmentOrder
from data.portals.settle import settle_amend

T = TypeVar("T")
LAG = 2.0
"""Seconds after which a request whose connection is gone has reached the warehouse, or never will."""
QUIET = 3.0
DEADLINE = 2.5
_ORDER = tuple(ShipmentState)


class Fate(StrEnum):
    """How one request ends."""

    ANSWERED = "answered"
    NOT_SENT = "not sent"
    LIMITED = "limited"
    LOST = "lost"
    REPLY_LOST = "reply lost"
    LATE = "late"
    DIES_BEFORE = "the worker dies before it is worked"
    DIES_AFTER = "the worker dies after it is worked"
    DIES_LATE = "the worker dies, and it is worked later"


class Died(BaseException):
    """The worker's process is gone."""


@dataclass
class Remote:
    """One order over there."""

    key: str
    remote_id: str
    address: Address
    lines: tuple[RemoteLine, ...]
    state: ShipmentState = ShipmentState.ACCEPTED
    held: bool = False

    def told(self) -> RemoteState:
        """Return it as the portal tells it."""
        status = ShipmentState.HELD if self.held and self.state is ShipmentState.ACCEPTED else self.state
        return RemoteState(
            self.key, self.remote_id, str(status).upper(), status, self.address, self.lines, held=self.held
        )


@dataclass
class ModelPortal:
    """Implements `Portal` and `BatchPortal` over a dictionary."""

    idem: Idem
    clock: HeldClock
    orders: list[Remote] = field(default_factory=list)
    notices: list[Remote] = field(default_factory=list)
    files: dict[int, list[Entry]] = field(default_factory=dict)
    fates: list[Fate] = field(default_factory=list)
    """How the next writing requests end; answered when it is empty."""
    wire: list[tuple[float, Callable[[], object]]] = field(default_factory=list)
    """What is under way though its connection is gone."""

    @property
    def caps(self) -> Caps:
        whole = self.idem is Idem.FILE
        until = None if whole else ShipmentState.PICKING
        return Caps(
            idem=self.idem,
            lookup=Lookup.EXACT,
            deadline=DEADLINE,
            max_lag=QUIET,
            amend_before=until,
            cancel_before=until,
            hold_before=until,
            batch_max=1000 if whole else 1,
            announce=not whole,
            returns=not whole,
            corrections=whole,
        )

    def move(self, seconds: float) -> None:
        """Let time pass, and arrive what is under way."""
        self.clock.move(timedelta(seconds=seconds))
        now = self.clock.boot_ns() / 1e9
        due = [each for each in self.wire if each[0] <= now]
        self.wire = [each for each in self.wire if each[0] > now]
        for _, act in due:
            act()

    def of(self, key: str) -> list[Remote]:
        """Return what was ever made under a key."""
        return [each for each in self.orders if each.key == key]

    def _ask(self, act: Callable[[], T]) -> T:
        """Let one writing request end as it is its fate to."""
        fate = self.fates.pop(0) if self.fates else Fate.ANSWERED
        match fate:
            case Fate.ANSWERED:
                return act()
            case Fate.NOT_SENT:
                raise NotSent("no connection")
            case Fate.LIMITED:
                raise RateLimited("slow down", 1.0)
            case Fate.DIES_BEFORE:
                raise Died
            case Fate.DIES_AFTER:
                act()
                raise Died
            case Fate.DIES_LATE:
                self._later(act)
                raise Died
        # A reply is waited for as long as the deadline: the quiet window begins only after it.
        self.move(DEADLINE)
        if fate is Fate.REPLY_LOST:
            act()
        elif fate is Fate.LATE:
            self._later(act)
        raise Ambiguous("no reply")

    def _later(self, act: Callable[[], object]) -> None:
        self.wire.append((self.clock.boot_ns() / 1e9 + LAG, act))

    # Rendering.

    def render_push(self, order: ShipmentOrder) -> str:
        lines = [[line.sku, line.quantity] for line in order.lines]
        return json.dumps({"key": order.key, "to": json.loads(address_json(order.address)), "lines": lines})

    def render_amend(self, address: Address, last: str) -> str:
        told = json.loads(last)
        if self.idem is Idem.FILE:
            return json.dumps(told | {"to": json.loads(address_json(address))})
        return address_json(address)

    def render_change(self, kind: CommandKind, last: str) -> str:
        assert json.loads(last), f"a {kind} follows something that was accepted"
        return last if self.idem is Idem.FILE else json.dumps({"change": kind})

    def render_notice(self, notice: Notice) -> str:
        assert isinstance(notice, InboundNotice)
        return json.dumps([[line.sku, line.quantity] for line in notice.lines])

    def matches(self, body: str, remote: RemoteState) -> list[str]:
        address, lines = _asked(body)
        return address_differences(address, remote.address or Address()) + line_differences(lines, remote.lines)

    # Asking.

    async def push(self, body: str, key: str) -> PushResult:
        return self._ask(lambda: self._create(body, key))

    def _create(self, body: str, key: str) -> PushResult:
        address, lines = _asked(body)
        found = self.of(key)
        if found and self.idem is Idem.UPSERT:
            if found[0].state is ShipmentState.ACCEPTED:
                found[0].address, found[0].lines = address, lines
            return PushResult(Pushed.UPDATED, (found[0].remote_id,))
        if found and self.idem is not Idem.NONE:
            if self.matches(body, found[0].told()):
                raise Conflict(f"{key} exists with other contents", remote_ids=(found[0].remote_id,))
            return PushResult(Pushed.ALREADY, (found[0].remote_id,))
        made = Remote(key, f"W{len(self.orders) + 1}", address, lines)
        self.orders.append(made)
        return PushResult(Pushed.CREATED, (made.remote_id,))

    async def find(self, key: str) -> FindResult:
        return _found(self.of(key), self.clock)

    async def amend(self, remote_id: str, key: str, body: str) -> AmendResult:
        wanted, remote = address_from_json(body), self._remote(remote_id)

        def act() -> bool:
            agreed = remote.state is ShipmentState.ACCEPTED
            remote.address = wanted if agreed else remote.address
            return agreed

        try:
            agreed = self._ask(act)
        except Ambiguous as error:
            return Doubtful(str(error))
        return settle_amend(wanted, remote.told(), agreed=agreed, late=True, words=f"it is {remote.state}")

    async def cancel(self, remote_id: str, key: str, body: str) -> CancelResult:
        remote = self._remote(remote_id)

        def act() -> CancelResult:
            if remote.state not in (ShipmentState.ACCEPTED, ShipmentState.CANCELLED):
                return TooLate(f"it is {remote.state}")
            remote.state = ShipmentState.CANCELLED
            return Cancelled()

        return self._ask(act)

    async def hold(self, remote_id: str, key: str, body: str) -> HoldResult:
        remote = self._remote(remote_id)

        def act() -> HoldResult:
            if remote.state is not ShipmentState.ACCEPTED:
                return TooLate(f"it is {remote.state}")
            remote.held = True
            return Held()

        return self._ask(act)

    async def release(self, remote_id: str, key: str, body: str) -> ReleaseResult:
        remote = self._remote(remote_id)

        def act() -> ReleaseResult:
            remote.held = False
            return Released()

        return self._ask(act)

    async def notify(self, kind: CommandKind, body: str, key: str) -> PushResult:
        def act() -> PushResult:
            known = [each for each in self.notices if each.key == key]
            if known and self.idem is not Idem.NONE:
                return PushResult(Pushed.ALREADY, (known[0].remote_id,))
            lines = tuple(RemoteLine(*each) for each in json.loads(body))
            self.notices.append(Remote(key, f"N{len(self.notices) + 1}", Address(), lines))
            return PushResult(Pushed.CREATED, (self.notices[-1].remote_id,))

        return self._ask(act)

    async def find_notice(self, kind: CommandKind, key: str) -> FindResult:
        return _found([each for each in self.notices if each.key == key], self.clock)

    # Whole batches.

    async def push_batch(self, number: int, entries: Sequence[Entry]) -> PushResult:
        if self.idem is not Idem.FILE:
            raise Permanent("this warehouse takes single orders")

        def act() -> PushResult:
            known = self.files.get(number)
            if known not in (None, list(entries)):
                raise Conflict(f"batch {number} was handed over with other contents")
            self.files[number] = list(entries)
            if known is None:
                for each in entries:
                    self._take(each)
            return PushResult(Pushed.CREATED if known is None else Pushed.ALREADY, (f"batch-{number}.csv",))

        return self._ask(act)

    def _take(self, entry: Entry) -> None:
        """Do what one row of a file says, as far as it is not too late."""
        if entry.action is Action.ADD:
            # Whoever reads files takes every row for an order.
            address, lines = _asked(entry.body)
            self.orders.append(Remote(entry.key, f"W{len(self.orders) + 1}", address, lines))
            return
        remote = self.of(entry.key)[0]
        if remote.state is ShipmentState.ACCEPTED and entry.action is Action.CHANGE:
            remote.address = _asked(entry.body)[0]
        elif remote.state is ShipmentState.ACCEPTED:
            remote.state = ShipmentState.CANCELLED

    async def find_batch(self, number: int, entries: Sequence[Entry]) -> HandedOver | Absent:
        known = self.files.get(number)
        if known is None:
            return Absent("")
        if known != list(entries):
            raise Conflict(f"batch {number} was handed over with other contents")
        return HandedOver(f"batch-{number}.csv", "", len(known), len(known))

    # The rest.

    async def poll(self, cursor: str) -> Page:
        return Page(tuple(each.told() for each in self.orders), cursor)

    async def stock(self) -> list[StockLevel]:
        return []

    async def test(self) -> list[Check]:
        return [Check("answers", True, "yes")]

    async def close(self) -> None:
        """Close nothing."""

    def advance(self, at: int) -> None:
        """Let the warehouse go on with one of its orders, unless it is held, cancelled or gone."""
        free = [each for each in self.orders if not each.held and each.state in _STEPS]
        if free:
            remote = free[at % len(free)]
            remote.state = _STEPS[remote.state]

    def _remote(self, remote_id: str) -> Remote:
        return next(each for each in self.orders if each.remote_id == remote_id)


_STEPS = {
    ShipmentState.ACCEPTED: ShipmentState.PICKING,
    ShipmentState.PICKING: ShipmentState.PACKED,
    ShipmentState.PACKED: ShipmentState.SHIPPED,
    ShipmentState.SHIPPED: ShipmentState.DELIVERED,
}


def _asked(body: str) -> tuple[Address, tuple[RemoteLine, ...]]:
    told = json.loads(body)
    return address_from_json(json.dumps(told["to"])), tuple(RemoteLine(*each) for each in told["lines"])


def _found(remotes: list[Remote], clock: HeldClock) -> FindResult:
    if not remotes:
        return Absent(clock.now().isoformat())
    told = tuple(replace(each.told()) for each in remotes)
    return Found(told[0]) if len(told) == 1 else Several(told)
