"""Columns found by name: by any of their aliases, whatever the case and spacing, never by position."""

from __future__ import annotations

from collections.abc import Iterable


def fold(name: str) -> str:
    """Return a column's name for comparing: case and spacing do not count."""
    return " ".join(name.casefold().split())


def distinct(header: Iterable[str]) -> tuple[str, ...]:
    """Return names that tell columns of the same name apart: `Item SKU`, `Item SKU (2)`."""
    used: set[str] = set()
    names: list[str] = []
    for name in header:
        number, candidate = 1, name
        while fold(candidate) in used:
            number += 1
            candidate = f"{name} ({number})"
        used.add(fold(candidate))
        names.append(candidate)
    return tuple(names)


class Columns:
    """Where the columns of one header stand."""

    def __init__(self, header: Iterable[str]) -> None:
        """Resolve the positions once; rows are then read by position."""
        self.header = tuple(header)
        self._positions: dict[str, list[int]] = {}
        for position, name in enumerate(self.header):
            self._positions.setdefault(fold(name), []).append(position)

    def find(self, aliases: Iterable[str]) -> int | None:
        """Return the first column of the first alias that is there, or None."""
        return next((self._positions[fold(each)][0] for each in aliases if fold(each) in self._positions), None)

    def all(self, aliases: Iterable[str]) -> list[int]:
        """Return every column that has one of the aliases, in the file's order."""
        return sorted({position for each in aliases for position in self._positions.get(fold(each), ())})

    def has(self, *aliases: str) -> bool:
        """Tell whether any of the aliases is there."""
        return self.find(aliases) is not None

    def unknown(self, known: Iterable[str]) -> list[int]:
        """Return the columns none of whose names is known, in the file's order; nameless ones are among them."""
        names = {fold(each) for each in known}
        return [position for position, name in enumerate(self.header) if fold(name) not in names]
