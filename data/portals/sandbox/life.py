"""The course of an order through the warehouse and the carrier's hands, on the warehouse's clock.

What happens and when depends on the reference and the seed alone, so two runs of one campaign go the same way.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from data.clock import utc_text
from data.portals.sandbox import shelf
from data.portals.sandbox.book import Connection, next_seq, setting

RECEIVED = "RECEIVED"
ADDRESS_QUERY = "ADDRESS_QUERY"
BACKORDER = "BACKORDER"
PICKING = "PICKING"
PACKED = "PACKED"
PART_SHIPPED = "PART_SHIPPED"
SHIPPED = "SHIPPED"
DELIVERED = "DELIVERED"
RETURNED = "RETURNED"
CANCELLED = "CANCELLED"
CANCEL_ASKED = "cancel asked while picking"
CANCEL_REFUSED = "cancel refused: already picked"
UNTOUCHED = (RECEIVED, ADDRESS_QUERY, BACKORDER)
"""Nobody has the order in hands: everything about it can still be changed."""

FATES = ("address_query", "lost", "damaged", "returned", "split")
"""What can go other than planned; `well` is the usual."""
EXCEPTIONS = 0.03
"""The share of orders with one of them, unless the settings say otherwise."""

_HOUR, _DAY = 3600.0, 86400.0
_SCANS = {
    "well": ("IN TRANSIT", "OUT FOR DELIVERY", "DELIVERED"),
    "lost": ("IN TRANSIT", "TRACE OPENED", "LOST"),
    "damaged": ("IN TRANSIT", "DAMAGED"),
    "returned": ("IN TRANSIT", "DELIVERY ATTEMPTED", "RETURN TO SENDER", "RETURNED TO WAREHOUSE"),
}
_COMPLAINTS = {
    "TRACE OPENED": "carrier is searching for the parcel",
    "LOST": "lost by the carrier",
    "DAMAGED": "damaged in transit",
    "RETURN TO SENDER": "refused by the recipient",
    "RETURNED TO WAREHOUSE": "came back: refused by the recipient",
}
_CARRIERS = {"US": "Brisk Post", "CA": "Brisk Post"}
_COLUMNS = ("id", "reference", "status", "lines", "parcels", "fate", "step", "cancel_asked", "due", "address")


def fate_of(connection: Connection, reference: str) -> str:
    """Return what will happen to an order: mostly `well`."""
    share = float(setting(connection, "exceptions", EXCEPTIONS))
    drawn = _draw(connection, reference, "fate")
    if share <= 0 or drawn >= share:
        return "well"
    return FATES[int(drawn / share * len(FATES))]


def picked_at(connection: Connection, reference: str, now: float) -> float:
    """Return when picking begins for an order that is free to be picked from `now` on."""
    return now + _spread(connection, reference, "pick", 4 * _HOUR)


def advance(connection: Connection, now: float, most: int = 500) -> int:
    """Let happen what is due until `now`, the oldest first, at most so many things; returns how many happened."""
    rows = connection.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM orders WHERE due <= ? ORDER BY due, id LIMIT ?", (now, most)
    ).fetchall()
    for row in rows:
        order = dict(zip(_COLUMNS, row, strict=True))
        order["lines"], order["parcels"] = json.loads(order["lines"]), json.loads(order["parcels"])
        at = order["due"]
        save(connection, order["id"], at, **_next(connection, order, at))
    return len(rows)


def save(connection: Connection, order_id: int, at: float, **changes: Any) -> None:
    """Write changed columns of an order, with the next number of the sequence."""
    columns = {
        name: json.dumps(value) if isinstance(value, list | dict) else value for name, value in changes.items()
    } | {"updated_at": at, "seq": next_seq(connection)}
    connection.execute(
        f"UPDATE orders SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?", (*columns.values(), order_id)
    )


def instant(at: float) -> str:
    """Write an instant of the warehouse's clock."""
    return utc_text(datetime.fromtimestamp(at, UTC))


