"""What the warehouse has and is told of, as ShipBob says it: products, inventory, receiving orders, returns."""

from __future__ import annotations

import hashlib
from typing import Any

from data.portals.sandbox import life, notices, shelf
from data.portals.sandbox.book import Connection
from data.portals.sandbox.dialect import Answer

CENTER = 4
"""The one fulfilment centre there is."""
_PACKAGES = ("Package", "Pallet", "FloorLoadedContainer")
_PACKAGING = ("EverythingInOneBox", "OneSkuPerBox", "MultipleSkuPerBox")
_ACTIONS = ("Default", "Restock", "Quarantine", "Dispose")


def inventory_id(sku: str) -> int:
    """Return the number of a SKU's inventory, always the same."""
    return 1_000_000 + int.from_bytes(hashlib.blake2b(sku.encode(), digest_size=4).digest(), "big") % 900_000_000


def product_id(sku: str) -> int:
    """Return the number of a SKU's product, which is another."""
    return 1_000_000_000 + inventory_id(sku)


def make_up(connection: Connection, skus: set[str]) -> None:
    """Create a product without stock for each SKU that is not known, as the vendor does for an order that names one."""
    connection.executemany("INSERT OR IGNORE INTO stock VALUES (?, 0, 0)", [(each,) for each in sorted(skus)])


def products(connection: Connection, path: str, query: dict[str, str]) -> Answer:
    """List products whose SKU holds what was asked for: this search is wider than the SKU."""
    wanted = query.get("SKU", "").casefold()
    found = [each for each in shelf.levels(connection) if wanted in each["sku"].casefold()]
    return _page(path, query, [_product(each["sku"], each["on_hand"]) for each in found])


def levels(connection: Connection, path: str, query: dict[str, str]) -> Answer:
    """List what there is of each SKU in all centres."""
    return _page(
        path,
        query,
        [
            {
                "inventory_id": inventory_id(each["sku"]),
                "name": each["sku"].title(),
                "sku": each["sku"],
                "total_on_hand_quantity": each["on_hand"],
                "total_fulfillable_quantity": each["available"],
                "total_committed_quantity": each["on_hand"] - each["available"],
            }
            for each in shelf.levels(connection)
        ],
    )


def located(connection: Connection, path: str, query: dict[str, str]) -> Answer:
    """List what there is of each SKU by centre."""
    asked = query.get("LocationId", str(CENTER))
    found = shelf.levels(connection) if asked == str(CENTER) else []
    return _page(
        path,
        query,
        [
            {
                "inventory_id": inventory_id(each["sku"]),
                "name": each["sku"].title(),
                "sku": each["sku"],
                "locations": [
                    {
                        "location_id": CENTER,
                        "name": "Sandbox",
                        "on_hand_quantity": each["on_hand"],
                        "fulfillable_quantity": each["available"],
                        "committed_quantity": each["on_hand"] - each["available"],
                    }
                ],
            }
            for each in found
        ],
    )


def receive(connection: Connection, now: float, body: Any) -> Answer:
    """Take a receiving order in; the same one twice is two."""
    if not isinstance(body, dict):
        return 400, {"": ["The request is not an object."]}
    wrong: dict[str, list[str]] = {}
    if body.get("package_type") not in _PACKAGES:
        wrong["package_type"] = ["The package_type field is not valid."]
    if body.get("box_packaging_type") not in _PACKAGING:
        wrong["box_packaging_type"] = ["The box_packaging_type field is not valid."]
    if (body.get("fulfillment_center") or {}).get("id") != CENTER:
        wrong["fulfillment_center.id"] = ["There is no such fulfillment center."]
    if not isinstance(body.get("expected_arrival_date"), str):
        wrong["expected_arrival_date"] = ["The expected_arrival_date field is required."]
    items = [item for box in body.get("boxes") or () for item in box.get("box_items") or ()]
    wrong |= _unknown(connection, "boxes", items, "inventory_id")
    if wrong:
        return 400, wrong
    reference = str(body.get("purchase_order_number") or "")
    number = notices.take_in(connection, now, "inbound", reference, body)
    return 201, _receiving(connection, number, body, now)


def receivings(connection: Connection, query: dict[str, str]) -> Answer:
    """List receiving orders, all or those under some purchase order numbers."""
    numbers = [each for each in query.get("PurchaseOrderNumbers", "").split(",") if each]
    return 200, [_receiving(connection, *each) for each in notices.kept(connection, "inbound", numbers)]


