"""Taking rows out of a list: to a file in the form that is asked for, or to the clipboard."""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from data.exports.export import Exported, free_path, write_cells
from data.exports.templates import Format
from data.model import LastcallError
from data.orders.chosen import counted
from data.text import without_hidden
from screens.choices import choose
from widgets.clipboard import copy
from widgets.prompts import PathText

if TYPE_CHECKING:
    from screens.work import WorkScreen
    from widgets.record_source import RowSource

FORMS: dict[str, Format] = {"c": "csv", "t": "tsv", "j": "jsonl"}
_PAGE = 100


def copy_text(screen: WorkScreen, text: str, words: str) -> None:
    """Copy one line and say where else it is, should the terminal not have taken it."""
    kept = copy(screen.app, without_hidden(text), screen.shell.clipboard)
    where = f"; also in {kept}" if kept else ""
    screen.say(f"copied {words}: {text}{where}")


async def copy_more(screen: WorkScreen) -> None:
    """Offer what can be copied of the current row."""
    row = screen.table.row
    if row is None:
        screen.say("nothing to copy: the list is empty")
        return
    offers = screen.copies(row)
    chosen = await screen.prompt.ask(choose("Copy", {key: words for key, (words, _) in offers.items()}))
    if chosen is not None:
        words, text = offers[chosen]
        copy_text(screen, text, words)


async def export(screen: WorkScreen, form: Format | None) -> Format | None:
    """Export the marked rows, or else the filter, and return the form; asks for form and path where none is given."""
    path: Path | None = None
    if form is None:
        chosen = await screen.prompt.ask(choose(f"Export {_scope(screen)} as", FORMS))
        if chosen is None:
            return None
        form = FORMS[chosen]
        default = await screen.off_thread(free_path, screen.ws, screen.VIEW, form)
        typed = await screen.prompt.ask(PathText(Content("To"), value=str(default)))
        if not typed:
            return None
        path = await screen.off_thread(Path(typed).expanduser)
    else:
        path = await screen.off_thread(free_path, screen.ws, screen.VIEW, form)
    marked = screen.table.marked_ids() if screen.table.marked_count else None
    try:
        written = await screen.off_thread(screen.write_out, marked, form, path)
    except LastcallError as error:
        screen.complain(error)
        return form
    copy(screen.app, str(written.path), screen.shell.clipboard)
    screen.say(f"{counted(written.rows, 'row')} in {written.path} (path copied)")
    return form


def write_rows(source: RowSource, ids: Sequence[int] | None, form: Format, path: Path) -> Exported:
    """Write the rows of some ids, or of all of a source, with every field under its name; pages are read in turn."""
    wanted = array("q", ids) if ids is not None else source.ids(lambda: False)
    first = next(iter(source.rows(wanted[:1]).values()), None)
    names = [each.name for each in dataclasses.fields(first)] if dataclasses.is_dataclass(first) else []
    return write_cells(path, [(name, name.replace("_", " ")) for name in names], _cells(source, wanted, names), form)


def _cells(source: RowSource, ids: Sequence[int], names: Sequence[str]) -> Iterator[list[str | int | bool | None]]:
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        rows = source.rows(page)
        for each in page:
            if each in rows:
                yield [_cell(getattr(rows[each], name)) for name in names]


def _cell(value: object) -> str | int | bool | None:
    if value is None or isinstance(value, (str, int, bool)):
        return value
    if isinstance(value, (tuple, list)):
        return ", ".join(str(_cell(each)) for each in value)
    return str(value)


def _scope(screen: WorkScreen) -> str:
    marked = screen.table.marked_count
    if marked:
        return counted(marked, "marked row")
    return "the filter" if screen.question.filter else "the list"
