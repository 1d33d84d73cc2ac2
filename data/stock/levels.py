"""How much of each SKU is where: on hand, allocated, available, damaged, in transit, as the movements add up."""

from __future__ import annotations

from dataclasses import dataclass

from data.store.store import Store, Write

NUMBERS: dict[str, dict[str, int]] = {
    "on_hand": {"on_hand": 1},
    "allocated": {"allocated": 1},
    "available": {"on_hand": 1, "allocated": -1},
    "damaged": {"damaged": 1},
    "in_transit": {"in_transit": 1},
}
"""Every number there is of a SKU at a warehouse: the states whose movements it is the sum of, each with its sign."""


@dataclass(frozen=True, slots=True)
class Level:
    """The pieces of one SKU at one warehouse."""

    warehouse: str
    sku: str
    title: str
    on_hand: int
    """On the shelf and good, what is promised to orders included."""
    allocated: int
    """Promised to orders that have not left."""
    damaged: int
    in_transit: int
    """On its way to the warehouse."""
    counted: bool
    """Somebody has received or counted it there; else nobody knows what is on hand, and nothing can be short."""

    @property
    def available(self) -> int:
        """Return what can still be promised: on hand less what is allocated."""
        return self.on_hand - self.allocated

    @property
    def short(self) -> int:
        """Return how many more pieces are promised than there are; 0 where nobody has counted."""
        return max(0, -self.available) if self.counted else 0

    def numbers(self) -> dict[str, int]:
        """Return every number by its name."""
        return {name: int(getattr(self, name)) for name in NUMBERS}


_LEVELS = """
SELECT v.warehouse, v.sku, p.title, v.on_hand, v.allocated, v.damaged, v.in_transit,
  EXISTS (SELECT 1 FROM movements m WHERE m.sku = v.sku AND m.warehouse = v.warehouse AND m.state = 'on_hand')
FROM (SELECT warehouse, sku,
    sum(CASE state WHEN 'on_hand' THEN quantity ELSE 0 END) AS on_hand,
    sum(CASE state WHEN 'allocated' THEN quantity ELSE 0 END) AS allocated,
    sum(CASE state WHEN 'damaged' THEN quantity ELSE 0 END) AS damaged,
    sum(CASE state WHEN 'in_transit' THEN quantity ELSE 0 END) AS in_transit
  FROM stock_levels WHERE (:warehouse IS NULL OR warehouse = :warehouse) AND (:sku IS NULL OR sku = :sku)
  GROUP BY warehouse, sku) v
JOIN products p ON p.sku = v.sku
"""


def list_levels(
    store: Store, *, warehouse: str | None = None, sku: str | None = None, words: str = "", short: bool = False
) -> list[Level]:
    """Return what there is, by warehouse and SKU: all that was counted, and all of which any number is not 0.

    `words` keeps the SKUs whose name or title has every one of them, `short` those of which more is promised than
    there is.
    """
    wanted = words.casefold().split()
    levels = [
        _level(row)
        for row in store.rows(f"{_LEVELS} ORDER BY v.warehouse, v.sku", {"warehouse": warehouse, "sku": sku})
    ]
    return [
        each
        for each in levels
        if (each.counted or any(each.numbers().values()))
        and (each.short or not short)
        and all(word in f"{each.sku} {each.title}".casefold() for word in wanted)
    ]


def list_short(reads: Store | Write, warehouse: str) -> dict[str, int]:
    """Return what is on hand of the counted SKUs of which a warehouse has promised more than that."""
    found = (_level(row) for row in reads.rows(_LEVELS, {"warehouse": warehouse, "sku": None}))
    return {each.sku: each.on_hand for each in found if each.short}


def read_level(reads: Store | Write, warehouse: str, sku: str) -> Level:
    """Return what there is of one SKU at one warehouse; all 0 and not counted where nothing ever moved."""
    found = reads.one(_LEVELS, {"warehouse": warehouse, "sku": sku})
    if found is not None:
        return _level(found)
    title = reads.one("SELECT title FROM products WHERE sku = ?", (sku,))
    return Level(warehouse, sku, str(title[0]) if title else "", 0, 0, 0, 0, False)


def _level(row: tuple[object, ...]) -> Level:
    warehouse, sku, title, *numbers, counted = row
    on_hand, allocated, damaged, in_transit = (int(str(each)) for each in numbers)
    return Level(str(warehouse), str(sku), str(title), on_hand, allocated, damaged, in_transit, bool(counted))
