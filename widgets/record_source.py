"""Where a record table gets its ids and rows from, and where in a list of ids a row is found."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

PAGE = 100
"""Rows fetched by one call of `RowSource.rows`."""
_CHUNK = 65_536
_NEIGHBOURS = 24


class RowSource(Protocol):
    """One question and its answer in order: what a filter and a sort mean to a table.

    Every method is called in a worker thread, several at once, and may raise: the table posts `Failed` and keeps what
    it shows. The ids are stable names of records; the same id in another source is the same record.
    """

    def first(self, limit: int) -> Sequence[int]:
        """Return the first ids in display order, by a query that does not read them all."""
        ...

    def last(self, limit: int) -> Sequence[int]:
        """Return the last ids, in display order, by a query that does not read them all."""
        ...

    def ids(self, stopped: Callable[[], bool]) -> array[int]:
        """Return every id in display order as `array('q')`; ask `stopped` now and then and return early."""
        ...

    def rows(self, ids: Sequence[int]) -> Mapping[int, object]:
        """Return the rows of at most `PAGE` ids; an id that no longer exists is absent."""
        ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a source answered: every id it has, the rows around the place to show, and that place."""

    ids: array[int]
    rows: Mapping[int, object]
    asked: Sequence[int]
    """The ids that `rows` was asked for, so that an absent one is known to be gone."""
    position: int | None
    """Where the wanted row stands, or None when neither it nor a neighbour is there."""


def neighbours(ids: array[int], position: int, wanted: int) -> tuple[int, ...]:
    """Return the ids worth standing on when `wanted` at `position` goes: itself, those after it, those before it."""
    after = ids[position + 1 : position + 1 + _NEIGHBOURS]
    before = ids[max(0, position - _NEIGHBOURS) : max(0, position)]
    return (wanted, *after, *reversed(before))


def find(ids: array[int], wanted: int, near: int = 0) -> int | None:
    """Return the position of an id, or None; looks at `near` first and lets other threads run between chunks."""
    if 0 <= near < len(ids) and ids[near] == wanted:
        return near
    for start in range(0, len(ids), _CHUNK):
        try:
            return ids.index(wanted, start, start + _CHUNK)
        except ValueError:
            continue
    return None


def nearest(ids: array[int], wanted: Sequence[int], near: int) -> int | None:
    """Return the position of the first of the wanted ids that is there at all, or None."""
    if not wanted:
        return None
    position = find(ids, wanted[0], near)
    if position is not None or len(wanted) == 1:
        return position
    rank = {each: order for order, each in enumerate(wanted)}
    best = (len(rank), -1)
    for place, each in enumerate(ids):
        if each in rank and rank[each] < best[0]:
            best = (rank[each], place)
    return best[1] if best[1] >= 0 else None


def take_first(source: RowSource) -> tuple[Snapshot, bool]:
    """Return the first page, and whether it is already all there is."""
    found = array("q", source.first(PAGE))
    return Snapshot(found, source.rows(found), found, None), len(found) < PAGE


def take_last(source: RowSource) -> Snapshot:
    """Return the last page."""
    found = array("q", source.last(PAGE))
    return Snapshot(found, source.rows(found), found, len(found) - 1 if found else None)


def take_all(source: RowSource, stopped: Callable[[], bool], wanted: Sequence[int], near: int) -> Snapshot:
    """Return the whole answer with the rows around the wanted one, so that showing it needs no second fetch."""
    found = source.ids(stopped)
    position = nearest(found, wanted, near)
    middle = min(near if position is None else position, max(0, len(found) - 1))
    start = max(0, middle - PAGE // 2)
    asked = found[start : start + PAGE]
    return Snapshot(found, {} if stopped() else source.rows(asked), asked, position)


def pages(ids: array[int], positions: Iterable[int]) -> list[array[int]]:
    """Return the aligned pages of ids that hold the given positions."""
    numbers = sorted({position // PAGE for position in positions if 0 <= position < len(ids)})
    return [ids[number * PAGE : (number + 1) * PAGE] for number in numbers]
