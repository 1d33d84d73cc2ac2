"""What warehouses have left to give: on hand less what is allocated, by warehouse and SKU, where it is counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from data.orders.merged import Reads
from data.policy import Policy

Needs = Sequence[tuple[str, int]]
"""Pieces by SKU, each SKU once."""


class StockLeft:
    """Counted stock that is given away piece by piece; what nobody has counted in is without limit."""

    def __init__(self, left: Iterable[tuple[str, str, int]]) -> None:
        """Begin with rows of (warehouse, SKU, pieces)."""
        self._left: dict[str, dict[str, int]] = {}
        for warehouse, sku, pieces in left:
            self._left.setdefault(warehouse, {})[sku] = pieces

    def left(self, warehouse: str, sku: str) -> int | None:
        """Return how many are left, or None where there is no limit; below 0 where more is promised than there is."""
        return self._left.get(warehouse, {}).get(sku)

    def has(self, warehouse: str, needs: Needs) -> bool:
        """Tell whether a warehouse has all of it."""
        have = self._left.get(warehouse)
        if have is not None:
            for sku, pieces in needs:
                left = have.get(sku)
                if left is not None and left < pieces:
                    return False
        return True

    def lacking(self, warehouse: str, needs: Needs) -> list[tuple[str, int]]:
        """Return what of it a warehouse does not have: SKU and missing pieces."""
        have = self._left.get(warehouse, {})
        return [(sku, pieces - max(have[sku], 0)) for sku, pieces in needs if sku in have and have[sku] < pieces]

    def take(self, warehouse: str, needs: Needs) -> None:
        """Give pieces away."""
        have = self._left.get(warehouse)
        if have is not None:
            for sku, pieces in needs:
                if sku in have:
                    have[sku] -= pieces

    def put_back(self, warehouse: str, needs: Needs) -> None:
        """Take pieces back."""
        self.take(warehouse, [(sku, -pieces) for sku, pieces in needs])


def read_stock(reads: Reads, policy: Policy) -> StockLeft:
    """Read what is left at this moment, at the warehouses whose stock the policy checks."""
    checked = {each.code for each in policy.warehouses if each.policy.stock == "check"}
    rows = reads.rows(
        "SELECT m.warehouse, m.sku, coalesce((SELECT sum(CASE v.state WHEN 'on_hand' THEN v.quantity ELSE -v.quantity"
        "  END) FROM stock_levels v WHERE v.warehouse = m.warehouse AND v.sku = m.sku"
        "  AND v.state IN ('on_hand', 'allocated')), 0)"
        " FROM (SELECT DISTINCT warehouse, sku FROM movements WHERE state = 'on_hand') m"
    )
    return StockLeft(row for row in rows if row[0] in checked)
