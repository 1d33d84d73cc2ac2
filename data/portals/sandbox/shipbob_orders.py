"""What ShipBob does with orders and their shipments, over the same warehouse as every dialect."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from data.portals.sandbox import life, warehouse
from data.portals.sandbox.book import Connection
from data.portals.sandbox.dialect import Answer
from data.portals.sandbox.shipbob_goods import make_up
from data.portals.sandbox.shipbob_shape import (
    PLACE,
    Piece,
    native_id,
    order_number,
    pieces,
    place_of,
    shipment_number,
    shown,
)

_AMENDED = {
    "name": "recipient_name",
    "company": "company_name",
    "address1": "street_address1",
    "address2": "street_address2",
    "city": "city",
    "region": "state",
    "postcode": "zip_code",
    "country": "country_code",
    "phone": "phone_number",
}
_IN_HANDS = "Shipment is already picked"


def create(connection: Connection, now: float, body: Any, channel: int) -> Answer:
    """Take an order in; a product it does not know is made up, a reference it knows is refused."""
    if wrong := _problems(body):
        return 422, wrong
    to, place = body["recipient"], body["recipient"]["address"]
    address = {ours: str(place.get(theirs) or "") for ours, theirs in PLACE.items()}
    address |= {"name": to["name"], "phone": to.get("phone_number") or ""}
    lines = [{"sku": each["reference_id"], "quantity": each["quantity"]} for each in body["products"]]
    make_up(connection, {each["sku"] for each in lines})
    native = {
        "reference": body["reference_id"],
        "order_number": body.get("order_number") or body["reference_id"],
        "email": to.get("email") or "",
        "ship_to": address,
        "lines": lines,
    }
    extra = {
        "channel": channel,
        "created": now,
        "type": body["type"],
        "shipping_method": body["shipping_method"],
        "purchase_date": body.get("purchase_date"),
        "tags": body.get("tags"),
        "email": to.get("email"),
        "recipient": address,
    }
    status, answer = warehouse.take_in(connection, now, native, extra)
    if status >= 400:
        return 422, {"ReferenceId": ["You have already created an order with the same reference_id"]}
    return status, _shown(connection, answer["id"])


def show(connection: Connection, number: int) -> Answer:
    """Show one order."""
    order = _order(connection, native_id(number))
    return (404, {"": ["Order not found"]}) if order is None else (200, shown(order, _fate(connection, order)))


def listed(connection: Connection, query: dict[str, str], channel: int | None) -> Answer:
    """List orders, the newest first: those with some references, those changed later than an instant, a page.

    What the carrier's scans change is tracking, and no update of the order: nothing documented says otherwise.
    """
    try:
        page, limit = max(1, int(query.get("Page") or 1)), int(query.get("Limit") or 50)
        since = _seconds(query.get("LastUpdateStartDate", ""))
        tracked = _seconds(query.get("LastTrackingUpdateStartDate", ""))
    except ValueError as error:
        return 400, {"": [str(error)]}
    if not 1 <= limit <= 250:
        return 400, {"Limit": ["The field Limit must be between 1 and 250."]}
    where: list[str] = ["1"]
    given: list[Any] = []
    if references := [each for each in query.get("ReferenceIds", "").split(",") if each]:
        where.append(f"reference IN ({', '.join('?' for _ in references)})")
        given += references
    if channel is not None:
        where.append("extra ->> '$.channel' = ?")
        given.append(channel)
    if since is not None:
        where.append("updated_at > ? AND step = 0")
        given.append(since)
    if tracked is not None:
        where.append("updated_at > ? AND parcels <> '[]'")
        given.append(tracked)
    rows = connection.execute(
        f"SELECT id FROM orders WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ? OFFSET ?",
        (*given, limit, (page - 1) * limit),
    ).fetchall()
    return 200, [_shown(connection, f"SB{row[0]:07d}") for row in rows]


def change_address(connection: Connection, now: float, shipment: int, body: Any) -> Answer:
    """Change where one shipment goes, as long as nobody has it in hands; the order's recipient stays."""
    order, piece = _shipment(connection, shipment)
    if order is None or piece is None:
        return 400, {"code": "NOT_FOUND", "message": "Shipment not found"}
    if not isinstance(body, dict) or not all(
        isinstance(body.get(name), str) and body[name] for name in ("street_address1", "city")
    ):
        return 400, {"code": "VALIDATION_ERROR", "message": "street_address1 and city are required"}
    if not piece.free:
        return 200, {"id": shipment, "is_success": False, "error": {"code": "CONFLICT", "message": _IN_HANDS}}
    address = {ours: str(body.get(theirs) or "") for ours, theirs in _AMENDED.items()}
    own = dict(order["extra"].get("addresses", {}))
    if piece.number == 0:
        # The others keep the address they had.
        for each in pieces(order, _fate(connection, order))[1:]:
            own.setdefault(str(each.number), order["ship_to"])
        status, answer = warehouse.change_address(connection, now, order["id"], address)
        if status != 200:
            return 400, {"code": "VALIDATION_ERROR", "message": "; ".join(_told(answer))}
    else:
        own[str(piece.number)] = address
    _keep(connection, now, order, addresses=own)
    return 200, {"id": shipment, "is_success": True, "error": None}


