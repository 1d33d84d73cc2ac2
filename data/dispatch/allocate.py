"""Giving orders to warehouses: by the country a warehouse names, else to the one that serves everywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from data.model import Done, Refusal
from data.orders.chosen import counted
from data.orders.merged import with_partners
from data.orders.stages import settle
from data.policy import ANYWHERE, Policy
from data.stock.warehouses import register
from data.store.store import Store, Write
from data.store.workspace import Workspace

_MOST_NAMED = 200
"""Orders that are refused one by one; beyond that they are counted by reason."""

# Every order that was asked for, with the warehouse it would get and what keeps it from getting one.
_PLAN = """
WITH served AS MATERIALIZED (SELECT key AS country, value AS warehouse FROM json_each(:served)),
merged AS MATERIALIZED (SELECT ship_with AS together, min(warehouse) AS warehouse FROM orders
  WHERE ship_with IS NOT NULL AND stage <> 'cancelled' GROUP BY ship_with)
SELECT o.id AS id, o.number AS number, o.country AS country,
  coalesce(:warehouse, m.warehouse, served.warehouse, :anywhere) AS warehouse,
  CASE
    WHEN o.stage = 'cancelled' OR o.cancel_asked_at IS NOT NULL THEN 'it is cancelled'
    WHEN o.stage = 'needs_info' THEN 'something is missing: its address, its items or its payment'
    WHEN o.stage = 'allocated' AND :again = 0 THEN 'it has a warehouse: ' || o.warehouse
    WHEN o.stage NOT IN ('ready', 'allocated') THEN 'it is in a batch already'
    WHEN EXISTS (SELECT 1 FROM holds h WHERE h.order_id = o.id AND h.released_at IS NULL) THEN 'it is held'
    WHEN :warehouse IS NOT NULL AND :everywhere = 0 AND served.warehouse IS NULL
      THEN :warehouse || ' does not serve ' || o.country
    WHEN coalesce(:warehouse, m.warehouse, served.warehouse, :anywhere) IS NULL THEN 'no warehouse serves ' || o.country
    ELSE '' END AS reason
FROM orders o LEFT JOIN served ON served.country = o.country LEFT JOIN merged m ON m.together = o.ship_with
WHERE (:campaign IS NULL OR o.campaign_id = :campaign)
"""
_CHOSEN = " AND o.id IN (SELECT value FROM json_each(:ids))"
_WAITING = " AND o.stage IN ('ready', 'needs_info')"


@dataclass(frozen=True, slots=True)
class Given:
    """What one warehouse gets for one country."""

    warehouse: str
    country: str
    orders: int
    units: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """What allocating did, or with `dry_run` would do."""

    done: Done
    given: tuple[Given, ...]
    left: tuple[tuple[str, int], ...]
    """Why orders were left alone, and how many."""


def allocate(
    ws: Workspace,
    *,
    campaign_id: int | None = None,
    ids: Sequence[int] | None = None,
    warehouse: str | None = None,
    dry_run: bool = False,
) -> Allocation:
    """Give orders to warehouses: those of `ids`, else every order that is ready.

    An order goes where one it is merged with goes, else to the first warehouse of `lastcall.toml` that names its
    country, else to the first that serves everywhere; the orders merged with some of `ids` go along. `warehouse` sends
    them to that one, also those that have another, as long as it serves their country; raises WorkspaceError when there
    is none of that code. Held orders and those with something missing stay.
    """
    ids = None if ids is None else with_partners(ws.store, ids)
    given = _parameters(ws.policy, campaign_id, ids, warehouse)
    plan = _PLAN + (_WAITING if ids is None else _CHOSEN)
    if dry_run:
        done = Done(None, "")
        groups, left = _summary(ws.store, plan, given)
        return Allocation(_worded(done, groups, left, dry=True), groups, left)
    with ws.write("order.allocate", "allocate orders", campaign=campaign_id) as tx:
        register(tx, ws.policy)
        groups, left = _summary(tx, plan, given)
        moved = [row[0] for row in tx.rows(f"SELECT id FROM ({plan}) WHERE reason = '' ORDER BY id", given)]
        refused = _refusals(tx, plan, given, ids)
        if moved:
            # The stage that `settle` will derive is written along, which spares a second change of each row.
            tx.run(
                "UPDATE orders SET warehouse = p.warehouse, stage = 'allocated', rev = rev + 1"
                f" FROM ({plan}) p WHERE p.id = orders.id AND p.reason = ''",
                given,
            )
            settle(tx, moved)
        done = _worded(Done(None, "", tuple(moved), refused), groups, left)
        tx.words = done.words
    return Allocation(Done(tx.act or None, done.words, done.done, done.refused, notes=done.notes), groups, left)


def unallocate(ws: Workspace, ids: Sequence[int], *, campaign_id: int | None = None) -> Done:
    """Take orders back from their warehouses, with those they are merged with, as long as they are in no batch."""
    ids = with_partners(ws.store, ids)
    with ws.write("order.unallocate", "unallocate orders", campaign=campaign_id) as tx:
        rows = tx.rows(
            "SELECT id, number, stage FROM orders WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(ids)),),
        )
        moved = [row[0] for row in rows if row[2] == "allocated"]
        refused = tuple(
            Refusal(row[0], row[1], "it has no warehouse" if row[2] in ("needs_info", "ready") else f"it is {row[2]}")
            for row in rows
            if row[2] != "allocated"
        )
        tx.run(
            "UPDATE orders SET warehouse = NULL, stage = 'ready', rev = rev + 1"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(moved),),
        )
        settle(tx, moved)
        tx.words = f"take {counted(len(moved), 'order')} back from their warehouses"
    return Done(tx.act or None, tx.words, tuple(moved), refused)


def explain(store: Store, policy: Policy, order_id: int) -> tuple[str, ...]:
    """Say why an order is at the warehouse it is at, or why it is at none: a few lines, most important first."""
    row = store.one("SELECT country, coalesce(warehouse, ''), stage, number FROM orders WHERE id = ?", (order_id,))
    if row is None:
        return (f"there is no order {order_id}",)
    country, warehouse, stage, _ = row
    lines: list[str] = []
    if warehouse:
        settings = next((each for each in policy.warehouses if each.code == warehouse), None)
        if settings is None:
            lines.append(f"{warehouse}: it is no longer in lastcall.toml")
        elif settings.serves(country):
            lines.append(f"{warehouse}: it names {country}")
        elif ANYWHERE in settings.countries:
            lines.append(f"{warehouse}: no warehouse names {country}, and it serves everywhere else")
        else:
            lines.append(f"{warehouse}: a person chose it; it does not name {country}")
        others = [each.code for each in policy.warehouses if each.code != warehouse and each.serves(country)]
        if others:
            lines.append(f"also served by {', '.join(others)}")
    else:
        plan = _PLAN + _CHOSEN
        found = store.one(f"SELECT warehouse, reason FROM ({plan})", _parameters(policy, None, [order_id], None))
        assert found is not None
        lines.append(found[1] or f"not allocated yet: {found[0]} would get it")
    if stage == "needs_info":
        lines.append("something is missing: its address, its items or its payment")
    lines += [
        f"held ({kind}): {reason}"
        for kind, reason in store.rows(
            "SELECT kind, reason FROM holds WHERE order_id = ? AND released_at IS NULL ORDER BY id", (order_id,)
        )
    ]
    return tuple(dict.fromkeys(lines))


def _parameters(
    policy: Policy, campaign_id: int | None, ids: Sequence[int] | None, warehouse: str | None
) -> dict[str, object]:
    """Return what the plan's query is asked with."""
    chosen = [policy.warehouse(warehouse)] if warehouse is not None else list(policy.warehouses)
    served: dict[str, str] = {}
    for each in chosen:
        for country in each.countries:
            served.setdefault(country, each.code)
    anywhere = served.pop(ANYWHERE, None)
    return {
        "served": json.dumps(served),
        "anywhere": anywhere,
        "everywhere": int(anywhere is not None),
        "warehouse": warehouse,
        "again": int(warehouse is not None),
        "campaign": campaign_id,
        "ids": json.dumps(list(ids or ())),
    }


