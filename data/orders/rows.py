"""Orders as lists show them: the ids a filter and a sort give, and the rows of some ids."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlite_utils.utils import sqlite3

from data.model import ADDRESS_FIELDS, Address, Stage
from data.orders.alike import possible_among
from data.orders.conditions import Condition, context_of
from data.orders.fields import OPEN_CHANGE, OPEN_ISSUE, order_conditions
from data.orders.pages import Query, by_id, driver_of, joined, scope
from data.store.store import Store

SORTS: dict[str, str] = {
    "number": "o.id",
    "name": "b.name COLLATE NOCASE",
    "email": "b.email COLLATE NOCASE",
    "country": "o.country",
    "stage": "",
    "tier": "o.tier",
    "warehouse": "coalesce(o.warehouse, '')",
    "ordered": "coalesce(o.ordered_at, '')",
    "amount": "coalesce(o.amount_minor, 0)",
    "priority": "o.priority",
}
"""What orders can be sorted by; `number` is the order in which they came in, `stage` how far they have come."""

_CHUNK = 500
_STEPS = 50_000
"""SQLite's instructions between two questions whether to stop: a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing an order is promised."""

    sku: str | None
    """None while its name is not mapped."""
    name: str
    quantity: int


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order with what a list shows of it."""

    id: int
    rev: int
    campaign_id: int
    number: str
    kind: str
    stage: str
    name: str
    email: str
    country: str
    tier: str
    paid: bool
    locked: bool
    late: bool
    cancel_asked: bool
    warehouse: str | None
    priority: int
    amount_minor: int | None
    currency: str
    ordered_at: str | None
    address: Address
    """On file; empty where there is none."""
    lines: tuple[Line, ...] = ()
    """Without what is mapped to nothing that ships."""
    holds: tuple[str, ...] = ()
    batches: tuple[int, ...] = ()
    """Numbers."""
    tracking: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    issues: int = 0
    """Open ones."""
    changes: int = 0
    """Changes of its address that wait for a decision or an answer."""
    merged: int = 0
    """How many orders travel in its parcel, itself included; 0 when it travels alone."""
    duplicate: bool = False
    """It may be somebody's twice, and nobody has said what that means."""

    @property
    def units(self) -> int:
        """How many things it is promised."""
        return sum(line.quantity for line in self.lines)


