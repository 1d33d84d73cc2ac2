"""ShipBob's orders and its words for what becomes of them, brought to ours.

An order over there is one or more shipments, each with its own address, status, hold and tracking; here they are called
parts, since all of them together are our one shipment. Sources: the vendor's API description 2026-01 and its status
reference; the details were seen on live shipments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from data.model import Address, ParcelStatus, ShipmentState
from data.portals.outcomes import RemoteLine, RemoteParcel, RemoteState

ORDERS: dict[str, ShipmentState] = {
    "Processing": ShipmentState.ACCEPTED,
    "Exception": ShipmentState.BLOCKED,
    "PartiallyFulfilled": ShipmentState.PART_SHIPPED,
    "Fulfilled": ShipmentState.SHIPPED,
    "Cancelled": ShipmentState.CANCELLED,
    "ImportReview": ShipmentState.BLOCKED,
}
SHIPMENTS: dict[str, ShipmentState] = {
    "None": ShipmentState.ACCEPTED,
    "Pending": ShipmentState.ACCEPTED,
    "Processing": ShipmentState.ACCEPTED,
    "Exception": ShipmentState.BLOCKED,
    "ImportReview": ShipmentState.BLOCKED,
    "CleanSweeped": ShipmentState.BLOCKED,  # picked, and put back on the shelf: somebody must say what becomes of it
    "OnHold": ShipmentState.HELD,
    "LabeledCreated": ShipmentState.PACKED,
    "AwaitingCarrierScan": ShipmentState.PACKED,
    "Completed": ShipmentState.SHIPPED,  # left the building; not delivered
    "Cancelled": ShipmentState.CANCELLED,
}
FURTHER: dict[str, ShipmentState] = {"Picked": ShipmentState.PICKING, "Packed": ShipmentState.PACKED}
"""Details of a shipment in process that say how far it is."""
PARCELS: dict[str, ParcelStatus] = {
    "LabeledCreated": ParcelStatus.PRE_TRANSIT,
    "Processing": ParcelStatus.PRE_TRANSIT,  # as a detail: waiting for the carrier's pickup
    "AwaitingCarrierScan": ParcelStatus.PRE_TRANSIT,
    "Completed": ParcelStatus.IN_TRANSIT,
    "InTransit": ParcelStatus.IN_TRANSIT,
    "OutForDelivery": ParcelStatus.OUT_FOR_DELIVERY,
    "Delivered": ParcelStatus.DELIVERED,
    "DeliveryAttemptFailed": ParcelStatus.FAILURE,
    "DeliveryException": ParcelStatus.FAILURE,
    "Cancelled": ParcelStatus.CANCELLED,
}
"""By the detail's name, or the shipment's own word where it has no detail."""

OURS = "Manual"
"""The detail of a hold that somebody of ours placed, and that we can take off."""
_STOPPED = ("Exception", "OnHold", "ImportReview", "CleanSweeped")
_TROUBLES = ("DeliveryAttemptFailed", "DeliveryException")
_PLACE = {
    "company": "company_name",
    "line1": "address1",
    "line2": "address2",
    "city": "city",
    "region": "state",
    "postcode": "zip_code",
    "country": "country",
}
_STEPS = (
    ShipmentState.ACCEPTED,
    ShipmentState.BLOCKED,
    ShipmentState.HELD,
    ShipmentState.PICKING,
    ShipmentState.PACKED,
    ShipmentState.SHIPPED,
    ShipmentState.DELIVERED,
)
_TOO_FAR = frozenset(_STEPS[_STEPS.index(ShipmentState.PICKING) :])
_GONE = frozenset((ShipmentState.SHIPPED, ShipmentState.DELIVERED))


@dataclass(frozen=True, slots=True)
class Part:
    """One of the shipments that ShipBob makes of an order."""

    id: str
    raw: str
    """Its status and the names of its details, verbatim."""
    state: ShipmentState | None
    """None where its word is in no table."""
    held: bool
    """It is on a hold of ours, whatever else keeps it."""
    address: Address | None
    lines: tuple[RemoteLine, ...]
    parcel: RemoteParcel | None
    complaints: tuple[str, ...]

    @property
    def live(self) -> bool:
        """Tell whether it is not cancelled."""
        return self.state is not ShipmentState.CANCELLED

    @property
    def gone(self) -> bool:
        """Tell whether it has left the building."""
        return self.state in _GONE

    @property
    def too_far(self) -> bool:
        """Tell whether it is picked, packed, labelled or gone: ShipBob changes nothing about it any more."""
        return self.state in _TOO_FAR


@dataclass(frozen=True, slots=True)
class Whole:
    """An order of ShipBob's: as we see it, and in its parts."""

    remote: RemoteState
    parts: tuple[Part, ...]

    @property
    def live(self) -> tuple[Part, ...]:
        """Return the parts that are not cancelled."""
        return tuple(each for each in self.parts if each.live)


