"""Reading product files: columns found by name, every bad cell named with file, line and field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from data.files.columns import Columns, fold
from data.files.read import BadRow, Record, Table, open_tables
from data.model import InputError, Money
from data.stock.product_cells import NOTHING, plain, read_amount, read_flag, read_parts, read_pieces, read_size
from data.stock.product_checks import Parts, checked_parts, checked_sku, checked_values
from data.text import visible

ALIASES: dict[str, tuple[str, ...]] = {
    "sku": ("sku", "item sku", "product sku", "item code", "product code", "merchant sku"),
    "title": ("title", "name", "product", "product name", "item name", "product title"),
    "physical": ("physical", "ships", "takes a parcel"),
    "spare": ("spare", "spare part"),
    "hs_code": ("hs", "hs code", "hs_code", "hts", "hts code", "tariff code", "tariff number", "commodity code"),
    "origin": ("origin", "country of origin", "origin country", "coo", "made in"),
    "description": ("description", "customs description", "customs", "description of goods"),
    "parts": ("parts", "kit parts", "components", "consists of"),
}
"""The names each column has gone by; case and spacing do not count."""
_SIZES = {"weight_g": ("weight", "g", ("g", "kg"))} | {
    f"{side}_mm": (side, "mm", ("mm", "cm")) for side in ("length", "width", "height")
}
_MORE_ALIASES = {"weight_g": ("grams", "unit weight")}
_VALUE = re.compile(r"(?:declared |customs |unit )?value(?: |\()*([a-z]{3})?\)?")
_KIT, _PART, _QUANTITY = ("kit", "kit sku"), ("part", "part sku", "component", "component sku"), ("quantity", "qty")
_MOST = 20
"""Mistakes named at once."""

Cell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class ProductRow:
    """What a file says of one product."""

    where: str
    """The file and the line."""
    sku: str
    values: dict[str, object] = field(default_factory=dict)
    """By column of the product, as it keeps them."""
    money: dict[str, Money | None] = field(default_factory=dict)
    """Declared values by currency; None takes one away."""
    parts: Parts | None = None
    """None: the file does not say."""
    makes: bool = True
    """It may be a new product; what a list of kits names must be there."""


@dataclass(frozen=True, slots=True)
class ProductFile:
    """What was read."""

    rows: tuple[ProductRow, ...]
    unused: tuple[str, ...]
    """Columns whose names say nothing here."""


def read_products(paths: list[Path]) -> ProductFile:
    """Read product files and lists of kits (kit, part, quantity).

    Raises InputError with a line for every mistake: a bad row or cell, a product that stands twice, no column `sku`.
    """
    rows: list[ProductRow] = []
    mistakes: list[str] = []
    unused: list[str] = []
    for table in open_tables(paths):
        columns = Columns(table.header)
        if columns.has(*_KIT) and columns.has(*_PART):
            rows += _kits(table, columns, mistakes)
            continue
        sku_at = columns.find(ALIASES["sku"])
        if sku_at is None:
            raise InputError(f"{table.name}: needs a column sku, or the columns kit, part, quantity")
        cells, left = _cells(columns, sku_at)
        unused += [visible(each) for each in left]
        rows += _rows(table, sku_at, cells, mistakes)
    seen: dict[tuple[str, bool], ProductRow] = {}
    for row in rows:
        other = seen.setdefault((row.sku, row.makes), row)
        if other is not row:
            mistakes.append(f"{row.where}, sku: {visible(row.sku)} stands in {other.where} too")
    if mistakes:
        more = [f"and {len(mistakes) - _MOST} more"] if len(mistakes) > _MOST else []
        raise InputError("\n".join(mistakes[:_MOST] + more))
    return ProductFile(tuple(rows), tuple(unused))


def _cells(columns: Columns, sku_at: int) -> tuple[dict[int, tuple[str, Cell]], list[str]]:
    """Return how each column is read, and the names of those that say nothing."""
    cells: dict[int, tuple[str, Cell]] = {}
    readers: dict[str, Cell] = {
        "title": str,
        "physical": read_flag,
        "spare": read_flag,
        "hs_code": lambda cell: re.sub(r"[ .]", "", cell),
        "origin": str.upper,
        "description": str,
        "parts": read_parts,
    }
    for name, reader in readers.items():
        if (at := columns.find(ALIASES[name])) is not None:
            cells.setdefault(at, (name, reader))
    for name, (word, usual, units) in _SIZES.items():
        for unit in units:
            spelt = (f"{word} {unit}", f"{word} ({unit})", f"{word}_{unit}", f"{word}({unit})")
            aliases = (word, *_MORE_ALIASES.get(name, ()), *spelt) if unit == usual else spelt
            if (at := columns.find(aliases)) is not None and name not in {each[0] for each in cells.values()}:
                cells.setdefault(at, (name, partial(read_size, unit=unit)))
    for at, title in enumerate(columns.header):
        if found := _VALUE.fullmatch(fold(title)):
            currency = (found[1] or "").upper()
            cells.setdefault(at, (f"value {currency}".strip(), partial(read_amount, currency=currency)))
    return cells, [title for at, title in enumerate(columns.header) if title and at != sku_at and at not in cells]


def _rows(table: Table, sku_at: int, cells: dict[int, tuple[str, Cell]], mistakes: list[str]) -> Iterator[ProductRow]:
    """Yield what each row says; what can't be read is added to the mistakes."""
    for row in _good(table, mistakes):
        where = f"{table.name}, line {row.line}"
        texts = [plain(cell) for cell in row.cells]
        if not any(texts):
            continue
        values: dict[str, object] = {}
        money: dict[str, Money | None] = {}
        parts: Parts | None = None
        before = len(mistakes)
        _try(mistakes, where, "sku", checked_sku, texts[sku_at])
        for at, (name, reader) in cells.items():
            if not texts[at]:
                continue
            if texts[at] == NOTHING and name.startswith("value"):
                if len(name) > len("value"):
                    money[name.removeprefix("value ")] = None
                continue
            said = _try(mistakes, where, name, _said, name, reader, texts[at])
            if isinstance(said, Money):
                money[said.currency] = said
            elif name == "parts":
                parts = said if isinstance(said, tuple) else ()
            else:
                values[name] = said
        if len(mistakes) == before:
            yield ProductRow(where, texts[sku_at], values, money, parts)


