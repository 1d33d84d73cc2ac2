"""Asking one warehouse what happened: page by page, each written with its cursor and its issues in one transaction."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass, field

from data.clock import utc_text
from data.issues.rules import raise_corrections, raise_reported, raise_stuck
from data.orders.chosen import counted
from data.portals.outcomes import Page
from data.portals.protocol import Portal
from data.store.workspace import Workspace
from data.text import visible
from data.tracking.apply import apply_states

_WAIT = 3600.0
"""Seconds a poll waits for another writer: an import may be merging, and what was read must not be lost."""
_NAMED = 5


@dataclass(slots=True)
class Polled:
    """What a poll brought."""

    states: int = 0
    shipments: int = 0
    issues: int = 0
    strangers: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """Say it in one line."""
        parts = [f"{self.states} reports", f"{self.shipments} shipments moved", f"{self.issues} issues raised"]
        if self.strangers:
            named = ", ".join(visible(each) for each in self.strangers[:_NAMED])
            more = f" and {len(self.strangers) - _NAMED} more" if len(self.strangers) > _NAMED else ""
            parts.append(f"{counted(len(self.strangers), 'order')} there that we never sent: {named}{more}")
        return ", ".join(parts + self.problems)


async def poll_warehouse(ws: Workspace, portal: Portal, code: str, executor: Executor | None = None) -> Polled:
    """Read everything new from a warehouse's portal; raises PortalError, keeping the pages that were read.

    Runs in the warehouse's worker only. The database is written off the event loop, in `executor` or in a thread of
    the loop's own.
    """
    loop = asyncio.get_running_loop()
    polled = Polled()
    cursor = await loop.run_in_executor(executor, _cursor, ws, code)
    while True:
        page = await portal.poll(cursor)
        await loop.run_in_executor(executor, _take, ws, code, page, polled)
        if not page.more or page.cursor == cursor:
            break
        cursor = page.cursor
    await loop.run_in_executor(executor, _stuck, ws, code, polled)
    return polled


def _cursor(ws: Workspace, code: str) -> str:
    return str(ws.store.value("SELECT cursor FROM portal_state WHERE warehouse = ?", (code,)) or "")


def _take(ws: Workspace, code: str, page: Page, polled: Polled) -> None:
    """Write one page and its cursor."""
    at = utc_text(ws.clock.now())
    with ws.store.write(
        ws.actor, "tracking.poll", f"{code}: {len(page.states)} reports", compensate="sync", wait=_WAIT
    ) as tx:
        report = apply_states(tx, code, page.states, at)
        issues = raise_reported(tx, report, at)
        tx.run(
            "INSERT INTO portal_state(warehouse, cursor, polled_at) VALUES (?, ?, ?)"
            " ON CONFLICT (warehouse) DO UPDATE SET cursor = excluded.cursor, polled_at = excluded.polled_at",
            (code, page.cursor, at),
        )
        tx.words = f"{code}: {len(report.shipments)} shipments moved, {len(issues)} issues raised"
    polled.states += len(page.states)
    polled.shipments += len(report.shipments)
    polled.issues += len(issues)
    polled.strangers += report.strangers
    polled.problems += [*page.problems, *report.problems]


def _stuck(ws: Workspace, code: str, polled: Polled) -> None:
    """Raise what the clock alone makes an issue."""
    days = ws.policy.stuck_days
    with ws.store.write(
        ws.actor, "issue.stuck", f"{code}: parcels without news", compensate="issue resolve", wait=_WAIT
    ) as tx:
        made = raise_stuck(tx, code, ws.clock.now(), days)
        tx.words = f"{code}: {len(made)} parcels without news for {days} days"
    polled.issues += len(made)


def follow_corrections(ws: Workspace, code: str) -> None:
    """Raise what a person must act on after a warehouse has answered corrections; call it off the event loop."""
    with ws.store.write(
        ws.actor, "issue.correction", f"{code}: corrections", compensate="issue resolve", wait=_WAIT
    ) as tx:
        made = raise_corrections(tx, code, utc_text(ws.clock.now()))
        tx.words = f"{code}: {len(made)} corrections need a person"


async def poll_words(ws: Workspace, code: str, portal: Portal) -> str:
    """Poll as a worker is asked to, and say in one line what it brought; raises PortalError."""
    return (await poll_warehouse(ws, portal, code)).words
