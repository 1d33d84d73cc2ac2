"""What `verify` asks of the ledger. More promised than there is (oversold) is no broken promise: `stock` shows it."""

from __future__ import annotations

from collections.abc import Iterator

from data.stock.levels import list_levels
from data.stock.restock import BACK_SQL, LEFT_SQL
from data.store.store import Store

_SLICE = 50_000
"""Orders compared at once."""
_BOTH = """
SELECT warehouse, sku, state, quantity FROM movements UNION ALL
SELECT warehouse, sku, state, quantity FROM order_movements"""
_LEVELS = f"""
SELECT warehouse, sku, state, sum(level), sum(moved) FROM (
  SELECT warehouse, sku, state, quantity AS level, 0 AS moved FROM stock_levels UNION ALL
  SELECT warehouse, sku, state, 0, quantity FROM ({_BOTH}))
GROUP BY warehouse, sku, state HAVING sum(level) <> sum(moved) ORDER BY 1, 2, 3"""
_ORDERS = """
SELECT order_id, coalesce((SELECT number FROM orders WHERE id = order_id), ''), warehouse, sku, state, sum(facts),
  sum(moved) FROM (
  SELECT order_id, warehouse, sku, state, quantity AS facts, 0 AS moved FROM order_stock
    WHERE order_id BETWEEN :first AND :last UNION ALL
  SELECT order_id, warehouse, sku, state, 0, quantity FROM order_movements WHERE order_id BETWEEN :first AND :last)
GROUP BY order_id, warehouse, sku, state HAVING sum(facts) <> sum(moved)"""
_BACK = f"""
SELECT b.key, b.sku, b.quantity, coalesce(l.quantity, 0) FROM ({BACK_SQL.format(keys="IS NOT NULL")}) b
LEFT JOIN ({LEFT_SQL.format(keys="IN (SELECT reference FROM movements WHERE reason = 'restocked')")}) l
  ON l.key = b.key AND l.sku = b.sku
WHERE b.quantity > coalesce(l.quantity, 0)"""


def levels(store: Store) -> Iterator[str]:
    """Yield levels that are not the sum of their movements."""
    for warehouse, sku, state, level, moved in store.rows(_LEVELS):
        yield f"{sku} at {warehouse}: {level:,} {state} are shown, its movements come to {moved:,}"


def reservations(store: Store) -> Iterator[str]:
    """Yield orders whose movements are not what they reserve and what has left for them."""
    top = int(
        store.value(
            "SELECT max(coalesce((SELECT max(id) FROM orders), 0),"
            " coalesce((SELECT max(order_id) FROM order_movements), 0))"
        )
    )
    for first in range(1, top + 1, _SLICE):
        for order_id, number, warehouse, sku, state, facts, moved in store.rows(
            _ORDERS, {"first": first, "last": first + _SLICE - 1}
        ):
            where = f"order {number} (#{order_id})"
            yield f"{where} makes {facts:,} {state} of {sku} at {warehouse}, the ledger has {moved:,}"


def below_nothing(store: Store) -> Iterator[str]:
    """Yield numbers below zero that contradict what was counted, and pieces that came back without having left."""
    for each in list_levels(store):
        where = f"{each.sku} at {each.warehouse}"
        if each.counted and each.on_hand < 0:
            yield f"{where}: {each.on_hand:,} on hand: more has left than was ever there, count it"
        for name in ("allocated", "damaged", "in_transit"):
            if getattr(each, name) < 0:
                yield f"{where}: {getattr(each, name):,} {name.replace('_', ' ')}"
    for key, sku, back, left in store.rows(_BACK):
        yield f"shipment {key}: {back:,} of {sku} are back on a shelf, {left:,} left"
