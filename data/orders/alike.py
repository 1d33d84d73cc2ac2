"""Orders that may be one person's twice: at one place for one name, one backer or one e-mail address.

The numbers compared are those of `address_keys`, which the check of addresses writes. A replacement is no duplicate of
what it replaces, a cancelled order of nothing, and what a person has said is meant is left alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from data.orders.conditions import Condition, Stream
from data.orders.merged import Reads
from data.store.store import Store

OPEN = ("needs_info", "ready", "allocated", "batched")
"""Stages of which nothing has been sent: a duplicate can still be seen to."""


def _pair(order: str) -> str:
    """Return the condition that `orders x` under key `n` is alike to an order under key `k`."""
    return f"""n.place_key = k.place_key AND x.id <> {order}.id AND x.address_id = n.address_id
      AND x.campaign_id = {order}.campaign_id AND x.stage <> 'cancelled' AND x.kind <> 'replacement'
      AND (n.person_key = k.person_key OR x.backer_id = {order}.backer_id
        OR EXISTS (SELECT 1 FROM backers b JOIN backers c ON c.id = x.backer_id
          WHERE b.id = {order}.backer_id AND b.email <> '' AND lower(b.email) = lower(c.email)))"""


def _undecided(order: str) -> str:
    """Return the condition that nobody has said what `orders x` and an order are to each other."""
    return f"""({order}.meant_with IS NULL OR x.meant_with IS NOT {order}.meant_with)
      AND ({order}.ship_with IS NULL OR x.ship_with IS NOT {order}.ship_with)"""


def _possible(order: str) -> str:
    """Return the condition that an order under key `k` waits, with a partner about whom nobody has decided."""
    return f"""k.shared = 1 AND k.address_id = {order}.address_id AND {order}.kind <> 'replacement'
      AND {order}.stage IN {OPEN}
      AND EXISTS (SELECT 1 FROM address_keys n CROSS JOIN orders x ON x.id = n.order_id WHERE {_pair(order)}
        AND {_undecided(order)})"""


POSSIBLE = f"EXISTS (SELECT 1 FROM address_keys k WHERE {_possible('o')})"
"""Of `orders o`: nothing of it is sent, and another order may be the same person's; nobody has said what that means."""


@dataclass(frozen=True, slots=True)
class AlikeOrder:
    """Another order that may be the same person's, at the same place."""

    id: int
    rev: int
    number: str
    name: str
    email: str
    stage: str
    why: str
    """What they share besides the place: `same backer`, `same e-mail`, `same name`, `similar name`."""
    state: str
    """`possible`, `merged` or `meant`."""


def possible_duplicates() -> Condition:
    """Return the condition of orders that may be somebody's twice, with the index that has them."""
    source = "address_keys k INDEXED BY address_keys_shared CROSS JOIN orders d ON d.id = k.order_id"
    shared = Stream(source, "k.order_id", _possible("d"), unique=False)
    return Condition(POSSIBLE, (), (shared,))


def decided(column: str) -> Condition:
    """Return the condition of orders that were merged (`ship_with`) or marked as meant (`meant_with`)."""
    where = f"d.{column} IS NOT NULL"
    return Condition(f"o.{column} IS NOT NULL", (), (Stream(f"orders d INDEXED BY orders_{column}", "d.id", where),))


def possible_among(store: Store, order_ids: Iterable[int]) -> set[int]:
    """Return those of some orders that may be somebody's twice."""
    among = json.dumps(list(order_ids))
    sql = f"SELECT o.id FROM orders o WHERE o.id IN (SELECT value FROM json_each(?)) AND {POSSIBLE}"
    return {each for (each,) in store.rows(sql, (among,))}


def possible_partners(reads: Reads, order_ids: Iterable[int]) -> dict[int, str]:
    """Return, of those of some orders that may be somebody's twice, the numbers of the others, with commas."""
    return {
        row[0]: row[1]
        for row in reads.rows(
            "SELECT o.id, group_concat(DISTINCT x.number) FROM json_each(?) j CROSS JOIN orders o ON o.id = j.value"
            " CROSS JOIN address_keys k ON k.address_id = o.address_id AND k.shared = 1"
            " CROSS JOIN address_keys n ON n.place_key = k.place_key CROSS JOIN orders x ON x.id = n.order_id"
            f" WHERE o.kind <> 'replacement' AND o.stage IN {OPEN} AND {_pair('o')} AND {_undecided('o')}"
            " GROUP BY o.id",
            (json.dumps(list(order_ids)),),
        )
    }


def alike_orders(store: Store, order_id: int) -> tuple[AlikeOrder, ...]:
    """Return the other orders that may be the same person's, and those that travel with it, the oldest first."""
    return tuple(
        AlikeOrder(*row)
        for row in store.rows(
            f"""
            SELECT x.id, x.rev, x.number, coalesce(nullif(bx.name, ''), a.name, ''), bx.email, x.stage, CASE
                WHEN x.backer_id = o.backer_id THEN 'same backer'
                WHEN bx.email <> '' AND lower(bx.email) = lower(bo.email) THEN 'same e-mail'
                WHEN lower(a.name) = lower(ao.name) THEN 'same name'
                WHEN f.alike THEN 'similar name' ELSE 'merged by hand' END,
              CASE WHEN x.ship_with = o.ship_with THEN 'merged' WHEN x.meant_with = o.meant_with THEN 'meant'
                ELSE 'possible' END
            FROM orders o JOIN backers bo ON bo.id = o.backer_id LEFT JOIN addresses ao ON ao.id = o.address_id
            JOIN (SELECT id, max(alike) AS alike FROM (
              SELECT x.id, 1 AS alike FROM orders o
                CROSS JOIN address_keys k ON k.address_id = o.address_id AND k.shared = 1
                CROSS JOIN address_keys n ON n.place_key = k.place_key CROSS JOIN orders x ON x.id = n.order_id
                WHERE o.id = :order AND o.kind <> 'replacement' AND {_pair("o")}
              UNION ALL SELECT m.id, 0 FROM orders m WHERE m.id <> :order AND m.stage <> 'cancelled'
                AND m.ship_with = (SELECT ship_with FROM orders WHERE id = :order)) GROUP BY id) f
            JOIN orders x ON x.id = f.id JOIN backers bx ON bx.id = x.backer_id
            LEFT JOIN addresses a ON a.id = x.address_id
            WHERE o.id = :order ORDER BY x.id
            """,
            {"order": order_id},
        )
    )
