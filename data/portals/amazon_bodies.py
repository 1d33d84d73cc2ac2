"""What Amazon's Multi-Channel Fulfillment is sent, and addresses both ways.

Source: the Selling Partner API's model fulfillmentOutbound 2020-07-01. Amazon has no field for a company: it goes into
the third line of the address, and is read back from there. In Japan it takes no city: it goes into the district.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.clock import from_text
from data.model import Address, InputError
from data.portals.notices import ReturnNotice
from data.portals.outcomes import RemoteLine
from data.portals.protocol import ShipmentLine, ShipmentOrder, is_key

SPEEDS = ("Standard", "Expedited", "Priority")
LONGEST_COMMENT = 750
_MOST_UNITS_OF_ONE = 999
_MOST_UNITS = 150
"""Units of an order with several SKUs (help page of the flat file for fulfilment orders)."""
_MOST_LINES = 100
_LONGEST_SKU = 50
_LONGEST_EMAIL = 64
_LONGEST_TITLE = 250
_LONGEST_NUMBER = 40
_LONGEST_RETURN_COMMENT = 1000
_WITHOUT_CITY = "JP"


@dataclass(frozen=True, slots=True)
class Terms:
    """What every order of a warehouse is asked for with, as its options say."""

    marketplace: str
    speed: str = SPEEDS[0]
    hold_first: bool = False
    """Every order is created on hold, and moves when it is released."""
    comment: str = ""
    """Printed on the packing slip; the campaign's name where there is none."""


def push_body(order: ShipmentOrder, terms: Terms) -> str:
    """Return the text that creates an order; raises InputError where Amazon can't be asked for it.

    An item's id is its SKU, of which an order has one line, so that a return can name it.
    """
    lines = _by_sku(order)
    body: dict[str, Any] = {
        "marketplaceId": terms.marketplace,
        "sellerFulfillmentOrderId": order.key,
        "displayableOrderId": _displayable(order),
        "displayableOrderDate": order.ordered_at,
        "displayableOrderComment": (terms.comment or order.campaign or order.key)[:LONGEST_COMMENT],
        "shippingSpeedCategory": terms.speed,
        "fulfillmentAction": "Hold" if terms.hold_first else "Ship",
        "fulfillmentPolicy": "FillOrKill",
        "destinationAddress": address_body(order.address),
        "items": [_item(line, quantity) for line, quantity in lines.values()],
    }
    if "@" in order.email and len(order.email) <= _LONGEST_EMAIL:
        body["notificationEmails"] = [order.email]
    _check(order, lines)
    return json.dumps(body, ensure_ascii=False)


def amend_body(address: Address) -> str:
    """Return the text that gives an order on hold another address."""
    return json.dumps({"destinationAddress": address_body(address)}, ensure_ascii=False)


def release_body() -> str:
    """Return the text that lets an order on hold go."""
    return json.dumps({"fulfillmentAction": "Ship"})


def return_body(notice: ReturnNotice) -> str:
    """Return what is known of a return before Amazon is asked: its order, and one item for each unit.

    The shipment each unit left in, and Amazon's code for the reason, are filled in when it is sent; the item's id is
    what makes a second attempt the same.
    """
    units = [line.sku for line in notice.lines for _ in range(line.quantity)]
    comment = {"returnComment": notice.reason[:_LONGEST_RETURN_COMMENT]} if notice.reason else {}
    items = [
        {"sellerReturnItemId": f"{notice.key}-{number}", "sellerFulfillmentOrderItemId": sku} | comment
        for number, sku in enumerate(units, 1)
    ]
    return json.dumps({"sellerFulfillmentOrderId": notice.order_key, "items": items}, ensure_ascii=False)


