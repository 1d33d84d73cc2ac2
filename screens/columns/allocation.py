"""What an allocation would do, as lines of a detail pane and as the words of a question."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from data.dispatch.allocate import Allocation
from data.dispatch.allocation_tally import Given, GivenSku, Short
from data.orders.chosen import counted
from screens.columns.text import QUIET, WARN, plain
from widgets.detail import Section

_MOST = 40
"""Lines of one section; the rest is counted."""


def allocation_sections(found: Allocation) -> list[Section]:
    """Return what would go where, and what would stay; empty sections are left out."""
    sections = [
        Section(Content("Backorders: what is lacking"), _most([_short(each) for each in found.short])),
        Section(Content("By warehouse and SKU"), _most([_sku(each) for each in found.skus])),
        Section(Content("By warehouse and country"), _most([_given(each) for each in found.given])),
        Section(Content("Would stay"), _most([plain(f"{count:,}: {reason}") for reason, count in found.left])),
    ]
    return [each for each in sections if each.lines]


def allocation_question(found: Allocation) -> str:
    """Ask whether to do it: how many would go to each warehouse, how many stay and why, what is lacking most."""
    by_code: dict[str, int] = {}
    for each in found.given:
        by_code[each.warehouse] = by_code.get(each.warehouse, 0) + each.orders
    words = ", ".join(f"{count:,} to {code}" for code, count in by_code.items())
    split = f" ({found.split:,} split)" if found.split else ""
    return " ".join([f"Allocate {words}{split}?", *filter(None, ["; ".join(_stays(found))])])


def nothing_words(found: Allocation) -> str:
    """Say why nothing can be allocated."""
    reasons = "; ".join(_stays(found))
    return f"nothing to allocate{f': {reasons}' if reasons else ', nothing is ready'}"


def _stays(found: Allocation) -> list[str]:
    words = [f"{count:,} stay: {reason}" for reason, count in found.left]
    if found.short:
        first = found.short[0]
        more = f", {counted(len(found.short) - 1, 'SKU')} more" if len(found.short) > 1 else ""
        words.append(f"{first.warehouse} lacks {first.missing:,} of {first.sku}{more}")
    return words


def _given(given: Given) -> Content:
    return plain(f"{given.warehouse}  {given.country}  {counted(given.orders, 'order')}, {given.units:,} units")


def _sku(given: GivenSku) -> Content:
    left = "" if given.left is None else f"  {given.left:,} left"
    return Content.assemble(plain(f"{given.warehouse}  {given.units:,} x {given.sku}"), plain(left, QUIET))


def _short(short: Short) -> Content:
    words = f"{short.warehouse}  {short.missing:,} x {short.sku}"
    return Content.assemble(plain(words, WARN), plain(f"  for {counted(short.orders, 'order')}", QUIET))


def _most(lines: Sequence[Content]) -> list[Content]:
    if len(lines) <= _MOST:
        return list(lines)
    return [*lines[:_MOST], plain(f"and {len(lines) - _MOST:,} more", QUIET)]
