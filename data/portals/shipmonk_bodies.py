"""What is sent to ShipMonk: whole orders, announcements of goods, and of what comes back.

Source: ShipMonk's OpenAPI description v1.024: "Create or Update Order", "... Receiving", "... Return". Every change of
an order is the order itself sent again, so a change is made from the text that the warehouse last accepted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from data.clock import from_text
from data.model import Address, CommandKind, InputError
from data.portals.notices import InboundNotice, Notice, Packing, ReturnAction, ReturnNotice
from data.portals.outcomes import RemoteLine
from data.portals.protocol import ShipmentLine, ShipmentOrder
from data.portals.shipmonk_words import ON_HOLD, address_body, read_lines

READY = "unfulfilled"
STATUSES = {CommandKind.CANCEL: "cancelled", CommandKind.HOLD: ON_HOLD, CommandKind.RELEASE: READY}
"""What `order_status` asks for."""
TAX_ID_COUNTRIES = ("BR", "KR", "MX")
"""Where ShipMonk needs the recipient's tax id and parks an order without one."""
LONGEST = 255
"""Characters of most fields."""
MOST_PIECES = 999_999
"""Of one line."""

_SSCC = re.compile(r"(00)?\d{18}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_UNITS = {Packing.PARCELS: "small_boxes", Packing.CONTAINER: "unknown"}
_ACTIONS = {
    ReturnAction.DEFAULT: "received_back_into_inventory",
    ReturnAction.RESTOCK: "received_back_into_inventory",
    ReturnAction.DISPOSE: "damaged_not_resellable",
}


@dataclass(frozen=True, slots=True)
class Account:
    """What every body says the same of one warehouse."""

    store_id: int
    warehouse: str = ""
    """ShipMonk's code of a building (`FL1`); '' leaves the choice to ShipMonk, and then nothing can be announced."""
    shipping_service: str = "Standard"
    """As a Shipping Mapping in the account names it."""
    without_tax_id: bool = False
    """Send to countries that need a tax id though we know none: the people at the warehouse put it in."""


def order_body(order: ShipmentOrder, account: Account) -> dict[str, Any]:
    """Return a new order; raises InputError for what ShipMonk can't be told or would not send."""
    country = order.address.country
    if not _COUNTRY.fullmatch(country):
        raise InputError(f"ShipMonk takes countries as two letters, not {country!r}")
    if country in TAX_ID_COUNTRIES and not account.without_tax_id:
        raise InputError(
            f"ShipMonk sends nothing to {country} without the recipient's tax id, which is not on file: ask for it and"
            " put it in there, with options.without_tax_id = true"
        )
    try:
        from_text(order.ordered_at)
    except ValueError:
        raise InputError("ShipMonk needs to know when it was ordered") from None
    ship_to = address_body(order.address)
    _refuse_long({"order number": order.number, "e-mail": order.email, **ship_to})
    return {
        "store_id": account.store_id,
        "order_number": order.number,
        "order_key": order.key,
        "order_status": READY,
        "ordered_at": order.ordered_at,
        "requested_shipping_service": account.shipping_service,
        "warehouse": account.warehouse or None,
        "customer_email": order.email or None,
        "currency_code": order.currency or None,
        "ship_to": ship_to,
        "items": [_item(order, number, line) for number, line in enumerate(order.lines, 1)],
        "recipient_tax_id": None,
    }


def amended_body(address: Address, last: str) -> str:
    """Return the order that was last accepted with another address."""
    return _text(_order(last) | {"ship_to": address_body(address)})


def changed_body(kind: CommandKind, last: str) -> str:
    """Return the order that was last accepted with the status that cancels, holds or releases it."""
    return _text(_order(last) | {"order_status": STATUSES[kind]})


def notice_body(notice: Notice, account: Account) -> dict[str, Any]:
    """Return an announcement; raises InputError for what ShipMonk can't be told."""
    if not account.warehouse:
        raise InputError("ShipMonk must know which building it goes to: set options.warehouse to its code")
    if isinstance(notice, InboundNotice):
        return _receiving(notice, account)
    return _return(notice, account)


def notice_lines(body: dict[str, Any]) -> tuple[RemoteLine, ...]:
    """Return the pieces of each line that a rendered announcement tells of."""
    return read_lines([{"sku": each["sku"], "quantity": each["expected_quantity"]} for each in body["items"]])


def _item(order: ShipmentOrder, number: int, line: ShipmentLine) -> dict[str, Any]:
    if not 1 <= line.quantity <= MOST_PIECES:
        raise InputError(f"ShipMonk takes 1 to {MOST_PIECES:,} of one product, not {line.quantity:,} of {line.sku}")
    _refuse_long({"SKU": line.sku})
    worth = line.value if line.value is not None and line.value.currency == order.currency else None
    return {
        "sku": line.sku,
        "quantity": line.quantity,
        "line_key": f"{order.key}-{number}",
        "name": line.title or None,
        "price": None if worth is None else float(worth.digits()),
    }


def _receiving(notice: InboundNotice, account: Account) -> dict[str, Any]:
    """Return an inbound shipment.

    `receiving_key` is never sent: ShipMonk finds a receiving by it first, and two shipments of one purchase order
    would become one.
    """
    try:
        date.fromisoformat(notice.expected_on)
    except ValueError:
        raise InputError(f"ShipMonk needs the day on which it arrives, not {notice.expected_on!r}") from None
    _refuse_long({"supplier": notice.supplier, "bill of lading": notice.bill_of_lading})
    loose = [each.reference for each in notice.cartons if each.reference and not _SSCC.fullmatch(each.reference)]
    return {
        "warehouse": account.warehouse,
        "asn": notice.key,
        "supplier_name": notice.supplier or "unknown",
        "estimated_delivery": notice.expected_on,
        "handling_unit_type": _UNITS.get(notice.packing) or _pallets(notice),
        "handling_unit_quantity": sum(each.count for each in notice.cartons),
        "description": _description(notice) or None,
        "bol_number": notice.bill_of_lading or None,
        "tracking_numbers": list(dict.fromkeys(filter(None, [notice.tracking_number, *loose]))),
        "items": [{"sku": each.sku, "expected_quantity": each.quantity} for each in notice.lines],
    }


def _pallets(notice: InboundNotice) -> str:
    """Say whether each pallet holds one product."""
    single = all(len({line.sku for line in each.lines}) == 1 for each in notice.cartons)
    return "single_sku_pallet" if single else "mixed_sku_pallet"


def _description(notice: InboundNotice) -> str:
    """Return in words what no field is for: what is in which carton, and how it travels."""
    told = {
        "purchase order": notice.purchase_order,
        "carrier": notice.carrier,
        "vessel": notice.vessel,
        "container": notice.container,
    }
    words = [f"{name} {value}" for name, value in told.items() if value]
    for each in notice.cartons:
        inside = ", ".join(f"{line.quantity} × {line.sku}" for line in each.lines)
        words.append(f"{each.count} of {each.reference or notice.packing}: {inside} in each")
    return "\n".join(words)


def _return(notice: ReturnNotice, account: Account) -> dict[str, Any]:
    for line in notice.lines:
        if line.action not in _ACTIONS:
            raise InputError(f"ShipMonk can't put {line.sku} into {line.action}: restock it or dispose of it")
    return {
        "warehouse": account.warehouse,
        "rma": notice.key,
        "store_id": account.store_id,
        "order_key": notice.order_key or None,
        "return_reason": "reason_unknown",
        "note": notice.reason or None,
        "tracking_number": notice.tracking_number or None,
        "items": [
            {"sku": each.sku, "expected_quantity": each.quantity, "desired_action": _ACTIONS[each.action]}
            for each in notice.lines
        ],
    }


def _refuse_long(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value and len(value) > LONGEST:
            raise InputError(f"ShipMonk takes {LONGEST} characters of {name}, not {len(value)}")


def _order(last: str) -> dict[str, Any]:
    """Return the order in a text that was accepted; nothing where there is none, which is then never sent."""
    order: dict[str, Any] = json.loads(last) if last else {}
    return order


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False)