def _summary(
    reads: Store | Write, plan: str, given: dict[str, object]
) -> tuple[tuple[Given, ...], tuple[tuple[str, int], ...]]:
    """Count the plan by warehouse and country, and what it leaves by reason."""
    groups = tuple(
        Given(*row)
        for row in reads.rows(
            "SELECT p.warehouse, p.country, count(DISTINCT p.id), coalesce(sum(l.quantity), 0)"
            f" FROM ({plan}) p LEFT JOIN order_lines l ON l.order_id = p.id AND l.sku IN"
            " (SELECT sku FROM products WHERE physical = 1)"
            " WHERE p.reason = '' GROUP BY p.warehouse, p.country ORDER BY p.warehouse, p.country",
            given,
        )
    )
    left = tuple(
        (str(row[0]), int(row[1]))
        for row in reads.rows(
            f"SELECT reason, count(*) FROM ({plan}) WHERE reason <> '' GROUP BY reason ORDER BY 2 DESC, 1", given
        )
    )
    return groups, left


def _refusals(tx: Write, plan: str, given: dict[str, object], ids: Sequence[int] | None) -> tuple[Refusal, ...]:
    """Name what was refused where a person chose the orders one by one."""
    if ids is None or len(ids) > _MOST_NAMED:
        return ()
    rows = tx.rows(f"SELECT id, number, reason FROM ({plan}) WHERE reason <> '' ORDER BY id", given)
    return tuple(Refusal(*row) for row in rows)


def _worded(done: Done, groups: Sequence[Given], left: Sequence[tuple[str, int]], *, dry: bool = False) -> Done:
    """Say by warehouse what was given, and what was left, unless it is named already."""
    by: dict[str, int] = {}
    for each in groups:
        by[each.warehouse] = by.get(each.warehouse, 0) + each.orders
    total = sum(by.values())
    where = ", ".join(f"{code} {count:,}" for code, count in by.items())
    words = f"{'would allocate' if dry else 'allocate'} {counted(total, 'order')}" + (f": {where}" if where else "")
    notes = tuple(f"left {count:,}: {reason}" for reason, count in left) if not done.refused else ()
    return Done(done.act, words, done.done, done.refused, notes=notes)
