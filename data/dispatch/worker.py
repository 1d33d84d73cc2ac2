"""`lastcall worker CODE`: the one process that speaks with a warehouse, from its lock to its leave."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

from data.dispatch.lock import WorkerLock, holder
from data.dispatch.loop import Habits, Loop
from data.dispatch.start import WITHOUT_SECRET
from data.dispatch.turn import Desk, Follow
from data.model import LastcallError, WorkspaceError
from data.orders.chosen import counted
from data.portals.protocol import Portal
from data.portals.registry import portal_for
from data.portals.secrets import read_secret
from data.stock.counted import record_counted
from data.store.backup import RESTORED_MARK
from data.store.workspace import Workspace

Poll = Callable[[Workspace, str, Portal], Awaitable[str]]
"""Reads what a warehouse has to say and records it; returns a line for whoever asked."""


def run_worker(
    ws: Workspace,
    code: str,
    *,
    poll: Poll | None = None,
    follow: Follow | None = None,
    habits: Habits | None = None,
    say: Callable[[str], None],
) -> int:
    """Work a warehouse's commands and requests; return the exit code.

    `poll` and `follow` are what rooms above this one do with reports and with corrections that were not made.

    0: nothing is left, or another worker is at it, or it was told to stop; 1: it left work behind, and said why. Raises
    WorkspaceError when there is no such warehouse, its secret can't be read, or the workspace was restored from a
    backup and not reconciled.
    """
    habits = habits or Habits()
    portal_of(ws, code)
    while True:
        with WorkerLock(ws.path("run"), code) as lock:
            if not lock.take():
                other = holder(ws.path("run"), code)
                say(f"another worker{f' (process {other})' if other else ''} is at {code} already")
                return 0
            loop = _run(ws, code, poll, follow, habits)
        if loop.problem:
            say(f"{code}: {loop.problem}")
            return 1
        # Whoever planned something just before the lock was given back saw a worker and started none.
        if habits.once or habits.watch or loop.told_to_stop or not has_work(ws, code):
            return 0


def portal_of(ws: Workspace, code: str) -> Portal:
    """Return a warehouse's portal once everything a worker needs is known to be there; raises WorkspaceError."""
    if (ws.folder / "run" / RESTORED_MARK).exists():
        raise WorkspaceError(
            "the workspace was restored from a backup, which does not know what was sent since: run"
            " `lastcall reconcile` first"
        )
    settings = ws.policy.warehouse(code)
    if settings.portal not in WITHOUT_SECRET:
        read_secret(settings.secret, ws.folder)
    return portal_for(settings, ws.folder, ws.clock)


def has_work(ws: Workspace, code: str) -> bool:
    """Tell whether something can be done for a warehouse at this moment."""
    left = Desk(ws, code, portal_for(ws.policy.warehouse(code), ws.folder, ws.clock)).outlook()
    return bool(left.requests or (left.due and not left.stopped))


def _run(ws: Workspace, code: str, poll: Poll | None, follow: Follow | None, habits: Habits) -> Loop:
    """Run the loop until it ends; SIGTERM and SIGINT let it finish what is in flight."""
    portal = portal_of(ws, code)

    async def asked(kind: str) -> tuple[bool, str]:
        return await _answer(ws, code, portal, poll, kind)

    async def work() -> Loop:
        loop = Loop(Desk(ws, code, portal, follow), portal, asked, habits)
        events = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            events.add_signal_handler(each, loop.stop_soon)
        await loop.run(os.getpid())
        return loop

    return asyncio.run(work())


async def _answer(ws: Workspace, code: str, portal: Portal, poll: Poll | None, kind: str) -> tuple[bool, str]:
    """Do what a console asked for besides sending."""
    if kind == "test":
        checks = await portal.test()
        return all(each.ok for each in checks), "\n".join(
            f"{'ok' if each.ok else 'NO'}  {each.name}: {each.words}" for each in checks
        )
    if kind == "stock":
        levels = [(each.sku, each.on_hand, each.available) for each in await portal.stock()]
        await asyncio.get_running_loop().run_in_executor(None, record_counted, ws, code, levels)
        return True, f"{counted(len(levels), 'SKU')} counted"
    if kind == "poll" and poll is not None:
        return True, await poll(ws, code, portal)
    raise LastcallError(f"this worker can't {kind}")
