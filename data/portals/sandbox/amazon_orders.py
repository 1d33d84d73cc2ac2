"""Amazon's operations on orders over the one warehouse: what each answers, decided inside one transaction."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from data.portals.sandbox import amazon_shown as shown
from data.portals.sandbox import life, shelf, warehouse
from data.portals.sandbox.book import Connection, set_setting, setting
from data.portals.sandbox.dialect import Answer

ON_PAGE = 10
"""Orders on one page of the list."""
_STOCK_ON_PAGE = 50
_HELD_AT_MOST = 14 * 86400.0
"""Seconds after which an order on hold is cancelled by itself."""
_SPEEDS = ("Standard", "Expedited", "Priority", "ScheduledDelivery")
_REQUIRED = ("displayableOrderComment", "displayableOrderDate", "displayableOrderId", "sellerFulfillmentOrderId")
_LONGEST = {"displayableOrderComment": 750, "displayableOrderId": 40, "sellerFulfillmentOrderId": 40}
_ADDRESS = ("name", "addressLine1", "postalCode", "countryCode")


def create(connection: Connection, now: float, body: Any) -> Answer:
    """Take an order in; a second one under its id is refused, in words nobody has written down."""
    if wrong := _problem(body):
        return refused(wrong)
    if setting(connection, "duplicates", None) is None:
        set_setting(connection, "duplicates", "client")
    reference, held = body["sellerFulfillmentOrderId"], body.get("fulfillmentAction") == "Hold"
    native = {
        "reference": reference,
        "order_number": body["displayableOrderId"],
        "email": ", ".join(body.get("notificationEmails") or ()),
        "ship_to": _native_address(body["destinationAddress"]),
        "lines": [{"sku": item["sellerSku"], "quantity": item["quantity"]} for item in body["items"]],
    }
    status, made = warehouse.take_in(connection, now, native, {"order": body, "received": now, "returns": []})
    if status >= 400:
        return refused(f"A fulfillment order with the sellerFulfillmentOrderId {reference} was created before.")
    if held:
        warehouse.hold(connection, now, made["id"])
    return 200, {}


def show(connection: Connection, now: float, key: str) -> Answer:
    """Show one order with its shipments and returns."""
    order = read(connection, now, key)
    return _missing(key) if order is None else (200, {"payload": shown.whole(order)})


def update(connection: Connection, now: float, key: str, body: Any) -> Answer:
    """Change an order on hold, or let it go."""
    order = read(connection, now, key)
    if order is None:
        return _missing(key)
    if not isinstance(body, dict):
        return refused("The body must be a JSON object")
    if not order["held"] or order["status"] != life.RECEIVED:
        return refused("Only a fulfillment order with an order hold on it can be updated.")
    address = body.get("destinationAddress")
    if address is not None:
        if wrong := _address_problem(address):
            return refused(wrong)
        status, _ = warehouse.change_address(connection, now, order["id"], _native_address(address))
        if status >= 400:
            return refused("Value for parameter destinationAddress is invalid. Reason: InvalidValue.")
        keep(connection, key, order["extra"] | {"order": order["extra"]["order"] | {"destinationAddress": address}})
    if body.get("fulfillmentAction") == "Ship":
        warehouse.release(connection, now, order["id"])
    return 200, {}


def cancel(connection: Connection, now: float, key: str) -> Answer:
    """Cancel an order of which nobody has begun to pick a unit."""
    order = read(connection, now, key)
    if order is None:
        return _missing(key)
    status = shown.status_of(order)
    if status not in ("Received", "Planning"):
        return refused(f"The fulfillment order can not be cancelled in the status {status}.")
    warehouse.cancel(connection, now, order["id"])
    return 200, {}


def changed(connection: Connection, now: float, since: str, token: str) -> Answer:
    """List the orders whose status changed at a time or later, page by page."""
    begin, last = _start(since, token)
    if begin is None:
        return refused("Value for parameter queryStartDate or nextToken is invalid. Reason: InvalidValue.")
    for (reference,) in connection.execute("SELECT reference FROM orders WHERE held = 1").fetchall():
        read(connection, now, reference)
    found: list[dict[str, Any]] = []
    rows = connection.execute(
        "SELECT id, reference FROM orders WHERE updated_at >= ? AND id > ? ORDER BY id", (begin, last)
    )
    for number, reference in rows.fetchall():
        order = read(connection, now, reference)
        if order is None or order["extra"]["status_at"] < begin:
            continue
        if len(found) == ON_PAGE:
            token = base64.urlsafe_b64encode(f"{begin!r} {last}".encode()).decode()
            return 200, {"payload": {"nextToken": token, "fulfillmentOrders": found}}
        found.append(shown.head(order))
        last = number
    return 200, {"payload": {"fulfillmentOrders": found}}


def track(connection: Connection, number: str) -> Answer:
    """Show what the carrier says of a package."""
    if number.isdecimal() and len(number) < 12:
        order_id, place = divmod(int(number), 10)
        row = connection.execute("SELECT parcels FROM orders WHERE id = ?", (order_id,)).fetchone()
        parcels = json.loads(row[0]) if row else []
        if 1 <= place <= len(parcels):
            return 200, {"payload": shown.track(int(number), parcels[place - 1])}
    return 404, errors("NotFound", f"There is no package {number[:20]}.")


def stock(connection: Connection, place: str, token: str) -> Answer:
    """Show what there is of each SKU, page by page."""
    if not place or not (token or "0").isdecimal():
        return refused("Value for parameter granularityId or nextToken is invalid. Reason: InvalidValue.")
    levels, begin = shelf.levels(connection), int(token or 0)
    page = levels[begin : begin + _STOCK_ON_PAGE]
    more = {"nextToken": str(begin + len(page))} if begin + len(page) < len(levels) else {}
    summaries = [shown.summary(level) for level in page]
    granularity = {"granularityType": "Marketplace", "granularityId": place}
    return 200, {"payload": {"granularity": granularity, "inventorySummaries": summaries}, "pagination": more}


def read(connection: Connection, now: float, key: str) -> dict[str, Any] | None:
    """Return an order as the warehouse has it, once what time alone does to it is done: its hold may have ended, what
    Amazon gives up stays given up, and a status that is new is kept with its time."""
    found = warehouse.search(connection, key)[1]["orders"]
    if not found:
        return None
    order: dict[str, Any] = found[0]
    extra = order["extra"]
    if order["held"] and extra["received"] + _HELD_AT_MOST <= now:
        _, order = warehouse.cancel(connection, extra["received"] + _HELD_AT_MOST, order["id"])
    if order["status"] in (life.ADDRESS_QUERY, life.BACKORDER):
        given_up = connection.execute(
            "UPDATE orders SET due = NULL WHERE reference = ? AND due IS NOT NULL", (key,)
        ).rowcount
        shelf.promise(connection, order["lines"] * given_up, -1)
    status = shown.status_of(order)
    if extra.get("status") != status:
        at = datetime.fromisoformat(order["updated_at"]).timestamp()
        order["extra"] = extra | {"status": status, "status_at": at}
        keep(connection, key, order["extra"])
    return order


def keep(connection: Connection, key: str, extra: dict[str, Any]) -> None:
    """Keep what only Amazon's side of an order knows, without it counting as a change."""
    connection.execute("UPDATE orders SET extra = ? WHERE reference = ?", (json.dumps(extra), key))


