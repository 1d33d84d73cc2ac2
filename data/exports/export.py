"""Writing orders to a file: streamed, never over another one, whole or not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.clock import utc_text
from data.exports.columns import NO_LINE, ExportColumn, Value
from data.exports.templates import Format, Template
from data.files.formula import defuse
from data.files.write import safe_name, write_json_lines, write_table
from data.model import StoppedError
from data.orders.rows import OrderRow, OrderRows, order_rows
from data.store.workspace import Workspace
from data.text import without_hidden

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that is there."""

    path: Path
    rows: int


def _never() -> bool:
    return False


def _nobody(done: int, total: int) -> None:
    """Report to nobody."""


def export_rows(
    ws: Workspace,
    template: Template,
    chosen: Sequence[int] | OrderRows,
    target: Path | None = None,
    *,
    form: Format | None = None,
    machine: bool = False,
    stopped: Callable[[], bool] = _never,
    progress: Callable[[int, int], None] = _nobody,
) -> Exported:
    """Write orders, by their ids or by a filter, to a file; a page of them is in memory at a time.

    `target` defaults to a name with the time in `exports/`; `form` to the template's. `machine` leaves cells as they
    are also in files that are else meant for spreadsheets. Raises InputError when the file is there already or can't be
    written, StoppedError when `stopped` says so: nothing is left then.
    """
    form = form or template.format
    path = target or free_path(ws, template.name, form)
    ids = chosen.ids(stopped) if isinstance(chosen, OrderRows) else chosen
    rows = _cells(ws, template, ids, stopped, progress)
    return write_export(path, template.columns, rows, form, spreadsheet=template.spreadsheet and not machine)


def write_export(
    path: Path, columns: Sequence[ExportColumn], rows: Iterable[Sequence[Value]], form: Format, *, spreadsheet: bool
) -> Exported:
    """Write cells under their columns: titles in tables, keys in JSON lines. Raises InputError as `export_rows`."""
    return write_cells(path, [(each.key, each.title) for each in columns], rows, form, spreadsheet=spreadsheet)


def write_cells(
    path: Path,
    columns: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[Value]],
    form: Format,
    *,
    spreadsheet: bool = True,
) -> Exported:
    """Write the cells of any list under (key, title) columns; raises InputError as `export_rows`."""
    if form == "jsonl":
        keys = [key for key, _ in columns]
        objects: Iterator[Mapping[str, object]] = (dict(zip(keys, row, strict=True)) for row in rows)
        return Exported(path, write_json_lines(path, objects).rows)
    titles = [title for _, title in columns]
    texts = ([_plain(cell) for cell in row] for row in rows)
    return Exported(path, write_table(path, titles, texts, kind=form, spreadsheet=spreadsheet).rows)


def free_path(ws: Workspace, name: str, form: Format) -> Path:
    """Return a path in `exports/` named by what it holds and the time, and numbered where that is taken."""
    stem = f"{name}-{utc_text(ws.clock.now()).replace(':', '').replace('-', '')}"
    folder = ws.path("exports")
    path, number = folder / safe_name(stem, extension=form), 1
    while path.exists():
        number += 1
        path = folder / safe_name(stem, number, extension=form)
    return path


def clipboard_text(columns: Sequence[ExportColumn], rows: Iterable[OrderRow]) -> str:
    """Return orders as tab-separated text for the clipboard: one row each, without hidden characters.

    It is likely pasted into a spreadsheet, so formulas are defused.
    """
    per_line = any(column.line for column in columns)
    return cells_text(cells for row in rows for cells in order_cells(columns, row, per_line))


def cells_text(rows: Iterable[Sequence[Value]]) -> str:
    """Return the cells of any list as tab-separated text for the clipboard, hidden characters and formulas removed."""
    return "\n".join("\t".join(_clean(_plain(cell)) for cell in row) for row in rows)


def order_cells(columns: Sequence[ExportColumn], row: OrderRow, per_line: bool) -> Iterator[list[Value]]:
    """Yield the cells of one order: one row, or one for each of its lines."""
    for line in row.lines if per_line else (NO_LINE,):
        yield [column.cell(row, line) for column in columns]


def _cells(
    ws: Workspace,
    template: Template,
    ids: Sequence[int],
    stopped: Callable[[], bool],
    progress: Callable[[int, int], None],
) -> Iterator[list[Value]]:
    """Yield the cells of the orders there are, reading a page at a time."""
    for start in range(0, len(ids), _PAGE):
        if stopped():
            raise StoppedError("the export was stopped: no file was left")
        page = ids[start : start + _PAGE]
        found = order_rows(ws.store, page)
        for each in page:
            if each in found:
                yield from order_cells(template.columns, found[each], template.per_line)
        progress(min(start + _PAGE, len(ids)), len(ids))
    if stopped():
        raise StoppedError("the export was stopped: no file was left")


def _plain(cell: Value) -> str | int | None:
    """Return a cell as tables have it."""
    return ("yes" if cell else "no") if isinstance(cell, bool) else cell


def _clean(cell: str | int | None) -> str:
    return defuse(without_hidden(cell)) if isinstance(cell, str) else "" if cell is None else str(cell)
