"""What an allocation comes to, counted while it is decided: by warehouse and country, by warehouse and SKU."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from data.dispatch.stock_left import Needs, StockLeft


@dataclass(frozen=True, slots=True)
class Given:
    """What one warehouse gets for one country."""

    warehouse: str
    country: str
    orders: int
    """An order that is split counts at each of its warehouses."""
    units: int
    """Pieces as they were ordered; a kit is one."""


@dataclass(frozen=True, slots=True)
class GivenSku:
    """What one warehouse is to pick of one SKU."""

    warehouse: str
    sku: str
    units: int
    """Pieces; a kit is its parts."""
    left: int | None
    """What it has left then, or None where nobody counts it."""


@dataclass(frozen=True, slots=True)
class Short:
    """What one warehouse lacks of one SKU for the orders that it would have had."""

    warehouse: str
    sku: str
    missing: int
    """Pieces that must come in before all of them can go."""
    orders: int


@dataclass(slots=True)
class Tally:
    """The counts."""

    orders: int = 0
    split: int = 0
    """Of those, the ones whose lines leave several warehouses."""
    left: Counter[str] = field(default_factory=Counter)
    _given: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    _skus: Counter[tuple[str, str]] = field(default_factory=Counter)
    _wanted: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def give(self, warehouse: str, country: str, orders: int, units: int, needs: Needs) -> None:
        """Count what a warehouse gets."""
        _add(self._given, (warehouse, country), orders, units)
        for sku, pieces in needs:
            self._skus[(warehouse, sku)] += pieces

    def want(self, warehouse: str, orders: int, needs: Needs) -> None:
        """Count what a warehouse would have got if it had enough."""
        for sku, pieces in needs:
            _add(self._wanted, (warehouse, sku), orders, pieces)

    def add(self, other: Tally) -> None:
        """Count another part of the same allocation too."""
        self.orders += other.orders
        self.split += other.split
        self.left += other.left
        for key, (orders, units) in other._given.items():
            _add(self._given, key, orders, units)
        self._skus += other._skus
        for key, (orders, units) in other._wanted.items():
            _add(self._wanted, key, orders, units)

    def given(self) -> tuple[Given, ...]:
        """Return what each warehouse gets for each country."""
        return tuple(Given(*key, *counts) for key, counts in sorted(self._given.items()))

    def skus(self, stock: StockLeft) -> tuple[GivenSku, ...]:
        """Return what each warehouse is to pick; `stock` is what is left after it."""
        return tuple(GivenSku(*key, pieces, stock.left(*key)) for key, pieces in sorted(self._skus.items()))

    def short(self, stock: StockLeft) -> tuple[Short, ...]:
        """Return what is lacking, the most first."""
        found: list[Short] = []
        for key, (orders, pieces) in self._wanted.items():
            left = stock.left(*key)
            if left is not None and pieces > max(left, 0):
                found.append(Short(*key, pieces - max(left, 0), orders))
        return tuple(sorted(found, key=lambda each: (-each.missing, each.warehouse, each.sku)))

    def by_warehouse(self) -> dict[str, int]:
        """Count orders by warehouse."""
        found: dict[str, int] = {}
        for (warehouse, _), (orders, _units) in sorted(self._given.items()):
            found[warehouse] = found.get(warehouse, 0) + orders
        return found


def _add(counts: dict[tuple[str, str], list[int]], key: tuple[str, str], orders: int, pieces: int) -> None:
    found = counts.setdefault(key, [0, 0])
    found[0] += orders
    found[1] += pieces
