"""The check of every address version in the background: slice by slice, stoppable, each slice whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from data.addresses.check import check
from data.addresses.findings import Finding, Severity
from data.addresses.stored_findings import RULES, write_findings
from data.addresses.versions import COLUMNS, marks
from data.model import Address
from data.orders.stages import settle
from data.store.workspace import Workspace

SLICE = 500
"""Addresses judged between two looks at whether to stop, and written together (about half a second of judging)."""


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """What a run came to."""

    checked: int
    errors: int
    """Addresses with at least one error."""
    warnings: int
    """Addresses with a warning and no error."""
    moved: int
    """Orders whose stage followed."""
    stopped: bool


def run_checks(
    ws: Workspace,
    stopped: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> CheckCounts:
    """Check every address version that has no verdict of these rules; `progress` is called with (done, total).

    Judging holds no lock. A slice's findings and the stages that follow from them are written in one transaction, so
    that a killed run leaves nothing that a later one would not find.
    """
    total = count_unchecked(ws)
    done = errors = warnings = moved = 0
    last = 0
    progress(0, total)
    while not stopped():
        found = _next_slice(ws, last)
        if not found:
            return CheckCounts(done, errors, warnings, moved, stopped=False)
        last = found[-1][0]
        judged = [(address_id, check(address)) for address_id, address in found]
        moved += _write_slice(ws, judged)
        done += len(judged)
        severities = [{each.severity for each in findings} for _id, findings in judged]
        errors += sum(Severity.ERROR in each for each in severities)
        warnings += sum(Severity.WARNING in each and Severity.ERROR not in each for each in severities)
        progress(done, max(total, done))
    return CheckCounts(done, errors, warnings, moved, stopped=True)


def count_unchecked(ws: Workspace) -> int:
    """Count the versions that have no verdict of these rules."""
    every = ws.store.value("SELECT count(*) FROM addresses")
    return int(every) - int(ws.store.value("SELECT count(*) FROM checked WHERE rules = ?", (RULES,)))


def _next_slice(ws: Workspace, last: int) -> list[tuple[int, Address]]:
    return [
        (row[0], Address(*row[1:]))
        for row in ws.store.rows(
            f"SELECT id, {COLUMNS} FROM addresses a WHERE id > ?"
            " AND NOT EXISTS (SELECT 1 FROM checked c WHERE c.address_id = a.id AND c.rules = ?)"
            " ORDER BY id LIMIT ?",
            (last, RULES, SLICE),
        )
    ]


def _write_slice(ws: Workspace, judged: Sequence[tuple[int, Sequence[Finding]]]) -> int:
    """Write a slice's findings and the stages that follow; an act that moves no order leaves no trace in the log.

    Returns how many orders moved.
    """
    ids = [address_id for address_id, _findings in judged]
    with ws.write("address.check", "check addresses", compensate="address.edit") as tx:
        for address_id, findings in judged:
            write_findings(tx, address_id, findings)
        orders = tx.rows(
            f"SELECT id FROM orders WHERE address_id IN ({marks(ids)})"
            " AND stage IN ('needs_info', 'ready', 'allocated')",
            ids,
        )
        moved = len(settle(tx, (order_id for (order_id,) in orders)))
        tx.words = f"check {len(ids)} addresses: {moved} orders moved"
    return moved
