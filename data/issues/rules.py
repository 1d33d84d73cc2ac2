"""The rules that raise issues from what the warehouses report: one open issue for one trouble, which later reports
only make more exact. One that nobody has touched closes when the warehouse itself takes the trouble back."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from data.clock import utc_text
from data.model import CommandKind, IssueState, IssueType, ParcelStatus
from data.store.store import Write
from data.tracking.apply import Report

_PARCEL_RULES: dict[str, tuple[str, IssueType, str]] = {
    # status: (rule, type, title)
    ParcelStatus.FAILURE: ("parcel.failure", IssueType.EXCEPTION, "delivery failed"),
    ParcelStatus.ERROR: ("parcel.error", IssueType.EXCEPTION, "the carrier reports an error"),
    ParcelStatus.RETURN_TO_SENDER: ("parcel.returned", IssueType.RETURNED, "on its way back to the sender"),
}

PROBLEM, DRIFT, CANCELLED, CONTRADICTION, STUCK = (
    "shipment.problem",
    "shipment.address",
    "shipment.cancelled",
    "shipment.contradiction",
    "parcel.stuck",
)

_CORRECTIONS: dict[str, tuple[IssueType, str]] = {
    # kind of command: (type, title)
    CommandKind.AMEND: (IssueType.ADDRESS, "the warehouse did not take the new address"),
    CommandKind.CANCEL: (IssueType.EXCEPTION, "the warehouse did not cancel it"),
    CommandKind.HOLD: (IssueType.EXCEPTION, "the warehouse did not hold it"),
    CommandKind.RELEASE: (IssueType.EXCEPTION, "the warehouse still holds it"),
    CommandKind.RETURN: (IssueType.RETURNED, "the warehouse did not take note of its return"),
}

_WORDS: tuple[tuple[re.Pattern[str], IssueType], ...] = (
    (re.compile(r"\b(lost|missing)\b"), IssueType.LOST),
    (re.compile(r"\bdamag"), IssueType.DAMAGED),
    (re.compile(r"\baddress(?!ee)"), IssueType.ADDRESS),
    (re.compile(r"\bcustoms\b"), IssueType.CUSTOMS),
    (re.compile(r"\b(stock|backorder)"), IssueType.STOCK),
)
"""Words in a carrier's or a warehouse's own text that say more than its status."""

_LONGEST = 200
_RULE = "rule"
_OPEN = "state NOT IN ('resolved', 'closed')"


def raise_reported(tx: Write, report: Report, at: str) -> list[int]:
    """Raise issues for what a report has changed, at the instant `at` (UTC text); return the ids of those made."""
    made: list[int] = []
    for parcel in report.parcels:
        made += _raise_parcel(tx, parcel, at)
    for shipment in report.troubled:
        made += _raise_problem(tx, shipment, at)
    for shipment in report.drifted:
        title = "the warehouse holds another address than it was asked to"
        made += _raise(tx, DRIFT, IssueType.ADDRESS, title, at, shipment)
    for shipment in report.cancelled:
        made += _raise(
            tx, CANCELLED, IssueType.EXCEPTION, "the warehouse cancelled it, and nobody had asked", at, shipment
        )
    for shipment in report.contradicted:
        found = tx.one("SELECT state FROM shipments WHERE id = ?", (shipment,))
        title = f"the warehouse works on it, but here it is {found[0] if found else 'gone'}"
        made += _raise(tx, CONTRADICTION, IssueType.EXCEPTION, title, at, shipment)
    for shipment in report.shipments:
        _close_cured(tx, shipment, at)
    return made


def raise_stuck(tx: Write, warehouse: str, now: datetime, days: int) -> list[int]:
    """Raise an issue for every parcel of a warehouse under way without news for `days`; return their ids.

    Once for each silence: a parcel that moves and falls silent again is raised again. Parcels of which the carrier has
    never said a word are left out: some warehouses only tell their numbers.
    """
    made: list[int] = []
    for parcel, shipment, reported_at, tracking in stuck_parcels(tx, warehouse, now, days):
        title = f"no news since {reported_at[:10]} ({tracking})"
        made += _raise(tx, STUCK, IssueType.STUCK, title, utc_text(now), shipment, parcel)
    return made


def raise_corrections(tx: Write, warehouse: str, at: str) -> list[int]:
    """Raise an issue for every correction that a warehouse has not made and a person must act on; return their ids.

    Once for each command: one that was refused, came too late, is not supported there, or could not be settled.
    """
    made: list[int] = []
    for command, kind, reason, shipment in tx.rows(
        # The answer to a change also says which address will ship.
        "SELECT c.id, c.kind, coalesce(nullif(h.answer, ''), c.reason), c.shipment_id"
        " FROM commands c INDEXED BY commands_urgent LEFT JOIN changes h ON h.id = c.change_id"
        " WHERE c.warehouse = ? AND c.state IN ('rejected', 'person') AND c.kind <> 'push'"
        " AND c.shipment_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM issues i WHERE i.command_id = c.id)"
        " ORDER BY c.id",
        (warehouse,),
    ):
        if kind in _CORRECTIONS:
            type_, words = _CORRECTIONS[kind]
            made += _raise(tx, f"command.{kind}", type_, f"{words}: {reason}", at, shipment, command=command)
    return made


def stuck_parcels(tx: Write, warehouse: str, now: datetime, days: int) -> list[tuple[int, int, str, str]]:
    """Return (parcel, shipment, last news, tracking number) of silent parcels of which no issue was raised since."""
    return [
        (row[0], row[1], row[2], row[3])
        for row in tx.rows(
            "SELECT p.id, p.shipment_id, p.reported_at, p.tracking_number FROM parcels p"
            " JOIN shipments s ON s.id = p.shipment_id"
            " WHERE p.status IN ('unknown', 'pre_transit', 'in_transit', 'out_for_delivery')"
            " AND p.reported_at > '' AND p.reported_at < ? AND p.raw_status <> '' AND s.warehouse = ?"
            " AND NOT EXISTS (SELECT 1 FROM issues i WHERE i.parcel_id = p.id AND i.rule = ?"
            f"  AND (i.raised_at > p.reported_at OR i.{_OPEN}))",
            (utc_text(now - timedelta(days=days)), warehouse, STUCK),
        )
    ]


def kind_of(words: str, default: IssueType = IssueType.EXCEPTION) -> IssueType:
    """Return the type of issue that a warehouse's or carrier's own words speak of."""
    lower = words.lower()
    return next((type_ for pattern, type_ in _WORDS if pattern.search(lower)), default)


def _raise_parcel(tx: Write, parcel: int, at: str) -> list[int]:
    found = tx.one("SELECT shipment_id, status, raw_status, tracking_number FROM parcels WHERE id = ?", (parcel,))
    if found is None or found[1] not in _PARCEL_RULES:
        return []
    shipment, status, raw_status, tracking = found
    rule, type_, words = _PARCEL_RULES[status]
    title = f"{words}: {raw_status or status} ({tracking})"
    return _raise(tx, rule, kind_of(raw_status, type_), title, at, shipment, parcel)


def _raise_problem(tx: Write, shipment: int, at: str) -> list[int]:
    """Raise what the warehouse complains of, unless an issue about one of the parcels says it already."""
    found = tx.one("SELECT problem FROM shipments WHERE id = ?", (shipment,))
    if found is None or tx.one(
        f"SELECT 1 FROM issues WHERE shipment_id = ? AND parcel_id IS NOT NULL AND rule <> '' AND {_OPEN}", (shipment,)
    ):
        return []
    return _raise(tx, PROBLEM, kind_of(found[0]), found[0], at, shipment)


def _raise(
    tx: Write,
    rule: str,
    type_: IssueType,
    title: str,
    at: str,
    shipment: int,
    parcel: int | None = None,
    command: int | None = None,
) -> list[int]:
    """Raise one issue about a shipment; where the same trouble is open, make that issue say what is known by now."""
    title = title[:_LONGEST]
    known = tx.one(
        f"SELECT id, rev, type, title, rule, parcel_id, command_id FROM issues WHERE shipment_id = ? AND {_OPEN} AND ("
        " rule = ? AND parcel_id IS ?"
        " OR ? IS NOT NULL AND (rule = 'shipment.problem' OR rule LIKE 'parcel.%' AND parcel_id = ?))"
        " ORDER BY rule = ? DESC, id LIMIT 1",
        (shipment, rule, parcel, parcel, parcel, rule),
    )
    if known is not None:
        values: dict[str, object] = {
            "type": str(type_),
            "title": title,
            "rule": rule,
            "parcel_id": parcel,
            "command_id": command,
        }
        if tuple(values.values()) != tuple(known[2:]):
            tx.update("issues", known[0], known[1], values | {"snoozed_until": None})
        return []
    found = tx.one(
        "SELECT s.campaign_id, s.backer_id, (SELECT min(order_id) FROM shipment_lines WHERE shipment_id = s.id)"
        " FROM shipments s WHERE s.id = ?",
        (shipment,),
    )
    if found is None or found[2] is None:
        return []
    return [
        tx.insert(
            "issues",
            {
                "campaign_id": found[0],
                "backer_id": found[1],
                "order_id": found[2],
                "shipment_id": shipment,
                "parcel_id": parcel,
                "command_id": command,
                "type": str(type_),
                "state": str(IssueState.NEW),
                "title": title,
                "rule": rule,
                "raised_at": at,
                "raised_by": _RULE,
            },
        )
    ]


def _close_cured(tx: Write, shipment: int, at: str) -> None:
    """Resolve issues that nobody has taken and whose trouble the warehouse no longer reports."""
    tx.run(
        "UPDATE issues SET state = 'resolved', resolution = 'nothing', resolved_at = ?, rev = rev + 1"
        " WHERE shipment_id = ? AND state = 'new' AND assigned_to = '' AND CASE rule"
        " WHEN 'shipment.problem' THEN EXISTS (SELECT 1 FROM shipments s WHERE s.id = shipment_id AND s.problem = '')"
        " WHEN 'shipment.address' THEN EXISTS (SELECT 1 FROM shipments s WHERE s.id = shipment_id"
        "  AND s.held_address_id = s.address_id)"
        " WHEN 'parcel.stuck' THEN EXISTS (SELECT 1 FROM parcels p WHERE p.id = parcel_id"
        "  AND p.reported_at >= issues.raised_at)"
        " ELSE 0 END",
        (at, shipment),
    )
