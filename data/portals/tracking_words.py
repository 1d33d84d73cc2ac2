"""The words in tables that warehouses send back: names of columns, names of states."""

from __future__ import annotations

from data.model import ParcelStatus, ShipmentState

ALIASES: dict[str, tuple[str, ...]] = {
    "key": ("key", "order key", "shipment key", "reference", "your reference", "order id", "order reference"),
    "number": ("order number", "order no", "order no.", "order #", "order"),
    "tracking": ("tracking number", "tracking no", "tracking no.", "tracking #", "tracking code", "tracking"),
    "carrier": ("carrier", "courier", "shipping carrier", "carrier name", "shipped via"),
    "date": ("date", "ship date", "shipped date", "shipped at", "dispatch date", "despatch date", "date shipped"),
    "status": ("status", "order status", "shipping status", "shipment status"),
    "url": ("tracking url", "tracking link"),
}

_WORDS: dict[ShipmentState, tuple[str, ...]] = {
    ShipmentState.ACCEPTED: ("accepted", "acknowledged", "received", "processing", "open", "new"),
    ShipmentState.HELD: ("on hold", "held", "hold"),
    ShipmentState.BLOCKED: ("backorder", "backordered", "out of stock", "address problem", "exception"),
    ShipmentState.PICKING: ("picking", "picked"),
    ShipmentState.PACKED: ("packed", "label created", "ready to ship"),
    ShipmentState.PART_SHIPPED: ("part shipped", "partially shipped", "partly shipped"),
    ShipmentState.SHIPPED: ("shipped", "dispatched", "despatched", "sent", "in transit", "fulfilled"),
    ShipmentState.DELIVERED: ("delivered",),
    ShipmentState.RETURNED: ("returned", "returned to sender", "rts"),
    ShipmentState.CANCELLED: ("cancelled", "canceled"),
}
STATES: dict[str, ShipmentState] = {word: state for state, words in _WORDS.items() for word in words}
PARCELS = {
    ShipmentState.PACKED: ParcelStatus.PRE_TRANSIT,
    ShipmentState.SHIPPED: ParcelStatus.IN_TRANSIT,
    ShipmentState.PART_SHIPPED: ParcelStatus.IN_TRANSIT,
    ShipmentState.DELIVERED: ParcelStatus.DELIVERED,
    ShipmentState.RETURNED: ParcelStatus.RETURN_TO_SENDER,
    ShipmentState.CANCELLED: ParcelStatus.CANCELLED,
}
TRACKED = "tracking number given"
LISTED = "listed by the warehouse"
"""What stands as the warehouse's word where its row has a tracking number, or only the order, and no status."""


def fold_word(raw: str) -> str:
    """Return a status for looking up: no case, spacing, dashes or underscores."""
    return " ".join(raw.replace("_", " ").replace("-", " ").casefold().split())
