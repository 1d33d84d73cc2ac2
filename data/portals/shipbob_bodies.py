"""What is sent to ShipBob, rendered from our words. Source: the vendor's API description 2026-01.

What only ShipBob can say (its numbers for SKUs and shipments) is put in when a body is sent; until then it holds ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from data.model import Address, InputError
from data.portals.notices import InboundNotice, Packing, ReturnAction, ReturnNotice, summed
from data.portals.outcomes import RemoteLine
from data.portals.protocol import ShipmentLine, ShipmentOrder
from data.portals.shipbob_words import place_body, read_recipient

_COUNTRY = re.compile(r"[A-Z]{2}")
_NEEDED = {"name": "the recipient's name", "line1": "a street in the first line", "city": "a city"}
_AMENDED = {
    "name": "recipient_name",
    "company": "company_name",
    "line1": "street_address1",
    "line2": "street_address2",
    "city": "city",
    "region": "state",
    "postcode": "zip_code",
    "country": "country_code",
    "phone": "phone_number",
}
_PACKAGES = {Packing.PARCELS: "Package", Packing.PALLETS: "Pallet", Packing.CONTAINER: "FloorLoadedContainer"}
_ACTIONS = {
    ReturnAction.DEFAULT: "Default",
    ReturnAction.RESTOCK: "Restock",
    ReturnAction.QUARANTINE: "Quarantine",
    ReturnAction.DISPOSE: "Dispose",
}
_LONGEST_TAG = 500


def order_body(order: ShipmentOrder, shipping_method: str, center: int) -> str:
    """Return an order as text; `center` is the fulfilment centre it should go from, 0 for whichever ShipBob chooses.

    Raises InputError where ShipBob could not take it.
    """
    if words := lacking(order.address):
        raise InputError(words)
    body: dict[str, Any] = {
        "reference_id": order.key,
        "order_number": order.number,
        "shipping_method": shipping_method,
        "type": "DTC",
        "recipient": {
            "name": order.address.name,
            "email": order.email or None,
            "phone_number": order.address.phone or None,
            "address": place_body(order.address),
        },
        "products": [_product(each) for each in order.lines],
    }
    if order.ordered_at:
        body["purchase_date"] = order.ordered_at
    if center:
        body["location_id"] = center
    tags = {"campaign": order.campaign[:_LONGEST_TAG], "late": "yes" if order.late else ""}
    if told := [{"name": name, "value": value} for name, value in tags.items() if value]:
        body["tags"] = told
    return _written(body)


def amend_body(address: Address, last: str) -> str:
    """Return an amendment of one shipment's address as text.

    Every field is said, null where it is empty, so that nothing of the old address stays; the e-mail, which is no part
    of an address here, is repeated from `last`.
    """
    body: dict[str, Any] = {theirs: getattr(address, ours) or None for ours, theirs in _AMENDED.items()}
    return _written(body | {"street_address1": address.line1, "city": address.city, "email": _email(last)})


def read_amend(body: str) -> Address:
    """Return the address that a rendered amendment asks for."""
    asked = json.loads(body)
    return Address(**{ours: asked.get(theirs) or "" for ours, theirs in _AMENDED.items()})


def asked_address(body: str) -> Address:
    """Return the recipient of a rendered order."""
    return read_recipient(json.loads(body)["recipient"])


def asked_lines(body: str) -> tuple[RemoteLine, ...]:
    """Return the lines of a rendered order."""
    return tuple(RemoteLine(each["reference_id"], each["quantity"]) for each in json.loads(body)["products"])


def inbound_body(notice: InboundNotice, center: int) -> str:
    """Return an inbound shipment (a WRO) as text, its items still under our SKUs; raises InputError.

    Our key is its purchase order number, the only field it can be found by again.
    """
    _check_center(center)
    boxes = [
        {
            "tracking_number": each.reference or notice.tracking_number or None,
            "box_items": [{"sku": line.sku, "quantity": line.quantity} for line in summed(each.lines)],
        }
        for each in notice.cartons
        for _ in range(each.count)
    ]
    if len(boxes) == 1:
        packaging = "EverythingInOneBox"
    else:
        packaging = "OneSkuPerBox" if all(len(each["box_items"] or ()) == 1 for each in boxes) else "MultipleSkuPerBox"
    return _written(
        {
            "fulfillment_center": {"id": center},
            "package_type": _PACKAGES[notice.packing],
            "box_packaging_type": packaging,
            "expected_arrival_date": f"{_day(notice.expected_on)}T00:00:00Z",
            "purchase_order_number": notice.key,
            "boxes": boxes,
        }
    )


def return_body(notice: ReturnNotice, center: int) -> str:
    """Return a parcel that comes back as text, still under our SKUs and the order's id; raises InputError."""
    _check_center(center)
    return _written(
        {
            "reference_id": notice.key,
            "fulfillment_center": {"id": center},
            "tracking_number": notice.tracking_number or None,
            "order_id": notice.order_remote_id,
            "order_key": notice.order_key,
            "inventory": [
                {"sku": each.sku, "quantity": each.quantity, "requested_action": _ACTIONS[each.action]}
                for each in notice.lines
            ],
        }
    )


def notice_lines(body: str) -> tuple[RemoteLine, ...]:
    """Return the pieces of each SKU that a rendered notice tells of."""
    return summed(RemoteLine(each["sku"], each["quantity"]) for each in _items(json.loads(body)))


def finished_notice(body: str, ids: Mapping[str, int], shipment: int | None) -> str:
    """Return a rendered notice with ShipBob's numbers in place of our SKUs, and of the order for a return."""
    told = json.loads(body)
    number = "inventory_id" if "boxes" in told else "id"
    for each in _items(told):
        each[number] = ids[each.pop("sku")]
    if "order_id" in told:
        del told["order_id"], told["order_key"]
        told["original_shipment_id"] = shipment
    return _written(told)


def with_shipments(body: str, shipments: list[str]) -> str:
    """Return a rendered hold or release with the shipments it is about."""
    return _written(json.loads(body) | {"shipment_ids": [int(each) for each in shipments]})


def lacking(address: Address) -> str:
    """Say what an address lacks for ShipBob to take it, or nothing."""
    missing = [words for name, words in _NEEDED.items() if not getattr(address, name)]
    if not _COUNTRY.fullmatch(address.country):
        missing.append("the country's two-letter code")
    return f"ShipBob needs {', '.join(missing)}" if missing else ""


def _product(line: ShipmentLine) -> dict[str, Any]:
    """Return a line; a price only where it is in dollars, which is what the vendor reads it as."""
    told: dict[str, Any] = {"reference_id": line.sku, "name": line.title or line.sku, "quantity": line.quantity}
    if line.value is not None and line.value.currency == "USD":
        told["unit_price"] = line.value.minor / 100
    return told


def _check_center(center: int) -> None:
    if not center:
        raise InputError(
            "ShipBob must be told which fulfilment centre: set options.fulfillment_center of the warehouse"
        )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is not a day (2026-12-31)") from None


def _email(last: str) -> str | None:
    """Return the e-mail in what the warehouse last accepted, an order or an amendment."""
    try:
        told = json.loads(last)
        found = told["recipient"]["email"] if "recipient" in told else told["email"]
    except (ValueError, TypeError, KeyError):
        return None
    return str(found) if found else None


def _items(told: dict[str, Any]) -> list[dict[str, Any]]:
    if "boxes" in told:
        return [item for box in told["boxes"] for item in box["box_items"]]
    found: list[dict[str, Any]] = told["inventory"]
    return found


def _written(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False)
