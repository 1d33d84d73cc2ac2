"""What a warehouse lacks for one batch: what it has yet to send of others goes before, what only waits behind."""

from __future__ import annotations

from data.stock.levels import list_short
from data.store.store import Store, Write

_UNDER_WAY = "'sending', 'accepted', 'held', 'blocked', 'picking', 'packed', 'part_shipped'"
_PARTS = """
SELECT coalesce(k.sku, l.sku), sum(l.quantity * coalesce(k.quantity, 1)) FROM shipments s
JOIN shipment_lines l ON l.shipment_id = s.id LEFT JOIN kit_parts k ON k.kit = l.sku
WHERE {which} GROUP BY 1
"""


def lacking_for(reads: Store | Write, warehouse: str, batch_id: int) -> dict[str, int]:
    """Return how many pieces of each SKU are lacking for a batch, where somebody has counted them.

    Kits count as their parts. What is only allocated waits behind the batch; what was sent before it does not.
    """
    on_hand = list_short(reads, warehouse)
    if not on_hand:
        return {}
    sent = dict(reads.rows(_PARTS.format(which=f"s.warehouse = ? AND s.state IN ({_UNDER_WAY})"), (warehouse,)))
    wanted = dict(reads.rows(_PARTS.format(which="s.batch_id = ? AND s.state = 'draft'"), (batch_id,)))
    lacking = {sku: pieces + sent.get(sku, 0) - on_hand[sku] for sku, pieces in wanted.items() if sku in on_hand}
    return {sku: pieces for sku, pieces in lacking.items() if pieces > 0}
