"""Mintsoft's JSON for what the warehouse holds, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from data.addresses.countries import country_alpha3, country_code, country_name
from data.portals.sandbox import life
from data.portals.sandbox.validation import Problem

STATUSES = {
    "NEW": 1,
    "PRINTED": 2,
    "PACKED": 3,
    "DESPATCHED": 4,
    "CANCELLED": 5,
    "ONBACKORDER": 6,
    "AWAITINGCONFIRMATION": 9,
    "PACKANDHOLD": 14,
}
"""Names and ids of the statuses of this warehouse; another customer of Mintsoft has others."""
_NAMES = {
    life.RECEIVED: "NEW",
    life.ADDRESS_QUERY: "AWAITINGCONFIRMATION",
    life.BACKORDER: "ONBACKORDER",
    life.PICKING: "PRINTED",
    life.PACKED: "PACKED",
    life.CANCELLED: "CANCELLED",
}
_ADDRESS = {"company": "CompanyName", "address1": "Address1", "city": "Town", "region": "County", "phone": "Phone"}


def order_body(body: Any) -> dict[str, Any]:
    """Return a new order as the warehouse takes it in."""
    told: dict[str, Any] = body if isinstance(body, dict) else {}
    items = told.get("OrderItems")
    return {
        "reference": _text(told, "ExternalOrderReference") or _text(told, "OrderNumber"),
        "order_number": _text(told, "OrderNumber"),
        "email": _text(told, "Email"),
        "ship_to": ship_to(told),
        "lines": [
            {"sku": each.get("SKU"), "quantity": each.get("Quantity")}
            for each in (items if isinstance(items, list) else [])
            if isinstance(each, dict)
        ],
    }


def ship_to(body: dict[str, Any]) -> dict[str, str]:
    """Return an address as the warehouse keeps it; a country is taken as code or name."""
    country = _text(body, "Country")
    name = f"{_text(body, 'FirstName')} {_text(body, 'LastName')}"
    street = f"{_text(body, 'Address2')} {_text(body, 'Address3')}"
    return {ours: _text(body, theirs) for ours, theirs in _ADDRESS.items()} | {
        "name": name.strip(),
        "address2": street.strip(),
        "postcode": _text(body, "PostCode"),
        "country": country_code(country) or country,
    }


def order_shown(order: dict[str, Any], updated: float) -> dict[str, Any]:
    """Return an order as Mintsoft shows it; its lines are asked for apart."""
    address, parcels = order["ship_to"], order["parcels"]
    code = address["country"]
    name = "PACKANDHOLD" if order["held"] else _NAMES.get(order["status"], "DESPATCHED")
    parcel = parcels[0] if parcels else {}
    return {
        "ID": _number(order),
        "OrderNumber": order["order_number"],
        "ExternalOrderReference": order["reference"],
        "FirstName": address["name"],
        "LastName": None,
        "CompanyName": address["company"],
        "Address1": address["address1"],
        "Address2": address["address2"],
        "Address3": None,
        "Town": address["city"],
        "County": address["region"],
        "PostCode": address["postcode"],
        "Phone": address["phone"],
        "CountryId": sum(ord(letter) for letter in code),
        "Country": {"Name": country_name(code), "Code": code, "Code3": country_alpha3(code)},
        "OrderStatusId": STATUSES[name],
        "CourierServiceName": parcel.get("carrier"),
        "TrackingNumber": parcel.get("tracking_number"),
        "TrackingURL": parcel.get("tracking_url"),
        "DespatchDate": parcel.get("status_at"),
        "OrderItems": None,
        "LastUpdated": datetime.fromtimestamp(updated, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds"),
    }


def item_shown(order: dict[str, Any], updated: float) -> list[dict[str, Any]]:
    """Return an order's lines."""
    return [
        {"ID": at, "OrderId": _number(order), "SKU": line["sku"], "Quantity": line["quantity"]}
        for at, line in enumerate(order["lines"], 1)
    ]


def asn_body(body: Any) -> dict[str, Any]:
    """Return a delivery note as the warehouse takes it in: all of it in one carton."""
    told: dict[str, Any] = body if isinstance(body, dict) else {}
    items = told.get("Items")
    lines = [
        {"sku": each.get("SKU"), "quantity": each.get("Quantity")}
        for each in (items if isinstance(items, list) else [])
        if isinstance(each, dict)
    ]
    return {
        "reference": _text(told, "POReference"),
        "supplier": _text(told, "Supplier"),
        "expected_on": _text(told, "EstimatedDelivery"),
        "cartons": [{"count": 1, "lines": lines}],
    }


def asn_shown(number: int, note: dict[str, Any], items: bool) -> dict[str, Any]:
    """Return a delivery note as Mintsoft lists it."""
    lines = [
        {"SKU": line["sku"], "QuantityExpected": line["quantity"] * carton["count"], "QuantityReceieved": 0}
        for carton in note["cartons"]
        for line in carton["lines"]
    ]
    return {
        "ID": number,
        "POReference": note["reference"],
        "ASNStatus": {"ID": 1, "Name": "NEW"},
        "Items": lines if items else None,
    }


def result(number: int, refusal: str) -> dict[str, Any]:
    """Return the answer to a change: what was wrong, or nothing."""
    return {"ID": number, "Success": not refusal, "Message": refusal or None, "WarningMessage": None}


def failed(number: str, words: str) -> dict[str, Any]:
    """Return what became of an order that was not taken."""
    return {"OrderId": 0, "OrderNumber": number, "Success": False, "Message": words, "OrderStatusId": 0}


def problem_words(problems: list[Problem]) -> str:
    """Say in one line what is wrong."""
    return "; ".join(f"{each['field']} {each['message']}" for each in problems)


def seconds_of(text: str) -> float:
    """Read an instant without a zone, which is UTC; 0 for none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def _number(order: dict[str, Any]) -> int:
    return int(order["id"].removeprefix("SB"))


def _text(body: dict[str, Any], name: str) -> str:
    found = body.get(name)
    return found if isinstance(found, str) else ""
