"""Amazon's words for orders, shipments and packages, brought to ours.

Source: the Selling Partner API's model fulfillmentOutbound 2020-07-01, whose words are kept verbatim beside ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from data.model import ParcelStatus, ShipmentState
from data.portals.amazon_bodies import read_address, read_items
from data.portals.outcomes import RemoteLine, RemoteParcel, RemoteState

STATES: dict[str, ShipmentState] = {
    "New": ShipmentState.ACCEPTED,
    "Received": ShipmentState.ACCEPTED,
    "Planning": ShipmentState.ACCEPTED,
    "Processing": ShipmentState.PICKING,
    "Cancelled": ShipmentState.CANCELLED,
    "Complete": ShipmentState.SHIPPED,
    # The end of it, and yet not all has left: what is missing is told as an exception.
    "CompletePartialled": ShipmentState.PART_SHIPPED,
    # Nothing of these will ever leave under this id.
    "Unfulfillable": ShipmentState.CANCELLED,
    "Invalid": ShipmentState.CANCELLED,
}
MOVING = ("Processing", "Complete", "CompletePartialled")
"""Orders whose shipments and packages move while their own status stays, which no list of changes tells."""
SHIPMENTS: dict[str, ParcelStatus | None] = {
    "PENDING": ParcelStatus.PRE_TRANSIT,
    "SHIPPED": ParcelStatus.IN_TRANSIT,
    "CANCELLED_BY_FULFILLER": None,
    "CANCELLED_BY_SELLER": None,
}
PACKAGES: dict[str, ParcelStatus] = {
    "IN_TRANSIT": ParcelStatus.IN_TRANSIT,
    "DELIVERED": ParcelStatus.DELIVERED,
    "RETURNING": ParcelStatus.RETURN_TO_SENDER,
    "RETURNED": ParcelStatus.RETURN_TO_SENDER,
    "UNDELIVERABLE": ParcelStatus.FAILURE,
    "DELAYED": ParcelStatus.IN_TRANSIT,
    "AVAILABLE_FOR_PICKUP": ParcelStatus.AVAILABLE_FOR_PICKUP,
    "CUSTOMER_ACTION": ParcelStatus.IN_TRANSIT,
    "UNKNOWN": ParcelStatus.UNKNOWN,
    "OUT_FOR_DELIVERY": ParcelStatus.OUT_FOR_DELIVERY,
    "DELIVERY_ATTEMPTED": ParcelStatus.IN_TRANSIT,
    # A carrier who fetches a return, and what becomes of it: none of it says where our parcel is.
    "PICKUP_SUCCESSFUL": ParcelStatus.UNKNOWN,
    "PICKUP_CANCELLED": ParcelStatus.UNKNOWN,
    "PICKUP_ATTEMPTED": ParcelStatus.UNKNOWN,
    "PICKUP_SCHEDULED": ParcelStatus.UNKNOWN,
    "RETURN_REQUEST_ACCEPTED": ParcelStatus.UNKNOWN,
    "REFUND_ISSUED": ParcelStatus.UNKNOWN,
    "RETURN_RECEIVED_IN_FC": ParcelStatus.RETURN_TO_SENDER,
}
"""EasyPost's statuses for the 18 words of a package; a word that is not here is `unknown` and kept."""
_BACK = ("RETURNED", "RETURN_RECEIVED_IN_FC")
_COMPLAINTS = {
    "Invalid": "Invalid: Amazon could not validate the address or the stock; nothing of it will ship",
    "Unfulfillable": "Unfulfillable: Amazon found no sellable stock; nothing of it will ship",
    "UNDELIVERABLE": "UNDELIVERABLE: the package was lost or destroyed",
    "CUSTOMER_ACTION": "CUSTOMER_ACTION: the recipient has to do something",
}

Tracks = Mapping[int, Mapping[str, Any]]
"""What the carrier says of packages, by their numbers."""