def _next(connection: Connection, order: dict[str, Any], at: float) -> dict[str, Any]:
    """Return what changes about an order when its time has come."""
    reference, status, lines = order["reference"], order["status"], order["lines"]
    if status in (RECEIVED, BACKORDER):
        if order["fate"] == "address_query":
            return {"status": ADDRESS_QUERY, "complaint": "carrier does not know this address", "due": None}
        if short := shelf.missing(connection, lines):
            return _backorder(short, at)
        return {"status": PICKING, "complaint": "", "due": at + _spread(connection, reference, "pack", _HOUR)}
    if status == PICKING:
        if order["cancel_asked"] and _draw(connection, reference, "cancel") < 0.5:
            shelf.promise(connection, lines, -1)
            return {"status": CANCELLED, "complaint": "", "due": None}
        if short := shelf.missing(connection, lines):
            return _backorder(short, at)
        shelf.take(connection, lines)
        due = at + _spread(connection, reference, "ship", 6 * _HOUR)
        complaint = CANCEL_REFUSED if order["cancel_asked"] else ""
        return {"status": PACKED, "complaint": complaint, "parcels": _parcels(order, at), "due": due}
    if status in (PACKED, PART_SHIPPED):
        return _leave(connection, order, at)
    return _scan(connection, order, at)


def _backorder(short: list[str], at: float) -> dict[str, Any]:
    """Block an order for want of stock, and look again in six hours."""
    return {"status": BACKORDER, "complaint": f"out of stock: {', '.join(short)}", "due": at + 6 * _HOUR}


def _leave(connection: Connection, order: dict[str, Any], at: float) -> dict[str, Any]:
    """Hand the next parcel to the carrier."""
    parcels = order["parcels"]
    waiting = [parcel for parcel in parcels if parcel["status"] == "LABEL CREATED"]
    waiting[0] |= {"status": "COLLECTED", "status_at": instant(at)}
    due = at + _spread(connection, order["reference"], f"leave{len(waiting)}", _DAY)
    return {"status": PART_SHIPPED if len(waiting) > 1 else SHIPPED, "parcels": parcels, "due": due}


def _scan(connection: Connection, order: dict[str, Any], at: float) -> dict[str, Any]:
    """Let the carrier scan an order's parcels once more."""
    scans = _SCANS.get(order["fate"], _SCANS["well"])
    word = scans[order["step"]]
    last = order["step"] + 1 == len(scans)
    parcels = [parcel | {"status": word, "status_at": instant(at)} for parcel in order["parcels"]]
    status = {"DELIVERED": DELIVERED, "RETURNED TO WAREHOUSE": RETURNED}.get(word, SHIPPED)
    complaint = _COMPLAINTS.get(word, "")
    due = None if last else at + _spread(connection, order["reference"], word, 2 * _DAY)
    return {"status": status, "parcels": parcels, "complaint": complaint, "step": order["step"] + 1, "due": due}


def _parcels(order: dict[str, Any], at: float) -> list[dict[str, Any]]:
    """Pack an order in one parcel, or in two where that is its fate and it has more than one line."""
    lines = [{"sku": line["sku"], "quantity": line["quantity"]} for line in order["lines"]]
    groups = [lines[:1], lines[1:]] if order["fate"] == "split" and len(lines) > 1 else [lines]
    country = json.loads(order["address"])["country"]
    made: list[dict[str, Any]] = []
    for number, group in enumerate(groups, 1):
        tracking = f"{country}{order['id']:09d}{number}SB"
        made.append(
            {
                "carrier": _CARRIERS.get(country, "Postwing"),
                "tracking_number": tracking,
                "tracking_url": f"https://track.sandbox.invalid/{tracking}",
                "status": "LABEL CREATED",
                "status_at": instant(at),
                "lines": group,
            }
        )
    return made


def _spread(connection: Connection, reference: str, what: str, around: float) -> float:
    """Return seconds between half of and one and a half times `around`, always the same for the same order."""
    return around * (0.5 + _draw(connection, reference, what))


def _draw(connection: Connection, reference: str, what: str) -> float:
    """Draw a number from 0 to 1 that depends only on the seed, the reference and what it is for."""
    seed = setting(connection, "seed", 1)
    digest = hashlib.blake2b(f"{seed}/{reference}/{what}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
