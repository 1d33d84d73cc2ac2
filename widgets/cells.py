"""Text measured in the cells of a terminal: fitted to a width, wrapped, and put together into lines."""

from __future__ import annotations

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip
from textual.style import Style


def fit(content: Content, width: int, right: bool = False) -> Content:
    """Return content exactly `width` cells wide, cut with an ellipsis or padded."""
    length = content.cell_length
    if length > width:
        return content.truncate(width, ellipsis=True)
    if length < width:
        return content.pad_left(width - length) if right else content.pad_right(width - length)
    return content


def wrap(content: Content, width: int) -> list[Content]:
    """Return content as lines of at most `width` cells, broken at spaces or else anywhere but in a number."""
    lines: list[Content] = []
    while content.cell_length > width:
        end = _break(content.plain, max(1, width))
        lines.append(content[:end].rstrip())
        content = content[end:]
        content = content[len(content.plain) - len(content.plain.lstrip(" ")) :]
    if content or not lines:
        lines.append(content)
    return lines


def _break(text: str, width: int) -> int:
    """Return where to break text that is wider than `width` cells."""
    end = len(chop_cells(text, width)[0])
    if text[end] == " ":
        return end
    space = text.rfind(" ", 0, end)
    if space > 0:
        return space + 1
    start = end
    while start > 0 and text[start - 1].isdigit() and text[end].isdigit():
        start -= 1
    return start or max(1, end)


class Pieces:
    """A line under construction: neighbours of one style become one piece, which is what keeps the wire quiet."""

    def __init__(self, base: Style) -> None:
        """Start an empty line whose text has the base style unless it says otherwise."""
        self._base = base
        self._texts: list[tuple[str, Style]] = []

    def text(self, text: str, style: Style | None = None) -> None:
        """Add text in the base style or another."""
        style = self._base if style is None else style
        if self._texts and self._texts[-1][1] == style:
            self._texts[-1] = (self._texts[-1][0] + text, style)
        elif text:
            self._texts.append((text, style))

    def content(self, content: Content, plain: bool = False) -> None:
        """Add content; with `plain`, without its own styles."""
        if plain or not content.spans:
            self.text(content.plain)
            return
        for text, style in content.render(self._base, end=""):
            self.text(text, style)

    def strip(self, width: int) -> Strip:
        """Return the line, exactly `width` cells wide."""
        length = sum(cell_len(text) for text, _ in self._texts)
        if length < width:
            self.text(" " * (width - length))
        line = Strip([Segment(text, style.rich_style) for text, style in self._texts])
        return line if length <= width else line.crop(0, width)
