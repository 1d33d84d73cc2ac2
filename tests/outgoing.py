"""Helpers of the tests of the check before sending: one order as it would be sent, its warehouse, the facts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data.clock import Clock
from data.dispatch.orders_out import Member, Outgoing
from data.dispatch.preflight_facts import Facts
from data.model import Address, Money
from data.policy import WarehousePolicy, WarehouseSettings
from data.portals.file_drop import FileDrop
from data.portals.protocol import ShipmentLine, ShipmentOrder

GAME = ShipmentLine("GAME", "Ember Isles", 1, 1200, "950490", "CN", "board game", Money(40_00, "EUR"))
BERLIN = Address("Anna Lindqvist", "", "Elm Street 5", "", "Berlin", "", "10115", "DE", "+49 30 901820")
BOSTON = Address("Robert Kay", "", "5 Elm Street", "", "Boston", "MA", "02134", "US", "+1 617 555 0100")
BASEL = Address("Ruth Meier", "", "Rheingasse 5", "", "Basel", "", "4058", "CH", "+41 61 555 01 00")


def outgoing(
    address: Address = BERLIN,
    lines: tuple[ShipmentLine, ...] = (GAME,),
    *,
    order: int = 1,
    members: tuple[Member, ...] = (),
    currency: str = "EUR",
    late: bool = False,
) -> Outgoing:
    """Return one order, or merged ones, as they would be sent."""
    number = str(1000 + order)
    shipment = ShipmentOrder(f"EMBER-{order}-1", number, address, lines, late=late, currency=currency)
    return Outgoing(order, 1, order, order, order, shipment, members or (Member(order, number, address),))


def house(**policy: Any) -> WarehouseSettings:
    """Return a warehouse with some rules."""
    return WarehouseSettings("EU1", "Cedar Mills", ("*",), policy=WarehousePolicy(**policy))


def facts(**known: Any) -> Facts:
    """Return facts beside those that say that nothing is wrong."""
    return Facts(FileDrop(Path("drop"), Clock()), **known)
