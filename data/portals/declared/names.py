"""What a template can be filled with, section by section; a name that is not here is an error when the file is read."""

from __future__ import annotations

from collections.abc import Mapping

from data.model import ADDRESS_FIELDS, Address, Money
from data.portals.notices import InboundNotice, Notice
from data.portals.outcomes import RemoteLine
from data.portals.protocol import ShipmentLine, ShipmentOrder

ADDRESS = frozenset(f"addr.{name}" for name in ADDRESS_FIELDS)
ORDER = frozenset(
    f"order.{name}" for name in ("key", "number", "email", "campaign", "late", "ordered_at", "currency", "units")
)
LINE = frozenset(
    f"line.{name}"
    for name in (
        *("number", "sku", "title", "quantity", "weight_g", "hs_code", "origin", "description", "value", "currency"),
    )
)
KEY = frozenset(("order.key",))
REMOTE = frozenset(("order.key", "remote.id"))
PAGES = frozenset(("page", "offset", "limit", "since", "cursor"))
LOGIN = frozenset(("secret.user", "secret.password"))
INBOUND = frozenset(
    f"notice.{name}"
    for name in (
        *("key", "expected_on", "packing", "purchase_order", "supplier", "carrier", "tracking_number", "vessel"),
        *("container", "bill_of_lading", "cartons", "units"),
    )
)
RETURN = frozenset(f"notice.{name}" for name in ("key", "order_key", "order_id", "tracking_number", "reason", "units"))
NOTICE_LINE = frozenset(("line.number", "line.sku", "line.quantity", "line.action"))
NOTICE_KEY = frozenset(("notice.key",))


def order_values(order: ShipmentOrder) -> dict[str, str]:
    """Return the values of an order and its address."""
    return {
        "order.key": order.key,
        "order.number": order.number,
        "order.email": order.email,
        "order.campaign": order.campaign,
        "order.late": "true" if order.late else "false",
        "order.ordered_at": order.ordered_at,
        "order.currency": order.currency,
        "order.units": str(sum(line.quantity for line in order.lines)),
    } | address_values(order.address)


def address_values(address: Address) -> dict[str, str]:
    """Return the values of an address."""
    return {f"addr.{name}": getattr(address, name) for name in ADDRESS_FIELDS}


def line_values(number: int, line: ShipmentLine) -> dict[str, str]:
    """Return the values of one line; `number` counts from 1."""
    worth = line.value or Money(0, "")
    return {
        "line.number": str(number),
        "line.sku": line.sku,
        "line.title": line.title,
        "line.quantity": str(line.quantity),
        "line.weight_g": "" if line.weight_g is None else str(line.weight_g),
        "line.hs_code": line.hs_code,
        "line.origin": line.origin,
        "line.description": line.description,
        "line.value": worth.digits() if line.value else "",
        "line.currency": worth.currency,
    }


def notice_values(notice: Notice) -> dict[str, str]:
    """Return the values of an announcement."""
    units = sum(line.quantity for line in notice.lines)
    if isinstance(notice, InboundNotice):
        return {
            "notice.key": notice.key,
            "notice.expected_on": notice.expected_on,
            "notice.packing": str(notice.packing),
            "notice.purchase_order": notice.purchase_order,
            "notice.supplier": notice.supplier,
            "notice.carrier": notice.carrier,
            "notice.tracking_number": notice.tracking_number,
            "notice.vessel": notice.vessel,
            "notice.container": notice.container,
            "notice.bill_of_lading": notice.bill_of_lading,
            "notice.cartons": str(sum(each.count for each in notice.cartons)),
            "notice.units": str(units),
        }
    return {
        "notice.key": notice.key,
        "notice.order_key": notice.order_key,
        "notice.order_id": notice.order_remote_id,
        "notice.tracking_number": notice.tracking_number,
        "notice.reason": notice.reason,
        "notice.units": str(units),
    }


def notice_line_values(notice: Notice) -> list[Mapping[str, str]]:
    """Return the values of each line of an announcement; of an inbound shipment, summed over its cartons."""
    lines: list[tuple[RemoteLine, str]]
    if isinstance(notice, InboundNotice):
        lines = [(line, "") for line in notice.lines]
    else:
        lines = [(RemoteLine(line.sku, line.quantity), str(line.action)) for line in notice.lines]
    return [
        {
            "line.number": str(number),
            "line.sku": line.sku,
            "line.quantity": str(line.quantity),
            "line.action": action,
        }
        for number, (line, action) in enumerate(lines, 1)
    ]
