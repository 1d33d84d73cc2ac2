"""What orders need of warehouses: physical lines as pieces by SKU, kits as their parts; equal ones are read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from data.dispatch.stock_left import Needs
from data.orders.merged import Reads

_MOST_KEPT = 20_000
"""Different baskets that are remembered; a campaign has a few thousand."""

BASKET_SQL = """(SELECT group_concat(p.id || ' ' || l.quantity, ' ') FROM order_lines l
  JOIN products p ON p.sku = l.sku AND p.physical = 1 WHERE l.order_id = o.id AND l.quantity > 0)"""
"""The basket of an order `o` as one text of products' ids and quantities."""


@dataclass(frozen=True, slots=True)
class Basket:
    """What one order, or several that travel together, need."""

    units: int
    """Pieces ordered; a kit is one."""
    lines: int
    needs: Needs
    """Pieces by SKU as a warehouse picks them."""
    skus: frozenset[str]
    """Everything in it by name, kits and their parts."""


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line of an order."""

    id: int
    units: int
    needs: Needs


class Catalogue:
    """Products and kits as they are at one moment, with the baskets that were read by them."""

    def __init__(self, reads: Reads) -> None:
        """Read what there is."""
        self._skus: dict[int, str] = dict(reads.rows("SELECT id, sku FROM products"))
        self._parts: dict[str, list[tuple[str, int]]] = {}
        for kit, sku, quantity in reads.rows("SELECT kit, sku, quantity FROM kit_parts ORDER BY id"):
            self._parts.setdefault(kit, []).append((sku, quantity))
        self._kept: dict[str, Basket] = {}

    def basket(self, text: str | None) -> Basket:
        """Read a basket as `BASKET_SQL` says it."""
        text = text or ""
        found = self._kept.get(text)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            numbers = [int(each) for each in text.split()]
            lines = [(self._skus[product], pieces) for product, pieces in zip(numbers[::2], numbers[1::2], strict=True)]
            needs = self._needs(lines)
            names = frozenset(sku for sku, _ in (*lines, *needs))
            found = self._kept[text] = Basket(sum(numbers[1::2]), len(lines), needs, names)
        return found

    def together(self, texts: Iterable[str | None]) -> Basket:
        """Read several baskets as one."""
        return self.basket(" ".join(each for each in texts if each))

    def lines(self, reads: Reads, order_id: int) -> list[Line]:
        """Read the physical lines of an order one by one."""
        return [
            Line(line_id, pieces, self._needs([(sku, pieces)]))
            for line_id, sku, pieces in reads.rows(
                "SELECT l.id, l.sku, l.quantity FROM order_lines l JOIN products p ON p.sku = l.sku AND p.physical = 1"
                " WHERE l.order_id = ? AND l.quantity > 0 ORDER BY l.id",
                (order_id,),
            )
        ]

    def _needs(self, lines: Iterable[tuple[str, int]]) -> Needs:
        found: Counter[str] = Counter()
        for sku, pieces in lines:
            for part, each in self._parts.get(sku, ((sku, 1),)):
                found[part] += pieces * each
        return tuple(found.items())
