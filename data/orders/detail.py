"""One order with everything that hangs on it, for the detail pane and `lastcall order show`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from data.model import ADDRESS_FIELDS, Address
from data.orders.alike import AlikeOrder, alike_orders
from data.orders.past import Event, Happened, read_events, read_journal
from data.orders.rows import OrderRow, order_rows
from data.store.store import Store


@dataclass(frozen=True, slots=True)
class LineDetail:
    """A line, with what became of it."""

    sku: str | None
    title: str
    """The product's; empty while the name is not mapped."""
    name: str
    """The platform's words."""
    quantity: int
    in_shipments: int
    """How many are in live shipments."""
    warehouse: str | None
    """Where it goes when that is not where its order goes."""


@dataclass(frozen=True, slots=True)
class AddressVersion:
    """One version of the address; versions are never changed."""

    id: int
    at: str
    source: str
    address: Address
    on_file: bool
    proposed: bool
    """A change that waits for a decision or an answer would put it on file."""
    held_by: tuple[str, ...]
    """Codes of the warehouses that hold it for a live shipment."""
    findings: tuple[tuple[str, str, str], ...]
    """(field, severity, message)."""
    e164: str
    """Its phone as it is dialled from anywhere; empty where it can't be read or was not checked yet."""


@dataclass(frozen=True, slots=True)
class ParcelDetail:
    """A parcel, with the carrier's own words."""

    id: int
    carrier: str
    tracking_number: str
    tracking_url: str
    status: str
    raw_status: str
    shipped_at: str | None
    delivered_at: str | None


@dataclass(frozen=True, slots=True)
class ShipmentDetail:
    """What one warehouse was asked to send."""

    id: int
    rev: int
    key: str
    warehouse: str
    batch: int | None
    state: str
    raw_status: str
    problem: str
    lines: tuple[tuple[str, int], ...]
    """(SKU, quantity) of this order."""
    parcels: tuple[ParcelDetail, ...]


@dataclass(frozen=True, slots=True)
class HoldDetail:
    """A hold, live or released."""

    kind: str
    reason: str
    placed_at: str
    until: str | None
    released_at: str | None


@dataclass(frozen=True, slots=True)
class IssueDetail:
    """An issue of the order."""

    id: int
    rev: int
    type: str
    state: str
    title: str
    raised_at: str
    resolution: str


@dataclass(frozen=True, slots=True)
class ChangeDetail:
    """A change of the address."""

    id: int
    rev: int
    state: str
    label: str
    level: int
    at: str
    source: str
    decided_by: str
    answer: str


@dataclass(frozen=True, slots=True)
class NoteDetail:
    """What a person wanted the others to know."""

    at: str
    user: str
    text: str


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """One order with everything that hangs on it."""

    order: OrderRow
    source: str
    external_id: str
    platform_status: str
    parent: str
    """Number of the order it replaces, or empty."""
    answers: tuple[tuple[str, str], ...]
    """The survey's questions and answers."""
    lines: tuple[LineDetail, ...]
    addresses: tuple[AddressVersion, ...]
    """Newest first."""
    shipments: tuple[ShipmentDetail, ...]
    issues: tuple[IssueDetail, ...]
    holds: tuple[HoldDetail, ...]
    changes: tuple[ChangeDetail, ...]
    alike: tuple[AlikeOrder, ...]
    """Orders that may be the same person's, merged with it, or meant."""
    notes: tuple[NoteDetail, ...]
    journal: tuple[Happened, ...]
    """Who did what to it, newest first."""
    timeline: tuple[Event, ...]
    """What became of it, oldest first."""


def order_detail(store: Store, order_id: int) -> OrderDetail | None:
    """Read one order with everything that hangs on it; None when it is gone."""
    row = order_rows(store, [order_id]).get(order_id)
    found = store.one(
        "SELECT o.source, o.external_id, o.platform_status, coalesce(r.number, ''), o.answers"
        " FROM orders o LEFT JOIN orders r ON r.id = o.parent_id WHERE o.id = ?",
        (order_id,),
    )
    if row is None or found is None:
        return None
    source, external_id, platform_status, parent, answers = found
    return OrderDetail(
        order=row,
        source=source,
        external_id=external_id,
        platform_status=platform_status,
        parent=parent,
        answers=_answers(answers),
        lines=_lines(store, order_id),
        addresses=_addresses(store, order_id),
        shipments=_shipments(store, order_id),
        issues=_all(
            store,
            IssueDetail,
            "SELECT id, rev, type, state, title, raised_at, resolution FROM issues WHERE order_id = ? ORDER BY id DESC",
            order_id,
        ),
        holds=_all(
            store,
            HoldDetail,
            "SELECT kind, reason, placed_at, until, released_at FROM holds WHERE order_id = ?"
            " ORDER BY released_at IS NOT NULL, id DESC",
            order_id,
        ),
        changes=_all(
            store,
            ChangeDetail,
            "SELECT id, rev, state, label, level, at, source, decided_by, answer FROM changes WHERE order_id = ?"
            " ORDER BY id DESC",
            order_id,
        ),
        alike=alike_orders(store, order_id),
        notes=_all(store, NoteDetail, "SELECT at, user, text FROM notes WHERE order_id = ? ORDER BY id DESC", order_id),
        journal=read_journal(store, order_id),
        timeline=read_events(store, order_id),
    )


