"""Tables read row by row: strict quoting, every row's cells counted, every bad row named, nothing held in memory."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

from data.files.decode import Encoding, detect, open_text
from data.files.delimiter import declared_delimiter, find_delimiter
from data.files.source import Source, sources
from data.model import InputError
from data.text import visible

LARGEST_CELL = 1 << 20
"""Characters of one cell; a row with a larger one is bad."""
_SAMPLE_LINES = 200


class Record(NamedTuple):
    """One row of a table."""

    line: int
    """The physical line it begins on, from 1."""
    cells: list[str]


class BadRow(NamedTuple):
    """A row that can't be used, with what a person needs to find and mend it."""

    file: str
    line: int
    field: str
    """The column's name, or empty when it is the row as a whole."""
    reason: str
    cells: tuple[str, ...] = ()
    """The row as it was, for the reject file; the raw line where it can't be cut into cells."""

    def words(self) -> str:
        """Say it in one line: file, line, field, reason."""
        where = f"{self.file}, line {self.line}"
        return f"{where}, {visible(self.field)}: {self.reason}" if self.field else f"{where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Table:
    """A header and, by iterating, its rows; every iteration reads the file anew."""

    source: Source
    encoding: Encoding
    delimiter: str
    header: tuple[str, ...]
    """Column names as they are, without space around them; a name can stand twice."""
    skip: int
    """Physical lines up to and including the header."""

    @property
    def name(self) -> str:
        """Return what messages call it, safe to show."""
        return self.source.name

    @property
    def lines(self) -> int:
        """Return how many physical lines there are, for progress against a record's line."""
        return self.encoding.lines

    def head(self, rows: int) -> list[Record]:
        """Return the first good rows."""
        return list(islice((row for row in self if isinstance(row, Record)), rows))

    def __iter__(self) -> Iterator[Record | BadRow]:
        """Yield every row; a row with another number of cells than the header, or broken quotes, is a BadRow.

        After a broken quote the reading goes on at the next physical line, so one lost quote costs one row.
        """
        width, name = len(self.header), self.name
        with open_text(self.source, self.encoding.name) as stream:
            feed = _Feed(stream, self.skip)
            while True:
                try:
                    for cells in _reader(iter(feed), self.delimiter):
                        line = feed.taken()
                        if len(cells) == width:
                            yield Record(line, cells)
                        elif cells:
                            yield BadRow(name, line, "", _miscounted(len(cells), width), tuple(cells))
                    return
                except csv.Error as error:
                    line, raw, swallowed = feed.give_back()
                    yield BadRow(name, line, "", _broken(str(error), line, swallowed), (raw,))


class _Feed:
    """Physical lines, with the ones of the record being read held so that they can be read again."""

    def __init__(self, stream: TextIO, skip: int) -> None:
        """Start after `skip` lines."""
        self._stream = stream
        self._line = skip + 1
        self._held: list[str] = []
        self._again: deque[str] = deque()
        for _ in islice(stream, skip):
            pass

    def __iter__(self) -> Iterator[str]:
        """Yield lines; given-back ones come first. To be begun again after a giving back."""
        held, again = self._held, self._again
        while again:
            held.append(again.popleft())
            yield held[-1]
        for line in self._stream:
            held.append(line)
            yield line

    def taken(self) -> int:
        """Return the line the finished record began on."""
        line = self._line
        self._line += len(self._held)
        self._held.clear()
        return line

    def give_back(self) -> tuple[int, str, int]:
        """Put all but the first line back; returns its number, its text, and how many lines had been read."""
        line, held = self._line, self._held
        first, swallowed = held[0], len(held)
        self._again.extendleft(reversed(held[1:]))
        self._line += 1
        held.clear()
        return line, first[:LARGEST_CELL], swallowed


def open_table(source: Source, encoding: str | None = None, delimiter: str | None = None) -> Table:
    """Open one table; raises InputError for what can't be decoded, and for a header that is missing or unreadable."""
    found = detect(source, encoding)
    with open_text(source, found.name) as stream:
        lines = _sample(stream)
    skip = 0
    if lines and (declared := declared_delimiter(lines[0])):
        delimiter, skip = delimiter or declared, 1
    while skip < len(lines) and not lines[skip].strip():
        skip += 1
    if skip == len(lines):
        raise InputError(f"{source.name}: has no header")
    chosen = delimiter or find_delimiter(lines[skip:])
    rest = iter(lines[skip:])
    try:
        header = tuple(cell.strip() for cell in next(_reader(rest, chosen)))
    except csv.Error as error:
        reason = _broken(str(error), skip + 1, len(lines) - skip)
        raise InputError(f"{source.name}, line {skip + 1}: the header: {reason}") from error
    return Table(source, found, chosen, header, len(lines) - len(list(rest)))


def open_tables(paths: list[Path], encoding: str | None = None) -> list[Table]:
    """Open every table of files and zips, in a stable order; empty members of a zip are passed over.

    Raises InputError as `sources` and `open_table` do.
    """
    return [open_table(each, encoding) for each in sources(paths) if each.size or not each.member]


def _sample(stream: TextIO) -> list[str]:
    """Return the first lines, few enough to hold however long they are."""
    lines: list[str] = []
    size = 0
    for line in islice(stream, _SAMPLE_LINES):
        lines.append(line)
        size += len(line)
        if size > LARGEST_CELL:
            break
    return lines


def _reader(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """Return a strict RFC 4180 reader."""
    csv.field_size_limit(LARGEST_CELL)
    return csv.reader(lines, delimiter=delimiter, quotechar='"', doublequote=True, strict=True)


def _miscounted(cells: int, width: int) -> str:
    """Say that a row is short or long."""
    return f"has {cells} cells where the header has {width}"


def _broken(error: str, line: int, swallowed: int) -> str:
    """Say what the csv module found, in a person's words."""
    if "field limit" in error:
        if swallowed > 1:
            return f"a quote opened on line {line} is not closed within a million characters"
        return f"a cell has more than {LARGEST_CELL:,} characters"
    if "unexpected end" in error:
        return f"a quote opened on line {line} is never closed: it would swallow the next {swallowed - 1} lines"
    return "a quote stands inside a quoted cell without being doubled, or a quote was not closed"