def errors(code: str, message: str, details: str = "") -> dict[str, Any]:
    """Return the body of every refusal."""
    return {"errors": [{"code": code, "message": message, "details": details}]}


def refused(message: str) -> Answer:
    """Refuse a request for what it says."""
    return 400, errors("InvalidInput", message)


def _missing(key: str) -> Answer:
    return 404, errors("NotFound", f"Requested order {key[:40]} not found.")


def _start(since: str, token: str) -> tuple[float | None, int]:
    """Return from when to list, and after which order; None where it can't be read."""
    try:
        if token:
            begin, last = base64.urlsafe_b64decode(token.encode()).decode().split()
            return float(begin), int(last)
        return (datetime.fromisoformat(since).replace(tzinfo=UTC).timestamp() if since else 0.0), 0
    except (ValueError, binascii.Error):
        return None, 0


def _problem(body: Any) -> str:
    """Say what is wrong with an order first, or nothing."""
    if not isinstance(body, dict):
        return "The body must be a JSON object"
    for name in _REQUIRED:
        if not isinstance(body.get(name), str) or not body[name]:
            return f"Value for parameter {name} is missing. Reason: MissingValue."
        if len(body[name]) > _LONGEST.get(name, 40):
            return f"Value for parameter {name} is invalid. Reason: TooLong."
    if body.get("shippingSpeedCategory") not in _SPEEDS:
        return "Value for parameter shippingSpeedCategory is invalid. Reason: InvalidValue."
    items = body.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= 100:
        return "Value for parameter items is invalid. Reason: InvalidValue."
    for item in items:
        quantity = item.get("quantity") if isinstance(item, dict) else None
        if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
            return "Value for parameter quantity is invalid. Reason: InvalidValue."
        sku, name = item.get("sellerSku"), item.get("sellerFulfillmentOrderItemId")
        if not isinstance(sku, str) or not isinstance(name, str) or not 0 < len(sku) <= 50 or not 0 < len(name) <= 50:
            return f"the SellerSKU for Item Id: {name} is invalid."
    return _address_problem(body.get("destinationAddress"))


def _address_problem(address: Any) -> str:
    if not isinstance(address, dict):
        return "Value for parameter destinationAddress is missing. Reason: MissingValue."
    for name in _ADDRESS:
        if not isinstance(address.get(name), str) or not address[name]:
            return f"Value for parameter destinationAddress.{name} is missing. Reason: MissingValue."
    country = address["countryCode"]
    if len(country) != 2 or not country.isupper():
        return "Value for parameter destinationAddress.countryCode is invalid. Reason: InvalidValue."
    if not address.get("city") and country != "JP":
        return "Value for parameter destinationAddress.city is missing. Reason: MissingValue."
    return ""


def _native_address(address: dict[str, Any]) -> dict[str, str]:
    """Return an address as the warehouse's own file names it."""
    return {
        "name": address["name"],
        "company": address.get("addressLine3", ""),
        "address1": address["addressLine1"],
        "address2": address.get("addressLine2", ""),
        "city": address.get("city") or address.get("districtOrCounty") or "-",
        "region": address.get("stateOrRegion", ""),
        "postcode": address["postalCode"],
        "country": address["countryCode"],
        "phone": address.get("phone", ""),
    }
