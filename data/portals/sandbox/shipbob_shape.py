"""How ShipBob shows an order: the shipments it makes of it, their words, and their tracking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from data.portals.sandbox import life
from data.portals.sandbox.shipbob_goods import CENTER, inventory_id, product_id

PLACE = {
    "company": "company_name",
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "region": "state",
    "postcode": "zip_code",
    "country": "country",
}
"""The warehouse's names of an address's fields, and ShipBob's in an order."""

_ORDERS = {
    life.BACKORDER: "Exception",
    life.PART_SHIPPED: "PartiallyFulfilled",
    life.SHIPPED: "Fulfilled",
    life.DELIVERED: "Fulfilled",
    life.RETURNED: "Fulfilled",
    life.CANCELLED: "Cancelled",
}
_SCANS = {
    "COLLECTED": ("Processing", "Waiting For Carrier Pickup"),
    "IN TRANSIT": ("InTransit", "Shipment In Transit"),
    "OUT FOR DELIVERY": ("OutForDelivery", "Shipment Out For Delivery"),
    "DELIVERY ATTEMPTED": ("DeliveryAttemptFailed", "Delivery Attempt Failed"),
    "DELIVERED": ("Delivered", "Shipment Delivered"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One shipment of an order."""

    number: int
    status: str
    details: tuple[tuple[str, str], ...]
    lines: list[dict[str, Any]]
    parcel: dict[str, Any] | None
    address: dict[str, str]

    @property
    def free(self) -> bool:
        """Tell whether nobody has it in hands, so that it can still be changed."""
        return self.status in ("Processing", "OnHold", "Exception") and not any(
            name == "Picked" for name, _ in self.details
        )


def order_number(order: dict[str, Any]) -> int:
    """Return the number under which ShipBob shows an order."""
    return 100_000 + int(order["id"].removeprefix("SB"))


def native_id(number: int) -> str:
    """Return the warehouse's id of an order, by ShipBob's number."""
    return f"SB{max(0, number - 100_000):07d}"


def shipment_number(order: dict[str, Any], at: int) -> int:
    """Return the number of the shipment at a place: another than any order's."""
    return 5_000_000 + 10 * (order_number(order) - 100_000) + at


def place_of(shipment: int) -> tuple[str, int]:
    """Return the warehouse's id of a shipment's order, and the shipment's place in it."""
    number, at = divmod(max(0, shipment - 5_000_000), 10)
    return f"SB{number:07d}", at


def pieces(order: dict[str, Any], fate: str) -> list[Piece]:
    """Return the shipments of an order: two from the beginning where it will go in two parcels."""
    lines, parcels = order["lines"], order["parcels"]
    groups: list[tuple[list[dict[str, Any]], dict[str, Any] | None]]
    if parcels:
        groups = [(each["lines"], each) for each in parcels]
    elif fate == "split" and len(lines) > 1:
        groups = [(lines[:1], None), (lines[1:], None)]
    else:
        groups = [(lines, None)]
    found = [_piece(order, at, of, parcel) for at, (of, parcel) in enumerate(groups)]
    if order["cancelled_lines"]:
        at = len(found)
        found.append(Piece(at, "Cancelled", (), order["cancelled_lines"], None, _address(order, at)))
    return found


def shown(order: dict[str, Any], fate: str) -> dict[str, Any]:
    """Return an order as ShipBob shows it; its own recipient stays as the order was created with."""
    extra = order["extra"]
    return {
        "id": order_number(order),
        "reference_id": order["reference"],
        "order_number": order["order_number"],
        "created_date": life.instant(extra["created"]),
        "purchase_date": extra.get("purchase_date"),
        "status": _ORDERS.get(order["status"], "Processing"),
        "type": extra["type"],
        "channel": {"id": extra["channel"], "name": None},
        "shipping_method": extra["shipping_method"],
        "gift_message": None,
        "tags": extra.get("tags") or [],
        "recipient": recipient(extra["recipient"], extra.get("email")),
        "products": [
            {
                "id": product_id(each["sku"]),
                "reference_id": each["sku"],
                "sku": each["sku"],
                "quantity": each["quantity"],
                "unit_price": None,
            }
            for each in order["lines"]
        ],
        "shipments": [_shipment(order, each) for each in pieces(order, fate)],
    }


def recipient(address: dict[str, str], email: str | None) -> dict[str, Any]:
    """Return a recipient as ShipBob shows one."""
    return {
        "name": address.get("name") or None,
        "email": email or None,
        "phone_number": address.get("phone") or None,
        "address": {theirs: address.get(ours) or None for ours, theirs in PLACE.items()},
    }


def _piece(order: dict[str, Any], at: int, lines: list[dict[str, Any]], parcel: dict[str, Any] | None) -> Piece:
    status, details = _word(order, parcel)
    if at in order["extra"].get("held", []) and status in ("Processing", "Exception", "OnHold"):
        status, details = "OnHold", (("Manual", "Manual"), *details)
    labelled = None if status in ("Processing", "OnHold", "Exception", "Cancelled") else parcel
    return Piece(at, status, details, lines, labelled, _address(order, at))


def _word(order: dict[str, Any], parcel: dict[str, Any] | None) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the status and the details of a shipment, held or not."""
    status, complaint = order["status"], order["complaint"]
    if status == life.CANCELLED:
        return "Cancelled", ()
    if status == life.ADDRESS_QUERY:
        return "OnHold", (("InvalidAddress", complaint),)
    if status == life.BACKORDER:
        return "Exception", (("OutOfStock", complaint),)
    if status == life.PICKING:
        return "Processing", (("Picked", "Picking Completed"),)
    if status == life.PACKED:
        return "LabeledCreated", (("Packed", "Packing Completed"),)
    if parcel is None or (status == life.PART_SHIPPED and parcel["status"] == "LABEL CREATED"):
        return "Processing", ()
    return "Completed", (_SCANS.get(parcel["status"], ("DeliveryException", complaint)),)


def _address(order: dict[str, Any], at: int) -> dict[str, str]:
    own: dict[str, str] = order["extra"].get("addresses", {}).get(str(at), order["ship_to"])
    return own


def _shipment(order: dict[str, Any], piece: Piece) -> dict[str, Any]:
    parcel = piece.parcel
    delivered = parcel is not None and parcel["status"] == "DELIVERED"
    tracking = None
    if parcel is not None:
        tracking = {
            "carrier": parcel["carrier"],
            "carrier_service": None,
            "tracking_number": parcel["tracking_number"],
            "tracking_url": parcel["tracking_url"],
            "shipping_date": None,
        }
    return {
        "id": shipment_number(order, piece.number),
        "order_id": order_number(order),
        "reference_id": order["reference"],
        "status": piece.status,
        "status_details": [
            {"id": 0, "name": name, "description": words, "inventory_id": None} for name, words in piece.details
        ],
        "created_date": life.instant(order["extra"]["created"]),
        "last_update_at": order["updated_at"],
        "last_tracking_update_at": None if parcel is None else parcel["status_at"],
        "delivery_date": parcel["status_at"] if delivered and parcel is not None else None,
        "location": {"id": CENTER, "name": "Sandbox"},
        "recipient": recipient(piece.address, order["extra"].get("email")),
        "tracking": tracking,
        "products": [
            {
                "id": product_id(each["sku"]),
                "reference_id": each["sku"],
                "sku": each["sku"],
                "inventory_items": [
                    {"id": inventory_id(each["sku"]), "name": each["sku"].title(), "quantity": each["quantity"]}
                ],
            }
            for each in piece.lines
        ],
    }
