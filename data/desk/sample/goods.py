"""What the sample campaign's warehouses have: products with sizes and customs data, a kit, a spare, and deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data.desk.sample.rewards import PRODUCTS
from data.files.write import Written, write_table
from data.model import Money
from data.policy import Policy
from data.stock.kits import parts_of
from data.store.store import Store

KIT, PARTS = "LH-MINI", (("LH-TRAY-K", "Tray of Keepers"), ("LH-TRAY-S", "Tray of Storms"))
"""A box that lies on the shelves as its two trays, and those."""
SPARE = ("LH-TOWER", "Lighthouse tower")
SHORT = ("US1", "LH-MAT")
"""Where too little of what has come: a container is late."""
_SIDES = {
    "LH-CORE": (300, 300, 75),
    "LH-XP1": (300, 300, 40),
    "LH-MINI": (220, 160, 60),
    "LH-ART": (280, 210, 22),
    "LH-DICE": (110, 80, 35),
    "LH-MAT": (620, 70, 70),
    "LH-SLV": (95, 70, 20),
}
_HEADER = (
    "sku", "title", "spare", "weight g", "length mm", "width mm", "height mm", "hs code", "origin",
    "customs description", "value USD", "value EUR", "parts",
)  # fmt: skip
_EURO = 0.92
_PLENTY, _SHORT_SHARE = 1.2, 0.7
_PALLET, _SPARES = 10, 40


def write_goods(path: Path) -> Written:
    """Write the file of products as a publisher keeps it; `lastcall product import` reads it."""
    rows: list[Sequence[str | int]] = []
    for each in PRODUCTS:
        parts = " + ".join(f"1x{sku}" for sku, _ in PARTS) if each.sku == KIT else ""
        dollars = Money(each.value, "USD")
        euros = Money(round(each.value * _EURO), "EUR")
        sizes = (each.grams, *_SIDES[each.sku])
        customs = (each.hs_code, each.origin, each.name, dollars.digits(), euros.digits(), parts)
        rows.append((each.sku, each.name, "no", *sizes, *customs))
    for sku, name in PARTS:
        rows.append((sku, name, "no", 320, 220, 160, 30, "950490", "CN", "plastic figures", "10.50", "9.66", ""))
    rows.append((*SPARE, "yes", 12, 40, 40, 90, "950490", "CN", "plastic figure", "0.50", "0.46", ""))
    return write_table(path, _HEADER, rows, spreadsheet=True)


def deliveries(store: Store, policy: Policy) -> dict[str, dict[str, int]]:
    """Return what comes to each warehouse by SKU: a fifth more than its countries ordered, in tens.

    At `SHORT` it is less than was ordered.
    """
    wanted: dict[str, dict[str, int]] = {each.code: {} for each in policy.warehouses}
    home = {country: each.code for each in reversed(policy.warehouses) for country in each.countries}
    parts = parts_of(store)
    for country, sku, quantity in store.rows(
        "SELECT o.country, l.sku, sum(l.quantity) FROM orders o JOIN order_lines l ON l.order_id = o.id"
        " JOIN products p ON p.sku = l.sku AND p.physical = 1 GROUP BY o.country, l.sku"
    ):
        place = wanted[home.get(country, home["*"])]
        for part, count in parts.get(sku, ((sku, 1),)):
            place[part] = place.get(part, 0) + quantity * count
    return {
        code: {sku: _delivered(code, sku, count) for sku, count in skus.items()} | {SPARE[0]: _SPARES}
        for code, skus in wanted.items()
    }


def _delivered(code: str, sku: str, wanted: int) -> int:
    if (code, sku) == SHORT:
        return max(1, int(wanted * _SHORT_SHARE))
    return -(-int(wanted * _PLENTY) // _PALLET) * _PALLET + _PALLET
