"""How far the outbox is: counts by state, and the row in which a worker says how it is doing."""

from __future__ import annotations

from dataclasses import dataclass

from data.clock import Clock, utc_text
from data.model import CommandState
from data.store.store import Store


@dataclass(frozen=True, slots=True)
class Progress:
    """How many commands stand where."""

    planned: int = 0
    sending: int = 0
    accepted: int = 0
    rejected: int = 0
    doubtful: int = 0
    person: int = 0
    withdrawn: int = 0

    @property
    def total(self) -> int:
        """Count all that were not withdrawn."""
        return self.planned + self.sending + self.accepted + self.rejected + self.doubtful + self.person

    @property
    def open(self) -> int:
        """Count what a worker still has to do."""
        return self.planned + self.sending + self.doubtful

    @property
    def settled(self) -> int:
        """Count what has an answer or waits for a person."""
        return self.total - self.open


@dataclass(frozen=True, slots=True)
class WorkerState:
    """What a worker last said about itself."""

    warehouse: str
    pid: int | None = None
    started_at: str = ""
    done: int = 0
    total: int = 0
    rate: float = 0.0
    """Commands settled in a second."""
    problem: str = ""
    open_until: str = ""
    """Nothing is sent before this instant."""
    polled_at: str = ""
    updated_at: str = ""

    @property
    def seconds_left(self) -> float | None:
        """Estimate how long the rest takes, where it moves at all."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None


def batch_progress(store: Store, batch_id: int) -> Progress:
    """Count what a batch sends by state."""
    return _counted(store.rows("SELECT state, count(*) FROM commands WHERE batch_id = ? GROUP BY state", (batch_id,)))


def warehouse_progress(store: Store, warehouse: str) -> Progress:
    """Count a warehouse's commands of every kind by state."""
    return _counted(store.rows("SELECT state, count(*) FROM commands WHERE warehouse = ? GROUP BY state", (warehouse,)))


def open_count(store: Store, warehouse: str) -> int:
    """Count what a worker of this warehouse still has to do, without reading what is settled."""
    return int(
        store.value(
            "SELECT count(*) FROM commands WHERE warehouse = ? AND state IN ('planned', 'sending', 'doubtful')",
            (warehouse,),
        )
    )


def worker_state(store: Store, warehouse: str) -> WorkerState:
    """Return what the warehouse's worker last said; an empty one when none ever ran."""
    row = store.one(
        "SELECT warehouse, pid, coalesce(started_at, ''), done, total, rate, problem, coalesce(open_until, ''),"
        " coalesce(polled_at, ''), coalesce(updated_at, '') FROM portal_state WHERE warehouse = ?",
        (warehouse,),
    )
    return WorkerState(warehouse) if row is None else WorkerState(*row)


def say(store: Store, clock: Clock, warehouse: str, **values: object) -> None:
    """Write some columns of a warehouse's `portal_state` row, with the instant; the others stay."""
    values["updated_at"] = utc_text(clock.now())
    sets = ", ".join(f"{name} = ?" for name in values)
    with store.derive() as tx:
        tx.run("INSERT OR IGNORE INTO portal_state(warehouse) VALUES (?)", (warehouse,))
        tx.run(f"UPDATE portal_state SET {sets} WHERE warehouse = ?", (*values.values(), warehouse))


def _counted(rows: list[tuple[str, int]]) -> Progress:
    return Progress(**{str(CommandState(state)): count for state, count in rows})
