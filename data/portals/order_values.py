"""The values a layout can name: of an order, its address, one of its lines."""

from __future__ import annotations

from collections.abc import Sequence

from data.model import ADDRESS_FIELDS, Money
from data.portals.protocol import ShipmentLine, ShipmentOrder

ORDER_PATHS = frozenset((
    "order.key", "order.number", "order.email", "order.campaign", "order.late", "order.ordered_at", "order.currency",
    "order.units", "order.weight_g", "order.value", "order.lines", "batch.number", "action",
    "addr.street", *(f"addr.{name}" for name in ADDRESS_FIELDS),
))  # fmt: skip
"""What stands for the order as a whole; `order.lines` is the layout's list of its SKUs in one cell."""
LINE_PATHS = frozenset((
    "line.number", "line.sku", "line.title", "line.quantity", "line.weight_g", "line.hs_code", "line.origin",
    "line.description", "line.value", "line.total",
))  # fmt: skip
"""What stands for one line; weight and `line.value` are of one piece."""


def order_values(order: ShipmentOrder, batch: int, action: str) -> dict[str, str]:
    """Return the values of `ORDER_PATHS` but `order.lines`; what is not known is empty."""
    address = order.address
    weights = [line.weight_g for line in order.lines]
    known = [weight * line.quantity for weight, line in zip(weights, order.lines, strict=True) if weight is not None]
    values = {
        "order.key": order.key,
        "order.number": order.number,
        "order.email": order.email,
        "order.campaign": order.campaign,
        "order.late": "yes" if order.late else "",
        "order.ordered_at": order.ordered_at,
        "order.currency": order.currency,
        "order.units": str(sum(line.quantity for line in order.lines)),
        "order.weight_g": str(sum(known)) if known and len(known) == len(weights) else "",
        "order.value": _total(order.lines),
        "batch.number": str(batch),
        "action": action,
        "addr.street": ", ".join(part for part in (address.line1, address.line2) if part),
    }
    return values | {f"addr.{name}": str(getattr(address, name)) for name in ADDRESS_FIELDS}


def line_values(line: ShipmentLine, number: int) -> dict[str, str]:
    """Return the values of `LINE_PATHS`; `number` is the line's place in its order, from 1."""
    return {
        "line.number": str(number),
        "line.sku": line.sku,
        "line.title": line.title,
        "line.quantity": str(line.quantity),
        "line.weight_g": "" if line.weight_g is None else str(line.weight_g),
        "line.hs_code": line.hs_code,
        "line.origin": line.origin,
        "line.description": line.description,
        "line.value": "" if line.value is None else line.value.digits(),
        "line.total": _total([line]),
    }


def _total(lines: Sequence[ShipmentLine]) -> str:
    """Return the declared value of all pieces, where it is known of all and in one currency."""
    values = [line.value for line in lines]
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values) or len({value.currency for value in known}) > 1:
        return ""
    minor = sum(value.minor * line.quantity for value, line in zip(known, lines, strict=True))
    return Money(minor, known[0].currency).digits()
