"""What ShipMonk does with an order that is sent: made, or put over the one that is there as far as it still can be."""

from __future__ import annotations

from typing import Any

from data.portals.sandbox import life, warehouse
from data.portals.sandbox.book import Connection
from data.portals.sandbox.dialect import Answer
from data.portals.sandbox.shipmonk_words import BUILDING, FIELDS, STORE, native_address, needed, seconds

_LONGEST = 255
_CHANGEABLE = (
    "requested_shipping_service", "customer_email", "currency_code", "submit_at", "warehouse", "recipient_tax_id",
)  # fmt: skip
_ONCE = ("ordered_at", "customer_notes", "internal_notes", "gift_message")
"""Stored with a new order; sent again, they are ignored and nobody is told."""


def upsert(connection: Connection, now: float, body: Any) -> Answer:
    """Make an order, or put it over the one under its key."""
    if problems := order_problems(body):
        return refused(problems)
    known = warehouse.listed(connection, references=[body["order_key"]])
    if not known:
        _create(connection, now, body)
        return 200, {"message": "Order was created."}
    _update(connection, now, known[0], body)
    return 200, {"message": "Order was updated."}


def submit(connection: Connection, now: float, body: Any) -> Answer:
    """Release an order to the warehouse at an instant."""
    if not isinstance(body, dict) or body.get("store_id") != STORE or not _is_instant(body.get("submit_at")):
        return refused([_problem("submit_at", "an instant with its offset, and a store_id that exists, are needed")])
    known = warehouse.listed(connection, references=[str(body.get("order_key"))])
    if not known:
        return 404, {"status": 404, "message": "Order not found."}
    order = known[0]
    native = {"ship_to": order["ship_to"], "lines": order["lines"]}
    extra = order["extra"] | {"submit_at": body["submit_at"]}
    warehouse.put_over(connection, now, order["id"], native, extra)
    _wait(connection, now, order["id"])
    return 200, {"status": 200}


def refused(problems: list[dict[str, str]]) -> Answer:
    """Refuse a body, naming its fields."""
    return 422, {"status": 422, "message": "Validation failed.", "violations": problems}


def _create(connection: Connection, now: float, body: dict[str, Any]) -> None:
    native = _native(body) | {
        "reference": body["order_key"],
        "order_number": body["order_number"],
        "email": body.get("customer_email") or "",
    }
    extra = {name: body.get(name) for name in (*_CHANGEABLE, *_ONCE)} | {"items": _items(body, {})}
    _, made = warehouse.take_in(connection, now, native, extra)
    _wait(connection, now, made["id"])
    _follow(connection, now, made["id"], body["order_status"])


def _update(connection: Connection, now: float, order: dict[str, Any], body: dict[str, Any]) -> None:
    """Change what may still change; the rest is ignored, and the answer is the same."""
    wanted = body["order_status"]
    if order["status"] == life.CANCELLED:
        if wanted == "cancelled":
            return
        # The danger of an upsert: whoever sends an order again takes back that it was cancelled.
        _, order = warehouse.bring_back(connection, now, order["id"])
    if order["status"] not in (*life.UNTOUCHED, life.PICKING):
        return
    extra = order["extra"] | {name: body.get(name) for name in _CHANGEABLE}
    if order["status"] in life.UNTOUCHED:
        extra |= {"items": _items(body, extra["items"])}
    waited = (needed(order), order["extra"].get("submit_at"))
    _, after = warehouse.put_over(connection, now, order["id"], _native(body), extra)
    _follow(connection, now, order["id"], wanted)
    if waited != (needed(after), extra["submit_at"]) or order["held"]:
        _wait(connection, now, order["id"])


def _follow(connection: Connection, now: float, order_id: str, wanted: str) -> None:
    """Do what an order's status asks for, where it still can be done."""
    change = {"cancelled": warehouse.cancel, "onHold": warehouse.hold, "unfulfilled": warehouse.release}[wanted]
    change(connection, now, order_id)


def _wait(connection: Connection, now: float, order_id: str) -> None:
    """Let an order wait for its instant, or for what somebody must do about it."""
    _, order = warehouse.show(connection, order_id)
    if needed(order):
        warehouse.put_off(connection, now, order_id, None)
    else:
        submit_at = order["extra"].get("submit_at")
        warehouse.put_off(connection, now, order_id, seconds(submit_at) if submit_at else now)


def _native(body: dict[str, Any]) -> dict[str, Any]:
    lines = [{"sku": each["sku"], "quantity": each["quantity"]} for each in body["items"]]
    return {"ship_to": native_address(body["ship_to"]), "lines": lines}


def _items(body: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of lines besides; name and price of one that is there stay."""
    return {
        each["sku"]: {"name": each.get("name"), "price": each.get("price")}
        | known.get(each["sku"], {})
        | {"line_key": each.get("line_key")}
        for each in body["items"]
    }


def order_problems(body: Any) -> list[dict[str, str]]:
    """Return what is wrong with an order, field by field."""
    if not isinstance(body, dict):
        return [_problem("", "must be a JSON object")]
    found = _texts(body, ("order_number", "order_key", "requested_shipping_service"), needed=True)
    found += _texts(body, ("customer_email", "warehouse"), needed=False)
    if body.get("store_id") != STORE:
        found.append(_problem("store_id", "there is no such store"))
    if body.get("order_status") not in ("unfulfilled", "cancelled", "onHold"):
        found.append(_problem("order_status", "must be unfulfilled, cancelled or onHold"))
    if not _is_instant(body.get("ordered_at")):
        found.append(_problem("ordered_at", "must be an instant with its offset"))
    if body.get("submit_at") is not None and not _is_instant(body["submit_at"]):
        found.append(_problem("submit_at", "must be an instant with its offset"))
    if body.get("warehouse") not in (None, BUILDING["identifier"]):
        found.append(_problem("warehouse", "there is no such warehouse"))
    ship_to, items = body.get("ship_to"), body.get("items")
    if isinstance(ship_to, dict):
        found += _texts(ship_to, tuple(FIELDS.values()), needed=False, at="ship_to.")
    else:
        found.append(_problem("ship_to", "must be a JSON object"))
    if not isinstance(items, list) or not items:
        return [*found, _problem("items", "must be a list of items")]
    for index, item in enumerate(items):
        found += item_problems(item, f"items[{index}]", "quantity", 0)
    return found


def item_problems(item: Any, at: str, count: str, least: int) -> list[dict[str, str]]:
    """Return what is wrong with one line, of which there are `count`, at least `least`."""
    if not isinstance(item, dict):
        return [_problem(at, "must be a JSON object")]
    quantity = item.get(count)
    found = _texts(item, ("sku",), needed=True, at=f"{at}.")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not least <= quantity <= 999_999:
        found.append(_problem(f"{at}.{count}", f"must be a whole number from {least} to 999999"))
    return found


def _texts(body: dict[str, Any], names: tuple[str, ...], *, needed: bool, at: str = "") -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for name in names:
        value = body.get(name)
        if value is None and not needed:
            continue
        if not isinstance(value, str) or len(value) > _LONGEST or (needed and not value):
            found.append(_problem(at + name, f"must be text of at most {_LONGEST} characters"))
    return found


def _is_instant(value: Any) -> bool:
    try:
        seconds(value)
    except (TypeError, ValueError):
        return False
    return True


def _problem(field: str, message: str) -> dict[str, str]:
    return {"propertyPath": field, "message": message}
