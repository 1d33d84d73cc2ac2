"""A line of text at the left and another at the right, repainted only when one of them is another."""

from __future__ import annotations

from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

from widgets.cells import Pieces, fit, wrap


class OneLine(Widget):
    """One line of a screen's furniture. The right text keeps up to half of the width, the left one is cut first.

    Where it is given more lines, a left text that is alone and too wide takes as many of them as it needs.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    OneLine { height: 1; width: 1fr; background: $panel; color: $foreground; }
    OneLine:ansi { background: ansi_default; color: ansi_default; }
    """

    def __init__(self, *, most: int = 1, id: str | None = None, classes: str | None = None) -> None:
        """Make an empty line that may grow to `most` lines."""
        super().__init__(id=id, classes=classes)
        self._left = Content("")
        self._right = Content("")
        self._most = most
        self._lines: list[Content] = []
        self._width = 0
        """Cells the lines were broken for."""

    @property
    def text(self) -> tuple[str, str]:
        """What stands at the left and at the right."""
        return self._left.plain, self._right.plain

    def put(self, left: Content, right: Content | None = None) -> None:
        """Show other texts."""
        right = right or Content("")
        if not (left.is_same(self._left) and right.is_same(self._right)):
            self._left, self._right = left, right
            self._arrange()
            self.refresh()

    def on_resize(self) -> None:
        """Take as many lines as the other width needs."""
        self._arrange()

    def render_line(self, y: int) -> Strip:
        """Draw a line."""
        width = self.size.width
        if self._most > 1 and width != self._width:
            self.call_later(self._arrange)
        if self._lines:
            line = Pieces(self.visual_style)
            line.content(fit(self._lines[y], width) if y < len(self._lines) else Content(""))
            return line.strip(width)
        right = min(self._right.cell_length, width // 2)
        line = Pieces(self.visual_style)
        line.content(fit(self._left, max(0, width - right - (1 if right else 0))))
        if right:
            line.text(" ")
            line.content(fit(self._right, right))
        return line.strip(width)

    def _arrange(self) -> None:
        """Break a left text that is alone and too wide into lines; the last of them takes what is left over."""
        # A hidden widget has no size, and is not told when it has its old one again.
        width = self.size.width or self._width
        if self._most == 1 or not width:
            return
        self._width = width
        self._lines = []
        if not self._right and self._left.cell_length > width:
            lines = wrap(self._left, width, between="  ")
            rest = Content(" ").join(lines[self._most - 1 :])
            self._lines = [*lines[: self._most - 1], rest] if len(lines) >= self._most else lines
        self.styles.height = max(1, len(self._lines))