def place_body(address: Address) -> dict[str, str | None]:
    """Return where a parcel goes as the vendor's orders name it; what is empty is null."""
    return {theirs: getattr(address, ours) or None for ours, theirs in _PLACE.items()}


def read_recipient(recipient: dict[str, Any]) -> Address:
    """Read a recipient of an order or a shipment; a part that is missing or null is empty."""
    place = recipient.get("address") or {}
    return Address(
        name=_text(recipient.get("name") or recipient.get("full_name")),
        phone=_text(recipient.get("phone_number")),
        **{ours: _text(place.get(theirs)) for ours, theirs in _PLACE.items()},
    )


def read_order(order: dict[str, Any]) -> Whole:
    """Read one order; raises KeyError, TypeError, ValueError or AttributeError where it can't be read."""
    raw = _text(order.get("status"))
    recipient = order.get("recipient")
    own = read_recipient(recipient) if recipient else None
    parts = tuple(_read_part(each, own) for each in order.get("shipments") or ())
    live = [each for each in parts if each.live]
    waiting = [each for each in live if not each.gone]
    addresses = {each.address for each in live if each.address is not None}
    address = addresses.pop() if addresses else own
    complaints = [word for each in parts for word in each.complaints]
    if addresses:
        complaints.append("its shipments go to different addresses")
    remote = RemoteState(
        reference=_text(order.get("reference_id")),
        remote_id=str(order["id"]),
        raw_status=_raw_words(raw, parts),
        status=_state_of(raw, parts),
        # Of several addresses none is the one it holds.
        address=None if addresses else address,
        lines=tuple(
            RemoteLine(_text(each.get("reference_id") or each.get("sku")), int(each["quantity"]))
            for each in order.get("products") or ()
        ),
        parcels=tuple(each.parcel for each in parts if each.parcel is not None),
        exceptions=tuple(dict.fromkeys(complaints)),
        held=bool(waiting) and all(each.held for each in waiting),
        updated_at=max(changes_of(order), default=""),
    )
    return Whole(remote, parts)


def changes_of(order: dict[str, Any]) -> list[str]:
    """Return the instants at which an order or a part of it was changed, as far as it tells."""
    told = [order.get("created_date")]
    for each in order.get("shipments") or ():
        told += [each.get(name) for name in ("created_date", "last_update_at", "last_tracking_update_at")]
    return [each for each in told if isinstance(each, str)]


