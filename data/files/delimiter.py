"""What stands between the cells: found by reading the first rows each way and counting, never from a Sniffer's dialect.

`csv.Sniffer` guesses `doublequote` wrongly when the first rows have no doubled quote, so quoting is RFC 4180 always.
"""

from __future__ import annotations

import csv
from contextlib import suppress
from itertools import islice

DELIMITERS = (",", ";", "\t", "|")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def find_delimiter(lines: list[str]) -> str:
    """Return the delimiter under which the header has several cells and most rows have as many.

    `lines` are the first physical lines with their ends. A table of one column comes back as comma.
    """
    best, chosen = (0.0, 1), ","
    for delimiter in DELIMITERS:
        rows = _rows(lines, delimiter)
        if not rows or len(rows[0]) < 2:
            continue
        width = len(rows[0])
        # The last row may be cut off in the middle.
        judged = rows[1:-1] or rows[1:]
        alike = sum(len(row) == width for row in judged) / len(judged) if judged else 1.0
        if (alike, width) > best:
            best, chosen = (alike, width), delimiter
    return chosen


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    """Return the first rows as this delimiter cuts them, up to one that can't be cut."""
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(row for row in islice(csv.reader(lines, delimiter=delimiter), 50) if row)
    return rows


def declared_delimiter(line: str) -> str | None:
    """Return what Excel's `sep=;` first line declares, or None where it is none."""
    text = line.rstrip("\r\n")
    return text[4] if len(text) == 5 and text[:4].lower() == "sep=" and text[4] in DELIMITERS else None
