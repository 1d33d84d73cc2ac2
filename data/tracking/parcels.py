"""Writing down what a warehouse says of a parcel: its status moves forward only, and the carrier's own word shows."""

from __future__ import annotations

from datetime import UTC, datetime

from data.clock import from_text, utc_text
from data.model import ParcelStatus
from data.portals.outcomes import RemoteParcel
from data.store.store import Write

_RANK: dict[ParcelStatus, int] = {
    ParcelStatus.UNKNOWN: 0,
    ParcelStatus.PRE_TRANSIT: 1,
    ParcelStatus.IN_TRANSIT: 2,
    ParcelStatus.OUT_FOR_DELIVERY: 2,
    ParcelStatus.AVAILABLE_FOR_PICKUP: 2,
    ParcelStatus.FAILURE: 2,
    ParcelStatus.ERROR: 2,
    ParcelStatus.CANCELLED: 2,
    ParcelStatus.DELIVERED: 3,
    ParcelStatus.RETURN_TO_SENDER: 4,
}
"""How final each status is: a failed delivery is tried again, what is delivered can only come back."""

_LEFT = {*ParcelStatus} - {ParcelStatus.UNKNOWN, ParcelStatus.PRE_TRANSIT, ParcelStatus.CANCELLED}
"""Statuses that say a parcel has left the warehouse."""


def next_status(was: ParcelStatus, says: ParcelStatus) -> ParcelStatus:
    """Return the status a report leaves a parcel in; `unknown` and late echoes take nothing back."""
    return says if _RANK[says] >= _RANK[was] else was


def report_instant(said: str, at: str) -> str:
    """Return the instant a report speaks of as UTC text: its own where it can be read and is not to come, else `at`.

    A time without an offset is nobody's: it is not read.
    """
    try:
        then = datetime.fromisoformat(said)
    except ValueError:
        return at
    if then.tzinfo is None:
        return at
    return utc_text(min(then.astimezone(UTC), from_text(at)))


def apply_parcel(tx: Write, shipment_id: int, backer_id: int, parcel: RemoteParcel, at: str) -> int | None:
    """Write one parcel of a shipment; return its id when it is new or its status or raw word moved, else None.

    `at` is the instant of the poll (UTC text).
    """
    found = tx.one(
        "SELECT id, rev, carrier, tracking_url, status, raw_status, raw_at, reported_at, shipped_at, delivered_at"
        " FROM parcels WHERE shipment_id = ? AND tracking_number = ?",
        (shipment_id, parcel.tracking_number),
    )
    then = report_instant(parcel.raw_at, at)
    if found is None:
        made = tx.insert(
            "parcels",
            {
                "shipment_id": shipment_id,
                "backer_id": backer_id,
                "carrier": parcel.carrier,
                "tracking_number": parcel.tracking_number,
                "tracking_url": parcel.tracking_url,
                "status": str(parcel.status),
                "raw_status": parcel.raw_status,
                "raw_at": parcel.raw_at,
                "reported_at": then,
                "shipped_at": then if parcel.status in _LEFT else None,
                "delivered_at": then if parcel.status is ParcelStatus.DELIVERED else None,
            },
        )
        _write_lines(tx, made, parcel)
        return made
    parcel_id, rev, carrier, url, status, raw_status, raw_at, reported_at, shipped_at, delivered_at = found
    new_status = next_status(ParcelStatus(status), parcel.status)
    moved = new_status != status or parcel.raw_status not in ("", raw_status)
    values: dict[str, object] = {
        "carrier": parcel.carrier or carrier,
        "tracking_url": parcel.tracking_url or url,
        "status": str(new_status),
        "raw_status": parcel.raw_status or raw_status,
        "raw_at": parcel.raw_at or raw_at,
        "reported_at": then if moved else reported_at,
        "shipped_at": shipped_at or (then if new_status in _LEFT else None),
        "delivered_at": delivered_at or (then if new_status is ParcelStatus.DELIVERED else None),
    }
    _write_lines(tx, parcel_id, parcel)
    if tuple(values.values()) == tuple(found[2:]):
        return None
    tx.update("parcels", parcel_id, rev, values)
    return int(parcel_id) if moved else None


def _write_lines(tx: Write, parcel_id: int, parcel: RemoteParcel) -> None:
    """Write what is in a parcel the first time the warehouse says it."""
    if not parcel.lines or tx.one("SELECT 1 FROM parcel_lines WHERE parcel_id = ?", (parcel_id,)):
        return
    for line in parcel.lines:
        if line.quantity > 0:
            tx.insert("parcel_lines", {"parcel_id": parcel_id, "sku": line.sku, "quantity": line.quantity})
