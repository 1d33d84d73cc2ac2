"""Layouts: what the order list of one warehouse looks like, and what the tables look like that it sends back."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from data.files.write import Quote
from data.model import ShipmentState
from data.portals.protocol import Action
from data.portals.text_template import TextTemplate

ENCODINGS = ("utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16")
DELIMITERS = {",": ",", ";": ";", "|": "|", "tab": "\t", "\t": "\t"}
NEWLINES = {"crlf": "\r\n", "lf": "\n"}


class Rows(StrEnum):
    """What one row of an order list stands for."""

    LINE = "line"
    ORDER = "order"


class Correcting(StrEnum):
    """How a warehouse is told of changes and cancels."""

    COLUMN = "column"
    FILES = "files"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; one for each SKU where it has `sku_header`."""

    header: str
    template: TextTemplate
    width: int | None = None
    """Characters the warehouse takes."""
    required: bool = False
    sku_header: TextTemplate | None = None


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a correction looks like: a first column in delta files, or a file for each action."""

    style: Correcting = Correcting.FILES
    header: str = "action"
    words: Mapping[Action, str] = field(default_factory=lambda: {each: each.upper() for each in Action})


@dataclass(frozen=True, slots=True)
class ReturnTable:
    """One kind of table that comes back: acknowledgements, tracking. Columns by any of their names."""

    glob: str
    columns: Mapping[str, tuple[str, ...]]
    """The names of each of `key`, `number`, `tracking`, `carrier`, `date`, `status`, `url` that is there."""
    statuses: Mapping[str, ShipmentState] = field(default_factory=dict)
    """What the warehouse's words mean, folded; before those that every warehouse uses."""
    listed: ShipmentState | None = None
    """What a row means that has neither a status nor a tracking number; None: it can't be used."""
    unknown: str = "quarantine"
    """What becomes of rows under keys we never sent: `quarantine`, or `ignore` where they are other clients'."""
    date: str = ""
    """How dates are written (strptime); '' where they are ISO 8601 or not to be read."""
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """One warehouse's order list."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Rows = Rows.LINE
    encoding: str = "utf-8"
    delimiter: str = ","
    newline: str = "\r\n"
    quote: Quote = "minimal"
    extension: str = "csv"
    formula_guard: bool = False
    """A person opens it in a spreadsheet: what would be run as a formula gets an apostrophe."""
    max_rows: int = 0
    """Rows of one file besides the header; a larger batch becomes several files. 0 = no limit."""
    longest_number: int = 0
    """Digits of a cell that is all digits, where the warehouse's import damages longer ones. 0 = no limit."""
    continuation: frozenset[str] = frozenset()
    """Columns that are filled on an order's second row and after; empty = all."""
    item: TextTemplate | None = None
    """One line in `order.lines`."""
    join: str = ", "
    """What stands between two of them."""
    skus: tuple[str, ...] = ()
    """The SKUs that have a column, in order; empty = those of the batch."""
    corrections: Corrections = field(default_factory=Corrections)
    returns: tuple[ReturnTable, ...] = ()

    @property
    def shape(self) -> str:
        """Say what a row stands for: `line`, `order`, or `order, a column for each SKU`."""
        return f"{self.rows}, a column for each SKU" if self.is_wide else str(self.rows)

    @property
    def is_wide(self) -> bool:
        """Tell whether there is a column for each SKU."""
        return any(column.sku_header is not None for column in self.columns)

    @property
    def says_action(self) -> bool:
        """Tell whether a column of every row says what is to be done."""
        return any("action" in column.template.paths for column in self.columns)


def unencodable(text: str, encoding: str) -> str:
    """Return the first character that an encoding does not have, or nothing."""
    if text.isascii():
        return ""
    try:
        codecs.encode(text, encoding)
    except UnicodeEncodeError as error:
        return text[error.start]
    return ""
