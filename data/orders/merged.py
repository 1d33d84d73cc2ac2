"""Orders that share one shipment: which travel together, and what becomes of the others when one leaves.

Each carries the id of the order that leads them, the leader its own; the leader's number is the one on the parcel.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from data.store.store import Parameters, Write


class Reads(Protocol):
    """What can be read from: the store, or a write inside its transaction."""

    def rows(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Read every row."""
        ...


@dataclass(frozen=True, slots=True)
class Member:
    """One order of those that travel together."""

    id: int
    number: str
    group: int
    """The leader's id."""
    address_id: int | None


def members(reads: Reads, order_ids: Iterable[int]) -> list[Member]:
    """Return every order of the groups that some orders belong to, cancelled ones left out; by group, then by id."""
    return [
        Member(*row)
        for row in reads.rows(
            "SELECT m.id, m.number, m.ship_with, m.address_id FROM orders m WHERE m.stage <> 'cancelled'"
            " AND m.ship_with IN (SELECT ship_with FROM orders WHERE id IN (SELECT value FROM json_each(?))"
            "  AND ship_with IS NOT NULL) ORDER BY m.ship_with, m.id",
            (json.dumps(list(order_ids)),),
        )
    ]


def with_partners(reads: Reads, order_ids: Sequence[int]) -> list[int]:
    """Return some orders, each once, and after them those that travel with one of them."""
    return list(dict.fromkeys([*order_ids, *(each.id for each in members(reads, order_ids))]))


def join(tx: Write, order_ids: Sequence[int]) -> None:
    """Let orders travel together, with all that travel with one of them already; the oldest leads."""
    group = with_partners(tx, order_ids)
    _lead(tx, group, min(group))


def leave(tx: Write, order_ids: Iterable[int]) -> list[int]:
    """Let orders travel by themselves; returns those that had travelled with others.

    Who is left travels on together, behind the oldest of them; a last one alone is in no group any more.
    """
    wanted = set(order_ids)
    groups: dict[int, list[int]] = {}
    for each in members(tx, wanted):
        groups.setdefault(each.group, []).append(each.id)
    gone = [each for group in groups.values() for each in group if each in wanted]
    _lead(tx, gone, None)
    for group in groups.values():
        rest = [each for each in group if each not in wanted]
        _lead(tx, rest, min(rest) if len(rest) > 1 else None)
    return gone


def _lead(tx: Write, order_ids: Sequence[int], leader: int | None) -> None:
    tx.run(
        "UPDATE orders SET ship_with = ?, rev = rev + 1 WHERE id IN (SELECT value FROM json_each(?))"
        " AND ship_with IS NOT ?",
        (leader, json.dumps(list(order_ids)), leader),
    )
