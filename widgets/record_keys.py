"""The keys of a record table; letters carry ids and can be remapped, arrows carry none and always work."""

from __future__ import annotations

from textual.binding import Binding, BindingType

MOVE_BINDINGS: list[BindingType] = [
    Binding("j", "move(1)", "Down", show=False, id="move.down"),
    Binding("k", "move(-1)", "Up", show=False, id="move.up"),
    Binding("less_than_sign", "columns(-1)", "Columns left", show=False, id="move.left"),
    Binding("greater_than_sign", "columns(1)", "Columns right", show=False, id="move.right"),
    Binding("g", "top", "First", show=False, id="move.top"),
    Binding("G", "bottom", "Last", show=False, id="move.bottom"),
    Binding("ctrl+d", "half(1)", "Half a page down", show=False, id="move.half_down"),
    Binding("ctrl+u", "half(-1)", "Half a page up", show=False, id="move.half_up"),
]
MARK_BINDINGS: list[BindingType] = [
    Binding("space", "mark", "Mark", show=False, id="mark.one"),
    Binding("v", "range", "Range", show=False, id="mark.range"),
    Binding("asterisk", "mark_all", "Mark all", show=False, id="mark.all"),
]
OPEN_BINDINGS: list[BindingType] = [Binding("enter", "open", "Open", show=False, id="open")]
PLAIN_BINDINGS: list[BindingType] = [
    Binding("down", "move(1)", "Down", show=False),
    Binding("up", "move(-1)", "Up", show=False),
    Binding("left", "columns(-1)", "Columns left", show=False),
    Binding("right", "columns(1)", "Columns right", show=False),
    Binding("home", "top", "First", show=False),
    Binding("end", "bottom", "Last", show=False),
    Binding("pagedown", "page(1)", "Page down", show=False, id="move.page_down"),
    Binding("pageup", "page(-1)", "Page up", show=False, id="move.page_up"),
]
TABLE_BINDINGS: list[BindingType] = [*MOVE_BINDINGS, *MARK_BINDINGS, *OPEN_BINDINGS, *PLAIN_BINDINGS]
"""All of them, in the order of the key sheet."""
