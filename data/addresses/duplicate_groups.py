"""Groups of orders at one place, read by one query on the index of shared places: one person's first, households after.

A group is listed while something of it can still be merged: an order of it is not sent, and nobody has decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from data.orders.alike import OPEN
from data.store.store import Store

Likeness = Literal["same_person", "same_address"]


@dataclass(frozen=True, slots=True)
class DuplicateOrder:
    """One order of a group."""

    id: int
    number: str
    name: str
    """On the address."""
    email: str
    stage: str
    ship_with: int | None
    meant_with: int | None
    address: str
    """Street and postcode, as they are written."""


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Orders of one campaign at one place."""

    campaign: str
    likeness: Likeness
    """`same_person`: by a name, a backer or an e-mail; `same_address`: other people, a household or a house."""
    why: tuple[str, ...]
    """What they share besides the place."""
    orders: tuple[DuplicateOrder, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    place: int
    person: int
    backer: int
    campaign: str
    order: DuplicateOrder


_SHARED = """
SELECT c.code, k.place_key, k.person_key, o.backer_id, o.id, o.number, a.name, b.email, o.stage, o.ship_with,
  o.meant_with, a.line1 || CASE WHEN a.line2 <> '' THEN ', ' || a.line2 ELSE '' END || ', ' || a.postcode
FROM address_keys k INDEXED BY address_keys_shared CROSS JOIN orders o ON o.id = k.order_id
JOIN campaigns c ON c.id = o.campaign_id JOIN backers b ON b.id = o.backer_id JOIN addresses a ON a.id = k.address_id
WHERE k.shared = 1 AND o.address_id = k.address_id AND o.stage <> 'cancelled' AND o.kind <> 'replacement'
  AND (:campaign IS NULL OR o.campaign_id = :campaign)
ORDER BY o.campaign_id, k.place_key, o.id
"""


def duplicate_groups(store: Store, campaign_id: int | None = None) -> list[DuplicateGroup]:
    """Return the groups that wait for a decision, of one campaign or of each: one person's first, the oldest first.

    Orders of two campaigns are never in one group: they can't share a shipment.
    """
    rows = (
        _Row(row[1], row[2], row[3], row[0], DuplicateOrder(*row[4:]))
        for row in store.rows(_SHARED, {"campaign": campaign_id})
    )
    found: list[DuplicateGroup] = []
    for (_campaign, _place), at_place in groupby(rows, key=lambda row: (row.campaign, row.place)):
        found += _groups(list(at_place))
    return sorted(found, key=lambda group: (group.likeness != "same_person", group.orders[0].id))


def _groups(rows: Sequence[_Row]) -> Iterator[DuplicateGroup]:
    """Yield the groups of one place."""
    people = _people(rows)
    for person in people:
        if _waits(person):
            yield _group(person, "same_person", _why(person))
    if len(people) > 1 and _waits([person[0] for person in people], any(map(_is_open, rows))):
        yield _group(rows, "same_address", ("other names",))


def _people(rows: Sequence[_Row]) -> list[list[_Row]]:
    """Part the orders of a place by person: a name alike, a backer or an e-mail address in common."""
    people: dict[int, list[_Row]] = {}
    owner: dict[tuple[str, object], int] = {}
    for at, row in enumerate(rows):
        marks = [("name", row.person), ("backer", row.backer), ("email", row.order.email.lower() or at)]
        known = sorted({owner[mark] for mark in marks if mark in owner})
        person = known[0] if known else at
        people.setdefault(person, []).append(row)
        for other in known[1:]:
            people[person] += people.pop(other)
            owner |= {mark: person for mark, whose in owner.items() if whose == other}
        owner |= dict.fromkeys(marks, person)
    return list(people.values())


def _same_email(one: _Row, other: _Row) -> bool:
    return bool(one.order.email) and one.order.email.lower() == other.order.email.lower()


def _is_open(row: _Row) -> bool:
    return row.order.stage in OPEN


def _waits(rows: Sequence[_Row], opened: bool | None = None) -> bool:
    """Tell whether somebody must still say what the orders are, and something of them can still be changed."""
    if len(rows) < 2 or not (any(map(_is_open, rows)) if opened is None else opened):
        return False
    merged, meant = {row.order.ship_with for row in rows}, {row.order.meant_with for row in rows}
    return all(len(each) > 1 or None in each for each in (merged, meant))


def _why(person: Sequence[_Row]) -> tuple[str, ...]:
    first, rest = person[0], person[1:]
    names = {row.order.name.casefold() for row in person}
    found = {
        "same backer": any(row.backer == first.backer for row in rest),
        "same e-mail": any(_same_email(first, row) for row in rest),
        "same name": len(names) < len(person),
        "similar names": len(names) > 1 and any(row.person == first.person for row in rest),
    }
    return tuple(words for words, so in found.items() if so)


def _group(rows: Sequence[_Row], likeness: Likeness, why: tuple[str, ...]) -> DuplicateGroup:
    orders = tuple(sorted((row.order for row in rows), key=lambda order: order.id))
    return DuplicateGroup(rows[0].campaign, likeness, why, orders)
