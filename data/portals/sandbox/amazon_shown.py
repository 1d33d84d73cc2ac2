"""How an order of the one warehouse looks at Amazon: its words, its shipments, its packages."""

from __future__ import annotations

from typing import Any

from data.portals.sandbox import life

_STATUSES = {
    life.RECEIVED: "Planning",
    life.ADDRESS_QUERY: "Invalid",
    life.BACKORDER: "Unfulfillable",
    life.PICKING: "Processing",
    life.PACKED: "Processing",
    life.PART_SHIPPED: "Processing",
    life.SHIPPED: "Complete",
    life.DELIVERED: "Complete",
    life.RETURNED: "Complete",
    life.CANCELLED: "Cancelled",
}
_PACKAGES = {
    "COLLECTED": "IN_TRANSIT",
    "IN TRANSIT": "IN_TRANSIT",
    "OUT FOR DELIVERY": "OUT_FOR_DELIVERY",
    "DELIVERED": "DELIVERED",
    "DELIVERY ATTEMPTED": "DELIVERY_ATTEMPTED",
    "TRACE OPENED": "DELAYED",
    "LOST": "UNDELIVERABLE",
    "DAMAGED": "UNDELIVERABLE",
    "RETURN TO SENDER": "RETURNING",
    "RETURNED TO WAREHOUSE": "RETURNED",
}
_CENTRE = "SBX1"


def status_of(order: dict[str, Any]) -> str:
    """Return Amazon's word for how far an order is."""
    if order["held"] and order["status"] == life.RECEIVED:
        return "Received"
    status = _STATUSES[order["status"]]
    return "CompletePartialled" if status == "Complete" and order["cancelled_lines"] else status


def head(order: dict[str, Any]) -> dict[str, Any]:
    """Return an order as lists show it."""
    asked, extra = order["extra"]["order"], order["extra"]
    kept = {name: value for name, value in asked.items() if name != "items"}
    return kept | {
        "marketplaceId": asked.get("marketplaceId", ""),
        "fulfillmentAction": "Hold" if order["held"] else "Ship",
        "fulfillmentOrderStatus": status_of(order),
        "receivedDate": life.instant(extra["received"]),
        "statusUpdatedDate": life.instant(extra["status_at"]),
    }


def whole(order: dict[str, Any]) -> dict[str, Any]:
    """Return an order with its items, shipments and returns."""
    status = status_of(order)
    lost = order["lines"] if status in ("Unfulfillable", "Invalid") else []
    cancelled = order["lines"] if status == "Cancelled" else order["cancelled_lines"]
    items = [
        item
        | {
            "cancelledQuantity": _units(cancelled, item["sellerSku"]),
            "unfulfillableQuantity": _units(lost, item["sellerSku"]),
        }
        for item in order["extra"]["order"]["items"]
    ]
    return {
        "fulfillmentOrder": head(order),
        "fulfillmentOrderItems": items,
        "fulfillmentShipments": shipments(order),
        "returnItems": order["extra"]["returns"],
        "returnAuthorizations": [],
    }


def shipments(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one shipment for each parcel, or one for what is being picked."""
    number = int(order["id"].removeprefix("SB"))
    if not order["parcels"]:
        return [_shipment(number, 0, order["lines"], "PENDING")] if order["status"] == life.PICKING else []
    made: list[dict[str, Any]] = []
    for place, parcel in enumerate(order["parcels"], 1):
        gone = parcel["status"] in _PACKAGES
        shipment = _shipment(number, place, parcel["lines"], "SHIPPED" if gone else "PENDING")
        package = {
            "packageNumber": number * 10 + place,
            "carrierCode": parcel["carrier"],
            "trackingNumber": parcel["tracking_number"],
        }
        made.append(shipment | {"fulfillmentShipmentPackage": [package]})
    return made


def track(number: int, parcel: dict[str, Any]) -> dict[str, Any]:
    """Return what the carrier says of a package."""
    word = _PACKAGES.get(parcel["status"], "UNKNOWN")
    event = {
        "eventDate": parcel["status_at"],
        "eventAddress": {"city": "", "state": "", "country": ""},
        "eventCode": "EVENT_301" if word == "DELIVERED" else "EVENT_201",
        "eventDescription": parcel["status"].title(),
    }
    return {
        "packageNumber": number,
        "trackingNumber": parcel["tracking_number"],
        "customerTrackingLink": parcel["tracking_url"],
        "carrierCode": parcel["carrier"],
        "currentStatus": word,
        "trackingEvents": [event],
    }


def summary(level: dict[str, Any]) -> dict[str, Any]:
    """Return what there is of a SKU."""
    free = max(0, min(level["available"], level["on_hand"]))
    return {
        "sellerSku": level["sku"],
        "inventoryDetails": {
            "fulfillableQuantity": free,
            "reservedQuantity": {"totalReservedQuantity": level["on_hand"] - free},
        },
        "totalQuantity": level["on_hand"],
    }


def _shipment(number: int, place: int, lines: list[dict[str, Any]], status: str) -> dict[str, Any]:
    items = [
        {
            "sellerSku": line["sku"],
            "sellerFulfillmentOrderItemId": line["sku"],
            "quantity": line["quantity"],
            "packageNumber": number * 10 + place,
        }
        for line in lines
    ]
    return {
        "amazonShipmentId": f"D{number:08d}{place}",
        "fulfillmentCenterId": _CENTRE,
        "fulfillmentShipmentStatus": status,
        "fulfillmentShipmentItem": items,
    }


def _units(lines: list[dict[str, Any]], sku: str) -> int:
    return sum(int(line["quantity"]) for line in lines if line["sku"] == sku)
