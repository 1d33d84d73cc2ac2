"""An order as the text that a file warehouse's commands keep: everything any layout can put into a row."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from data.model import ADDRESS_FIELDS, Address, InputError, Money
from data.portals.protocol import ShipmentLine, ShipmentOrder

_ORDER = tuple(each.name for each in fields(ShipmentOrder))
_LINE = tuple(each.name for each in fields(ShipmentLine))


def order_body(order: ShipmentOrder) -> str:
    """Write an order as JSON; equal orders give equal text."""
    # By hand: `asdict` copies deeply, which takes longer than everything else here.
    document = {name: getattr(order, name) for name in _ORDER}
    document["address"] = _address(order.address)
    document["lines"] = [
        {name: getattr(line, name) for name in _LINE}
        | {"value": line.value and {"minor": line.value.minor, "currency": line.value.currency}}
        for line in order.lines
    ]
    return json.dumps(document, ensure_ascii=False)


def with_address(body: str, address: Address) -> str:
    """Return the body of the same order to another address; only the address where there is no body."""
    if not body:
        return json.dumps({"address": _address(address)}, ensure_ascii=False)
    return json.dumps(json.loads(body) | {"address": _address(address)}, ensure_ascii=False)


def read_order(body: str) -> ShipmentOrder:
    """Read what `order_body` wrote; raises InputError for anything else."""
    try:
        order = json.loads(body)
        return ShipmentOrder(
            key=str(order["key"]),
            number=str(order["number"]),
            address=Address(**{name: str(order["address"].get(name, "")) for name in ADDRESS_FIELDS}),
            lines=tuple(_read_line(line) for line in order["lines"]),
            email=str(order.get("email", "")),
            campaign=str(order.get("campaign", "")),
            late=bool(order.get("late", False)),
            ordered_at=str(order.get("ordered_at", "")),
            currency=str(order.get("currency", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError("this is not the text of an order") from error


def _address(address: Address) -> dict[str, str]:
    return {name: getattr(address, name) for name in ADDRESS_FIELDS}


def _read_line(line: dict[str, Any]) -> ShipmentLine:
    value = line.get("value")
    return ShipmentLine(
        sku=str(line["sku"]),
        title=str(line["title"]),
        quantity=int(line["quantity"]),
        weight_g=None if line.get("weight_g") is None else int(line["weight_g"]),
        hs_code=str(line.get("hs_code", "")),
        origin=str(line.get("origin", "")),
        description=str(line.get("description", "")),
        value=None if value is None else Money(int(value["minor"]), str(value["currency"])),
    )