class OrderRows:
    """The orders of a filter in an order, for `RecordTable` and for everything else that lists them."""

    def __init__(
        self,
        store: Store,
        filter_text: str = "",
        sort: str = "number",
        descending: bool = False,
        campaign_id: int | None = None,
    ) -> None:
        """Read the filter; raises FilterError, and KeyError for a sort that is not in `SORTS`."""
        self._store = store
        self._sort = SORTS[sort]
        self._descending = descending
        context = context_of(store, campaign_id)
        self._conditions = order_conditions(filter_text, context)
        within = scope(context)
        if within is not None:
            self._conditions.append(within)
        # The index of countries begins with the campaign; naming the only one lets it give the order.
        self._only = context.campaigns[0] if len(context.campaigns) == 1 else None
        self._driver: Condition | None = None
        self._few = False
        self._chosen = False

    def first(self, limit: int) -> list[int]:
        """Return the first ids."""
        return self._page(limit, self._descending)

    def last(self, limit: int) -> list[int]:
        """Return the last ids, in display order."""
        return self._page(limit, not self._descending)[::-1]

    def ids(self, stopped: Callable[[], bool]) -> array[int]:
        """Return every id; returns early, with some of them, once `stopped` says so."""
        found = array("q")
        connection = self._store.db.conn
        connection.set_progress_handler(lambda: int(stopped()), _STEPS)
        try:
            for sql, parameters in self._queries(-1, self._descending):
                cursor = connection.execute(sql, parameters)
                while page := cursor.fetchmany(10_000):
                    found.extend([each for (each,) in page])
                    if stopped():
                        cursor.close()
                        return found
        except sqlite3.OperationalError:
            if not stopped():
                raise
        finally:
            connection.set_progress_handler(None, 0)
        return found

    def count(self) -> int:
        """Return how many there are."""
        return sum(
            int(self._store.value(f"SELECT count(*) FROM ({sql})", parameters))
            for sql, parameters in self._queries(-1, self._descending)
        )

    def rows(self, ids: Sequence[int]) -> dict[int, OrderRow]:
        """Return the rows of some ids; an id that is gone is absent."""
        return order_rows(self._store, ids)

    def _page(self, limit: int, descending: bool) -> list[int]:
        found: list[int] = []
        for sql, parameters in self._queries(limit, descending):
            found += [each for (each,) in self._store.rows(sql, parameters)]
            if len(found) >= limit:
                break
        return found[:limit]

    def _queries(self, limit: int, descending: bool) -> Iterable[Query]:
        """Yield the queries whose answers, one after the other, are the ids."""
        if not self._chosen:
            self._driver, self._few = driver_of(self._store, self._conditions)
            self._chosen = True
        if self._sort == "o.id":
            yield by_id(self._conditions, self._driver, descending=descending, limit=limit)
        elif not self._sort:
            for stage in reversed(Stage) if descending else Stage:
                yield self._of_stage(stage, limit, descending)
        else:
            yield self._sorted(limit, descending)

    def _of_stage(self, stage: Stage, limit: int, descending: bool) -> Query:
        """Return the query of one stage's ids; the stages stand one after the other."""
        streams = order_conditions(f"stage:{stage}", context_of(self._store, None))[0]
        driver = self._driver if self._few else streams
        return by_id([*self._conditions, streams], driver, descending=descending, limit=limit)

    def _sorted(self, limit: int, descending: bool) -> Query:
        direction = "DESC" if descending else "ASC"
        conditions = [each for each in self._conditions if not (self._few and each is self._driver)]
        where, parameters = joined(conditions)
        if self._few and self._driver is not None:
            inner, bound = by_id([self._driver], self._driver, descending=False, limit=-1)
            where, parameters = f"o.id IN ({inner}) AND {where}", (*bound, *parameters)
        if self._sort == "o.country" and self._only is not None and not self._few:
            where, parameters = f"o.campaign_id = ? AND {where}", (self._only, *parameters)
        joins = " JOIN backers b ON b.id = o.backer_id" if self._sort.startswith("b.") else ""
        return (
            f"SELECT o.id FROM orders o{joins} WHERE {where}"
            f" ORDER BY {self._sort} {direction}, o.id {direction} LIMIT {limit}",
            parameters,
        )


def order_rows(store: Store, ids: Sequence[int]) -> dict[int, OrderRow]:
    """Return the rows of some orders by id; an id that is gone is absent."""
    found: dict[int, OrderRow] = {}
    for start in range(0, len(ids), _CHUNK):
        found.update(_read_rows(store, ids[start : start + _CHUNK]))
    return found


def order_document(row: OrderRow) -> dict[str, Any]:
    """Return an order as the command line prints it in JSON."""
    return {
        "id": row.id,
        "number": row.number,
        "kind": row.kind,
        "stage": row.stage,
        "name": row.name,
        "email": row.email,
        "country": row.country,
        "postcode": row.address.postcode,
        "address": asdict(row.address),
        "lines": [{"sku": line.sku, "name": line.name, "quantity": line.quantity} for line in row.lines],
        "holds": list(row.holds),
        "locked": row.locked,
        "late": row.late,
        "warehouse": row.warehouse,
    }


