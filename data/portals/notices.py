"""What a warehouse is told besides orders: goods that will arrive, and parcels that come back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from data.portals.outcomes import RemoteLine


class Packing(StrEnum):
    """How an inbound shipment is packed."""

    PARCELS = "parcels"
    PALLETS = "pallets"
    CONTAINER = "container"


class ReturnAction(StrEnum):
    """What is to become of what comes back."""

    DEFAULT = "default"
    RESTOCK = "restock"
    QUARANTINE = "quarantine"
    DISPOSE = "dispose"


@dataclass(frozen=True, slots=True)
class Carton:
    """Cartons or pallets that are alike, with what is in each of them."""

    reference: str
    """A tracking number or SSCC; '' where there is none."""
    lines: tuple[RemoteLine, ...]
    """Pieces in one carton: ten boxes of one are not one box of ten."""
    count: int = 1


@dataclass(frozen=True, slots=True)
class InboundNotice:
    """One inbound shipment as it is announced to its warehouse (an ASN, a pre-advice)."""

    key: str
    """Minted once; the warehouse keeps it as our reference."""
    expected_on: str
    """The day of arrival, ISO 8601."""
    cartons: tuple[Carton, ...]
    packing: Packing = Packing.PARCELS
    purchase_order: str = ""
    supplier: str = ""
    carrier: str = ""
    tracking_number: str = ""
    vessel: str = ""
    container: str = ""
    bill_of_lading: str = ""

    @property
    def lines(self) -> tuple[RemoteLine, ...]:
        """Return the pieces of each SKU over all cartons."""
        return summed(RemoteLine(line.sku, line.quantity * each.count) for each in self.cartons for line in each.lines)


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """A product that comes back, how many of it, and what is to become of it."""

    sku: str
    quantity: int
    action: ReturnAction = ReturnAction.DEFAULT


@dataclass(frozen=True, slots=True)
class ReturnNotice:
    """A parcel that comes back, as its warehouse is told (an RMA)."""

    key: str
    order_key: str
    """The key of the shipment it was part of."""
    order_remote_id: str
    """The warehouse's id of that shipment."""
    lines: tuple[ReturnLine, ...]
    tracking_number: str = ""
    reason: str = ""


Notice = InboundNotice | ReturnNotice


def summed(lines: Iterable[RemoteLine]) -> tuple[RemoteLine, ...]:
    """Return one line for each SKU, in the order in which they first stand."""
    total: dict[str, int] = {}
    for line in lines:
        total[line.sku] = total.get(line.sku, 0) + line.quantity
    return tuple(RemoteLine(sku, quantity) for sku, quantity in total.items())
