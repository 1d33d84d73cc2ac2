"""Asking one warehouse what happened: page by page, each written with its cursor and its issues in one transaction."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from data.clock import utc_text
from data.issues.rules import raise_reported, raise_stuck
from data.portals.outcomes import Page
from data.portals.protocol import Portal
from data.store.workspace import Workspace
from data.tracking.apply import apply_states


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
            parts.append(f"{len(self.strangers)} orders there that we never sent: {', '.join(self.strangers[:5])}")
        return ", ".join(parts + self.problems)


async def poll_warehouse(ws: Workspace, portal: Portal, code: str) -> Polled:
    """Read everything new from a warehouse's portal; raises PortalError, keeping the pages that were read.

    Runs in the warehouse's worker only. The database is written off the event loop.
    """
    polled = Polled()
    cursor = await asyncio.to_thread(_cursor, ws, code)
    while True:
        page = await portal.poll(cursor)
        await asyncio.to_thread(_take, ws, code, page, polled)
        if not page.more or page.cursor == cursor:
            break
        cursor = page.cursor
    await asyncio.to_thread(_stuck, ws, polled)
    return polled


def _cursor(ws: Workspace, code: str) -> str:
    return str(ws.store.value("SELECT cursor FROM portal_state WHERE warehouse = ?", (code,)) or "")


def _take(ws: Workspace, code: str, page: Page, polled: Polled) -> None:
    """Write one page and its cursor."""
    at = utc_text(ws.clock.now())
    with ws.write("tracking.poll", f"{code}: {len(page.states)} reports", compensate="sync") as tx:
        report = apply_states(tx, code, page.states, at)
        issues = raise_reported(tx, report.shipments, report.parcels, at)
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
    polled.problems += page.problems


def _stuck(ws: Workspace, polled: Polled) -> None:
    """Raise what the clock alone makes an issue."""
    with ws.write("issue.stuck", "parcels without news", compensate="issue.resolve") as tx:
        made = raise_stuck(tx, ws.clock.now(), ws.policy.stuck_days)
        tx.words = f"{len(made)} parcels without news for {ws.policy.stuck_days} days"
    polled.issues += len(made)
