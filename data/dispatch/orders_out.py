"""Draft shipments as the portals want them: whole orders with address and lines, kits as their parts."""

from __future__ import annotations

from dataclasses import dataclass

from data.model import ADDRESS_FIELDS, Address, Money
from data.portals.protocol import ShipmentLine, ShipmentOrder
from data.store.store import Store, Write

AS_PARTS = """LEFT JOIN kit_parts k ON k.kit = l.sku
  JOIN products p ON p.sku = coalesce(k.sku, l.sku) AND (k.sku IS NULL OR p.physical = 1)"""
"""Of shipment lines `l`: the products `p` that a warehouse knows them as, `coalesce(k.quantity, 1)` for each piece."""

_COLUMNS = ", ".join(f"a.{name}" for name in ADDRESS_FIELDS)


@dataclass(frozen=True, slots=True)
class Member:
    """One order in a shipment."""

    id: int
    number: str
    address: Address
    """On file."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One draft shipment of a batch, as it would be sent."""

    shipment_id: int
    revision: int
    backer_id: int
    order_id: int
    """The order, or the one that leads merged ones: its number, address and e-mail are sent."""
    address_id: int
    """The order's address on file at the time of reading."""
    order: ShipmentOrder
    members: tuple[Member, ...]
    """Every order in it, the leading one first."""


def read_outgoing(reads: Store | Write, batch_id: int) -> list[Outgoing]:
    """Read a batch's draft shipments, each with its leading order's address on file, in the order of their ids."""
    return _read(reads, "s.batch_id = ? AND s.state = 'draft'", batch_id)


def read_batch(reads: Store | Write, batch_id: int) -> list[Outgoing]:
    """Read every shipment of a batch that is not taken back, sent or not, with the address on file at present."""
    return _read(reads, "s.batch_id = ? AND s.state NOT IN ('rejected', 'cancelled')", batch_id)


def read_shipment(reads: Store | Write, shipment_id: int) -> Outgoing:
    """Read one shipment, with its leading order's address on file."""
    return _read(reads, "s.id = ?", shipment_id)[0]


def _read(reads: Store | Write, which: str, value: int) -> list[Outgoing]:
    lines: dict[int, list[ShipmentLine]] = {}
    for shipment_id, sku, title, quantity, weight, hs_code, origin, description, minor, currency in reads.rows(
        "SELECT l.shipment_id, p.sku, p.title, sum(l.quantity * coalesce(k.quantity, 1)), p.weight_g, p.hs_code,"
        " p.origin, p.description, v.minor, v.currency FROM shipments s JOIN shipment_lines l ON l.shipment_id = s.id"
        f" {AS_PARTS} JOIN campaigns c ON c.id = s.campaign_id"
        " LEFT JOIN product_values v ON v.sku = p.sku AND v.currency = c.currency"
        f" WHERE {which} GROUP BY l.shipment_id, p.sku ORDER BY l.shipment_id, min(l.id), min(k.id)",
        (value,),
    ):
        declared = None if minor is None else Money(minor, currency)
        line = ShipmentLine(sku, title, quantity, weight, hs_code, origin, description, declared)
        lines.setdefault(shipment_id, []).append(line)
    merged: dict[int, list[Member]] = {}
    for shipment_id, order_id, number, *address in reads.rows(
        f"SELECT DISTINCT s.id, o.id, o.number, {_COLUMNS} FROM shipments s"
        " JOIN shipment_lines l ON l.shipment_id = s.id JOIN orders o ON o.id = l.order_id AND o.ship_with IS NOT NULL"
        f" LEFT JOIN addresses a ON a.id = o.address_id WHERE {which} ORDER BY s.id, o.id",
        (value,),
    ):
        found = Member(order_id, number, Address(*(each or "" for each in address)))
        merged.setdefault(shipment_id, []).append(found)
    rows = reads.rows(
        f"SELECT s.id, s.revision, s.backer_id, o.id, o.address_id, s.key, o.number, b.email, c.name, o.late,"
        f" coalesce(o.ordered_at, (SELECT created_at FROM batches WHERE id = s.batch_id), ''), c.currency, {_COLUMNS}"
        " FROM shipments s JOIN orders o"
        "  ON o.id = (SELECT min(order_id) FROM shipment_lines l WHERE l.shipment_id = s.id)"
        " JOIN backers b ON b.id = s.backer_id JOIN campaigns c ON c.id = s.campaign_id"
        " LEFT JOIN addresses a ON a.id = o.address_id"
        f" WHERE {which} ORDER BY s.id",
        (value,),
    )
    return [
        Outgoing(
            shipment_id=row[0],
            revision=row[1],
            backer_id=row[2],
            order_id=row[3],
            address_id=row[4],
            order=ShipmentOrder(
                key=row[5],
                number=row[6],
                email=row[7],
                campaign=row[8],
                late=bool(row[9]),
                ordered_at=row[10],
                currency=row[11],
                address=Address(*row[12:]),
                lines=tuple(lines.get(row[0], ())),
            ),
            members=tuple(merged.get(row[0], ())) or (Member(row[3], row[6], Address(*row[12:])),),
        )
        for row in rows
    ]
