"""The console on a large campaign beside the same on a small one, and beside a bare Textual app, in pseudo-terminals.

Both sides take turns, key by key. The large campaign has just been imported, so its addresses are checked meanwhile.
"""

from __future__ import annotations

import re
import statistics
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.report import Line, ratio_line, say, side_by_side, value_line, worst
from benchmarks.samples import SMALL, copied_workspace
from benchmarks.terminal import Paint, Terminal
from data.clock import Clock
from data.orders.rows import OrderRows, order_rows
from data.store.store import Store
from data.store.workspace import DATABASE
from data.text import visible

PAINTS = 15
"""Starts of either program."""
VISITS = 5
"""Consoles of either size whose views are opened."""
ROUNDS = 21
"""Times each key is pressed in either console."""
SEARCH_ROUNDS = 7
IDLE_SECONDS = 5.0
CURSOR, PAGE = 600, 10_000
"""Bytes on the wire at most."""
MEMORY = 80
"""Megabytes above a bare app at most."""
BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("\\n".join([*(f"line {number}" for number in range(23)), "the last line"]))
Bare().run()
"""
BARE_SHOWS = "the last line"
CONSOLE_SHOWS = "? keys"
"""The end of the lowest line of either."""
KEYS = {
    "down": "j",
    "up": "k",
    "page down": "\x1b[6~",
    "page up": "\x1b[5~",
    "half a page down": "\x04",
    "half a page up": "\x15",
    "mark": " ",
    "ask for a filter": "/",
    "leave it": "\x1b",
}
JUMPS = {"jump to end": "G", "jump to top": "g"}
MOVES = ("down", "up")
PAGES = ("page down", "page up", "half a page down", "half a page up", *JUMPS)
ORDERS = "orders"
VIEWS = {ORDERS: "1", "addresses": "2", "dispatch": "3", "issues": "4"}
FOUND = re.compile(r"\d shown · [^\n]* filter: ")
WHOLE = re.compile(r"\d shown · sort: [^·]*$")
"""The status line when all ids of a filter, or of the whole list, are there."""
SEARCH = "search"
SEARCHES = ("street", "stage:ready", "country:DE", "late:no paid:yes")
"""Words and fields that a twentieth of the orders have at least; the e-mail address of one is searched too."""
_NUMBERED = 500
"""The order that the search for one order finds."""

Workspaces = tuple[Path, Path]
"""Of the large campaign and of the small one."""


@dataclass
class Found:
    """What was measured of the two consoles."""

    seconds: dict[str, list[Sequence[float]]] = field(default_factory=dict)
    """In the large and in the small console, by what was done."""
    moved: list[int] = field(default_factory=list)
    """Bytes of each move of the cursor in the large one."""
    paged: list[int] = field(default_factory=list)
    idle: int = 0
    """Bytes that the large one sent while nothing was pressed."""
    memory: int = 0
    """Bytes of memory of the large one above those of a bare app."""

    def add(self, what: str, pair: Sequence[float]) -> None:
        """Keep the seconds of one turn."""
        self.seconds.setdefault(what, []).append(pair)

    def medians(self, what: str) -> tuple[float, float]:
        """Return the medians of the large and of the small console."""
        large, small = zip(*self.seconds[what], strict=True)
        return statistics.median(large), statistics.median(small)


def measure(orders: int) -> list[Line]:
    """Measure what DESIGN promises of the console with so many orders."""
    # A check of addresses that is told to end may still write its last slice.
    with tempfile.TemporaryDirectory(prefix="lastcall-bench-", ignore_cleanup_errors=True) as name:
        large = copied_workspace(orders, Path(name) / "large")
        small = copied_workspace(min(SMALL, orders), Path(name) / "small")
        say("the first paint …")
        painted, bare = side_by_side(
            lambda: _first_paint(_console(large), CONSOLE_SHOWS), lambda: _first_paint(_bare(), BARE_SHOWS), PAINTS
        )
        found = Found()
        say("opening views …")
        for _ in range(VISITS):
            _open_views((large, small), found)
        say("keys and searches …")
        _work((large, small), found)
    size = f"{orders:,} orders"
    return [
        ratio_line(f"console's first paint with {size}", 1.5, painted, bare, "a bare Textual app with one Static"),
        _worst_line("open a view", found, VIEWS),
        _worst_line("any key in the list", found, KEYS),
        _worst_line("jump to end or top", found, JUMPS),
        _worst_line("first page of a search", found, [each for each in found.seconds if each.startswith(SEARCH)]),
        value_line(f"memory above a bare Textual app with {size}", MEMORY, found.memory / 1e6, "MB"),
        value_line("bytes: cursor move, the most of any", CURSOR, max(found.moved), "bytes"),
        value_line("bytes: page, the most of any", PAGE, max(found.paged), "bytes"),
        value_line(f"bytes: idle for {IDLE_SECONDS:g} s", 0, found.idle, "bytes"),
    ]


def _worst_line(what: str, found: Found, names: Iterable[str]) -> Line:
    """Make the line of the name whose ratio is the largest."""
    pairs = {name: found.medians(name) for name in names}
    name = worst(pairs)
    return ratio_line(f"{what} (worst: {name})", 1.2, *pairs[name], f"the same at {SMALL:,}")


def _console(workspace: Path) -> Terminal:
    return Terminal(["-m", "console", "--workspace", str(workspace)])


def _bare() -> Terminal:
    return Terminal(["-c", BARE])


def _first_paint(terminal: Terminal, shows: str) -> float:
    with terminal:
        return terminal.until(shows)


def _open_views(workspaces: Workspaces, found: Found) -> None:
    """Open every view for the first time in a console of either size."""
    with ExitStack() as stack:
        consoles = [stack.enter_context(_console(each)) for each in workspaces]
        rows = [_first_row(each) for each in workspaces]
        for each in consoles:
            each.until(CONSOLE_SHOWS)
            each.settle()
        for view, key in VIEWS.items():
            seconds: list[float] = []
            for each, row in zip(consoles, rows, strict=True):
                each.press(key)
                seconds.append(each.until(row if view == ORDERS else f"> {view.capitalize()}"))
            for each in consoles:
                each.settle()
            found.add(view, seconds)


def _work(workspaces: Workspaces, found: Found) -> None:
    """Press keys, jump and search in the lists of orders; watch bytes and memory of the large one."""
    with ExitStack() as stack:
        bare = stack.enter_context(_bare())
        consoles = [stack.enter_context(_console(each)) for each in workspaces]
        bare.until(BARE_SHOWS)
        for each in consoles:
            each.until(CONSOLE_SHOWS)
            each.press(VIEWS[ORDERS])
            each.until(WHOLE)
        for _ in range(ROUNDS):
            for names in (KEYS, JUMPS):
                for name, key in names.items():
                    pair = [_press(each, key) for each in consoles]
                    found.add(name, [paint.seconds for paint in pair])
                    if name in MOVES:
                        found.moved.append(pair[0].bytes)
                    elif name in PAGES:
                        found.paged.append(pair[0].bytes)
        large = consoles[0]
        found.idle = large.idle(IDLE_SECONDS)
        found.memory = large.resident()
        _search(consoles, workspaces, found)
        found.memory = max(found.memory, large.resident()) - bare.resident()


def _search(consoles: Sequence[Terminal], workspaces: Workspaces, found: Found) -> None:
    """Type filters and wait for the first row that each finds."""
    for each in consoles:
        # The marks that were set are taken away.
        _press(each, "\x1b")
        _press(each, "j")
    numbered = order_rows(_store(workspaces[1]), [_NUMBERED])[_NUMBERED]
    for text in (*SEARCHES, f'"{numbered.email.partition("@")[0]}"'):
        rows = [_first_row(each, text) for each in workspaces]
        for _ in range(SEARCH_ROUNDS):
            seconds: list[float] = []
            for each, row in zip(consoles, rows, strict=True):
                _press(each, "g")
                _press(each, "/")
                each.press(f"{text}\r")
                seconds.append(each.until(row))
                each.until(FOUND)
                # The filter is taken away, the whole list waited for, and the cursor moved, so that `g` paints.
                each.press("\x1b")
                each.until(WHOLE)
                _press(each, "j")
            found.add(f"{SEARCH} {text}", seconds)


def _press(terminal: Terminal, key: str) -> Paint:
    terminal.press(key)
    return terminal.settle()


def _store(workspace: Path) -> Store:
    return Store(workspace / DATABASE, Clock())


def _first_row(workspace: Path, text: str = "") -> str:
    """Return what shows that the first row of a filter is painted: the beginning of its name."""
    store = _store(workspace)
    first = OrderRows(store, text).first(1)
    return visible(order_rows(store, first)[first[0]].name)[:8]
