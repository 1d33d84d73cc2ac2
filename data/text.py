"""The one gate for text from outside: what a person sees is what is there, and a terminal obeys none of it.

Sources: UAX #9 (bidirectional controls), ECMA-48 (C0, C1), and what Textual and Rich let through.
"""

from __future__ import annotations

import re
import unicodedata

_BIDI = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
# ZWJ, ZWNJ and variation selectors stay: emoji, Persian and Indic scripts need them.
_INVISIBLE = (0x200B, 0x2028, 0x2029, *range(0x2060, 0x2065), *range(0x206A, 0x2070), 0xFEFF, 0xFFF9, 0xFFFA, 0xFFFB)
_TAGS = range(0xE0000, 0xE0080)
_SURROGATES = range(0xD800, 0xE000)
_TABLE: dict[int, int] = {code: 0x2400 + code for code in range(0x20)}
_TABLE |= {0x7F: 0x2421}
_TABLE |= dict.fromkeys((*range(0x80, 0xA0), *_BIDI, *_INVISIBLE, *_TAGS, *_SURROGATES), 0xFFFD)


def _ranges(codes: list[int]) -> str:
    """Write characters as the ranges of a regular expression: a class of two thousand singles is slow to compile."""
    starts = [code for code in codes if code - 1 not in _TABLE]
    ends = [code for code in codes if code + 1 not in _TABLE]
    return "".join(f"\\U{start:08x}-\\U{end:08x}" for start, end in zip(starts, ends, strict=True))


_HIDDEN = re.compile(f"[{_ranges(sorted(_TABLE))}]")
_MARKS_KEPT = 4
LONGEST = 2_000
"""Characters of one value that are ever shown; the rest is counted."""


def visible(value: str) -> str:
    """Return text in which every control, bidirectional and invisible character shows as a sign of its own.

    Line feeds and tabs become signs too: split what has several lines before. At most four combining marks stay on
    one character, and at most `LONGEST` characters are kept, followed by how many more there were.
    """
    if value.isascii() and value.isprintable() and len(value) <= LONGEST:
        return value
    if len(value) > LONGEST:
        value = f"{value[:LONGEST]}… (+{len(value) - LONGEST} characters)"
    return _cap_marks(value.translate(_TABLE))


def visible_lines(value: str) -> list[str]:
    """Split text of several lines and make each visible."""
    return [visible(line) for line in value.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def has_hidden(value: str) -> bool:
    """Tell whether text has characters that a person would not see or a terminal might obey."""
    return not (value.isascii() and value.isprintable()) and bool(_HIDDEN.search(value))


def without_hidden(value: str) -> str:
    """Drop what `visible` would mark; line feeds and tabs become a space. For the clipboard and for comparing."""
    if value.isascii() and value.isprintable():
        return value
    return _HIDDEN.sub(lambda found: " " if found.group() in "\n\r\t" else "", value)


def _cap_marks(value: str) -> str:
    """Keep at most four combining marks in a row, so that no name grows out of its line."""
    if value.isascii():
        return value
    kept: list[str] = []
    marks = 0
    for character in value:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MARKS_KEPT:
            kept.append(character)
    return "".join(kept)
