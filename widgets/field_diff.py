"""Two versions of a record's fields side by side, and what a third party holds: readable without colour in 80 cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from textual.content import Content

from widgets.cells import fit, wrap
from widgets.detail import Detail
from widgets.field_marks import EqualTokens, Span, marked_spans, tokens

Mark = Literal["same", "cosmetic", "contact", "move", "zone", "repair"]

WIDTH = 77
"""Cells of the picture: gutter 2, label 8, two values of 29, what is held 6, a space between each."""
NARROWEST = 49
"""Cells below which two values side by side can't be read."""
_LABEL, _HELD = 8, 6
_INDENT = Content(" " * (2 + _LABEL + 1))
_GUTTER: dict[Mark, tuple[str, str]] = {
    "same": ("  ", ""),
    "cosmetic": ("~ ", ""),
    "contact": ("> ", "$warning bold"),
    "move": ("! ", "$error bold"),
    "zone": ("!!", "$error bold"),
    "repair": ("+ ", "$success bold"),
}
_GONE, _COME = "$error strike", "$success bold"
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field in its two versions. Every text has been made visible by whoever passes it."""

    label: str
    old: str
    new: str
    mark: Mark
    """The verdict on the field; `same` and `cosmetic` rows show no marks inside."""
    held: str | None = None
    """What the third party holds; None where that is not known."""
    whole: bool = False
    """The value is marked whole or not at all, as a postcode is."""
    equal_tokens: EqualTokens | None = None
    """Tells whether two words or numbers mean the same."""
    below: tuple[Content, ...] = ()
    """What is said of the field, under it."""


def diff_lines(
    rows: Sequence[FieldRow],
    footer: Content | None = None,
    *,
    old_title: str = "ON FILE",
    new_title: str = "REQUESTED",
    held_title: str = "WHSE",
    width: int = WIDTH,
) -> list[Content]:
    """Return the picture: a head, the rows in the order given, and a footer wrapped below a rule.

    It is `width` cells wide, from `NARROWEST` to `WIDTH`.
    """
    width = max(NARROWEST, min(width, WIDTH))
    head = _line("  ", Content("field"), Content(old_title), Content(new_title), held_title, _value(width))
    rule = Content("-" * width)
    lines = [head.stylize("bold"), rule]
    for row in rows:
        lines.extend(_row_lines(row, width))
    if footer is not None:
        lines.extend((rule, *wrap(footer, width)))
    return lines


def _value(width: int) -> int:
    """Return the cells of one value."""
    return (width - len(_INDENT) - _HELD - 2) // 2


def _line(gutter: str | Content, label: Content, old: Content, new: Content, held: str, value: int) -> Content:
    values = (fit(label, _LABEL), fit(old, value), fit(new, value), fit(Content(held), _HELD))
    return Content.assemble(gutter, Content(" ").join(values))


def _row_lines(row: FieldRow, width: int) -> list[Content]:
    text, style = _GUTTER[row.mark]
    gutter = Content.styled(text, style) if style else Content(text)
    held = _held(row)
    if row.old != row.new and _reads_right_to_left(row.old + row.new):
        lines = _full_width(row, gutter, held, width)
    else:
        lines = _side_by_side(row, gutter, held, _value(width))
    if row.mark == "same":
        lines = [line.stylize("dim") for line in lines]
    if held == "≠ ↓":
        third = Content(f"warehouse has: {row.held or '(empty)'}")
        lines.extend(_INDENT + line for line in wrap(third, width - len(_INDENT)))
    for each in row.below:
        lines.extend(_INDENT + line for line in wrap(each, width - len(_INDENT)))
    return lines


def _side_by_side(row: FieldRow, gutter: Content, held: str, value: int) -> list[Content]:
    old, new = Content(row.old), Content(row.new)
    if row.mark not in ("same", "cosmetic"):
        gone, come = marked_spans(row.old, row.new, row.whole, row.equal_tokens)
        old, new = _bracketed(row.old, gone, "[]", _GONE), _bracketed(row.new, come, "{}", _COME)
    if row.old != row.new:
        old, new = old or Content("(empty)"), new or Content("(empty)")
    left, right = wrap(old, value), wrap(new, value)
    lines = [_line(gutter, Content(row.label), left[0], right[0], held, value)]
    for number in range(1, max(len(left), len(right))):
        before, after = (each[number] if number < len(each) else Content("") for each in (left, right))
        lines.append(_line("  ", Content(""), before, after, "", value))
    return lines


def _bracketed(text: str, spans: Sequence[Span], brackets: str, style: str) -> Content:
    """Put each span in brackets and in a style."""
    parts: list[Content] = []
    done = 0
    for span in spans:
        parts.append(Content(text[done : span.start]))
        parts.append(Content.styled(f"{brackets[0]}{text[span.start : span.end]}{brackets[1]}", style))
        done = span.end
    return Content("").join([*parts, Content(text[done:])])


def _held(row: FieldRow) -> str:
    """Return in six cells which of the two versions the third party holds."""
    if row.held is None:
        return ""
    if row.held == row.old:
        return "=both" if row.old == row.new else "=file"
    return "=new" if row.held == row.new else "≠ ↓"


def _reads_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text)


def _full_width(row: FieldRow, gutter: Content, held: str, width: int) -> list[Content]:
    """Show both versions on lines of their own and the numbers in words: terminals disagree on right to left."""
    label = Content.assemble(gutter, fit(Content(row.label), _LABEL), " ")
    room = width - len(_INDENT) - len("old: ") - (_HELD + 1)
    lines: list[Content] = []
    for name, text in (("old: ", row.old), ("new: ", row.new)):
        for number, part in enumerate(wrap(Content(text or "(empty)"), room)):
            start = label if not lines else _INDENT
            lines.append(Content.assemble(start, name if number == 0 else " " * len(name), part))
    if held:
        lines[0] = Content.assemble(fit(lines[0], width - _HELD), fit(Content(held), _HELD))
    if row.mark not in ("same", "cosmetic"):
        lines.append(_INDENT + Content(_in_words(row.old, row.new)))
    return lines


def _in_words(old: str, new: str) -> str:
    """Say which numbers changed, and whether the words did."""
    before, after = _numbers(old), _numbers(new)
    numbers = "numbers same" if before == after else f"numbers: {before or 'none'} → {after or 'none'}"
    return f"{numbers}   words {'same' if _words(old) == _words(new) else 'differ'}"


def _numbers(text: str) -> str:
    """Return the numbers of a text in ASCII digits."""
    return " ".join(
        "".join(str(unicodedata.digit(digit)) for digit in found.group()) for found in _NUMBER.finditer(text)
    )


def _words(text: str) -> list[str]:
    return [token.casefold() for token in tokens(text) if token[0].isalpha()]


class FieldDiff(Detail):
    """The picture in a pane, as wide as the pane allows."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Make an empty pane."""
        super().__init__(id=id, classes=classes)
        self._picture: Callable[[int], list[Content]] = lambda _width: []

    def show_rows(
        self,
        rows: Sequence[FieldRow],
        footer: Content | None = None,
        *,
        old_title: str = "ON FILE",
        new_title: str = "REQUESTED",
        held_title: str = "WHSE",
    ) -> None:
        """Show another difference from its top."""

        def draw(width: int) -> list[Content]:
            return diff_lines(
                rows, footer, old_title=old_title, new_title=new_title, held_title=held_title, width=width
            )

        self.show_picture(draw)

    def show_picture(self, draw: Callable[[int], list[Content]], *, stay: bool = False) -> None:
        """Show what `draw` makes for a width in cells, from its top, or with `stay` from the line that is on top."""
        self._picture = draw
        self.show_lines(self._drawn(), stay=stay)

    def on_resize(self) -> None:
        """Draw the picture for the other width."""
        self.show_lines(self._drawn(), stay=True)

    def _drawn(self) -> list[Content]:
        return self._picture(self.scrollable_content_region.width or WIDTH)
