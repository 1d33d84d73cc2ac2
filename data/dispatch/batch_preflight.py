"""What the check found of a batch: what it took out and why, and what a person should look at."""

from __future__ import annotations

from dataclasses import dataclass

from data.dispatch.batch_rows import BatchRow
from data.dispatch.orders_out import read_outgoing
from data.dispatch.preflight_cautions import Caution, find_cautions
from data.dispatch.preflight_facts import read_facts
from data.store.workspace import Workspace

MOST = 30
"""Orders that were taken out, and cautions, shown one by one."""
_READ = 2_000
"""Orders of a batch that are read again for its cautions; a larger one has them on its proof sheet."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the check of one batch came to."""

    taken_out: tuple[tuple[str, str], ...]
    """Orders that its check holds back, by number, and why; the first of them."""
    out: int
    """How many they are."""
    cautions: tuple[Caution, ...]
    more_cautions: int
    """Those that are not among them."""


def read_preflight(ws: Workspace, batch: BatchRow) -> Found:
    """Read what the check of a batch found, as far as it still holds; raises WorkspaceError without its warehouse."""
    prefix = f"batch {batch.number}: "
    which = "FROM holds h JOIN orders o ON o.id = h.order_id WHERE h.released_at IS NULL AND h.reason GLOB ?"
    rows = ws.store.rows(f"SELECT o.number, h.reason {which} ORDER BY o.id LIMIT ?", (f"{prefix}*", MOST))
    out = int(ws.store.value(f"SELECT count(DISTINCT o.id) {which}", (f"{prefix}*",)))
    cautions: list[Caution] = []
    if batch.state in ("draft", "ready") and 0 < batch.shipments <= _READ:
        settings = ws.policy.warehouse(batch.warehouse)
        facts = read_facts(ws.store, ws, settings, batch.id, early=batch.early)
        cautions = find_cautions(read_outgoing(ws.store, batch.id), settings, facts)
    taken_out = tuple((number, reason.removeprefix(prefix)) for number, reason in rows)
    return Found(taken_out, out, tuple(cautions[:MOST]), max(0, len(cautions) - MOST))