def _said(name: str, reader: Cell, text: str) -> object:
    """Return what a cell says of a product's column, checked, but for texts: what is kept already may stay."""
    if name == "parts":
        return () if text == NOTHING else reader(text)
    if name.startswith("value"):
        return reader(text)
    empty = None if name in _SIZES else ""
    value = empty if text == NOTHING and name not in ("physical", "spare") else reader(text)
    return value if name in ("title", "description") else checked_values({name: value})[name]


def _kits(table: Table, columns: Columns, mistakes: list[str]) -> list[ProductRow]:
    """Return the kits of a list with a row for each part."""
    kit_at, part_at, quantity_at = columns.find(_KIT), columns.find(_PART), columns.find(_QUANTITY)
    assert kit_at is not None
    assert part_at is not None
    found: dict[str, tuple[str, list[tuple[str, int]]]] = {}
    for row in _good(table, mistakes):
        where = f"{table.name}, line {row.line}"
        texts = [plain(cell) for cell in row.cells]
        if not any(texts):
            continue
        kit = _try(mistakes, where, "kit", checked_sku, texts[kit_at])
        part = _try(mistakes, where, "part", checked_sku, texts[part_at])
        said = texts[quantity_at] if quantity_at is not None else ""
        quantity = _try(mistakes, where, "quantity", read_pieces, said)
        if isinstance(kit, str) and isinstance(part, str) and isinstance(quantity, int):
            parts = found.setdefault(kit, (where, []))[1]
            if part in dict(parts):
                mistakes.append(f"{where}, part: {visible(part)} stands twice in {visible(kit)}")
            else:
                parts.append((part, quantity))
    return [
        ProductRow(where, kit, parts=checked_parts(sorted(parts)), makes=False) for kit, (where, parts) in found.items()
    ]


def _good(table: Table, mistakes: list[str]) -> Iterator[Record]:
    for row in table:
        if isinstance(row, BadRow):
            mistakes.append(row.words())
        else:
            yield row


def _try(mistakes: list[str], where: str, name: str, read: Callable[..., object], *given: object) -> object:
    """Return what is read, or None and one mistake more."""
    try:
        return read(*given)
    except InputError as error:
        mistakes.append(f"{where}, {visible(name)}: {error}")
        return None
