"""How each warehouse stands: what waits for it, what it has not answered, and whether its worker is at work."""

from __future__ import annotations

from dataclasses import dataclass

from data.dispatch.delta import waiting_corrections
from data.dispatch.lock import holder
from data.orders.split import PARTS
from data.stock.levels import list_levels
from data.store.store import Store


@dataclass(frozen=True, slots=True)
class WarehouseLine:
    """How one warehouse stands."""

    code: str
    name: str
    waiting: int
    """Orders allocated to it and in no batch."""
    planned: int
    """Commands that have yet to be sent, or whose reply is awaited."""
    doubtful: int
    """Commands that a look-up or a person must settle."""
    person: int
    """Of those, the ones only a person can decide."""
    stopped: bool
    polled_at: str | None
    problem: str
    done: int
    total: int
    rate: float
    working: bool
    """A worker holds the warehouse's lock at this moment."""
    corrections: int
    """Changes and cancels that wait for a delta batch."""
    drafts: int
    """Batches that were not sent yet."""
    on_hand: int
    """Pieces on its shelves, of what was counted there."""
    available: int
    """Of those, the ones that are promised to nobody."""
    short: tuple[str, ...]
    """SKUs of which more is promised than there is."""


def read_warehouses(store: Store) -> tuple[WarehouseLine, ...]:
    """Return every warehouse by code; counts come from indexes, whatever the number of orders."""
    run = store.path.parent / "run"
    found = store.rows(
        "SELECT w.code, w.name,"
        " (SELECT count(*) FROM orders o WHERE o.warehouse = w.code AND o.stage = 'allocated')"
        f" + (SELECT count(*) FROM ({PARTS}) p WHERE p.warehouse = w.code),"
        " (SELECT count(*) FROM commands c WHERE c.warehouse = w.code AND c.state IN ('planned', 'sending')"
        "  AND NOT EXISTS (SELECT 1 FROM batches d WHERE d.id = c.batch_id AND d.state IN ('draft', 'ready'))),"
        " (SELECT count(*) FROM commands c WHERE c.warehouse = w.code AND c.state IN ('doubtful', 'person')),"
        " (SELECT count(*) FROM commands c WHERE c.warehouse = w.code AND c.state = 'person'),"
        " w.stopped_at IS NOT NULL, p.polled_at, coalesce(p.problem, ''), coalesce(p.done, 0), coalesce(p.total, 0),"
        " coalesce(p.rate, 0.0),"
        " (SELECT count(*) FROM batches b WHERE b.warehouse = w.code AND b.state IN ('draft', 'ready'))"
        " FROM warehouses w LEFT JOIN portal_state p ON p.warehouse = w.code ORDER BY w.code"
    )
    lines: list[WarehouseLine] = []
    for code, name, waiting, planned, doubtful, person, stopped, *state in found:
        polled_at, problem, done, total, rate, drafts = state
        levels = [each for each in list_levels(store, warehouse=code) if each.counted]
        working = holder(run, code) is not None
        lines.append(
            WarehouseLine(
                code,
                name,
                waiting,
                planned,
                doubtful,
                person,
                bool(stopped),
                polled_at,
                problem,
                done,
                total,
                rate,
                working,
                waiting_corrections(store, code),
                drafts,
                sum(each.on_hand for each in levels),
                sum(each.available for each in levels),
                tuple(each.sku for each in levels if each.short),
            )
        )
    return tuple(lines)
