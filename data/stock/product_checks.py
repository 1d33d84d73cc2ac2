"""What a product can be: the checks of every value before it is kept, each naming its field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from data.model import InputError, Money
from data.text import has_hidden, visible

LONGEST_SKU = 50
"""Characters; what ShipStation takes."""
LONGEST_TEXT = 200
"""Characters of a title or a customs description."""
HEAVIEST = 1_000_000
"""Grams."""
LONGEST_SIDE = 10_000
"""Millimetres."""
MOST_IN_KIT = 999_999
"""Pieces of one part."""
COLUMNS = (
    "title",
    "physical",
    "spare",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "hs_code",
    "origin",
    "description",
)
SETTABLE = (*COLUMNS, "values", "parts")
"""What can be set of a product; `values` are Money, one a currency; `parts` are (SKU, quantity)."""

Parts = tuple[tuple[str, int], ...]
"""What one of a name or a kit ships, as (SKU, quantity); empty = nothing."""

_SIZES = {"weight_g": ("weight", "grams", HEAVIEST)} | {
    f"{side}_mm": (side, "millimetres", LONGEST_SIDE) for side in ("length", "width", "height")
}


def checked_sku(sku: str) -> str:
    """Return a SKU that warehouses can take: 1-50 characters without space around them or hidden ones in them.

    Raises InputError for another.
    """
    if not sku or sku != sku.strip() or len(sku) > LONGEST_SKU or visible(sku) != sku:
        raise InputError(f"SKU “{visible(sku)}”: it is 1-{LONGEST_SKU} visible characters without space around them")
    return sku


def checked_parts(parts: Sequence[tuple[str, int]]) -> Parts:
    """Return the parts of a name or kit; raises InputError for a bad SKU, one that stands twice, and a bad quantity."""
    for sku, quantity in parts:
        checked_sku(sku)
        if not 1 <= quantity <= MOST_IN_KIT:
            raise InputError(f"{visible(sku)}: a quantity is a whole number from 1 to {MOST_IN_KIT:,}")
    if len({sku for sku, _ in parts}) < len(parts):
        raise InputError("a SKU stands twice: say its whole quantity once")
    return tuple(parts)


def checked_values(values: Mapping[str, object]) -> dict[str, object]:
    """Return values of `SETTABLE` as a product has them; raises InputError naming the field."""
    if unknown := values.keys() - set(SETTABLE):
        raise InputError(f"a product has no {', '.join(sorted(unknown))} to set")
    checked = dict(values)
    for name in {"physical", "spare"} & checked.keys():
        checked[name] = bool(checked[name])
    for name in _SIZES.keys() & checked.keys():
        word, unit, most = _SIZES[name]
        size = checked[name]
        if size is not None and (not isinstance(size, int) or not 1 <= size <= most):
            raise InputError(f"{word}: it is a whole number of {unit}, 1 to {most:,}")
    for name in {"title", "description"} & checked.keys():
        checked[name] = text = str(checked[name]).strip()
        if has_hidden(text) or len(text) > LONGEST_TEXT:
            raise InputError(f"{name}: it is one line of at most {LONGEST_TEXT} visible characters")
    if (hs_code := str(checked.get("hs_code") or "")) and not re.fullmatch(r"[0-9]{6}|[0-9]{8}|[0-9]{10}", hs_code):
        raise InputError(f"HS code {visible(hs_code)}: it is 6, 8 or 10 digits")
    if (origin := str(checked.get("origin") or "")) and not re.fullmatch(r"[A-Z]{2}", origin):
        raise InputError(f"origin {visible(origin)}: it is a two-letter country code, like CN")
    if "values" in checked:
        checked["values"] = _checked_money(cast(Iterable[Money], checked["values"]))
    if "parts" in checked:
        # In one order, whoever says them: the same parts are the same kit.
        checked["parts"] = checked_parts(sorted(cast(Iterable[tuple[str, int]], checked["parts"])))
    return checked


def _checked_money(values: Iterable[Money]) -> tuple[Money, ...]:
    """Return declared values in the order of their currencies."""
    found = sorted(values, key=lambda each: each.currency)
    for each in found:
        if not re.fullmatch(r"[A-Z]{3}", each.currency) or not 0 <= each.minor < 10**12:
            raise InputError(f"value {visible(each.currency)}: it is an amount from 0 in a currency like EUR")
    if len({each.currency for each in found}) < len(found):
        raise InputError("value: a currency stands twice")
    return tuple(found)
