"""The sandbox warehouse's JSON and its words, brought to ours."""

from __future__ import annotations

from typing import Any

from data.model import Address, ParcelStatus, ShipmentState
from data.portals.outcomes import RemoteLine, RemoteParcel, RemoteState

STATES: dict[str, ShipmentState] = {
    "RECEIVED": ShipmentState.ACCEPTED,
    "ADDRESS_QUERY": ShipmentState.BLOCKED,
    "BACKORDER": ShipmentState.BLOCKED,
    "PICKING": ShipmentState.PICKING,
    "PACKED": ShipmentState.PACKED,
    "PART_SHIPPED": ShipmentState.PART_SHIPPED,
    "SHIPPED": ShipmentState.SHIPPED,
    "DELIVERED": ShipmentState.DELIVERED,
    "RETURNED": ShipmentState.RETURNED,
    "CANCELLED": ShipmentState.CANCELLED,
}
PARCELS: dict[str, ParcelStatus] = {
    "LABEL CREATED": ParcelStatus.PRE_TRANSIT,
    "COLLECTED": ParcelStatus.IN_TRANSIT,
    "IN TRANSIT": ParcelStatus.IN_TRANSIT,
    "OUT FOR DELIVERY": ParcelStatus.OUT_FOR_DELIVERY,
    "DELIVERY ATTEMPTED": ParcelStatus.AVAILABLE_FOR_PICKUP,
    "DELIVERED": ParcelStatus.DELIVERED,
    "TRACE OPENED": ParcelStatus.UNKNOWN,
    "LOST": ParcelStatus.FAILURE,
    "DAMAGED": ParcelStatus.FAILURE,
    "RETURN TO SENDER": ParcelStatus.RETURN_TO_SENDER,
    "RETURNED TO WAREHOUSE": ParcelStatus.RETURN_TO_SENDER,
}
"""EasyPost's statuses for the carriers' words; a word that is not here is `unknown` and kept."""

_FIELDS = {
    "name": "name",
    "company": "company",
    "line1": "address1",
    "line2": "address2",
    "city": "city",
    "region": "region",
    "postcode": "postcode",
    "country": "country",
    "phone": "phone",
}
_BEFORE_PICKING = (ShipmentState.ACCEPTED, ShipmentState.BLOCKED)


def address_body(address: Address) -> dict[str, str]:
    """Return an address as the warehouse's JSON names it."""
    return {theirs: getattr(address, ours) for ours, theirs in _FIELDS.items()}


def read_address(body: dict[str, Any]) -> Address:
    """Read an address as the warehouse's JSON names it; a part that is missing or null is empty."""
    return Address(**{ours: str(body.get(theirs) or "") for ours, theirs in _FIELDS.items()})


def read_lines(rows: Any) -> tuple[RemoteLine, ...]:
    """Read lines; raises KeyError, TypeError or ValueError where they are something else."""
    return tuple(RemoteLine(str(row["sku"]), int(row["quantity"])) for row in rows or ())


def read_order(order: dict[str, Any]) -> RemoteState:
    """Read one order; raises KeyError, TypeError, ValueError or AttributeError where it can't be read.

    A status that is not in the table is kept verbatim and has no normalised one.
    """
    raw = str(order["status"])
    held = order.get("held") is True
    status = STATES.get(raw)
    complaint = str(order.get("complaint") or "")
    return RemoteState(
        reference=str(order["reference"]),
        remote_id=str(order["id"]),
        raw_status=raw,
        status=ShipmentState.HELD if held and status in _BEFORE_PICKING else status,
        address=read_address(order["ship_to"]),
        lines=read_lines(order["lines"]),
        parcels=tuple(_read_parcel(parcel) for parcel in order.get("parcels") or ()),
        exceptions=(complaint,) if complaint else (),
        held=held,
        updated_at=str(order.get("updated_at") or ""),
    )


def _read_parcel(parcel: dict[str, Any]) -> RemoteParcel:
    raw = str(parcel.get("status") or "")
    return RemoteParcel(
        carrier=str(parcel.get("carrier") or ""),
        tracking_number=str(parcel["tracking_number"]),
        tracking_url=str(parcel.get("tracking_url") or ""),
        raw_status=raw,
        raw_at=str(parcel.get("status_at") or ""),
        status=PARCELS.get(raw.upper(), ParcelStatus.UNKNOWN),
        lines=read_lines(parcel.get("lines")),
    )
