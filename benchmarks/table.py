"""A key in our table over all orders beside the same key in Textual's own table over 10,000 of them.

Either table stands alone in an app, with the same columns and words, a cursor of one row, and no animation. A key takes
until the last byte of what it paints.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from benchmarks.report import Line, ratio_line, worst
from benchmarks.samples import copied_workspace
from benchmarks.terminal import Terminal
from data.clock import Clock
from data.orders.rows import OrderRows, order_rows
from data.store.store import Store
from data.store.workspace import DATABASE
from data.text import visible

ROWS = 10_000
"""Rows of the stock table."""
STARTS = 3
"""Times either app is started and the whole walk is gone."""
OURS = """
import sys
from pathlib import Path
from textual.app import App
from data.clock import Clock
from data.orders.rows import OrderRows
from data.store.store import Store
from screens.columns.orders import order_columns
from widgets.record_table import RecordTable
class Table(App):
    def compose(self):
        yield RecordTable(order_columns(Clock().now())[:COLUMNS])
    def on_mount(self):
        self.animation_level = "none"
        table = self.query_one(RecordTable)
        table.show(OrderRows(Store(Path(sys.argv[1]), Clock())))
        table.focus()
Table().run()
"""
STOCK = """
import sys
from pathlib import Path
from rich.text import Text
from textual.app import App
from textual.widgets import DataTable
from data.clock import Clock
from data.orders.rows import OrderRows, order_rows
from data.store.store import Store
from screens.columns.orders import order_columns
class Table(App):
    def compose(self):
        yield DataTable(cursor_type="row")
    def on_mount(self):
        self.animation_level = "none"
        table, store = self.query_one(DataTable), Store(Path(sys.argv[1]), Clock())
        columns = order_columns(Clock().now())[:COLUMNS]
        for column in columns:
            table.add_column(column.title, width=column.width)
        rows = order_rows(store, OrderRows(store).first(ROWS))
        table.add_rows([Text(column.cell(row).plain) for column in columns] for row in rows.values())
        table.focus()
Table().run()
"""
COLUMNS = 6
"""What 80 cells have room for."""
WALK = (
    # What, how often, what is pressed in our table, and what does the same in the stock one.
    ("down", 60, "j", "\x1b[B"),
    ("page down", 20, "\x1b[6~", "\x1b[6~"),
    ("end", 1, "G", "\x1b[1;5F"),
    ("up", 60, "k", "\x1b[A"),
    ("page up", 20, "\x1b[5~", "\x1b[5~"),
)
"""A walk over rows that neither table has drawn before."""
BACK = (
    ("back down", 10, "\x1b[6~", "\x1b[6~"),
    ("back to the top", 1, "g", "\x1b[1;5H"),
)
"""And the way back over rows that both have drawn, which Textual keeps for either."""
_LOADING = 3.0
"""Seconds for the whole list to come, once its first rows show."""

Walk = tuple[tuple[str, int, str, str], ...]
Seconds = dict[str, list[tuple[float, float]]]


def measure(orders: int) -> list[Line]:
    """Press keys that move, in turns, in our table of so many orders and in a stock one."""
    fresh: Seconds = {}
    drawn: Seconds = {}
    with tempfile.TemporaryDirectory(prefix="lastcall-bench-") as name:
        workspace = copied_workspace(orders, Path(name) / "workspace")
        store = Store(workspace / DATABASE, Clock())
        shows = visible(order_rows(store, OrderRows(store).first(1)).popitem()[1].name)[:8]
        for _ in range(STARTS):
            with _app(OURS, workspace) as ours, _app(STOCK, workspace) as stock:
                for each in (ours, stock):
                    each.until(shows)
                    each.idle(_LOADING)
                _walk(WALK, ours, stock, fresh)
                _walk(BACK, ours, stock, drawn)
    return [
        _worst_line(f"any key in the table of {orders:,}", 0.5, fresh),
        _worst_line(f"the same over rows drawn before, {orders:,}", 1, drawn),
    ]


def _app(script: str, workspace: Path) -> Terminal:
    """Start one of the two apps."""
    settings = f"COLUMNS, ROWS = {COLUMNS}, {ROWS}\n"
    return Terminal(["-c", settings + script, str(workspace / DATABASE)])


def _walk(walk: Walk, ours: Terminal, stock: Terminal, seconds: Seconds) -> None:
    for what, times, key, stock_key in walk:
        for _ in range(times):
            seconds.setdefault(what, []).append((_press(ours, key), _press(stock, stock_key)))


def _press(terminal: Terminal, key: str) -> float:
    terminal.press(key)
    return terminal.settle().seconds


def _worst_line(what: str, limit: float, seconds: Seconds) -> Line:
    """Make the line of the key whose ratio of medians is the largest."""
    pairs = {name: _medians(each) for name, each in seconds.items()}
    name = worst(pairs)
    return ratio_line(f"{what} (worst: {name})", limit, *pairs[name], f"stock DataTable with {ROWS:,} rows")


def _medians(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    ours, stock = zip(*pairs, strict=True)
    return statistics.median(ours), statistics.median(stock)