def _read_rows(store: Store, ids: Sequence[int]) -> dict[int, OrderRow]:
    among = f"({','.join(map(str, map(int, ids)))})"
    lines = _grouped(
        store,
        "SELECT l.order_id, l.sku, CASE WHEN l.name <> '' THEN l.name ELSE coalesce(p.title, '') END, l.quantity"
        f" FROM order_lines l LEFT JOIN products p ON p.sku = l.sku WHERE l.order_id IN {among} AND l.quantity > 0"
        " ORDER BY l.id",
    )
    holds = _grouped(
        store, f"SELECT order_id, kind FROM holds WHERE order_id IN {among} AND released_at IS NULL ORDER BY kind"
    )
    batches = _grouped(
        store,
        "SELECT DISTINCT l.order_id, b.number FROM shipment_lines l JOIN shipments s ON s.id = l.shipment_id"
        f" JOIN batches b ON b.id = s.batch_id WHERE l.order_id IN {among} ORDER BY b.number",
    )
    parcels = _grouped(
        store,
        "SELECT DISTINCT l.order_id, p.tracking_number, p.carrier FROM shipment_lines l"
        f" JOIN parcels p ON p.shipment_id = l.shipment_id WHERE l.order_id IN {among} ORDER BY p.id",
    )
    issues = dict(
        store.rows(f"SELECT i.order_id, count(*) FROM issues i WHERE i.order_id IN {among} AND {OPEN_ISSUE} GROUP BY 1")
    )
    changes = dict(
        store.rows(
            f"SELECT c.order_id, count(*) FROM changes c WHERE c.order_id IN {among} AND {OPEN_CHANGE} GROUP BY 1"
        )
    )
    merged = dict(
        store.rows(
            "SELECT o.id, count(*) FROM orders o JOIN orders m ON m.ship_with = o.ship_with AND m.stage <> 'cancelled'"
            f" WHERE o.id IN {among} AND o.stage <> 'cancelled' GROUP BY 1 HAVING count(*) > 1"
        )
    )
    duplicates = possible_among(store, ids)
    found: dict[int, OrderRow] = {}
    for row in store.rows(f"{_HEAD} WHERE o.id IN {among}"):
        values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=False))
        values |= {name: bool(values[name]) for name in _FLAGS}
        order_id = values["id"]
        found[order_id] = OrderRow(
            **values,
            address=Address(*(each or "" for each in row[len(_COLUMNS) :])),
            lines=tuple(Line(*each) for each in lines.get(order_id, ())),
            holds=tuple(kind for (kind,) in holds.get(order_id, ())),
            batches=tuple(number for (number,) in batches.get(order_id, ())),
            tracking=tuple(number for number, _ in parcels.get(order_id, ())),
            carriers=tuple(dict.fromkeys(carrier for _, carrier in parcels.get(order_id, ()) if carrier)),
            issues=issues.get(order_id, 0),
            changes=changes.get(order_id, 0),
            merged=merged.get(order_id, 0),
            duplicate=order_id in duplicates,
        )
    return found


_COLUMNS = {
    "id": "o.id",
    "rev": "o.rev",
    "campaign_id": "o.campaign_id",
    "number": "o.number",
    "kind": "o.kind",
    "stage": "o.stage",
    "name": "CASE WHEN b.name <> '' THEN b.name ELSE coalesce(a.name, '') END",
    "email": "b.email",
    "country": "o.country",
    "tier": "o.tier",
    "paid": "o.paid",
    "locked": "o.locked_at IS NOT NULL",
    "late": "o.late",
    "cancel_asked": "o.cancel_asked_at IS NOT NULL",
    "warehouse": "o.warehouse",
    "priority": "o.priority",
    "amount_minor": "o.amount_minor",
    "currency": "o.currency",
    "ordered_at": "o.ordered_at",
}
_FLAGS = ("paid", "locked", "late", "cancel_asked")
_HEAD = (
    f"SELECT {', '.join(_COLUMNS.values())}, {', '.join(f'a.{each}' for each in ADDRESS_FIELDS)}"
    " FROM orders o JOIN backers b ON b.id = o.backer_id LEFT JOIN addresses a ON a.id = o.address_id"
)


def _grouped(store: Store, sql: str) -> dict[int, list[tuple[Any, ...]]]:
    """Read rows that begin with an order's id, and gather the rest by it."""
    gathered: dict[int, list[tuple[Any, ...]]] = {}
    for order_id, *rest in store.rows(sql):
        gathered.setdefault(order_id, []).append(tuple(rest))
    return gathered