def cancel(connection: Connection, now: float, number: int) -> Answer:
    """Cancel the shipments of an order that nobody has in hands; how many it was stands in a 200."""
    order = _order(connection, native_id(number))
    if order is None:
        return 404, {"": ["Order not found"]}
    before = pieces(order, _fate(connection, order))
    if order["status"] == life.CANCELLED:
        return 422, {"": ["Order is already cancelled"]}
    free = [each for each in before if each.free]
    if free:
        warehouse.cancel(connection, now, order["id"])
    live = [each for each in before if each.status != "Cancelled"]
    return 200, {
        "order_id": number,
        "status": "Success" if len(free) == len(live) else "PartialSuccess" if free else "Failure",
        "canceled_shipment_results": [
            {
                "shipment_id": shipment_number(order, each.number),
                "action": "Cancel",
                "is_success": each in free,
                "reason": None if each in free else _IN_HANDS,
            }
            for each in live
        ],
        "order": _shown(connection, order["id"]),
    }


def hold(connection: Connection, now: float, body: Any) -> Answer:
    """Place a manual hold on shipments, each judged by itself."""
    ids = _ids(body)
    if not ids:
        return 400, {"code": "INVALID_PARAMETER", "message": "shipment_ids must hold at least one id"}
    results = []
    for each in ids:
        order, piece = _shipment(connection, each)
        if order is None or piece is None:
            results.append(_result(each, "NOT_FOUND", "Shipment not found"))
        elif not piece.free:
            results.append(_result(each, "CONFLICT", _IN_HANDS))
        else:
            warehouse.hold(connection, now, order["id"])
            _keep(connection, now, order, held=sorted({*order["extra"].get("held", []), piece.number}))
            results.append(_result(each))
    return 200, _summed(results)


def release(connection: Connection, now: float, body: Any) -> Answer:
    """Take manual holds off shipments; what else holds one stays."""
    ids = _ids(body)
    if not ids:
        return 400, {"code": "INVALID_PARAMETER", "message": "shipment_ids must hold at least one id"}
    results = []
    for each in ids:
        order, piece = _shipment(connection, each)
        if order is None or piece is None:
            results.append(_result(each, "NOT_FOUND", "Shipment not found"))
            continue
        held = [at for at in order["extra"].get("held", []) if at != piece.number]
        _keep(connection, now, order, held=held)
        if not held:
            warehouse.release(connection, now, order["id"])
        other = order["status"] == life.ADDRESS_QUERY
        results.append(_result(each) | {"is_still_on_hold_due_to_other_reasons": other})
    return 200, _summed(results)


def _problems(body: Any) -> dict[str, list[str]]:
    """Return what is wrong with an order, field by field."""
    if not isinstance(body, dict):
        return {"": ["The request is not an object."]}
    to = _object(body, "recipient")
    place = _object(to, "address")
    wrong: dict[str, list[str]] = {}
    for where, held, names in (
        ("", body, ("reference_id", "shipping_method", "type")),
        ("Recipient.", to, ("name",)),
        ("Recipient.Address.", place, ("address1", "city", "country")),
    ):
        for name in names:
            if not isinstance(held.get(name), str) or not held[name]:
                wrong[f"{where}{name}"] = [f"The {name} field is required."]
    lines = body.get("products")
    if not isinstance(lines, list) or not lines:
        wrong["Products"] = ["The Products field is required."]
        return wrong
    for index, line in enumerate(lines):
        for name, kind in (("reference_id", str), ("name", str), ("quantity", int)):
            if not isinstance(line, dict) or not isinstance(line.get(name), kind) or not line[name]:
                wrong[f"Products[{index}].{name}"] = [f"The {name} field is required."]
    return wrong


def _object(held: dict[str, Any], name: str) -> dict[str, Any]:
    found = held.get(name)
    return found if isinstance(found, dict) else {}


def _order(connection: Connection, native: str) -> dict[str, Any] | None:
    status, order = warehouse.show(connection, native)
    return order if status == 200 else None


def _fate(connection: Connection, order: dict[str, Any]) -> str:
    number = order_number(order) - 100_000
    return str(connection.execute("SELECT fate FROM orders WHERE id = ?", (number,)).fetchone()[0])


def _shown(connection: Connection, native: str) -> dict[str, Any]:
    order = _order(connection, native)
    return {} if order is None else shown(order, _fate(connection, order))


def _shipment(connection: Connection, number: int) -> tuple[dict[str, Any] | None, Piece | None]:
    native, at = place_of(number)
    order = _order(connection, native)
    if order is None:
        return None, None
    return order, next((each for each in pieces(order, _fate(connection, order)) if each.number == at), None)


def _keep(connection: Connection, now: float, order: dict[str, Any], **changes: Any) -> None:
    """Keep what is said of shipments with their order."""
    life.save(connection, order_number(order) - 100_000, now, extra=order["extra"] | changes)


def _ids(body: Any) -> list[int]:
    ids = body.get("shipment_ids") if isinstance(body, dict) else None
    return [each for each in ids if isinstance(each, int)] if isinstance(ids, list) else []


def _result(shipment: int, code: str = "", message: str = "") -> dict[str, Any]:
    return {
        "id": shipment,
        "is_success": not code,
        "error": {"code": code, "message": message} if code else None,
    }


def _summed(results: list[dict[str, Any]]) -> dict[str, Any]:
    well = sum(each["is_success"] for each in results)
    return {
        "summary": {"total": len(results), "successful": well, "failed": len(results) - well},
        "results": results,
    }


def _told(answer: dict[str, Any]) -> list[str]:
    return [f"{each['field']} {each['message']}" for each in answer.get("errors", [])] or [str(answer.get("error"))]


def _seconds(text: str) -> float | None:
    """Read an instant, None where there is none; raises ValueError."""
    if not text:
        return None
    then = datetime.fromisoformat(text)
    return (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp()
