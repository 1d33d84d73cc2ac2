"""Writing a warehouse's report down: shipments, parcels, and the address it holds.

A shipment only moves forward: a report of an earlier state is a late echo, and only its raw word is kept. What the
warehouse calls its order is found by our key; an order under a key we never minted is a stranger.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from data.addresses.compare import compare
from data.model import ADDRESS_FIELDS, Address, AddressSource, Label, ParcelStatus, ShipmentState
from data.orders.stages import settle
from data.portals.outcomes import RemoteParcel, RemoteState
from data.store.store import Write

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


@dataclass(slots=True)
class Report:
    """What a page of states changed."""

    shipments: list[int] = field(default_factory=list)
    """Those whose state, problem or parcels changed."""
    parcels: list[int] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    """References under which the warehouse holds an order that we never sent."""


def apply_states(tx: Write, warehouse: str, states: Iterable[RemoteState], at: str) -> Report:
    """Write a page of states at the instant `at` (UTC text) and settle the orders; unchanged ones leave no trace."""
    report = Report()
    for remote in states:
        found = tx.one(
            "SELECT id, rev, state, raw_status, remote_id, address_id, held_address_id, problem, shipped_at,"
            " delivered_at, backer_id FROM shipments WHERE key = ? AND warehouse = ?",
            (remote.reference, warehouse),
        )
        if found is None:
            report.strangers.append(remote.reference)
            continue
        _apply_one(tx, report, remote, _Known(*found), at)
    settle(tx, _orders_of(tx, report.shipments))
    return report


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


def _apply_one(tx: Write, report: Report, remote: RemoteState, known: _Known, at: str) -> None:
    parcels = [_apply_parcel(tx, known, parcel, at) for parcel in remote.parcels]
    report.parcels += [each for each in parcels if each is not None]
    values: dict[str, object] = {
        "state": str(_next_state(known, remote)),
        "raw_status": remote.raw_status,
        "remote_id": remote.remote_id or known.remote_id,
        "problem": "; ".join(remote.exceptions),
        "held_address_id": _held(tx, known, remote.address, at),
    }
    rank = RANK.get(ShipmentState(str(values["state"])), 0)
    values["shipped_at"] = known.shipped_at or (at if rank >= RANK[ShipmentState.SHIPPED] else None)
    values["delivered_at"] = known.delivered_at or (at if values["state"] == ShipmentState.DELIVERED else None)
    if all(getattr(known, name) == value for name, value in values.items()):
        if any(each is not None for each in parcels):
            report.shipments.append(known.id)
        return
    tx.update("shipments", known.id, known.rev, values)
    report.shipments.append(known.id)


def _next_state(known: _Known, remote: RemoteState) -> ShipmentState:
    """Return the state a report leaves a shipment in."""
    was = ShipmentState(known.state)
    says = ShipmentState.HELD if remote.held and remote.status in _BEFORE_PICKING else remote.status
    if says is None or was in ENDED:
        return was
    if says in ENDED:
        return says if RANK[was] < RANK[ShipmentState.PART_SHIPPED] else was
    return says if RANK[says] >= RANK[was] else was


_BEFORE_PICKING = (ShipmentState.ACCEPTED, ShipmentState.BLOCKED)


def _apply_parcel(tx: Write, known: _Known, parcel: RemoteParcel, at: str) -> int | None:
    """Write one parcel and return its id when it is new or has moved."""
    gone = parcel.status not in (ParcelStatus.UNKNOWN, ParcelStatus.PRE_TRANSIT)
    delivered = parcel.status is ParcelStatus.DELIVERED
    found = tx.one(
        "SELECT id, rev, carrier, tracking_url, status, raw_status, raw_at, shipped_at, delivered_at FROM parcels"
        " WHERE shipment_id = ? AND tracking_number = ?",
        (known.id, parcel.tracking_number),
    )
    values: dict[str, object] = {
        "carrier": parcel.carrier,
        "tracking_url": parcel.tracking_url,
        "status": str(parcel.status),
        "raw_status": parcel.raw_status,
        "raw_at": parcel.raw_at or at,
        "shipped_at": (found[7] if found else None) or (at if gone else None),
        "delivered_at": (found[8] if found else None) or (at if delivered else None),
    }
    if found is None:
        made = tx.insert(
            "parcels",
            {
                "shipment_id": known.id,
                "backer_id": known.backer_id,
                "tracking_number": parcel.tracking_number,
                **values,
            },
        )
        for line in parcel.lines:
            tx.insert("parcel_lines", {"parcel_id": made, "sku": line.sku, "quantity": line.quantity})
        return made
    if not parcel.raw_at:
        values["raw_at"] = found[6]
    if tuple(values.values()) == tuple(found[2:]):
        return None
    tx.update("parcels", found[0], found[1], values)
    return int(found[0])


def _held(tx: Write, known: _Known, address: Address | None, at: str) -> int | None:
    """Return the version the warehouse holds: the one asked for, the one it held before, or a version of its own."""
    if address is None or address.is_empty():
        return known.held_address_id
    for version in (known.held_address_id, known.address_id):
        if version is not None and _same(_version(tx, version), address):
            return version
    order = tx.one("SELECT order_id FROM addresses WHERE id = ?", (known.address_id,))
    assert order is not None
    return tx.insert(
        "addresses",
        {
            "order_id": order[0],
            "backer_id": known.backer_id,
            "source": str(AddressSource.WAREHOUSE),
            "at": at,
            **{name: getattr(address, name) for name in ADDRESS_FIELDS},
        },
    )


def _version(tx: Write, address_id: int) -> Address:
    found = tx.one(f"SELECT {', '.join(ADDRESS_FIELDS)} FROM addresses WHERE id = ?", (address_id,))
    assert found is not None
    return Address(*found)


def _same(ours: Address, theirs: Address) -> bool:
    """Tell whether a label would bring a parcel to the same door."""
    return ours == theirs or compare(ours, theirs).label in (Label.IDENTICAL, Label.TRIVIAL)


def _orders_of(tx: Write, shipments: list[int]) -> list[int]:
    found: set[int] = set()
    for shipment in shipments:
        found.update(
            row[0] for row in tx.rows("SELECT order_id FROM shipment_lines WHERE shipment_id = ?", (shipment,))
        )
    return sorted(found)
