"""Merged orders go into a batch together or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_PARTNER = "an order it is merged with can't go"


@dataclass(frozen=True, slots=True)
class Fit:
    """One order, and what keeps it out of a batch."""

    id: int
    number: str
    together: int | None
    """The group it is merged in."""
    reason: str
    """Empty: nothing."""
    partner: str = ""
    """What keeps out the order it is merged with, where that is the reason."""

    @property
    def words(self) -> str:
        """Say the reason to somebody who asked for this order."""
        return self.partner or self.reason


def keep_together(rows: Iterable[Fit], partners: Iterable[Fit]) -> tuple[list[tuple[int, ...]], list[Fit]]:
    """Return what fits, as orders that go together, in the order of `rows`, and what does not.

    `partners` are all orders of the groups in `rows`: those nobody asked for go along, and one that can't go keeps the
    others back.
    """
    groups: dict[int, list[Fit]] = {}
    for each in partners:
        if each.together is not None:
            groups.setdefault(each.together, []).append(each)
    units: list[tuple[int, ...]] = []
    out: list[Fit] = []
    seen: set[int] = set()
    for each in rows:
        group = [each] if each.together is None else groups.get(each.together, [each])
        kept_back = next((other for other in group if other.reason), None)
        if each.reason:
            out.append(each)
        elif kept_back is not None:
            words = f"it is merged with order {kept_back.number}, which can't go: {kept_back.reason}"
            out.append(Fit(each.id, each.number, each.together, _PARTNER, words))
        elif each.id not in seen:
            units.append(tuple(other.id for other in group))
            seen.update(units[-1])
    return units, out


def take(units: Iterable[Sequence[int]], limit: int | None) -> list[int]:
    """Return the orders of the first units, at most `limit` orders; a group there is no room for is passed over."""
    chosen: list[int] = []
    for unit in units:
        if limit is None or len(chosen) + len(unit) <= limit:
            chosen += unit
    return chosen