def _read_part(shipment: dict[str, Any], orders: Address | None) -> Part:
    """Read a part; where it has no recipient of its own, that of the order is meant."""
    word = str(shipment.get("status"))
    details = [each for each in shipment.get("status_details") or () if isinstance(each, dict)]
    names = [_text(each.get("name")) for each in details]
    recipient = shipment.get("recipient") or {}
    held = word == "OnHold" and (OURS in names or not names)
    state = SHIPMENTS.get(word)
    if state is ShipmentState.HELD and not held:
        state = ShipmentState.BLOCKED
    elif state is ShipmentState.ACCEPTED:
        state = max((FURTHER[each] for each in names if each in FURTHER), key=_STEPS.index, default=state)
    elif state is ShipmentState.SHIPPED and (shipment.get("delivery_date") or "Delivered" in names):
        state = ShipmentState.DELIVERED
    lines = _read_lines(shipment)
    return Part(
        id=str(shipment["id"]),
        raw=" ".join([word, *(each for each in names if each)]),
        state=state,
        held=held,
        address=read_recipient(recipient) if recipient.get("address") else orders,
        lines=lines,
        parcel=_read_parcel(shipment, word, details, lines, delivered=state is ShipmentState.DELIVERED),
        complaints=tuple(_complaints(word, details)),
    )


def _read_lines(shipment: dict[str, Any]) -> tuple[RemoteLine, ...]:
    """Read what is in a part; nothing where a bundle's pieces don't say how many of the bundle there are."""
    lines: list[RemoteLine] = []
    for product in shipment.get("products") or ():
        pieces = product.get("inventory_items") or ()
        if len({each["id"] for each in pieces}) != 1:
            return ()
        sku = _text(product.get("reference_id") or product.get("sku"))
        lines.append(RemoteLine(sku, sum(int(each["quantity"]) for each in pieces)))
    return tuple(lines)


def _read_parcel(
    shipment: dict[str, Any],
    word: str,
    details: list[dict[str, Any]],
    lines: tuple[RemoteLine, ...],
    *,
    delivered: bool,
) -> RemoteParcel | None:
    tracking = shipment.get("tracking") or {}
    number = _text(tracking.get("tracking_number"))
    if not number:
        return None
    told = next((each for each in details if each.get("name") in PARCELS), None)
    name = word if told is None else _text(told.get("name"))
    description = _text(told.get("description")) if told is not None and name in _TROUBLES else ""
    return RemoteParcel(
        carrier=_text(tracking.get("carrier")),
        tracking_number=number,
        tracking_url=_text(tracking.get("tracking_url")),
        raw_status=f"{name}: {description}" if description else name,
        raw_at=_text(shipment.get("last_tracking_update_at") or shipment.get("last_update_at")),
        status=ParcelStatus.DELIVERED if delivered else PARCELS.get(name, ParcelStatus.UNKNOWN),
        lines=lines,
    )


def _complaints(word: str, details: list[dict[str, Any]]) -> Iterable[str]:
    """Yield what keeps a part from going, or goes wrong with it, in the vendor's words."""
    told = [each for each in details if each.get("name") != OURS]
    if word in _STOPPED and not details and word != "OnHold":
        yield word
    for each in told:
        name = _text(each.get("name"))
        if word not in _STOPPED and name not in _TROUBLES:
            continue
        yield _text(each.get("description")) or name
        extra = each.get("extra_information") or {}
        for message in extra.get("validation_messages") or ():
            yield _text(message)


def _state_of(raw: str, parts: tuple[Part, ...]) -> ShipmentState | None:
    """Return the state of an order by its parts; by its own word where they don't say."""
    live = [each.state for each in parts if each.live]
    if parts and not live:
        return ShipmentState.CANCELLED
    states = [each for each in live if each is not None]
    if not live or len(states) != len(live):
        return ORDERS.get(raw)
    if all(each in _GONE for each in states):
        return min(states, key=_STEPS.index)
    if any(each in _GONE for each in states):
        return ShipmentState.PART_SHIPPED
    moving = [each for each in states if each is not ShipmentState.HELD]
    # While one part goes on, the order is not held.
    return max(moving, key=_STEPS.index) if moving else ShipmentState.HELD


def _raw_words(raw: str, parts: tuple[Part, ...]) -> str:
    told = list(dict.fromkeys(each.raw for each in parts))
    return raw if told in ([], [raw]) else f"{raw}: {', '.join(told)}"


def _text(value: object) -> str:
    return "" if value is None else str(value)