def take_back(connection: Connection, now: float, body: Any) -> Answer:
    """Take a return in; its reference is unique."""
    if not isinstance(body, dict):
        return 422, {"message": "The request is not an object.", "errors": []}
    reference = body.get("reference_id")
    errors: list[str] = []
    if not isinstance(reference, str) or not reference:
        errors.append("reference_id is required")
    elif notices.kept(connection, "return", [reference]):
        errors.append("A return with the same reference_id already exists")
    items = body.get("inventory") or []
    errors += [word for words in _unknown(connection, "inventory", items, "id").values() for word in words]
    if any(each.get("requested_action") not in _ACTIONS for each in items):
        errors.append("requested_action is not valid")
    if errors:
        return 422, {"message": "; ".join(errors), "errors": errors}
    number = notices.take_in(connection, now, "return", str(reference), body)
    return 201, _return(connection, number, body, now)


def returns(connection: Connection, query: dict[str, str]) -> Answer:
    """List returns, all or those under some references."""
    references = [each for each in query.get("ReferenceIds", "").split(",") if each]
    found = notices.kept(connection, "return", references)
    return 200, {"items": [_return(connection, *each) for each in found], "next": None}


def _unknown(connection: Connection, where: str, items: list[Any], name: str) -> dict[str, list[str]]:
    """Return what is wrong with items by their inventory ids and quantities."""
    if not items:
        return {where: [f"The {where} field is required."]}
    known = _skus(connection)
    return {
        f"{where}[{index}].{name}": [f"There is no inventory {item.get(name)}."]
        for index, item in enumerate(items)
        if item.get(name) not in known or not isinstance(item.get("quantity"), int)
    }


def _receiving(connection: Connection, number: int, body: dict[str, Any], at: float) -> dict[str, Any]:
    known = _skus(connection)
    expected: dict[int, int] = {}
    for item in (item for box in body["boxes"] for item in box["box_items"]):
        expected[item["inventory_id"]] = expected.get(item["inventory_id"], 0) + item["quantity"]
    return {
        "id": 700_000 + number,
        "purchase_order_number": body.get("purchase_order_number"),
        "status": "Awaiting",
        "package_type": body["package_type"],
        "box_packaging_type": body["box_packaging_type"],
        "fulfillment_center": body["fulfillment_center"],
        "expected_arrival_date": body["expected_arrival_date"],
        "insert_date": life.instant(at),
        "last_updated_date": life.instant(at),
        "inventory_quantities": [
            {"inventory_id": each, "sku": known[each], "expected_quantity": quantity, "received_quantity": 0}
            for each, quantity in expected.items()
        ],
    }


def _return(connection: Connection, number: int, body: dict[str, Any], at: float) -> dict[str, Any]:
    known = _skus(connection)
    return {
        "id": 800_000 + number,
        "reference_id": body["reference_id"],
        "status": "AwaitingArrival",
        "original_shipment_id": body.get("original_shipment_id"),
        "tracking_number": body.get("tracking_number"),
        "insert_date": life.instant(at),
        "inventory": [
            {
                "id": each["id"],
                "sku": known[each["id"]],
                "quantity": each["quantity"],
                "action_requested": {"action": each["requested_action"]},
            }
            for each in body["inventory"]
        ],
    }


def _product(sku: str, on_hand: int) -> dict[str, Any]:
    inventory = {"inventory_id": inventory_id(sku), "on_hand_qty": on_hand}
    return {
        "id": product_id(sku),
        "name": sku.title(),
        "type": "Regular",
        "variants": [{"id": product_id(sku), "sku": sku, "status": "Active", "inventory": inventory}],
    }


def _skus(connection: Connection) -> dict[int, str]:
    return {inventory_id(each["sku"]): each["sku"] for each in shelf.levels(connection)}


def _page(path: str, query: dict[str, str], items: list[dict[str, Any]]) -> Answer:
    """Return one page of items, with where the next one is."""
    size = max(1, min(int(query.get("PageSize") or 50), 250))
    page = max(1, int(query.get("Cursor") or 1))
    following = None
    if page * size < len(items):
        asked = "&".join(f"{name}={value}" for name, value in query.items() if name != "Cursor")
        following = f"{path}?{asked}&Cursor={page + 1}"
    return 200, {"items": items[(page - 1) * size : page * size], "next": following, "prev": None}
