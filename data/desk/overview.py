"""What needs doing this morning: one reading of the whole workspace, for the first screen and `lastcall overview`."""

from __future__ import annotations

from dataclasses import dataclass

from data.clock import utc_text
from data.store.store import Store

CHANGE_GROUPS = {0: "no change", 1: "trivial", 2: "contact", 3: "move", 4: "other zone"}


@dataclass(frozen=True, slots=True)
class WarehouseLine:
    """How one warehouse stands."""

    code: str
    name: str
    waiting: int
    """Orders allocated to it and in no batch."""
    planned: int
    doubtful: int
    """Commands that a look-up or a person must settle."""
    stopped: bool
    polled_at: str | None
    problem: str
    done: int
    total: int
    rate: float
    working: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts of what needs doing, and how the campaign stands."""

    orders: int
    stages: dict[str, int]
    units: int
    late: int
    held: dict[str, int]
    """Orders held, by kind of hold; an order can be counted under several."""
    changes: dict[str, int]
    """Waiting changes by what they are."""
    corrections: int
    closed_changes: int
    """Changes that closed themselves because they changed nothing."""
    unmapped: int
    unpaid: int
    batches: dict[str, int]
    person: int
    """Commands that only a person can decide."""
    doubtful: int
    issues: dict[str, int]
    oldest_issue: str | None
    parcels: dict[str, int]
    lock_at: str | None
    locked_at: str | None
    warehouses: tuple[WarehouseLine, ...]


def read_overview(store: Store, campaign_id: int | None = None) -> Overview:
    """Read everything the overview shows; at a million orders this is a second's work, so never on the UI thread."""
    scope: dict[str, object] = {"campaign": campaign_id}
    mine = "coalesce(:campaign, {0}.campaign_id) = {0}.campaign_id"
    stages = _counts(store, f"SELECT stage, count(*) FROM orders o WHERE {mine.format('o')} GROUP BY stage", scope)
    changes = store.rows(
        "SELECT c.level, c.label, count(*) FROM changes c JOIN orders o ON o.id = c.order_id"
        f" WHERE c.state IN ('waiting', 'asked') AND {mine.format('o')} GROUP BY 1, 2",
        scope,
    )
    lock = store.one("SELECT lock_at, locked_at FROM campaigns WHERE id = ?", (campaign_id,)) or (None, None)
    return Overview(
        orders=sum(stages.values()),
        stages=stages,
        units=int(store.value(f"SELECT coalesce(sum(units), 0) FROM orders o WHERE {mine.format('o')}", scope)),
        late=_count(store, f"SELECT count(*) FROM orders o WHERE o.late AND {mine.format('o')}", scope),
        held=_counts(
            store,
            "SELECT h.kind, count(*) FROM holds h JOIN orders o ON o.id = h.order_id"
            f" WHERE h.released_at IS NULL AND {mine.format('o')} GROUP BY 1",
            scope,
        ),
        changes={
            CHANGE_GROUPS[level]: sum(each[2] for each in changes if each[0] == level)
            for level in sorted({each[0] for each in changes}, reverse=True)
        },
        corrections=sum(each[2] for each in changes if each[1] == "correction_of_invalid"),
        closed_changes=_count(
            store,
            "SELECT count(*) FROM changes c JOIN orders o ON o.id = c.order_id"
            f" WHERE c.state = 'no_change' AND {mine.format('o')}",
            scope,
        ),
        unmapped=_count(store, f"SELECT count(*) FROM items i WHERE i.mapped_at IS NULL AND {mine.format('i')}", scope),
        unpaid=_count(
            store,
            "SELECT count(*) FROM holds h JOIN orders o ON o.id = h.order_id"
            f" WHERE h.kind = 'payment' AND h.released_at IS NULL AND {mine.format('o')}",
            scope,
        ),
        batches=_counts(store, f"SELECT state, count(*) FROM batches b WHERE {mine.format('b')} GROUP BY 1", scope),
        person=_count(store, "SELECT count(*) FROM commands WHERE state = 'person'", {}),
        doubtful=_count(store, "SELECT count(*) FROM commands WHERE state = 'doubtful'", {}),
        issues=_counts(
            store,
            f"SELECT type, count(*) FROM issues i WHERE state NOT IN ('resolved', 'closed') AND {mine.format('i')}"
            " GROUP BY 1",
            scope,
        ),
        oldest_issue=store.value(
            f"SELECT min(raised_at) FROM issues i WHERE state NOT IN ('resolved', 'closed') AND {mine.format('i')}",
            scope,
        ),
        parcels=_counts(
            store,
            "SELECT p.status, count(*) FROM parcels p JOIN shipments s ON s.id = p.shipment_id"
            f" WHERE {mine.format('s')} GROUP BY 1",
            scope,
        ),
        lock_at=lock[0],
        locked_at=lock[1],
        warehouses=read_warehouses(store),
    )


def read_warehouses(store: Store) -> tuple[WarehouseLine, ...]:
    """Read how each warehouse and its worker stand."""
    recent = utc_text(store.clock.now())
    found = store.rows(
        "SELECT w.code, w.name,"
        " (SELECT count(*) FROM orders o WHERE o.warehouse = w.code AND o.stage = 'allocated'),"
        " (SELECT count(*) FROM commands c WHERE c.warehouse = w.code AND c.state IN ('planned', 'sending')),"
        " (SELECT count(*) FROM commands c WHERE c.warehouse = w.code AND c.state IN ('doubtful', 'person')),"
        " w.stopped_at IS NOT NULL, p.polled_at, coalesce(p.problem, ''), coalesce(p.done, 0), coalesce(p.total, 0),"
        " coalesce(p.rate, 0.0), p.pid IS NOT NULL AND p.updated_at IS NOT NULL AND p.updated_at <= ?"
        " FROM warehouses w LEFT JOIN portal_state p ON p.warehouse = w.code ORDER BY w.code",
        (recent,),
    )
    lines: list[WarehouseLine] = []
    for code, name, waiting, planned, doubtful, stopped, polled_at, problem, done, total, rate, working in found:
        lines.append(
            WarehouseLine(
                code,
                name,
                waiting,
                planned,
                doubtful,
                bool(stopped),
                polled_at,
                problem,
                done,
                total,
                rate,
                bool(working),
            )
        )
    return tuple(lines)


def _counts(store: Store, sql: str, parameters: dict[str, object]) -> dict[str, int]:
    return {row[0]: row[1] for row in store.rows(sql, parameters)}


def _count(store: Store, sql: str, parameters: dict[str, object]) -> int:
    return int(store.value(sql, parameters))
