"""ShipMonk's JSON and its words, brought to ours.

Source: ShipMonk's OpenAPI description v1.024, "Get Order". A word that is not in a table is kept verbatim and has no
normalised one; two words say nothing about how far an order is and are left out on purpose: `updating` and
`cancellation_requested`.
"""

from __future__ import annotations

from typing import Any

from data.model import Address, ParcelStatus, ShipmentState
from data.portals.outcomes import RemoteLine, RemoteParcel, RemoteState

CANCELLING = "cancellation_requested"
ON_HOLD = "onHold"
STATES: dict[str, ShipmentState] = {
    "backorder": ShipmentState.BLOCKED,
    "unable_to_submit": ShipmentState.BLOCKED,
    "queued_to_submit": ShipmentState.ACCEPTED,
    "subscription": ShipmentState.ACCEPTED,
    "package_forwarding": ShipmentState.ACCEPTED,
    "awaiting_label_request_from_merchant_facility": ShipmentState.ACCEPTED,
    "on_hold": ShipmentState.HELD,
    "submitted": ShipmentState.ACCEPTED,
    "pick_in_progress": ShipmentState.PICKING,
    "pack_in_progress": ShipmentState.PICKING,
    "packed": ShipmentState.PACKED,
    "awaiting_pick_up": ShipmentState.PACKED,
    "awaiting_carrier_processing": ShipmentState.SHIPPED,
    "en_route": ShipmentState.SHIPPED,
    "shipped_untrackable": ShipmentState.SHIPPED,
    "undeliverable": ShipmentState.SHIPPED,
    "delivered": ShipmentState.DELIVERED,
    "cancelled": ShipmentState.CANCELLED,
}
"""What each `processing_status` says of a shipment."""
PARCELS: dict[str, ParcelStatus] = {
    "packed": ParcelStatus.PRE_TRANSIT,
    "awaiting_pick_up": ParcelStatus.PRE_TRANSIT,
    "awaiting_carrier_processing": ParcelStatus.IN_TRANSIT,
    "en_route": ParcelStatus.IN_TRANSIT,
    "undeliverable": ParcelStatus.FAILURE,
    "delivered": ParcelStatus.DELIVERED,
}
"""EasyPost's statuses for the same words: ShipMonk tells of an order, not of each of its parcels."""
COMPLAINTS = ("unable_to_submit", "undeliverable", "fulfilled_by_3rd")
"""Words of `processing_status` that a person must look at."""

_FIELDS = {
    "name": "name",
    "company": "company",
    "line1": "street1",
    "line2": "street2",
    "city": "city",
    "region": "state",
    "postcode": "zip",
    "country": "country_code",
    "phone": "phone",
}
_ADDED = ("inserted", "packaging", "claim_reship")
"""Sources of lines that the warehouse puts in by itself: leaflets, boxes, what it makes good."""
_BEFORE_PICKING = (ShipmentState.ACCEPTED, ShipmentState.BLOCKED)


def address_body(address: Address) -> dict[str, str | None]:
    """Return an address as ShipMonk's JSON names it; an empty part is null, which takes an earlier one away."""
    return {theirs: getattr(address, ours) or None for ours, theirs in _FIELDS.items()}


def read_address(body: dict[str, Any]) -> Address:
    """Read an address as ShipMonk's JSON names it; a part that is missing or null is empty."""
    return Address(**{ours: str(body.get(theirs) or "") for ours, theirs in _FIELDS.items()})


def read_lines(rows: Any) -> tuple[RemoteLine, ...]:
    """Read the lines that were asked for; raises KeyError, TypeError or ValueError where they are something else."""
    return tuple(
        RemoteLine(str(row["sku"]), int(row["quantity"]))
        for row in rows or ()
        if row.get("source") not in _ADDED and int(row["quantity"])
    )


