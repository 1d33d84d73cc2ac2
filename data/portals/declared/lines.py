"""Where in a TOML file a key stands: the standard reader gives no lines, and a person looks for one."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_DOTTED})\s*\]\]?")
_ASSIGNED = re.compile(rf"\s*({_DOTTED})\s*=(.*)")
_QUOTES = ('"""', "'''")


def find_line(text: str, path: Sequence[str]) -> int:
    """Return the line (from 1) on which a key of a valid TOML document is given; inside an inline table, the table's.

    A key that is not there has the line of the nearest table around it that is, or else 1.
    """
    found = _all_lines(text)
    for length in range(len(path), 0, -1):
        if (line := found.get(tuple(path[:length]))) is not None:
            return line
    return 1


def _all_lines(text: str) -> dict[tuple[str, ...], int]:
    """Return the first line of every key and table."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    closing = ""
    for number, line in enumerate(text.split("\n"), 1):
        if closing:
            closing = "" if closing in line else closing
            continue
        if header := _HEADER.match(line):
            table = _parts(header.group(1))
            _keep(found, table, number)
        elif assigned := _ASSIGNED.match(line):
            _keep(found, (*table, *_parts(assigned.group(1))), number)
            value = assigned.group(2).strip()
            closing = next((each for each in _QUOTES if value.startswith(each) and value.count(each) == 1), "")
    return found


def _keep(found: dict[tuple[str, ...], int], path: tuple[str, ...], number: int) -> None:
    for length in range(1, len(path) + 1):
        found.setdefault(path[:length], number)


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(each.strip("\"'") for each in re.findall(_PART, dotted))
