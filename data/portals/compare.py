"""Whether what a warehouse holds is what it was asked for: recipient and lines, nothing else."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

from data.model import ADDRESS_FIELDS, Address
from data.portals.outcomes import RemoteLine
from data.text import without_hidden


def same_text(ours: str, theirs: str) -> bool:
    """Compare two values of an address as a label would print them: NFC, spaces collapsed, case aside."""
    return ours == theirs or _plain(ours) == _plain(theirs)


def address_differences(ours: Address, theirs: Address) -> list[str]:
    """Return one line for each field that is not the same text, in the order of the address."""
    return [
        f"{field}: asked {getattr(ours, field)!r}, warehouse has {getattr(theirs, field)!r}"
        for field in ADDRESS_FIELDS
        if not same_text(getattr(ours, field), getattr(theirs, field))
    ]


def line_differences(ours: Iterable[RemoteLine], theirs: Iterable[RemoteLine]) -> list[str]:
    """Return one line for each SKU whose sum differs; the order of the lines does not matter."""
    asked, held = _sums(ours), _sums(theirs)
    return [
        f"{sku}: asked {asked[sku]}, warehouse has {held[sku]}"
        for sku in sorted(asked.keys() | held.keys())
        if asked[sku] != held[sku]
    ]


def _sums(lines: Iterable[RemoteLine]) -> Counter[str]:
    total: Counter[str] = Counter()
    for line in lines:
        total[line.sku] += line.quantity
    return total


def _plain(value: str) -> str:
    return " ".join(unicodedata.normalize("NFC", without_hidden(value)).split()).casefold()
