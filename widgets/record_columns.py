"""How the columns of a record table share its width, and how a row becomes pieces of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rich.cells import set_cell_size
from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip
from textual.style import Style

from widgets.cells import Pieces, fit

GUTTER = 2
"""Cells left of the first column: the cursor's sign and the mark's."""
CURSOR_SIGN = ">"
MARK_SIGN = "*"
PLACEHOLDER = "…"
_LEAST = 4
"""Fewer cells than this are no use to a column that does not fit."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is called, how wide it is, and how it gets its text from a row."""

    key: str
    title: str
    width: int
    """Cells; the least it needs when `grow` is set."""
    cell: Callable[[Any], Content]
    """Make one line of a row's text. Called for rows that are drawn only; must not raise."""
    right: bool = False
    """Text stands at the right, as numbers do."""
    grow: int = 0
    """Its share of the width that is left over, beside the shares of the others."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A column as it is drawn: at least one cell wide."""

    column: Column
    width: int


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The columns that are drawn, and whether some are hidden at either side."""

    placed: tuple[Placed, ...]
    more_left: bool
    more_right: bool


def arrange(columns: Sequence[Column], width: int, skip: int, fixed: int) -> Arrangement:
    """Choose the columns for a width in cells: the first `fixed` stay, the next `skip` are scrolled away.

    Columns keep their widths; the last one that does not fit whole is cut; what is left over goes to those that grow.
    """
    skip = min(skip, max(0, len(columns) - fixed - 1))
    wanted = [*columns[:fixed], *columns[fixed + skip :]]
    left = width - GUTTER
    placed: list[Placed] = []
    for column in wanted:
        gap = 1 if placed else 0
        if left - gap < min(column.width, _LEAST):
            break
        share = min(column.width, left - gap)
        placed.append(Placed(column, share))
        left -= share + gap
    shares = sum(each.column.grow for each in placed)
    spare = left if shares and len(placed) == len(wanted) else 0
    grown: list[Placed] = []
    for each in placed:
        extra = spare * each.column.grow // shares if shares else 0
        spare, shares = spare - extra, shares - each.column.grow
        grown.append(Placed(each.column, each.width + extra))
    cut = bool(placed) and placed[-1].width < placed[-1].column.width
    return Arrangement(tuple(grown), skip > 0, cut or len(placed) < len(wanted))


def row_strip(placed: Sequence[Placed], row: object, signs: str, base: Style, width: int, plain: bool) -> Strip:
    """Draw a row: the two signs of the gutter, then its cells; `plain` leaves out the cells' own styles."""
    line = Pieces(base)
    line.text(signs)
    for number, each in enumerate(placed):
        if number:
            line.text(" ")
        line.content(fit(each.column.cell(row), each.width, each.column.right), plain)
    return line.strip(width)


def text_strip(text: str, signs: str, base: Style, width: int) -> Strip:
    """Draw a line that is not a row: a placeholder, a deleted record, an empty list."""
    line = Pieces(base)
    line.text(signs)
    line.text(set_cell_size(text, max(0, width - GUTTER)))
    return line.strip(width)


def header_strip(shown: Arrangement, sort: tuple[str, Literal["↑", "↓"]] | None, base: Style, width: int) -> Strip:
    """Draw the titles, the arrow of the sort, and `<` or `>` where columns are hidden."""
    line = Pieces(base)
    line.text("< " if shown.more_left else "  ")
    for number, each in enumerate(shown.placed):
        if number:
            line.text(" ")
        title = Content(each.column.title)
        if sort is not None and sort[0] == each.column.key:
            title = fit(title, min(title.cell_length, max(1, each.width - 1))) + sort[1]
        at_edge = shown.more_right and number == len(shown.placed) - 1 and each.width > 1
        line.content(fit(title, each.width - at_edge, each.column.right))
    strip = line.strip(width)
    if shown.more_right:
        return Strip.join([strip.crop(0, width - 1), Strip([Segment(">", base.rich_style)])])
    return strip
