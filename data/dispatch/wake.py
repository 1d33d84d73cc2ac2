"""Waking the workers: each warehouse for which something can be done now gets its worker, whoever planned it."""

from __future__ import annotations

from data.dispatch.start import start_worker
from data.dispatch.turn import Desk
from data.portals.registry import portal_for
from data.store.workspace import Workspace


def start_needed(ws: Workspace) -> tuple[str, ...]:
    """Start a worker for each warehouse for which something can be done now; return what to tell the person."""
    notes: list[str] = []
    for each in ws.policy.warehouses:
        desk = Desk(ws, each.code, portal_for(each, ws.folder, ws.clock))
        left = desk.outlook()
        sendable = (left.due or left.doubtful) and not left.stopped and not desk.open_until()
        if (left.requests or sendable) and (note := start_worker(ws, each.code)):
            notes.append(note)
    return tuple(notes)
