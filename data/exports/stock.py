"""Stock as a file: what is where, and for a count on paper or in a spreadsheet, read back by `lastcall stock count`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from data.exports.columns import Value
from data.exports.export import Exported, free_path, write_cells
from data.stock.levels import Level
from data.store.workspace import Workspace

_COLUMNS = (
    ("warehouse", "warehouse"),
    ("sku", "sku"),
    ("title", "title"),
    ("on_hand", "on hand"),
    ("allocated", "allocated"),
    ("available", "available"),
    ("damaged", "damaged"),
    ("in_transit", "in transit"),
)


def export_stock(ws: Workspace, levels: Sequence[Level], target: Path | None = None) -> Exported:
    """Write levels to a CSV; on hand and available stay empty where nobody has counted.

    `target` defaults to a name with the time in `exports/`. Raises InputError when the file is there already or can't
    be written.
    """
    return write_cells(target or free_path(ws, "stock", "csv"), _COLUMNS, _cells(levels), "csv")


def _cells(levels: Sequence[Level]) -> Iterator[list[Value]]:
    for each in levels:
        row: list[Value] = [getattr(each, key) for key, _ in _COLUMNS]
        if not each.counted:
            row[3] = row[5] = ""
        yield row
