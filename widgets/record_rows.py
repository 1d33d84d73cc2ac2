"""The rows a record table holds: the last two thousand it was given, by id."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

CAPACITY = 2_000
"""Rows kept; twenty pages."""


class Absent(Enum):
    """Why there is no row to draw."""

    UNKNOWN = "not fetched"
    GONE = "deleted"


class RowCache:
    """Rows by id, the least lately drawn dropped first."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Start empty."""
        self._rows: OrderedDict[int, object] = OrderedDict()
        self._capacity = capacity

    def __len__(self) -> int:
        """Return how many rows are held."""
        return len(self._rows)

    def get(self, record: int) -> object:
        """Return the row of an id, or a member of `Absent`."""
        row = self._rows.get(record, Absent.UNKNOWN)
        if row is not Absent.UNKNOWN:
            self._rows.move_to_end(record)
        return row

    def lacks(self, records: Iterable[int]) -> bool:
        """Tell whether any of the ids has yet to be fetched."""
        return any(record not in self._rows for record in records)

    def put(self, rows: Mapping[int, object], asked: Sequence[int]) -> None:
        """Keep the rows a source gave for the ids asked; an absent one is gone."""
        for record in asked:
            self._rows[record] = rows.get(record, Absent.GONE)
            self._rows.move_to_end(record)
        while len(self._rows) > self._capacity:
            self._rows.popitem(last=False)

    def drop(self, records: Iterable[int]) -> None:
        """Forget the rows of some ids."""
        for record in records:
            self._rows.pop(record, None)

    def clear(self) -> None:
        """Forget every row."""
        self._rows.clear()
