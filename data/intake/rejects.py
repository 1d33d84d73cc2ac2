"""The reject file: every row that could not go in, with file, line, field and reason before the cells as they were."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.files.columns import distinct, fold
from data.files.read import Record, Table
from data.files.write import safe_name, write_table
from data.intake.mended import REJECT_COLUMNS
from data.intake.staging import Staging

MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not go in."""

    file: str
    line: int
    field: str
    reason: str

    def words(self) -> str:
        """Say it in one line."""
        return f"{self.file}, line {self.line}{f', {self.field}' if self.field else ''}: {self.reason}"


def first_rejects(staging: Staging, tables: Sequence[Table]) -> tuple[Reject, ...]:
    """Return the first rejected rows, for telling them."""
    return tuple(
        Reject(tables[file].name, line, field, reason)
        for file, line, field, reason in staging.db.execute(
            "SELECT file, line, field, reason FROM reject ORDER BY file, line LIMIT ?", (MOST_TOLD,)
        ).fetchall()
    )


def write_rejects(staging: Staging, tables: Sequence[Table], at: str) -> Path:
    """Write the reject file beside the staging file, for a person's spreadsheet, and return its path.

    The columns of several files are joined by name, so that a mended file can be imported as it is.
    """
    _read_missing_cells(staging, tables)
    columns: dict[str, int] = {}
    names: list[str] = []
    for table in tables:
        for name in distinct(table.header):
            if fold(name) not in columns:
                columns[fold(name)] = len(names)
                names.append(name)
    places = [[columns[fold(name)] for name in distinct(table.header)] for table in tables]
    path = staging.path.parent / safe_name("rejects", at, staging.token, extension="csv")
    write_table(path, (*REJECT_COLUMNS, *names), _rows(staging, tables, places, len(names)), spreadsheet=True)
    return path


def _rows(
    staging: Staging, tables: Sequence[Table], places: list[list[int]], width: int
) -> Iterator[list[str | int | None]]:
    """Yield the rejected rows, their cells under the columns they had; surplus cells stand behind the last."""
    for file, line, field, reason, cells in staging.db.execute(
        "SELECT file, line, field, reason, cells FROM reject ORDER BY file, line"
    ):
        row: list[str | int | None] = [""] * width
        for at, cell in enumerate(json.loads(cells or "[]")):
            if at < len(places[file]):
                row[places[file][at]] = cell
            else:
                row.append(cell)
        yield [tables[file].name, line, field, reason, *row]


def _read_missing_cells(staging: Staging, tables: Sequence[Table]) -> None:
    """Read the rows again of which only file and line are known: a pledge that stands twice."""
    wanted: dict[int, set[int]] = {}
    for file, line in staging.db.execute("SELECT file, line FROM reject WHERE cells IS NULL").fetchall():
        wanted.setdefault(file, set()).add(line)
    for file, lines in wanted.items():
        last = max(lines)
        for row in tables[file]:
            if row.line > last:
                break
            if row.line in lines and isinstance(row, Record):
                staging.db.execute(
                    "UPDATE reject SET cells = ? WHERE file = ? AND line = ?", (json.dumps(row.cells), file, row.line)
                )
