"""Back on the shelf: pieces of a parcel that came back, counted against what had left with it."""

from __future__ import annotations

from data.model import Done, InputError, Refusal
from data.stock.moving import Outcome, Step, Task, carry_out, checked_quantity, checked_warehouse
from data.store.store import Store, Write
from data.store.workspace import Workspace
from data.text import visible

_GONE = ("shipped", "delivered", "returned")
LEFT_SQL = """
SELECT s.key AS key, coalesce(k.sku, x.sku) AS sku, sum(x.quantity * coalesce(k.quantity, 1)) AS quantity
FROM shipments s JOIN shipment_lines x ON x.shipment_id = s.id LEFT JOIN kit_parts k ON k.kit = x.sku
WHERE s.state IN ('shipped', 'delivered', 'returned') AND s.key {keys} GROUP BY s.key, coalesce(k.sku, x.sku)
"""
"""What has left with shipments, kits as their parts."""
BACK_SQL = """
SELECT reference AS key, sku, sum(quantity) AS quantity FROM movements WHERE reason = 'restocked' AND reference {keys}
GROUP BY reference, sku
"""
"""What of shipments is back on a shelf."""


def restock(
    ws: Workspace,
    key: str,
    sku: str = "",
    quantity: int | None = None,
    *,
    warehouse: str = "",
    damaged: bool = False,
    reason: str = "",
) -> Done:
    """Put what came back of a shipment on the shelf again, or with `damaged` beside it; never more than left.

    `key` is the shipment's. Without `sku` it is all that is still out; `warehouse` is where it came back to, by default
    where it left. Raises InputError for a shipment, product or warehouse there is not.
    """
    state = "damaged" if damaged else "on_hand"

    def tasks(tx: Write) -> list[Outcome]:
        shipment, was, origin = _shipment(tx, key)
        if was not in _GONE:
            return [Refusal(shipment, key, f"it is {was}: nothing of it has left")]
        place = checked_warehouse(tx, warehouse or origin)
        out = still_out(tx, key)
        if sku:
            if sku not in out:
                return [Refusal(shipment, key, f"nothing of {visible(sku)} has left with it")]
            wanted = out[sku] if quantity is None else checked_quantity(quantity)
            if not 0 < wanted <= out[sku]:
                return [Refusal(shipment, key, f"only {out[sku]:,} of {visible(sku)} are still out")]
            out = {sku: wanted}
        found = [(each, count) for each, count in out.items() if count]
        if not found:
            return [Refusal(shipment, key, "all of it is back already")]
        return [Task(each, "restocked", (Step(place, state, count, key),)) for each, count in found]

    if quantity is not None and not sku:
        raise InputError("say of which SKU so many came back")
    what = f"{quantity:,} of {sku}" if sku and quantity else sku or "all"
    return carry_out(ws, "stock.restock", f"restock {what} of {key}", tasks, why=reason)


def still_out(reads: Store | Write, key: str) -> dict[str, int]:
    """Return what has left with a shipment and is not back, by SKU; a SKU of which all is back counts 0."""
    back = {row[1]: row[2] for row in reads.rows(BACK_SQL.format(keys="= ?"), (key,))}
    return {row[1]: row[2] - back.get(row[1], 0) for row in reads.rows(LEFT_SQL.format(keys="= ?"), (key,))}


def _shipment(tx: Write, key: str) -> tuple[int, str, str]:
    """Return a shipment's id, state and warehouse."""
    found = tx.one("SELECT id, state, warehouse FROM shipments WHERE key = ?", (key,))
    if found is None:
        raise InputError(f"there is no shipment {visible(key)}")
    return int(found[0]), str(found[1]), str(found[2])
