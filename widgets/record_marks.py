"""Which records are marked: by id, so that marks outlive a filter, a sort and a refresh; a million of them is cheap."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

_BITS = 13
_MASK = (1 << _BITS) - 1


class IdSet:
    """A set of ids as bits in blocks of 8,192: 125 kB for a million neighbouring ids."""

    def __init__(self, ids: Iterable[int]) -> None:
        """Take the ids in; slow enough for a worker thread at a million, and other threads run meanwhile."""
        self._blocks: dict[int, bytearray] = {}
        self._count = 0
        blocks = self._blocks
        for each in ids:
            block = blocks.get(each >> _BITS)
            if block is None:
                block = blocks[each >> _BITS] = bytearray((_MASK + 1) // 8)
            place, bit = (each & _MASK) >> 3, 1 << (each & 7)
            if not block[place] & bit:
                block[place] |= bit
                self._count += 1

    def __contains__(self, each: int) -> bool:
        """Tell whether an id is in the set."""
        block = self._blocks.get(each >> _BITS)
        return block is not None and bool(block[(each & _MASK) >> 3] & (1 << (each & 7)))

    def __len__(self) -> int:
        """Return how many ids there are."""
        return self._count

    def __iter__(self) -> Iterator[int]:
        """Give the ids in ascending order."""
        for number in sorted(self._blocks):
            for place, byte in enumerate(self._blocks[number]):
                for bit in range(8):
                    if byte & (1 << bit):
                        yield (number << _BITS) | (place << 3) | bit


class Marks:
    """The marked ids: some by name, or all of one snapshot but a few.

    All of a snapshot is a reference to it while that snapshot is shown; `freeze` turns it into a set of its own before
    another one takes its place, so that a wider filter never widens what is marked.
    """

    def __init__(self) -> None:
        """Start with nothing marked."""
        self._some: set[int] = set()
        self._but: set[int] = set()
        self._all: array[int] | None = None
        self._frozen: IdSet | None = None

    def __len__(self) -> int:
        """Return how many are marked, those outside the present filter too."""
        base = self._all if self._all is not None else self._frozen
        return len(self._some) + (0 if base is None else len(base) - len(self._but))

    def __contains__(self, record: int) -> bool:
        """Tell whether a record of the snapshot now shown is marked."""
        return record in self._some or (self._in_base(record) and record not in self._but)

    def _in_base(self, record: int) -> bool:
        return self._all is not None or (self._frozen is not None and record in self._frozen)

    def add(self, records: Iterable[int]) -> None:
        """Mark records."""
        for record in records:
            if self._in_base(record):
                self._but.discard(record)
            else:
                self._some.add(record)

    def remove(self, records: Iterable[int]) -> None:
        """Take marks away."""
        for record in records:
            self._some.discard(record)
            if self._in_base(record):
                self._but.add(record)

    def add_all(self, ids: array[int]) -> None:
        """Mark all of the snapshot that is shown, and nothing else."""
        self.clear()
        self._all = ids

    def is_all(self, ids: array[int]) -> bool:
        """Tell whether every record of the snapshot is marked."""
        return self._all is ids and not self._but

    def clear(self) -> None:
        """Take every mark away."""
        self._some, self._but = set(), set()
        self._all = self._frozen = None

    @property
    def to_freeze(self) -> array[int] | None:
        """The snapshot that must become a set before another is shown, or None."""
        return self._all

    def freeze(self, snapshot: array[int], frozen: IdSet) -> None:
        """Hold the marked snapshot as a set, unless the marks have become others meanwhile."""
        if self._all is snapshot:
            self._all, self._frozen = None, frozen

    def ids(self) -> array[int]:
        """Return the marked ids: a whole snapshot in its order, else ascending."""
        base: Iterable[int] = self._all if self._all is not None else (self._frozen or ())
        found = array("q", base)
        if self._but:
            found = array("q", (each for each in found if each not in self._but))
        found.extend(sorted(self._some))
        return found
