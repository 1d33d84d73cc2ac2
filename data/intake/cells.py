"""What single cells of a platform's file can suffer from, and what is done about it."""

from __future__ import annotations

import re

from data.text import visible

_SHORTENED = re.compile(r"[0-9][.,]?[0-9]*[eE]\+?[0-9]+")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BREAK = re.compile("[ ,]*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029\t]+[ ,]*")
_EXAMPLE_MAIL = re.compile(r".*@example\.(?:com|org|net|edu)", re.IGNORECASE)
_EXAMPLE_NAME = re.compile(r"(?:example|sample|test) (?:backer|person|customer|user|name)", re.IGNORECASE)
_DIGITS = 5


class CellError(Exception):
    """A cell that can't be used; its row becomes a BadRow."""

    def __init__(self, position: int, reason: str) -> None:
        """Keep the column's position and the reason in words."""
        super().__init__(reason)
        self.position = position
        self.reason = reason


def read_quantity(text: str, position: int) -> int:
    """Read how many; raises CellError for what is not a whole number of at most five digits."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise CellError(position, f"“{visible(text[:40])}” is not a whole number of pieces")
    return int(text)


def is_shortened(text: str) -> bool:
    """Tell an id that a spreadsheet has turned into `1.6474E+09`; its digits are lost."""
    return not text.isalnum() and bool(_SHORTENED.fullmatch(text))


def unwrapped(cell: str) -> str:
    """Take off `="…"`, which keeps a spreadsheet from eating zeros and says nothing else."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') and len(cell) > 2 else cell


def on_one_line(part: str) -> str:
    """Join an address part's lines and drop bidirectional controls, which would print it in another order."""
    return _BREAK.sub(", ", _BIDI.sub("", part)).strip()


def refuse_example(name: str, email: str, position: int) -> None:
    """Raise CellError for the example person a platform has put in the first row; RFC 2606 reserves such addresses."""
    if _EXAMPLE_MAIL.fullmatch(email) or _EXAMPLE_NAME.fullmatch(name):
        words = f"{visible(name)} <{visible(email)}>"
        raise CellError(position, f"{words} looks like the platform's example, not a backer")
