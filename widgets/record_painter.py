"""Draws the lines of a record table and keeps the last few screens of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from textual.strip import Strip
from textual.style import Style

from widgets.record_columns import (
    PLACEHOLDER,
    Arrangement,
    Column,
    arrange,
    header_strip,
    row_strip,
    text_strip,
)
from widgets.record_rows import Absent

Sort = tuple[str, Literal["↑", "↓"]]
"""The key of the column that carries the arrow, and the arrow."""
_KEPT = 400
_GONE = "deleted"


class RecordPainter:
    """The columns as they are drawn at one width, and the lines drawn with them."""

    def __init__(self, columns: Sequence[Column], fixed: int) -> None:
        """Take the columns; the first `fixed` stay when the others are scrolled."""
        self.sort: Sort | None = None
        self._columns = tuple(columns)
        self._fixed = fixed
        self._skip = 0
        self._width = 0
        self._arrangement: Arrangement | None = None
        self._lines: dict[int, dict[str, Strip]] = {}

    def scroll_columns(self, steps: int, width: int) -> bool:
        """Scroll by columns where some are hidden at that side; tell whether that changed anything."""
        shown = self._arranged(width)
        if not (shown.more_right if steps > 0 else shown.more_left):
            return False
        self._skip = max(0, self._skip + steps)
        self.forget_all()
        return True

    def header(self, base: Style, width: int) -> Strip:
        """Draw the titles."""
        return header_strip(self._arranged(width), self.sort, base, width)

    def row(self, record: int, row: object, signs: str, base: Style, quiet: Style, width: int, plain: bool) -> Strip:
        """Draw a record's row with the gutter's two signs, or what stands in for a row that is not there."""
        placed = self._arranged(width).placed
        drawn = self._lines.setdefault(record, {})
        strip = drawn.get(signs)
        if strip is None:
            if isinstance(row, Absent):
                words = PLACEHOLDER if row is Absent.UNKNOWN else _GONE
                return text_strip(words, signs, base if plain else quiet, width)
            strip = drawn[signs] = row_strip(placed, row, signs, base, width, plain)
            if len(self._lines) > _KEPT:
                del self._lines[next(iter(self._lines))]
        return strip

    def forget(self, records: Iterable[int]) -> None:
        """Draw some rows anew when they are next seen."""
        for record in records:
            self._lines.pop(record, None)

    def forget_all(self) -> None:
        """Draw everything anew."""
        self._arrangement = None
        self._lines.clear()

    def _arranged(self, width: int) -> Arrangement:
        if self._arrangement is None or width != self._width:
            self.forget_all()
            self._width = width
            self._arrangement = arrange(self._columns, width, self._skip, self._fixed)
        return self._arrangement
