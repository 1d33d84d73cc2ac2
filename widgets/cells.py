"""Text measured in the cells of a terminal: fitted to a width, wrapped, and put together into lines."""

from __future__ import annotations

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip
from textual.style import Style

_MOST_CHARACTERS = 8
"""Characters that may share a cell: a base with its marks, or a part of an emoji; more begin another line."""


def fit(content: Content, width: int, right: bool = False) -> Content:
    """Return content exactly `width` cells wide, cut with an ellipsis or padded."""
    length = content.cell_length
    if length > width:
        return content.truncate(width, ellipsis=True)
    if length < width:
        return content.pad_left(width - length) if right else content.pad_right(width - length)
    return content


def wrap(content: Content, width: int, between: str = " ") -> list[Content]:
    """Return content as lines of at most `width` cells, broken at spaces or else anywhere but in a number.

    `between` are the spaces to break at first: two where what stands between them belongs together.
    """
    lines: list[Content] = []
    while content.cell_length > width:
        end = _break(content.plain, max(1, width), between)
        lines.append(content[:end].rstrip())
        content = content[end:]
        content = content[len(content.plain) - len(content.plain.lstrip(" ")) :]
    if content or not lines:
        lines.append(content)
    return lines


def wrap_hanging(content: Content, width: int) -> list[Content]:
    """Return content as lines of at most `width` cells, those that go on set in two cells deeper than the first."""
    if content.cell_length <= width:
        return [content]
    lead = len(content.plain) - len(content.plain.lstrip(" "))
    deep = lead + 2
    if deep > width // 2:
        return wrap(content, width)
    body = content[lead:]
    first = wrap(body, width - lead)[0]
    rest = body[len(first.plain) :]
    rest = rest[len(rest.plain) - len(rest.plain.lstrip(" ")) :]
    return [first.pad_left(lead), *(line.pad_left(deep) for line in wrap(rest, width - deep))]


def _break(text: str, width: int, between: str) -> int:
    """Return where to break text that is wider than `width` cells."""
    end = len(chop_cells(text[: _MOST_CHARACTERS * width], width)[0])
    for space in dict.fromkeys((between, " ")):
        if text.startswith(space, end):
            return end
        place = text.rfind(space, 0, end)
        if place > 0:
            return place + len(space)
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
