"""What a cell of a product file can say: sizes with units, amounts, yes and no, what is in a kit.

An empty cell leaves a value as it is, a dash takes it away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from data.files.formula import restore
from data.model import InputError, Money, exponent
from data.stock.product_checks import MOST_IN_KIT, Parts, checked_parts
from data.text import visible

NOTHING = "-"
"""What a cell says to take a value away."""
_YES = {"yes", "y", "true", "1", "physical", "spare"}
_NO = {"no", "n", "false", "0", "digital", NOTHING}
_UNITS = {"": 1, "g": 1, "kg": 1000, "mm": 1, "cm": 10}
_SIZE = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,6}))? ?(g|kg|mm|cm)?")
_AMOUNT = re.compile(r"(?:([A-Za-z]{3}) ?)?([0-9]{1,9})(?:[.,]([0-9]{1,6}))?(?: ?([A-Za-z]{3}))?")
_PART = re.compile(r'(?:([0-9]{1,6}) ?[xX×*] ?)?("(?:[^"]|"")+"|[^+;"\n]+)', re.ASCII)
_BETWEEN = re.compile(r"\s*[+;\n]\s*")
_QUOTED = re.compile(r'[+;"\n]')


def plain(cell: str) -> str:
    """Return a cell without what spreadsheets put around it: spaces, `="…"`, the apostrophe before a formula."""
    cell = cell.strip()
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2:
        return cell[2:-1].strip()
    return restore(cell)


def read_flag(cell: str) -> bool:
    """Read yes or no; raises InputError for anything else."""
    said = cell.casefold()
    if said not in _YES | _NO:
        raise InputError(f"{visible(cell)} is neither yes nor no")
    return said in _YES


def read_size(cell: str, unit: str) -> int:
    """Read a weight in grams or a side in millimetres; `unit` is the column's (g, kg, mm, cm), a cell may say its own.

    Raises InputError for what is no whole number of them.
    """
    found = _SIZE.fullmatch(cell.casefold())
    if found is None:
        raise InputError(f"{visible(cell)} is no size: digits, without marks for thousands")
    own = found[3] or unit
    if own.endswith("g") != unit.endswith("g"):
        raise InputError(f"{visible(cell)}: {own} is no unit of it")
    size = Decimal(f"{found[1]}.{found[2] or 0}") * _UNITS[own]
    if size != int(size):
        raise InputError(f"{visible(cell)} is no whole number of {'grams' if own.endswith('g') else 'millimetres'}")
    return int(size)


def read_amount(cell: str, currency: str) -> Money:
    """Read a declared value; `currency` is the column's, '' where the cell must say it.

    Raises InputError for what is no amount, has more decimals than its currency, or is of another currency.
    """
    found = _AMOUNT.fullmatch(cell)
    if found is None:
        raise InputError(f"{visible(cell)} is no amount: digits and decimals, without marks for thousands")
    said = {code.upper() for code in (found[1], found[4], currency) if code}
    if len(said) != 1:
        raise InputError(f"{visible(cell)}: " + ("which currency?" if not said else "it is of two currencies"))
    code = said.pop()
    places, decimals = exponent(code), found[3] or ""
    if decimals[places:].strip("0"):
        raise InputError(f"{visible(cell)} has more decimals than {code}")
    return Money(int(found[2] + decimals[:places].ljust(places, "0")), code)


def read_parts(cell: str) -> Parts:
    """Read what is in a kit: `2xDICE-2 + 1xGAME`; a SKU with a plus, semicolon or quote in it stands in quotes.

    Raises InputError for what can't be read so.
    """
    return checked_parts(sorted(_parts(cell)))


def parts_text(parts: Parts) -> str:
    """Write parts as `read_parts` reads them."""
    return " + ".join(f"{quantity}x{_quoted(sku)}" for sku, quantity in parts)


def _parts(cell: str) -> Iterator[tuple[str, int]]:
    at = 0
    while True:
        found = _PART.match(cell, at)
        if found is None:
            raise InputError(f"{visible(cell)}: say parts like 2xDICE + 1xGAME")
        sku = found[2].strip()
        yield (sku[1:-1].replace('""', '"') if sku.startswith('"') else sku), int(found[1] or 1)
        at = found.end()
        if at == len(cell):
            return
        between = _BETWEEN.match(cell, at)
        if between is None:
            raise InputError(f"{visible(cell)}: say parts like 2xDICE + 1xGAME")
        at = between.end()


def _quoted(sku: str) -> str:
    return '"' + sku.replace('"', '""') + '"' if _QUOTED.search(sku) else sku


def read_pieces(cell: str) -> int:
    """Read how many of a part are in a kit; an empty cell is 1. Raises InputError."""
    if not cell:
        return 1
    if not re.fullmatch(r"[0-9]{1,6}", cell) or not 1 <= int(cell) <= MOST_IN_KIT:
        raise InputError(f"{visible(cell)} is no whole number above 0")
    return int(cell)
