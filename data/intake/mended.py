"""A reject file that a person has mended, read as the platform's file it was cut from."""

from __future__ import annotations

from collections.abc import Iterator

from data.files.columns import fold
from data.files.formula import restore
from data.files.read import BadRow, Record, Table

REJECT_COLUMNS = ("file", "line", "field", "reason")
"""What stands before the platform's own columns."""


class MendedTable(Table):
    """The columns behind `REJECT_COLUMNS`, without the apostrophes that kept spreadsheets from running them."""

    def __iter__(self) -> Iterator[Record | BadRow]:
        """Yield every row as the platform wrote it."""
        header = (*REJECT_COLUMNS, *self.header)
        for row in Table(self.source, self.encoding, self.delimiter, header, self.skip):
            cells = [restore(cell) for cell in row.cells[len(REJECT_COLUMNS) :]]
            yield Record(row.line, cells) if isinstance(row, Record) else row._replace(cells=tuple(cells))


def mended(table: Table) -> Table:
    """Return a reject file's table as the platform's; any other as it is."""
    if tuple(map(fold, table.header[: len(REJECT_COLUMNS)])) != REJECT_COLUMNS:
        return table
    return MendedTable(table.source, table.encoding, table.delimiter, table.header[len(REJECT_COLUMNS) :], table.skip)