def read_order(payload: Mapping[str, Any], tracks: Tracks | None = None) -> RemoteState:
    """Read one order; raises KeyError, TypeError, ValueError or AttributeError where it can't be read.

    A status that is not in the table is kept verbatim and has no normalised one.
    """
    order = payload["fulfillmentOrder"]
    items = payload.get("fulfillmentOrderItems") or ()
    shipments = payload.get("fulfillmentShipments") or ()
    key, raw = str(order["sellerFulfillmentOrderId"]), str(order["fulfillmentOrderStatus"])
    parcels = tuple(parcel for each in shipments for parcel in _parcels(each, tracks or {}))
    lines = read_items(items)
    return RemoteState(
        reference=key,
        remote_id=key,
        raw_status=raw,
        status=_state(raw, lines, shipments, parcels),
        address=read_address(order["destinationAddress"]) if order.get("destinationAddress") else None,
        lines=lines,
        parcels=parcels,
        exceptions=tuple(_complaints(raw, items, parcels)),
        held=order.get("fulfillmentAction") == "Hold" and STATES.get(raw) is ShipmentState.ACCEPTED,
        updated_at=str(order.get("statusUpdatedDate") or ""),
    )


def package_numbers(payload: Mapping[str, Any]) -> list[int]:
    """Return the numbers of the packages that have left; raises as `read_order`."""
    return [
        int(package["packageNumber"])
        for shipment in payload.get("fulfillmentShipments") or ()
        if shipment["fulfillmentShipmentStatus"] == "SHIPPED"
        for package in shipment.get("fulfillmentShipmentPackage") or ()
    ]


def has_arrived(remote: RemoteState) -> bool:
    """Tell whether nothing more will happen to an order that Amazon has finished with."""
    return remote.status in (ShipmentState.DELIVERED, ShipmentState.RETURNED, ShipmentState.CANCELLED)


def _state(
    raw: str, lines: Iterable[RemoteLine], shipments: Iterable[Mapping[str, Any]], parcels: tuple[RemoteParcel, ...]
) -> ShipmentState | None:
    """Return how far an order is, of which Amazon's own word tells only the half."""
    state = STATES.get(raw)
    if state is ShipmentState.PICKING:
        left = sum(
            int(item["quantity"])
            for shipment in shipments
            if shipment["fulfillmentShipmentStatus"] == "SHIPPED"
            for item in shipment["fulfillmentShipmentItem"]
        )
        if left:
            asked = sum(line.quantity for line in lines)
            return ShipmentState.SHIPPED if left >= asked else ShipmentState.PART_SHIPPED
    if state is ShipmentState.SHIPPED and parcels:
        if all(parcel.status is ParcelStatus.DELIVERED for parcel in parcels):
            return ShipmentState.DELIVERED
        if all(parcel.raw_status in _BACK for parcel in parcels):
            return ShipmentState.RETURNED
    return state


def _parcels(shipment: Mapping[str, Any], tracks: Tracks) -> Iterable[RemoteParcel]:
    """Read the packages of a shipment that have a number to follow them by."""
    status = SHIPMENTS.get(str(shipment["fulfillmentShipmentStatus"]), ParcelStatus.UNKNOWN)
    if status is None:
        return
    inside = shipment["fulfillmentShipmentItem"]
    packages = shipment.get("fulfillmentShipmentPackage") or ()
    for package in packages:
        number = int(package["packageNumber"])
        track = tracks.get(number, {})
        tracking = package.get("trackingNumber") or package.get("amazonFulfillmentTrackingNumber")
        if not tracking:
            continue
        word = str(track.get("currentStatus") or "")
        yield RemoteParcel(
            carrier=str(package.get("carrierCode") or ""),
            tracking_number=str(tracking),
            tracking_url=str(track.get("customerTrackingLink") or ""),
            raw_status=word,
            raw_at=max((str(each["eventDate"]) for each in track.get("trackingEvents") or ()), default=""),
            status=PACKAGES.get(word, ParcelStatus.UNKNOWN) if word else status,
            lines=read_items(
                item for item in inside if len(packages) == 1 or item.get("packageNumber") == package["packageNumber"]
            ),
        )


def _complaints(raw: str, items: Iterable[Mapping[str, Any]], parcels: Iterable[RemoteParcel]) -> Iterable[str]:
    """Say what has gone wrong, in Amazon's words."""
    if raw in _COMPLAINTS:
        yield _COMPLAINTS[raw]
    if raw == "CompletePartialled":
        for item in items:
            for name in ("cancelledQuantity", "unfulfillableQuantity"):
                if quantity := int(item.get(name) or 0):
                    yield f"{item['sellerSku']}: {quantity} {name.removesuffix('Quantity')}"
    for parcel in parcels:
        if parcel.raw_status in _COMPLAINTS:
            yield f"{parcel.tracking_number} {_COMPLAINTS[parcel.raw_status]}"