def _all(store: Store, make: Any, sql: str, order_id: int) -> tuple[Any, ...]:
    return tuple(make(*row) for row in store.rows(sql, (order_id,)))


def _lines(store: Store, order_id: int) -> tuple[LineDetail, ...]:
    found: tuple[LineDetail, ...] = _all(
        store,
        LineDetail,
        "SELECT l.sku, coalesce(p.title, ''), l.name, l.quantity, coalesce((SELECT sum(x.quantity)"
        " FROM shipment_lines x JOIN shipments s ON s.id = x.shipment_id"
        " WHERE x.order_line_id = l.id AND s.state NOT IN ('rejected', 'cancelled')), 0), l.warehouse"
        " FROM order_lines l LEFT JOIN products p ON p.sku = l.sku WHERE l.order_id = ? ORDER BY l.id",
        order_id,
    )
    return found


def _addresses(store: Store, order_id: int) -> tuple[AddressVersion, ...]:
    held: dict[int, list[str]] = {}
    for address_id, warehouse in store.rows(
        "SELECT DISTINCT s.held_address_id, s.warehouse FROM shipment_lines l JOIN shipments s ON s.id = l.shipment_id"
        " WHERE l.order_id = ? AND s.held_address_id IS NOT NULL AND s.state NOT IN ('rejected', 'cancelled')",
        (order_id,),
    ):
        held.setdefault(address_id, []).append(warehouse)
    findings: dict[int, list[tuple[str, str, str]]] = {}
    for address_id, *finding in store.rows(
        "SELECT f.address_id, f.field, f.severity, f.message FROM addresses a JOIN findings f ON f.address_id = a.id"
        " WHERE a.order_id = ?",
        (order_id,),
    ):
        findings.setdefault(address_id, []).append((finding[0], finding[1], finding[2]))
    dialled: dict[int, str] = dict(
        store.rows(
            "SELECT c.address_id, c.e164 FROM addresses a JOIN checked c ON c.address_id = a.id WHERE a.order_id = ?",
            (order_id,),
        )
    )
    names = ", ".join(f"a.{each}" for each in ADDRESS_FIELDS)
    return tuple(
        AddressVersion(
            id=row[0],
            at=row[1],
            source=row[2],
            on_file=bool(row[3]),
            proposed=bool(row[4]),
            address=Address(*row[5:]),
            held_by=tuple(held.get(row[0], ())),
            findings=tuple(findings.get(row[0], ())),
            e164=dialled.get(row[0], ""),
        )
        # A shipment merged from several orders may hold the version of another of them.
        for row in store.rows(
            "SELECT a.id, a.at, a.source, a.id = o.address_id, EXISTS (SELECT 1 FROM changes c WHERE c.to_id = a.id"
            f" AND c.state IN ('waiting', 'asked')), {names} FROM orders o JOIN addresses a ON a.order_id = o.id"
            f" OR a.id IN ({','.join(map(str, held)) or 'NULL'}) WHERE o.id = ? ORDER BY a.id DESC",
            (order_id,),
        )
    )


def _shipments(store: Store, order_id: int) -> tuple[ShipmentDetail, ...]:
    return tuple(
        ShipmentDetail(
            shipment_id,
            rev,
            key,
            warehouse,
            batch,
            state,
            raw_status,
            problem,
            lines=tuple(
                store.rows(
                    "SELECT sku, sum(quantity) FROM shipment_lines WHERE shipment_id = ? AND order_id = ? GROUP BY sku",
                    (shipment_id, order_id),
                )
            ),
            parcels=_all(
                store,
                ParcelDetail,
                "SELECT id, carrier, tracking_number, tracking_url, status, raw_status, shipped_at, delivered_at"
                " FROM parcels WHERE shipment_id = ? ORDER BY id",
                shipment_id,
            ),
        )
        for shipment_id, rev, key, warehouse, batch, state, raw_status, problem in store.rows(
            "SELECT s.id, s.rev, s.key, s.warehouse, b.number, s.state, s.raw_status, s.problem FROM shipments s"
            " LEFT JOIN batches b ON b.id = s.batch_id"
            " WHERE s.id IN (SELECT shipment_id FROM shipment_lines WHERE order_id = ?) ORDER BY s.id",
            (order_id,),
        )
    )


def _answers(text: str) -> tuple[tuple[str, str], ...]:
    found = json.loads(text) if text else {}
    return tuple((str(key), str(value)) for key, value in found.items()) if isinstance(found, dict) else ()
