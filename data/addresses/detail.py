"""One change as a person decides it: three addresses, the verdict by field, what accepting would do, the history."""

from __future__ import annotations

import json
from dataclasses import dataclass

from data.addresses.changes import Change, read_change
from data.addresses.compare import FieldVerdict
from data.addresses.consequence import Consequence, ConsequenceKind, outlook, outlook_words
from data.addresses.propose import OPEN
from data.addresses.versions import COLUMNS, read_address, read_addresses
from data.model import Address
from data.policy import Policy
from data.store.store import Store


@dataclass(frozen=True, slots=True)
class Held:
    """What a warehouse has of the order."""

    key: str
    warehouse: str
    warehouse_name: str
    state: str
    raw_status: str
    address: Address | None
    """What it last confirmed; None while it has confirmed nothing."""


@dataclass(frozen=True, slots=True)
class FindingSeen:
    """What the checks say of the proposed address."""

    field: str
    code: str
    severity: str
    message: str
    repair: str | None


@dataclass(frozen=True, slots=True)
class Version:
    """One address version of the order, newest first in lists."""

    id: int
    at: str
    source: str
    address: Address
    on_file: bool


@dataclass(frozen=True, slots=True)
class Past:
    """Another change of the same order."""

    id: int
    at: str
    source: str
    state: str
    label: str
    level: int
    decided_by: str
    decided_at: str | None
    answer: str


@dataclass(frozen=True, slots=True)
class ReviewDetail:
    """Everything a decision on one change needs."""

    change: Change
    backer: str
    email: str
    source: str
    at: str
    decided_by: str
    decided_at: str | None
    answer: str
    locked_at: str | None
    on_file: Address | None
    """At present."""
    compared: Address | None
    """On file when the change was compared: what `fields` is about."""
    requested: Address
    held: tuple[Held, ...]
    fields: tuple[FieldVerdict, ...]
    reasons: tuple[str, ...]
    consequence: Consequence
    findings: tuple[FindingSeen, ...]
    versions: tuple[Version, ...]
    past: tuple[Past, ...]

    @property
    def id(self) -> int:
        """The change's."""
        return self.change.id

    @property
    def order_id(self) -> int:
        """The order it is about."""
        return self.change.order_id

    @property
    def too_late(self) -> bool:
        """Tell whether it waits for a decision that needs a choice: its parcel is being picked or has left."""
        return self.change.state in OPEN and self.consequence.kind is ConsequenceKind.TOO_LATE


def review_detail(store: Store, change_id: int, policy: Policy | None = None) -> ReviewDetail | None:
    """Return one change with all a person looks at to decide it, or None where it is gone.

    With `policy`, the consequence says what is agreed with the warehouse.
    """
    change = read_change(store, change_id)
    if change is None:
        return None
    row = store.one(
        "SELECT b.name, b.email, c.source, c.at, c.decided_by, c.decided_at, c.answer,"
        " coalesce(o.locked_at, g.locked_at), c.fields, c.reasons"
        " FROM changes c JOIN orders o ON o.id = c.order_id JOIN backers b ON b.id = o.backer_id"
        " JOIN campaigns g ON g.id = o.campaign_id WHERE c.id = ?",
        (change_id,),
    )
    requested = read_address(store, change.to_id)
    if row is None or requested is None:
        return None
    seen = outlook(store, change)
    backer, email, source, at, decided_by, decided_at, answer, locked_at, fields, reasons = row
    return ReviewDetail(
        change=change,
        backer=backer,
        email=email,
        source=source,
        at=at,
        decided_by=decided_by,
        decided_at=decided_at,
        answer=answer,
        locked_at=locked_at,
        on_file=read_address(store, change.on_file_id),
        compared=read_address(store, change.from_id),
        requested=requested,
        held=read_held(store, change.order_id),
        fields=tuple(FieldVerdict(*each) for each in json.loads(fields)),
        reasons=tuple(json.loads(reasons)),
        consequence=Consequence(seen.kind, outlook_words(change, seen, policy)),
        findings=_read_findings(store, change.to_id),
        versions=_read_versions(store, change),
        past=read_past(store, change.order_id, change.id),
    )


def read_held(store: Store, order_id: int) -> tuple[Held, ...]:
    """Return what the warehouses have of an order."""
    found = store.rows(
        "SELECT s.key, s.warehouse, w.name, s.state, s.raw_status, s.held_address_id FROM shipments s"
        " JOIN warehouses w ON w.code = s.warehouse WHERE s.state NOT IN ('draft', 'rejected', 'cancelled')"
        " AND s.id IN (SELECT shipment_id FROM shipment_lines WHERE order_id = ?) ORDER BY s.id",
        (order_id,),
    )
    versions = read_addresses(store, (row[5] for row in found))
    return tuple(Held(key, code, name, state, raw, versions.get(held)) for key, code, name, state, raw, held in found)


def _read_findings(store: Store, address_id: int) -> tuple[FindingSeen, ...]:
    return tuple(
        FindingSeen(*row)
        for row in store.rows(
            "SELECT field, code, severity, message, repair FROM findings WHERE address_id = ?"
            " ORDER BY CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, field, code",
            (address_id,),
        )
    )


def _read_versions(store: Store, change: Change) -> tuple[Version, ...]:
    return tuple(
        Version(row[0], row[1], row[2], Address(*row[3:]), row[0] == change.on_file_id)
        for row in store.rows(
            f"SELECT id, at, source, {COLUMNS} FROM addresses WHERE order_id = ? ORDER BY id DESC", (change.order_id,)
        )
    )


def read_past(store: Store, order_id: int, but: int = 0) -> tuple[Past, ...]:
    """Return the changes of an order, one of them left out, newest first."""
    return tuple(
        Past(*row)
        for row in store.rows(
            "SELECT id, at, source, state, label, level, decided_by, decided_at, answer FROM changes"
            " WHERE order_id = ? AND id <> ? ORDER BY id DESC",
            (order_id, but),
        )
    )
