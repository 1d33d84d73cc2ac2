"""The ids of a noun that has thousands of rows, not millions: sorted whole for every page."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from data.orders.conditions import Condition
from data.orders.pages import joined
from data.store.store import Store


class ShortList:
    """What a filter and a sort give of such a noun; the noun's own class adds its rows."""

    def __init__(
        self, store: Store, source: str, key: str, sort: str, descending: bool, conditions: Sequence[Condition]
    ) -> None:
        """`source` is what stands after FROM, `key` the column of the id, `sort` the expression that orders."""
        self._store = store
        self._source = source
        self._key = key
        self._sort = sort
        self._descending = descending
        self._where, self._given = joined(conditions)

    def first(self, limit: int) -> list[int]:
        """Return the first ids."""
        return self._ids(limit, self._descending)

    def last(self, limit: int) -> list[int]:
        """Return the last ids, in display order."""
        return self._ids(limit, not self._descending)[::-1]

    def ids(self, stopped: Callable[[], bool] = lambda: False) -> array[int]:
        """Return every id in display order."""
        return array("q", self._ids(-1, self._descending))

    def count(self) -> int:
        """Return how many there are."""
        return int(self._store.value(f"SELECT count(*) FROM {self._source} WHERE {self._where}", self._given))

    def _ids(self, limit: int, descending: bool) -> list[int]:
        direction = "DESC" if descending else "ASC"
        found = self._store.rows(
            f"SELECT {self._key} FROM {self._source} WHERE {self._where}"
            f" ORDER BY {self._sort} {direction}, {self._key} {direction} LIMIT {int(limit)}",
            self._given,
        )
        return [row[0] for row in found]
