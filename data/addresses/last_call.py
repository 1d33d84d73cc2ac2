"""Whom the last call asks and what: who has no address, whose address is wrong or asked about, who is to confirm.

Only orders that no warehouse was sent yet count. `missing` and `asked` count whether they are locked or not: their
parcel can't go. `confirm` counts while an order is not locked and nothing came for it since the notice.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from data.addresses.versions import marks
from data.clock import from_text
from data.model import ADDRESS_FIELDS, Address
from data.store.store import Store

OPEN_SQL = "o.stage IN ('needs_info', 'ready', 'allocated', 'batched')"
"""Orders whose parcel a warehouse was not asked for yet."""

_SHIPS = (
    "EXISTS (SELECT 1 FROM order_lines l LEFT JOIN products p ON p.sku = l.sku"
    " WHERE l.order_id = o.id AND l.quantity > 0 AND coalesce(p.physical, 1) = 1)"
)
NO_ADDRESS_SQL = f"(o.address_id IS NULL AND {_SHIPS})"
UNANSWERED_SQL = (
    "c.state = 'asked' AND NOT EXISTS (SELECT 1 FROM addresses v WHERE v.order_id = c.order_id AND v.id > c.to_id"
    " AND v.at >= c.decided_at AND v.source <> 'warehouse')"
)
"""A change whose backer was asked and of whom nothing came since."""
BEFORE_SQL = "(o.import_id IS NULL OR (SELECT i.at FROM imports i WHERE i.id = o.import_id) <= :notice)"
"""The order was there when notice was given; what it came with is no answer."""

_CHUNK = 500
_PARTS = ", ".join(f"a.{each}" for each in ADDRESS_FIELDS)
_NAMED = 3
"""Findings named in what is asked; more help nobody."""


class Reason(StrEnum):
    """Why somebody is written to."""

    MISSING = "missing"
    """There is no address, or one that can't be delivered to."""
    ASKED = "asked"
    """The backer was asked about a change and has not answered."""
    CONFIRM = "confirm"
    """There is an address on file."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One order whose backer is written to."""

    order_id: int
    campaign_id: int
    notice_id: int | None
    reason: Reason
    email: str
    name: str
    number: str
    country: str
    address: str
    """On file, in one line; empty where there is none."""
    words: str
    """What is asked of the backer."""
    asked_at: str | None
    """When the backer was asked about a change; None for the other reasons."""


_SILENT_SQL = f"""
SELECT o.id FROM orders o INDEXED BY orders_no_address
WHERE o.campaign_id = :campaign AND {OPEN_SQL} AND {NO_ADDRESS_SQL}
UNION SELECT o.id FROM checked k CROSS JOIN orders o ON o.address_id = k.address_id
WHERE k.errors > 0 AND o.campaign_id = :campaign AND {OPEN_SQL}
UNION SELECT o.id FROM changes c CROSS JOIN orders o ON o.id = c.order_id
WHERE {UNANSWERED_SQL} AND o.campaign_id = :campaign AND {OPEN_SQL}
"""


def silent_ids(store: Store, campaign_id: int) -> Sequence[int]:
    """Return the orders of a campaign that have no usable address, or whose backer was asked without an answer."""
    return _ids(store, _SILENT_SQL, campaign_id)


def callable_ids(store: Store, campaign_id: int) -> Sequence[int]:
    """Return the orders of a campaign that a notice is about: open and not locked, or silent."""
    unlocked = f"SELECT o.id FROM orders o WHERE o.campaign_id = :campaign AND {OPEN_SQL} AND o.locked_at IS NULL"
    return _ids(store, f"{_SILENT_SQL} UNION {unlocked}", campaign_id)


def _ids(store: Store, sql: str, campaign_id: int) -> Sequence[int]:
    """Return ids in their order, eight bytes each."""
    cursor = store.db.execute(f"{sql} ORDER BY 1", {"campaign": campaign_id})
    try:
        return array("q", (row[0] for row in cursor))
    finally:
        cursor.close()


def read_asked(store: Store, ids: Sequence[int]) -> Iterator[Asked]:
    """Yield what is asked of whom for some orders, in their order; those of whom nothing is asked are left out."""
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        found = {each.order_id: each for each in _read(store, chunk)}
        yield from (found[each] for each in chunk if each in found)


def days_since(instant: str, now: datetime) -> int:
    """Return the whole days since an instant of the database."""
    return max(0, (now - from_text(instant)).days)


def _read(store: Store, ids: Sequence[int]) -> Iterator[Asked]:
    among = f"({marks(ids)})"
    faults: dict[int, list[str]] = {}
    for order_id, field, message in store.rows(
        "SELECT o.id, f.field, f.message FROM orders o JOIN findings f ON f.address_id = o.address_id"
        f" WHERE o.id IN {among} AND f.severity = 'error' ORDER BY o.id, f.field, f.code",
        list(ids),
    ):
        faults.setdefault(order_id, []).append(f"{field}: {message}")
    proposed = {
        row[0]: (row[1], row[2], Address(*row[3:]))
        for row in store.rows(
            f"SELECT c.order_id, c.decided_at, c.state, {_PARTS}"
            f" FROM changes c JOIN addresses a ON a.id = c.to_id WHERE c.order_id IN {among}"
            f" AND (c.state = 'waiting' OR ({UNANSWERED_SQL})) ORDER BY c.id",
            list(ids),
        )
    }
    for row in store.rows(
        f"SELECT o.id, o.campaign_id, o.notice_id, o.locked_at IS NULL, {NO_ADDRESS_SQL}, o.address_id IS NULL,"
        " b.email, iif(coalesce(a.name, '') <> '', a.name, b.name), o.number, o.country,"
        f" {_PARTS}"
        " FROM orders o JOIN backers b ON b.id = o.backer_id LEFT JOIN addresses a ON a.id = o.address_id"
        f" WHERE o.id IN {among} AND {OPEN_SQL} AND b.forgotten_at IS NULL",
        list(ids),
    ):
        order_id, campaign_id, notice_id, unlocked, missing, no_address, email, name, number, country, *parts = row
        on_file = Address(*(each or "" for each in parts)).one_line()
        wrong = faults.get(order_id, [])
        asked_at, state, requested = proposed.get(order_id, (None, "", Address()))
        if state == "asked":
            reason, words = Reason.ASKED, _which(on_file, requested.one_line())
        elif missing or wrong:
            reason, words, asked_at = Reason.MISSING, _what_is_wrong(wrong), None
        elif unlocked and not no_address:
            reason, words, asked_at = Reason.CONFIRM, _is_it_right(requested.one_line() if state else ""), None
        else:
            continue
        yield Asked(order_id, campaign_id, notice_id, reason, email, name, number, country, on_file, words, asked_at)


def _which(on_file: str, requested: str) -> str:
    if not on_file:
        return f"We were given the address “{requested}”. Is it right?"
    return f"Which address is right: “{on_file}” or “{requested}”?"


def _what_is_wrong(faults: Sequence[str]) -> str:
    if not faults:
        return "We have no address for your parcel: please send the full one."
    more = "" if len(faults) <= _NAMED else f" and {len(faults) - _NAMED} more"
    return f"We can't send to this address ({'; '.join(faults[:_NAMED])}{more}): please send the full one."


def _is_it_right(requested: str) -> str:
    if requested:
        return f"You asked us to change this address to “{requested}”, which we are looking at. Is that still right?"
    return "Is this address still right? Unless we hear from you, your parcel goes there."
