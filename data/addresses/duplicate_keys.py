"""Keys of address versions, kept beside them: orders at one place for one person are found by equal numbers.

Derived from versions that never change, so they are written once, with the findings, and go with the version. They are
one-way, but a person's all the same: forgetting takes them away.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from data.addresses.duplicates import alike, person_text, place_text
from data.addresses.versions import COLUMNS
from data.model import Address
from data.store.store import Write

_MOST_COMPARED = 200
"""Names at one place that a name is compared with; a place with more is a business that takes in parcels."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What a version is found by."""

    place: int
    person: str
    """The addressee in canonical notation."""


def keys_of(address: Address) -> Keys | None:
    """Return a version's keys, or None where it names no place."""
    place = place_text(address)
    return Keys(_number(place), person_text(address)) if place else None


def write_keys(tx: Write, address_id: int, order_id: int, keys: Keys | None) -> None:
    """Keep the keys of a version in place of earlier ones.

    A name that is alike to one at the same place gets that one's number, so that a group is all rows of equal numbers.
    Costs one look-up in the index where nobody else lives at the place.
    """
    if keys is None:
        tx.run("DELETE FROM address_keys WHERE address_id = ?", (address_id,))
        return
    others = tx.rows(
        f"SELECT k.order_id, k.person_key, {', '.join(f'a.{name}' for name in COLUMNS.split(', '))}"
        " FROM address_keys k JOIN addresses a ON a.id = k.address_id"
        " WHERE k.place_key = ? AND k.address_id <> ? ORDER BY k.address_id LIMIT ?",
        (keys.place, address_id, _MOST_COMPARED),
    )
    person = _number(keys.person)
    shared = any(other[0] != order_id for other in others)
    if all(other[1] != person for other in others):
        known = (other[1] for other in others if alike(person_text(Address(*other[2:])), keys.person))
        person = next(known, person)
    tx.run(
        "INSERT OR REPLACE INTO address_keys(address_id, order_id, place_key, person_key, shared)"
        " VALUES (?, ?, ?, ?, ?)",
        (address_id, order_id, keys.place, person, int(shared)),
    )
    if shared:
        tx.run("UPDATE address_keys SET shared = 1 WHERE place_key = ? AND shared = 0", (keys.place,))


def _number(text: str) -> int:
    """Return a number for a text, the same in every process; two of a million texts share one once in 37 million."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
