"""Reading what somebody has counted: a file of SKU, warehouse and how many are on hand."""

from __future__ import annotations

import re
from pathlib import Path

from data.files.columns import Columns
from data.files.read import BadRow, open_tables
from data.model import InputError
from data.stock.adjust import Counted
from data.stock.moving import MOST
from data.stock.product_cells import plain
from data.stock.product_checks import checked_sku
from data.stock.product_file import ALIASES
from data.text import visible

_WAREHOUSE = ("warehouse", "warehouse code")
_ON_HAND = ("on hand", "on_hand", "onhand", "counted", "count", "quantity", "qty", "stock")
_SHOWN = 20
"""Mistakes named at once."""


def read_counts(path: Path, warehouse: str = "") -> list[Counted]:
    """Read a file of counts; `warehouse` is that of a file that names none. A row without a number is passed over.

    Raises InputError with a line for every mistake: file, line, field.
    """
    counts: list[Counted] = []
    lines: dict[tuple[str, str], str] = {}
    mistakes: list[str] = []
    for table in open_tables([path]):
        columns = Columns(table.header)
        sku_at, place_at, number_at = columns.find(ALIASES["sku"]), columns.find(_WAREHOUSE), columns.find(_ON_HAND)
        if sku_at is None or number_at is None:
            raise InputError(f"{table.name}: needs the columns sku and on hand")
        if place_at is None and not warehouse:
            raise InputError(f"{table.name}: has no column warehouse: say which it is")
        for row in table:
            if isinstance(row, BadRow):
                mistakes.append(row.words())
                continue
            where = f"{table.name}, line {row.line}"
            cells = [plain(cell) for cell in row.cells]
            if not cells[number_at]:
                continue
            try:
                sku = checked_sku(cells[sku_at])
            except InputError as error:
                mistakes.append(f"{where}, sku: {error}")
                continue
            place = (cells[place_at] if place_at is not None else "") or warehouse
            if not place:
                mistakes.append(f"{where}, warehouse: is empty")
            elif warehouse and place != warehouse:
                mistakes.append(f"{where}, warehouse: {visible(place)} is not {warehouse}")
            elif not re.fullmatch(r"[0-9]{1,8}", cells[number_at]) or int(cells[number_at]) > MOST:
                mistakes.append(f"{where}, on hand: {visible(cells[number_at])} is no whole number from 0 to {MOST:,}")
            elif (other := lines.setdefault((place, sku), where)) is not where:
                mistakes.append(f"{where}, sku: {visible(sku)} stands in {other} too")
            else:
                counts.append(Counted(place, sku, int(cells[number_at])))
    if mistakes:
        more = [f"and {len(mistakes) - _SHOWN} more"] if len(mistakes) > _SHOWN else []
        raise InputError("\n".join(mistakes[:_SHOWN] + more))
    return counts
