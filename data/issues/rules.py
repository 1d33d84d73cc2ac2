"""The rules that raise issues from what the warehouses report; each once while its issue is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from data.clock import utc_text
from data.model import IssueState, IssueType, ParcelStatus
from data.store.store import Write

_PARCEL_RULES: dict[str, tuple[str, IssueType, str]] = {
    # status: (rule, type, title)
    ParcelStatus.FAILURE: ("parcel.failure", IssueType.EXCEPTION, "delivery failed"),
    ParcelStatus.ERROR: ("parcel.error", IssueType.EXCEPTION, "the carrier reports an error"),
    ParcelStatus.RETURN_TO_SENDER: ("parcel.returned", IssueType.RETURNED, "on its way back to the sender"),
}

_WORDS: tuple[tuple[str, IssueType], ...] = (
    ("lost", IssueType.LOST),
    ("damag", IssueType.DAMAGED),
    ("address", IssueType.ADDRESS),
    ("customs", IssueType.CUSTOMS),
    ("stock", IssueType.STOCK),
)
"""Words in a carrier's or a warehouse's own text that say more than its status."""

_MOVING = (ParcelStatus.UNKNOWN, ParcelStatus.PRE_TRANSIT, ParcelStatus.IN_TRANSIT, ParcelStatus.OUT_FOR_DELIVERY)


def raise_reported(tx: Write, shipments: Sequence[int], parcels: Sequence[int], at: str) -> list[int]:
    """Raise issues for shipments and parcels whose report has just changed; return their ids."""
    made: list[int] = []
    for shipment in shipments:
        found = tx.one("SELECT problem, state FROM shipments WHERE id = ?", (shipment,))
        if found and found[0]:
            made += _raise(tx, "shipment.problem", kind_of(found[0]), found[0], at, shipment, None)
    for parcel in parcels:
        found = tx.one("SELECT shipment_id, status, raw_status, tracking_number FROM parcels WHERE id = ?", (parcel,))
        if found and found[1] in _PARCEL_RULES:
            rule, type_, title = _PARCEL_RULES[found[1]]
            made += _raise(
                tx,
                rule,
                kind_of(found[2], type_),
                f"{title}: {found[2] or found[1]} ({found[3]})",
                at,
                found[0],
                parcel,
            )
    return made


def raise_stuck(tx: Write, now: datetime, days: int) -> list[int]:
    """Raise an issue for every parcel under way without news for `days`; return their ids."""
    since = utc_text(now - timedelta(days=days))
    made: list[int] = []
    for parcel, shipment, raw_at, tracking in tx.rows(
        f"SELECT id, shipment_id, raw_at, tracking_number FROM parcels WHERE status IN ({_marks(_MOVING)})"
        " AND raw_at < ?"
        " AND NOT EXISTS (SELECT 1 FROM issues i WHERE i.parcel_id = parcels.id AND i.rule = 'parcel.stuck')",
        (*_MOVING, since),
    ):
        title = f"no news since {raw_at[:10]} ({tracking})"
        made += _raise(tx, "parcel.stuck", IssueType.STUCK, title, utc_text(now), shipment, parcel)
    return made


def kind_of(words: str, default: IssueType = IssueType.EXCEPTION) -> IssueType:
    """Return the type of issue that a warehouse's or carrier's own words speak of."""
    lower = words.lower()
    return next((type_ for word, type_ in _WORDS if word in lower), default)


def _raise(tx: Write, rule: str, type_: IssueType, title: str, at: str, shipment: int, parcel: int | None) -> list[int]:
    """Raise one issue about a shipment, unless the same one is open."""
    if tx.one(
        "SELECT 1 FROM issues WHERE rule = ? AND shipment_id = ? AND parcel_id IS ?"
        " AND state NOT IN ('resolved', 'closed')",
        (rule, shipment, parcel),
    ):
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
                "type": str(type_),
                "state": str(IssueState.NEW),
                "title": title[:200],
                "rule": rule,
                "raised_at": at,
                "raised_by": "rule",
            },
        )
    ]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
