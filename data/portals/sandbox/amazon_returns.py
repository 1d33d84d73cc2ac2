"""Returns as Amazon takes them: units of what has left, each under an id of its own."""

from __future__ import annotations

from collections import Counter
from typing import Any

from data.portals.sandbox import amazon_shown as shown
from data.portals.sandbox import life
from data.portals.sandbox.amazon_orders import errors, keep, read, refused
from data.portals.sandbox.book import Connection
from data.portals.sandbox.dialect import Answer

REASONS = {
    "CR-DEFECTIVE": "Defective",
    "CR-UNWANTED_ITEM": "No longer needed",
    "CR-UNDELIVERABLE_REFUSED": "Undeliverable: refused",
}
"""Of every SKU here; Amazon's depend on the SKU."""


def reasons(sku: str) -> Answer:
    """List the codes of reasons."""
    if not sku:
        return refused("Value for parameter sellerSku is missing. Reason: MissingValue.")
    return 200, {
        "payload": {
            "reasonCodeDetails": [{"returnReasonCode": code, "description": text} for code, text in REASONS.items()]
        }
    }


def create(connection: Connection, now: float, key: str, body: Any) -> Answer:
    """Take in units that come back, and say of each other unit why not."""
    order = read(connection, now, key)
    if order is None:
        return 404, errors("NotFound", f"Requested order {key[:40]} not found.")
    items = body.get("items") if isinstance(body, dict) else None
    names = ("sellerReturnItemId", "sellerFulfillmentOrderItemId", "amazonShipmentId", "returnReasonCode")
    if not isinstance(items, list) or not items:
        return refused("Value for parameter items is missing. Reason: MissingValue.")
    for item in items:
        if not isinstance(item, dict) or not all(isinstance(item.get(name), str) for name in names):
            return refused("Value for parameter items is invalid. Reason: InvalidValue.")
        if item["returnReasonCode"] not in REASONS:
            return refused("Value for parameter returnReasonCode is invalid. Reason: InvalidValue.")
    made: list[dict[str, Any]] = list(order["extra"]["returns"])
    taken: list[dict[str, Any]] = []
    wrong: list[dict[str, Any]] = []
    for item in items:
        if why := _why_not(order, made, item):
            wrong.append(
                {
                    "sellerReturnItemId": item["sellerReturnItemId"],
                    "sellerFulfillmentOrderItemId": item["sellerFulfillmentOrderItemId"],
                    "invalidItemReason": {"invalidItemReasonCode": why, "description": f"{why} (sandbox)"},
                }
            )
            continue
        kept = {name: item[name] for name in names[:3]} | {
            "sellerReturnReasonCode": item["returnReasonCode"],
            "status": "New",
            "statusChangedDate": life.instant(now),
            "returnAuthorizationId": f"RA-{order['id']}",
        }
        made.append(kept)
        taken.append(kept)
    keep(connection, key, order["extra"] | {"returns": made})
    return 200, {"payload": {"returnItems": taken, "invalidReturnItems": wrong, "returnAuthorizations": []}}


def _why_not(order: dict[str, Any], made: list[dict[str, Any]], item: dict[str, Any]) -> str:
    """Return Amazon's code for why a unit can't come back, or nothing."""
    if any(each["sellerReturnItemId"] == item["sellerReturnItemId"] for each in made):
        return "DuplicateRequest"
    left: Counter[tuple[str, str]] = Counter()
    for shipment in shown.shipments(order):
        if shipment["fulfillmentShipmentStatus"] == "SHIPPED":
            for line in shipment["fulfillmentShipmentItem"]:
                left[line["sellerFulfillmentOrderItemId"], shipment["amazonShipmentId"]] += line["quantity"]
    if not left:
        return "NoCompletedShipItems"
    wanted = (item["sellerFulfillmentOrderItemId"], item["amazonShipmentId"])
    if wanted not in left:
        return "InvalidValues"
    coming = sum((each["sellerFulfillmentOrderItemId"], each["amazonShipmentId"]) == wanted for each in made)
    return "NoReturnableQuantity" if coming >= left[wanted] else ""