def address_body(address: Address) -> dict[str, str]:
    """Return an address as Amazon names it, without the parts that are empty and optional."""
    japan = address.country == _WITHOUT_CITY
    optional = {
        "addressLine2": address.line2,
        "addressLine3": address.company,
        "city": "" if japan else address.city,
        "districtOrCounty": address.city if japan else "",
        "stateOrRegion": address.region,
        "phone": address.phone,
    }
    return {
        "name": address.name or address.company,
        "addressLine1": address.line1,
        "postalCode": address.postcode,
        "countryCode": address.country,
    } | {name: value for name, value in optional.items() if value}


def read_address(body: Mapping[str, Any]) -> Address:
    """Read an address as Amazon names it; a part that is missing or null is empty."""

    def part(name: str) -> str:
        return str(body.get(name) or "")

    company = part("addressLine3")
    return Address(
        name="" if company and part("name") == company else part("name"),
        company=company,
        line1=part("addressLine1"),
        line2=part("addressLine2"),
        city=part("city") or part("districtOrCounty"),
        region=part("stateOrRegion"),
        postcode=part("postalCode"),
        country=part("countryCode"),
        phone=part("phone"),
    )


def read_items(items: Any) -> tuple[RemoteLine, ...]:
    """Read items; raises KeyError, TypeError or ValueError where they are something else."""
    return tuple(RemoteLine(str(item["sellerSku"]), int(item["quantity"])) for item in items)


def _by_sku(order: ShipmentOrder) -> dict[str, tuple[ShipmentLine, int]]:
    """Return one line for each SKU, with how many of it there are in all."""
    lines: dict[str, tuple[ShipmentLine, int]] = {}
    for line in order.lines:
        first, quantity = lines.get(line.sku, (line, 0))
        lines[line.sku] = first, quantity + line.quantity
    return lines


def _item(line: ShipmentLine, quantity: int) -> dict[str, Any]:
    item: dict[str, Any] = {
        "sellerSku": line.sku,
        "sellerFulfillmentOrderItemId": line.sku,
        "quantity": quantity,
    }
    if line.title:
        item["displayableComment"] = line.title[:_LONGEST_TITLE]
    if line.value is not None:
        item["perUnitDeclaredValue"] = {"currencyCode": line.value.currency, "value": line.value.digits()}
    return item


def _displayable(order: ShipmentOrder) -> str:
    """Return the number the backer knows, where Amazon can print it (ISO 8859-1, no two spaces in a row), else the
    key."""
    number = " ".join(order.number.split())
    try:
        number.encode("latin-1")
    except UnicodeEncodeError:
        return order.key
    return number if 0 < len(number) <= _LONGEST_NUMBER else order.key


def _check(order: ShipmentOrder, lines: Mapping[str, tuple[ShipmentLine, int]]) -> None:
    """Raise InputError for what Amazon is known to refuse."""
    if not is_key(order.key):
        raise InputError(f"Amazon can't find an order again under {order.key!r}: 1 to 40 of A-Z a-z 0-9 _ -")
    try:
        from_text(order.ordered_at)
    except ValueError:
        raise InputError("Amazon needs the date of the order") from None
    address = order.address
    for name, value in (
        ("a name", address.name or address.company),
        ("the street in the first line of the address", address.line1),
        ("a postcode", address.postcode),
        ("a country", address.country),
    ):
        if not value:
            raise InputError(f"Amazon needs {name}")
    if not 1 <= len(lines) <= _MOST_LINES:
        raise InputError(f"Amazon takes 1 to {_MOST_LINES} lines in one order, this has {len(lines)}")
    for sku, (_, quantity) in lines.items():
        if not 0 < len(sku) <= _LONGEST_SKU or quantity < 1:
            raise InputError(f"Amazon takes no line of {quantity} of the SKU {sku!r}")
    units, most = (
        sum(quantity for _, quantity in lines.values()),
        _MOST_UNITS_OF_ONE if len(lines) == 1 else _MOST_UNITS,
    )
    if units > most:
        of = "one SKU" if len(lines) == 1 else "several SKUs"
        raise InputError(f"Amazon takes {most} units in an order of {of}, this has {units}")
