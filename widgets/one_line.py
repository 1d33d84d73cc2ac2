"""A line of text at the left and another at the right, repainted only when one of them is another."""

from __future__ import annotations

from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

from widgets.cells import Pieces, fit


class OneLine(Widget):
    """One line of a screen's furniture. The right text keeps up to half of the width, the left one is cut first."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    OneLine { height: 1; width: 1fr; background: $panel; color: $foreground; }
    OneLine:ansi { background: ansi_default; color: ansi_default; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Make an empty line."""
        super().__init__(id=id, classes=classes)
        self._left = Content("")
        self._right = Content("")

    @property
    def text(self) -> tuple[str, str]:
        """What stands at the left and at the right."""
        return self._left.plain, self._right.plain

    def put(self, left: Content, right: Content | None = None) -> None:
        """Show other texts."""
        right = right or Content("")
        if not (left.is_same(self._left) and right.is_same(self._right)):
            self._left, self._right = left, right
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        width = self.size.width
        right = min(self._right.cell_length, width // 2)
        line = Pieces(self.visual_style)
        line.content(fit(self._left, max(0, width - right - (1 if right else 0))))
        if right:
            line.text(" ")
            line.content(fit(self._right, right))
        return line.strip(width)