def read_order(order: dict[str, Any]) -> RemoteState:
    """Read one order; raises KeyError, TypeError, ValueError or AttributeError where it can't be read.

    ShipMonk shows no number of its own for an order: our key is its name there too.
    """
    word, processing = str(order["order_status"]), str(order["processing_status"])
    held = word == ON_HOLD or processing == "on_hold"
    status = STATES.get(processing)
    return RemoteState(
        reference=str(order["order_key"]),
        remote_id=str(order["order_key"]),
        raw_status=f"{word} {processing}",
        status=ShipmentState.HELD if held and status in _BEFORE_PICKING else status,
        address=read_address(order["ship_to"] or {}),
        lines=read_lines(order["items"]),
        parcels=_read_parcels(order, processing),
        exceptions=_complaints(order, processing),
        held=held,
        updated_at=str(order.get("updated_at") or ""),
    )


def is_cancelling(remote: RemoteState) -> bool:
    """Tell whether the warehouse is still finding out whether it can cancel an order."""
    return remote.raw_status.endswith(f" {CANCELLING}")


def is_updating(remote: RemoteState) -> bool:
    """Tell whether the warehouse is still working on the last change of an order."""
    return remote.raw_status.endswith(" updating")


def read_receiving(row: dict[str, Any]) -> RemoteState:
    """Read one announced inbound shipment; raises as `read_order`."""
    return _read_notice(row, "asn")


def read_return(row: dict[str, Any]) -> RemoteState:
    """Read one announced return; raises as `read_order`."""
    return _read_notice(row, "rma")


def _read_notice(row: dict[str, Any], key: str) -> RemoteState:
    return RemoteState(
        reference=str(row[key]),
        remote_id=str(row["id"]),
        raw_status=str(row["status"]),
        status=None,
        lines=tuple(RemoteLine(str(each["product"]["sku"]), int(each["expected_quantity"])) for each in row["items"]),
        updated_at=str(row.get("updated_at") or ""),
    )


def _read_parcels(order: dict[str, Any], processing: str) -> tuple[RemoteParcel, ...]:
    """Return the packages that have a number; before there are any, the one number of the whole order."""
    carrier = _carrier(order)
    at = str(order.get("updated_at") or "")
    status = PARCELS.get(processing, ParcelStatus.UNKNOWN)
    packages = [each for each in order.get("packages") or () if each.get("tracking_number")]
    if not packages and (master := order.get("master_tracking_number")):
        packages = [{"tracking_number": master, "tracking_url": order.get("tracking_url")}]
    return tuple(
        RemoteParcel(
            carrier=carrier,
            tracking_number=str(each["tracking_number"]),
            tracking_url=str(each.get("tracking_url") or ""),
            raw_status=processing,
            raw_at=at,
            status=status,
            lines=read_lines(each.get("packed_items") or each.get("packed_products")),
        )
        for each in packages
    )


def _carrier(order: dict[str, Any]) -> str:
    """Return who carries an order: what was shipped with, or else what was chosen."""
    shipped = (order.get("shipment_data") or {}).get("carrier")
    chosen = ((order.get("shipping_method") or {}).get("carrier") or {}).get("name")
    return str(shipped or chosen or "")


def _complaints(order: dict[str, Any], processing: str) -> tuple[str, ...]:
    """Return what keeps an order back or went wrong with it, the required actions by their own names."""
    needed = [name for name, needs in (order.get("actions_required") or {}).items() if needs is True]
    found = [f"action required: {', '.join(needed)}"] if needed else []
    if processing == "backorder":
        skus = [
            str(product["sku"])
            for line in order["items"]
            for product in line.get("products") or ()
            if product.get("backordered_quantity")
        ]
        found.append(f"backorder: {', '.join(dict.fromkeys(skus))}" if skus else "backorder")
    elif processing in COMPLAINTS and not (needed and processing == "unable_to_submit"):
        found.append(processing)
    parts = ((order.get("order_parts") or {}).get("main_order") or {}).get("parts") or ()
    if parts:
        found.append(f"split into {', '.join(str(part['order_number']) for part in parts)}")
    return tuple(found)
