"""A console of nothing but a record table, run in a pseudo-terminal by the tests beside it."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.content import Content

from widgets.record_columns import Column
from widgets.record_table import RecordTable

STATES = (("! hold", "$warning"), ("ok", ""), ("~ changed", "$accent"), ("ok", ""))


class Numbers:
    """A list of records made from their numbers."""

    def __init__(self, count: int) -> None:
        self.count = count

    def first(self, limit: int) -> Sequence[int]:
        return range(1, min(limit, self.count) + 1)

    def last(self, limit: int) -> Sequence[int]:
        return range(max(1, self.count - limit + 1), self.count + 1)

    def ids(self, stopped: Callable[[], bool]) -> array[int]:
        return array("q", range(1, self.count + 1))

    def rows(self, ids: Sequence[int]) -> Mapping[int, object]:
        return {each: each for each in ids}


def columns() -> list[Column]:
    """Return seven columns, two of them coloured, as an orders screen has."""
    return [
        Column("number", "order", 9, lambda row: Content(f"KS-{row:06}")),
        Column("name", "backer", 16, lambda row: Content(f"Rivera {row} 山田"), grow=1),
        Column("country", "to", 2, lambda row: Content(("DE", "US", "JP")[row % 3])),
        Column("state", "state", 9, lambda row: Content.styled(*STATES[row % 4])),
        Column("lines", "lines", 5, lambda row: Content(str(row % 9)), right=True),
        Column("late", "late", 4, lambda row: Content.styled("late", "$error") if row % 5 == 0 else Content("")),
        Column("age", "age", 6, lambda row: Content(f"{row % 40} d"), right=True),
        Column("city", "city", 20, lambda row: Content("Homburg an der Saar")),
    ]


class TableApp(App[None]):
    """Shows the table; `q` leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [("q", "quit", "Quit")]

    def __init__(self, count: int) -> None:
        super().__init__()
        self.animation_level = "none"
        self._count = count

    def compose(self) -> ComposeResult:
        yield RecordTable(columns())

    def on_mount(self) -> None:
        self.query_one(RecordTable).show(Numbers(self._count), sort=("age", "↓"))


if __name__ == "__main__":
    TableApp(int(sys.argv[1])).run(mouse=False)
