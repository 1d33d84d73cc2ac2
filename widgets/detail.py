"""A pane of titled sections of lines, scrolled by key; lines too long are wrapped, never cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.cells import Pieces, wrap_hanging


@dataclass(frozen=True, slots=True)
class Section:
    """A title and what stands below it."""

    title: Content | None
    lines: Sequence[Content]


class Detail(ScrollView, can_focus=True, inherit_bindings=False):
    """Everything about one record."""

    ALLOW_SELECT = False
    ALLOW_MAXIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "lines(1)", "Down", show=False, id="move.down"),
        Binding("k", "lines(-1)", "Up", show=False, id="move.up"),
        Binding("g", "edge(0)", "First", show=False, id="move.top"),
        Binding("G", "edge(1)", "Last", show=False, id="move.bottom"),
        Binding("ctrl+d", "halves(1)", "Half a page down", show=False, id="move.half_down"),
        Binding("ctrl+u", "halves(-1)", "Half a page up", show=False, id="move.half_up"),
        Binding("down", "lines(1)", "Down", show=False),
        Binding("up", "lines(-1)", "Up", show=False),
        Binding("home", "edge(0)", "First", show=False),
        Binding("end", "edge(1)", "Last", show=False),
        Binding("pagedown", "halves(2)", "Page down", show=False),
        Binding("pageup", "halves(-2)", "Page up", show=False),
    ]
    DEFAULT_CSS = """
    Detail { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    Detail { background: $background; color: $foreground; }
    Detail:ansi { background: ansi_default; color: ansi_default; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Make an empty pane."""
        super().__init__(id=id, classes=classes)
        self._content: list[Content] = []
        self._lines: list[Content] = []

    @property
    def lines(self) -> list[Content]:
        """The lines as they are drawn."""
        return self._lines

    def show(self, sections: Sequence[Section], *, stay: bool = False) -> None:
        """Show other sections from their top, or with `stay` from the line that is on top."""
        content: list[Content] = []
        for section in sections:
            if content:
                content.append(Content(""))
            if section.title is not None:
                content.append(section.title.stylize("bold"))
            content.extend(section.lines)
        self.show_lines(content, stay=stay)

    def show_lines(self, lines: Sequence[Content], *, stay: bool = False) -> None:
        """Show other lines from their top, or with `stay` from the line that is on top."""
        same = len(lines) == len(self._content) and all(map(Content.is_same, lines, self._content))
        if not same:
            self._content = list(lines)
            self._wrap()
        if not stay:
            self.scroll_to(y=0, animate=False, force=True)

    def on_resize(self) -> None:
        """Wrap the lines to the other width."""
        self._wrap()

    def action_lines(self, lines: int) -> None:
        """Scroll by lines."""
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False)

    def action_halves(self, halves: int) -> None:
        """Scroll by halves of the pane."""
        self.action_lines(halves * max(1, self.size.height // 2))

    def action_edge(self, end: int) -> None:
        """Scroll to the top, or to the end."""
        self.scroll_to(y=self.max_scroll_y if end else 0, animate=False)

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        place = y + self.scroll_offset.y
        line = Pieces(self.visual_style)
        if place < len(self._lines):
            line.content(self._lines[place])
        return line.strip(self.size.width)

    def _wrap(self) -> None:
        width, before = self.scrollable_content_region.width, self._lines
        self._lines = [part for line in self._content for part in wrap_hanging(line, width)] if width > 0 else []
        size = Size(width, len(self._lines))
        if size != self.virtual_size or len(before) != len(self._lines):
            self.virtual_size = size
            self.refresh()
            return
        # Records of one kind share most of their lines: only the others go over the wire.
        top = self.scroll_offset.y
        pairs = enumerate(zip(before, self._lines, strict=True))
        changed = [Region(0, place - top, width, 1) for place, (old, new) in pairs if not old.is_same(new)]
        if changed:
            self.refresh(*changed)
