"""The queue of the last call: changes that wait and addresses on file with findings, what matters most first."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from data.addresses.fault_fields import FAULT_FIELDS, OPEN_FAULT_SQL
from data.addresses.review_fields import CHANGE_FIELDS, OPEN_SQL, Group
from data.addresses.review_rows import ReviewRow, read_rows
from data.model import InputError
from data.orders.conditions import Context, Parameters, context_of
from data.orders.filters import Filter, parse
from data.orders.pages import joined, scope
from data.orders.search import search_orders
from data.store.store import Store

_WHAT_MATTERS = ("", "level")
_KEYS = {
    # sort: (of a change, of a faulty address)
    "proposed": ("c.at", "(SELECT a.at FROM addresses a WHERE a.id = k.address_id)"),
    "number": ("o.number", "o.number"),
    "country": ("o.country", "o.country"),
    "state": ("c.state", "iif(o.asked_id IS k.address_id, 'asked', 'waiting')"),
    "name": (
        "(SELECT a.name FROM addresses a WHERE a.id = c.to_id) COLLATE NOCASE",
        "(SELECT a.name FROM addresses a WHERE a.id = k.address_id) COLLATE NOCASE",
    ),
}
SORTS = (*_WHAT_MATTERS, *_KEYS)
"""What the queue can be sorted by; the default is what matters: other zone, move, error, contact, repair, trivial,
warning; the oldest of each first."""
_CHUNK = 10_000
_BY_LEVEL = "level DESC, label DESC, id"
"""As the index `changes_open` has it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the queue, in the order of an index where it can be."""

    select: str
    """Gives the id, first of its columns."""
    parameters: Parameters
    order: str

    def query(self, backwards: bool, limit: int) -> tuple[str, Parameters]:
        """Return the query of its first ids, or of its last from the end."""
        order = _reversed(self.order) if backwards else self.order
        return f"{self.select} ORDER BY {order} LIMIT {int(limit)}", self.parameters


class ReviewRows:
    """What a filter names, in order; without `state:` in the filter, what waits for a decision.

    The id of a change is the row's id; a faulty address on file has that of its order with a minus before it.
    Addresses with warnings only are listed where the filter asks for a `finding:` or for their group.
    """

    def __init__(
        self, store: Store, text: str = "", sort: str = "", descending: bool = False, campaign_id: int | None = None
    ) -> None:
        """Read the filter; raises FilterError with the column, and InputError for a sort there is not."""
        if sort not in SORTS:
            raise InputError(f"changes can't be sorted by {sort}: {', '.join(filter(None, SORTS))}")
        self._store = store
        context = context_of(store, campaign_id)
        found = parse(text, CHANGE_FIELDS)
        changes, bound = _where(found, context)
        faults, fault_bound = _where(parse(text, FAULT_FIELDS), context)
        if not _names(found, "state"):
            changes += f" AND {OPEN_SQL}"
        faults += f" AND {OPEN_FAULT_SQL}"
        self._warnings = _asks_for_warnings(found)
        if sort in _WHAT_MATTERS:
            self._parts = _by_what_matters(changes, bound, faults, fault_bound, not _names(found, "state"))
            if not self._warnings:
                del self._parts[-1]
        else:
            self._parts = [_sorted(sort, changes, bound, faults, fault_bound, self._warnings)]
        self._descending = descending

    @property
    def parts(self) -> Sequence[Part]:
        """The stretches one after another, in ascending order."""
        return self._parts

    def first(self, limit: int) -> Sequence[int]:
        """Return the first ids in display order."""
        return self._from(self._descending, limit)

    def last(self, limit: int) -> Sequence[int]:
        """Return the last ids, in display order."""
        return self._from(not self._descending, limit)[::-1]

    def ids(self, stopped: Callable[[], bool] = lambda: False) -> array[int]:
        """Return every id in display order; what was found so far when `stopped` says so."""
        found = array("q")
        for part in self._ordered(self._descending):
            cursor = self._store.db.execute(*part.query(self._descending, -1))
            try:
                while not stopped() and (rows := cursor.fetchmany(_CHUNK)):
                    found.extend(row[0] for row in rows)
            finally:
                cursor.close()
        return found

    def count(self) -> int | None:
        """Return how many there are; reads them all."""
        return sum(
            int(self._store.value(f"SELECT count(*) FROM ({part.select})", part.parameters)) for part in self._parts
        )

    def rows(self, ids: Sequence[int]) -> dict[int, ReviewRow]:
        """Return the rows of some ids; one that is gone is absent."""
        return read_rows(self._store, ids, warnings=self._warnings)

    def _ordered(self, backwards: bool) -> Sequence[Part]:
        return self._parts[::-1] if backwards else self._parts

    def _from(self, backwards: bool, limit: int) -> list[int]:
        found: list[int] = []
        for part in self._ordered(backwards):
            if len(found) < limit:
                found += [row[0] for row in self._store.rows(*part.query(backwards, limit - len(found)))]
        return found


def _where(found: Filter, context: Context) -> tuple[str, Parameters]:
    """Say a filter in SQL, with the campaigns in scope."""
    limits = scope(context)
    where, bound = joined([*found.conditions(context, search_orders), *([limits] if limits else [])])
    return f"({where})", bound


def _names(found: Filter, name: str) -> bool:
    return any(term.field is not None and term.field.name == name for term in found.terms)


def _asks_for_warnings(found: Filter) -> bool:
    """Tell whether a filter asks for findings, or for the group of warnings."""
    return any(
        term.field is not None
        and not term.negated
        and (
            term.field.name == "finding"
            or (term.field.name == "group" and any(each.text.lower() == Group.WARNING for each in term.values))
        )
        for term in found.terms
    )


def _by_what_matters(
    changes: str, bound: Parameters, faults: str, fault_bound: Parameters, indexed: bool
) -> list[Part]:
    """Return moves, errors, lesser changes and warnings one after another, each from the index that has its order."""
    source = "changes c INDEXED BY changes_open" if indexed else "changes c"
    # What asks nothing of the orders reads the index alone.
    orders = " CROSS JOIN orders o ON o.id = c.order_id" if "o." in changes or not indexed else ""
    of_changes = f"SELECT c.id FROM {source}{orders} WHERE {changes}"
    by_level = ", ".join(f"c.{each}" for each in _BY_LEVEL.split(", "))
    oldest = "k.address_id, o.id"
    return [
        Part(f"{of_changes} AND c.level >= 3", bound, by_level),
        Part(f"SELECT -o.id FROM {_faults('errors')} AND {faults}", fault_bound, oldest),
        Part(f"{of_changes} AND c.level < 3", bound, by_level),
        Part(f"SELECT -o.id FROM {_faults('warnings')} AND {faults}", fault_bound, oldest),
    ]


def _faults(which: str) -> str:
    """Return addresses on file with errors, or with warnings and no error."""
    no_error = " AND k.errors = 0" if which == "warnings" else ""
    return (
        f"checked k INDEXED BY checked_{which} CROSS JOIN orders o ON o.address_id = k.address_id"
        f" WHERE k.{which} > 0{no_error}"
    )


def _sorted(sort: str, changes: str, bound: Parameters, faults: str, fault_bound: Parameters, warnings: bool) -> Part:
    """Return everything in the order of one column."""
    of_change, of_fault = _KEYS[sort]
    kinds = ("errors", "warnings") if warnings else ("errors",)
    parts = [
        f"SELECT c.id AS id, {of_change} AS key FROM changes c CROSS JOIN orders o ON o.id = c.order_id"
        f" WHERE {changes}",
        *(f"SELECT -o.id, {of_fault} FROM {_faults(each)} AND {faults}" for each in kinds),
    ]
    return Part(
        f"SELECT id FROM ({' UNION ALL '.join(parts)})",
        (*bound, *(each for _ in kinds for each in fault_bound)),
        "key COLLATE NOCASE, id" if sort == "name" else "key, id",
    )


def _reversed(order: str) -> str:
    """Return an ORDER BY of ours with every direction turned round; no comma of it stands inside brackets."""
    return ", ".join(
        each.removesuffix(" DESC") if each.endswith(" DESC") else f"{each} DESC" for each in order.split(", ")
    )
