"""Why an order is where it is, or nowhere: the rule, the country, the stock of each part, a person's choice."""

from __future__ import annotations

from collections.abc import Sequence

from data.dispatch.allocate import BY_HAND
from data.dispatch.allocation_plan import BACKORDER, Asked, make_plan, zone_of
from data.dispatch.baskets import BASKET_SQL, Basket, Catalogue
from data.dispatch.candidates import Candidate, candidates, passed_rule
from data.dispatch.stock_left import StockLeft, read_stock
from data.policy import Policy
from data.store.store import Store

_MOST_SKUS = 10


def explain(store: Store, policy: Policy, order_id: int) -> tuple[str, ...]:
    """Say why an order is at the warehouse it is at, or why it is at none: a few lines, most important first."""
    row = store.one(
        f"SELECT o.country, coalesce(o.warehouse, ''), o.stage, o.priority, {BASKET_SQL} FROM orders o WHERE o.id = ?",
        (order_id,),
    )
    if row is None:
        return (f"there is no order {order_id}",)
    country, warehouse, stage, priority, text = row
    basket = Catalogue(store).basket(text)
    asked = (country, zone_of(store, order_id) if any(each.zones for each in policy.allocation.rules) else "")
    may = candidates(policy, *asked, basket.skus)
    passed = passed_rule(policy, *asked, basket.skus)
    if warehouse:
        lines = [*_placed(store, policy, order_id, (country, warehouse), may), *([passed] if passed else [])]
        lines += _parts(store, order_id, warehouse)
    else:
        stock = read_stock(store, policy)
        lines = [*_unplaced(store, policy, order_id), *([passed] if passed else [])]
        if stage == "ready":
            lines += [f"priority {priority}"] if priority else []
            lines += [f"{each.warehouse}: {each.why}{_stock_words(stock, each.warehouse, basket)}" for each in may]
    if stage == "needs_info":
        lines.append("something is missing: its address, its items or its payment")
    lines += [
        f"held ({kind}): {reason}"
        for kind, reason in store.rows(
            "SELECT kind, reason FROM holds WHERE order_id = ? AND released_at IS NULL ORDER BY id", (order_id,)
        )
    ]
    return tuple(dict.fromkeys(lines))


def _placed(store: Store, policy: Policy, order_id: int, at: tuple[str, str], may: Sequence[Candidate]) -> list[str]:
    """Say why it is at its warehouse, and what else might have had it."""
    country, warehouse = at
    lines: list[str] = []
    own = next((each for each in may if each.warehouse == warehouse), None)
    chosen_by = _chosen_by(store, order_id)
    merged = store.one(
        "SELECT p.number FROM orders o JOIN orders p ON p.ship_with = o.ship_with AND p.id <> o.id"
        " AND p.stage <> 'cancelled' AND p.warehouse = o.warehouse WHERE o.id = ? ORDER BY p.id",
        (order_id,),
    )
    if all(each.code != warehouse for each in policy.warehouses):
        lines.append(f"{warehouse}: it is no longer in lastcall.toml")
    elif own is None:
        lines.append(f"{warehouse}: {chosen_by or 'a person'} chose it; it does not name {country}")
    else:
        lines.append(f"{warehouse}: {own.why}")
        if may[0] is not own:
            if chosen_by:
                lines.append(f"{chosen_by} chose it")
            else:
                before = ", ".join(each.warehouse for each in may[: may.index(own)])
                lines.append(f"before it {before} would have had it: not all of it was left there then")
    if merged is not None:
        lines.append(f"merged with order {merged[0]}: they go together")
    others = [each.warehouse for each in may if each.warehouse != warehouse and each.why == f"it names {country}"]
    if others:
        lines.append(f"also served by {', '.join(others)}")
    return lines


def _unplaced(store: Store, policy: Policy, order_id: int) -> list[str]:
    """Say what keeps it from a warehouse, or which it would get of what is left at this moment."""
    plan = make_plan(store, Asked(policy), [order_id], read_stock(store, policy))
    split: dict[str, int] = {}
    for _, place in plan.parts:
        split[place] = split.get(place, 0) + 1
    if plan.moved:
        parts = "".join(f", {count} of its lines {place}" for place, count in split.items())
        return [f"not allocated yet: {plan.moved[0][1]} would get it{parts}"]
    reason = next((each.reason for each in plan.refused if each.id == order_id), "")
    return [f"backorder, {reason}" if reason.startswith(BACKORDER) else reason]


def _parts(store: Store, order_id: int, warehouse: str) -> list[str]:
    """Say which lines go to another warehouse than the order."""
    rows = store.rows(
        "SELECT warehouse, group_concat(quantity || ' x ' || sku, ', ') FROM order_lines"
        " WHERE order_id = ? AND warehouse IS NOT NULL GROUP BY warehouse ORDER BY min(id)",
        (order_id,),
    )
    if not rows:
        return []
    return [
        f"split, for no warehouse had all of it: what is not named here goes to {warehouse}",
        *(f"{code}: {lines}" for code, lines in rows),
    ]


def _chosen_by(store: Store, order_id: int) -> str:
    """Name the person who sent it to its warehouse by hand; empty where rules did."""
    found = store.one(
        "SELECT a.user, a.verb FROM journal j JOIN act a ON a.id = j.act_id WHERE j.tbl = 'orders' AND j.row_id = ?"
        " AND j.op = 'update' AND json_type(j.after, '$.warehouse') = 'text' ORDER BY j.id DESC",
        (order_id,),
    )
    return str(found[0]) if found is not None and found[1] == BY_HAND else ""


def _stock_words(stock: StockLeft, warehouse: str, basket: Basket) -> str:
    """Say what a warehouse has left of each part, where it is counted."""
    parts = [
        f"{max(left, 0):,} of {sku}{'' if left >= pieces else f' where {pieces:,} are needed'}"
        for sku, pieces in basket.needs
        if (left := stock.left(warehouse, sku)) is not None
    ]
    if not parts:
        return "; its stock is not counted"
    more = f" and {len(parts) - _MOST_SKUS} more" if len(parts) > _MOST_SKUS else ""
    return f"; it has {', '.join(parts[:_MOST_SKUS])}{more} left"
