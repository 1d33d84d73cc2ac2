"""Writing a warehouse's report down: shipments, parcels, and the address it holds.

A shipment only moves forward: a report of an earlier state is a late echo, and only its raw word is kept. What the
warehouse calls its order is found by our key; an order under a key we never minted is a stranger, and one we count as
unsent, rejected or cancelled is a contradiction: both are told, neither is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from data.clock import from_text
from data.dispatch.amend import go_on_with_changes
from data.dispatch.batch_state import derive_batches
from data.dispatch.cancel import drop_requests, finish_cancels, orders_of
from data.model import HoldKind, ShipmentState, StaleError
from data.orders.holds import place_hold
from data.orders.stages import settle
from data.portals.outcomes import RemoteState
from data.store.store import Write
from data.tracking.held import held_version, is_expected
from data.tracking.parcels import apply_parcel, report_instant

RANK: dict[ShipmentState, int] = {
    ShipmentState.DRAFT: 0,
    ShipmentState.SENDING: 1,
    ShipmentState.ACCEPTED: 2,
    ShipmentState.HELD: 2,
    ShipmentState.BLOCKED: 2,
    ShipmentState.PICKING: 3,
    ShipmentState.PACKED: 4,
    ShipmentState.PART_SHIPPED: 5,
    ShipmentState.SHIPPED: 6,
    ShipmentState.DELIVERED: 7,
    ShipmentState.RETURNED: 8,
}
"""How far each state is; of equal rank any may follow any."""

ENDED = (ShipmentState.REJECTED, ShipmentState.CANCELLED)
_BEFORE_PICKING = (ShipmentState.ACCEPTED, ShipmentState.BLOCKED)


@dataclass(slots=True)
class Report:
    """What a page of states changed."""

    shipments: list[int] = field(default_factory=list)
    """Those whose state, problem, held address or parcels changed."""
    parcels: list[int] = field(default_factory=list)
    """New ones, and those whose status or raw word moved."""
    troubled: list[int] = field(default_factory=list)
    """Shipments of which the warehouse complains in words it had not used."""
    drifted: list[int] = field(default_factory=list)
    """Shipments for which the warehouse has come to hold another address than it was asked to."""
    cancelled: list[int] = field(default_factory=list)
    """Shipments the warehouse cancelled though nobody asked it to."""
    contradicted: list[int] = field(default_factory=list)
    """Shipments the warehouse works on though they count as unsent, rejected or cancelled."""
    strangers: list[str] = field(default_factory=list)
    """References under which the warehouse holds an order that we never sent."""
    problems: list[str] = field(default_factory=list)
    """Orders that could not be settled, a line each."""


@dataclass(slots=True)
class _Known:
    """A shipment as it is on file."""

    id: int
    rev: int
    state: str
    raw_status: str
    remote_id: str
    address_id: int
    held_address_id: int | None
    problem: str
    shipped_at: str | None
    delivered_at: str | None
    backer_id: int
    batch_id: int | None


def apply_states(tx: Write, warehouse: str, states: Iterable[RemoteState], at: str) -> Report:
    """Write a page of states at the instant `at` (UTC text) and settle the orders; unchanged ones leave no trace."""
    report = Report()
    batches: set[int | None] = set()
    for remote in states:
        found = tx.one(
            "SELECT id, rev, state, raw_status, remote_id, address_id, held_address_id, problem, shipped_at,"
            " delivered_at, backer_id, batch_id FROM shipments WHERE key = ? AND warehouse = ?",
            (remote.reference, warehouse),
        )
        if found is None:
            report.strangers.append(remote.reference)
            continue
        known = _Known(*found)
        if _contradicts(known, remote):
            report.contradicted.append(known.id)
        if known.state != ShipmentState.DRAFT and _apply_one(tx, report, remote, known, at):
            report.shipments.append(known.id)
            batches.add(known.batch_id)
    orders = orders_of(tx, report.shipments)
    finish_cancels(tx, orders)
    report.problems += _settle(tx, orders)
    go_on_with_changes(tx, report.shipments)
    derive_batches(tx, batches)
    return report


def _apply_one(tx: Write, report: Report, remote: RemoteState, known: _Known, at: str) -> bool:
    """Write one state and return whether it changed anything."""
    moved = [apply_parcel(tx, known.id, known.backer_id, parcel, at) for parcel in remote.parcels]
    parcels = [each for each in moved if each is not None]
    report.parcels += parcels
    state = _next_state(known, remote)
    then = report_instant(remote.updated_at, at)
    values: dict[str, object] = {
        "state": str(state),
        "raw_status": remote.raw_status or known.raw_status,
        "remote_id": known.remote_id or remote.remote_id,
        "problem": known.problem if known.state in ENDED else "; ".join(remote.exceptions),
        "held_address_id": held_version(tx, remote.address, known.held_address_id, known.address_id, known.backer_id),
        "shipped_at": known.shipped_at or (then if RANK.get(state, 0) >= RANK[ShipmentState.SHIPPED] else None),
        "delivered_at": known.delivered_at or (then if state is ShipmentState.DELIVERED else None),
    }
    if all(getattr(known, name) == value for name, value in values.items()):
        return bool(parcels)
    tx.update("shipments", known.id, known.rev, values)
    if values["problem"] not in (known.problem, ""):
        report.troubled.append(known.id)
    held = values["held_address_id"]
    if held not in (known.held_address_id, known.address_id, None) and not is_expected(tx, known.id):
        report.drifted.append(known.id)
    if state is ShipmentState.CANCELLED and known.state != ShipmentState.CANCELLED:
        _follow_cancelled(tx, report, known, at)
    return True


def _next_state(known: _Known, remote: RemoteState) -> ShipmentState:
    """Return the state a report leaves a shipment in."""
    was = ShipmentState(known.state)
    says = ShipmentState.HELD if remote.held and remote.status in _BEFORE_PICKING else remote.status
    if says is None or was in ENDED:
        return was
    if says in ENDED:
        return says if RANK[was] < RANK[ShipmentState.PART_SHIPPED] else was
    return says if RANK[says] >= RANK[was] else was


def _contradicts(known: _Known, remote: RemoteState) -> bool:
    """Tell whether the warehouse works on what should not be there.

    A report of a cancelled shipment can be older than the cancel: only one that somebody has in hands counts.
    """
    if remote.status is None or remote.status in ENDED:
        return False
    if known.state == ShipmentState.CANCELLED:
        return RANK[remote.status] >= RANK[ShipmentState.PICKING]
    return known.state in (ShipmentState.DRAFT, ShipmentState.REJECTED)


def _follow_cancelled(tx: Write, report: Report, known: _Known, at: str) -> None:
    """Finish what a cancel leaves open; hold the orders of one nobody asked for, so that they don't just go out
    again."""
    drop_requests(tx, known.id)
    for order_id in orders_of(tx, [known.id]):
        if tx.one("SELECT 1 FROM orders WHERE id = ? AND cancel_asked_at IS NOT NULL", (order_id,)):
            continue
        place_hold(tx, order_id, HoldKind.OPERATOR, "the warehouse cancelled it", from_text(at))
        if known.id not in report.cancelled:
            report.cancelled.append(known.id)


def _settle(tx: Write, orders: Sequence[int]) -> list[str]:
    """Settle the orders; one that can't be settled must not keep the reports of all the others from being stored."""
    try:
        settle(tx, orders)
    except StaleError:
        problems: list[str] = []
        for order_id in orders:
            try:
                settle(tx, [order_id])
            except StaleError as error:
                problems.append(str(error))
        return problems
    return []
