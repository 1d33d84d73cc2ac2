"""After a restore: what was sent since the backup is not in it, so every warehouse is asked before anything is sent.

Keys are minted from the order's id, so an order that was sent after the backup is found under the key it would get.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from data.dispatch.follow import record_all
from data.dispatch.lock import WorkerLock
from data.dispatch.sender import Answered, entry_of
from data.dispatch.start import WITHOUT_SECRET
from data.dispatch.turn import COMPENSATE
from data.model import CommandState, WorkspaceError
from data.outbox.claim import Claimed, claim_known, planned_pushes
from data.outbox.record import Outcome
from data.outbox.recover import recover
from data.portals.errors import Conflict, PortalError
from data.portals.outcomes import Absent, Found, HandedOver, RemoteState
from data.portals.protocol import BatchPortal, Idem, Portal
from data.portals.registry import portal_for
from data.portals.secrets import read_secret
from data.store.backup import RESTORED_MARK
from data.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What one warehouse said."""

    warehouse: str
    asked: int
    """Keys that were looked up."""
    there: tuple[str, ...] = ()
    """Keys the warehouse has, which this database did not know of."""
    doubtful: tuple[str, ...] = ()
    """Keys whose look-up does not tell, or tells of other contents; their worker looks again."""
    problem: str = ""
    """Why the warehouse could not be asked, or ''."""


def is_restored(ws: Workspace) -> bool:
    """Tell whether the workspace was restored from a backup and not reconciled since."""
    return (ws.folder / "run" / RESTORED_MARK).exists()


def reconcile(ws: Workspace) -> list[Reconciled]:
    """Ask every warehouse what it has of what is planned or drafted here, and record it.

    When all have answered, workers may run again. Call it off any event loop.
    """
    found = [_reconcile_one(ws, each.code) for each in ws.policy.warehouses]
    if not any(each.problem for each in found):
        (ws.folder / "run" / RESTORED_MARK).unlink(missing_ok=True)
    return found


def _reconcile_one(ws: Workspace, code: str) -> Reconciled:
    with WorkerLock(ws.path("run"), code) as lock:
        if not lock.take():
            return Reconciled(code, 0, problem="a worker is at it")
        settings = ws.policy.warehouse(code)
        try:
            if settings.portal not in WITHOUT_SECRET:
                read_secret(settings.secret, ws.folder)
            return asyncio.run(_ask(ws, code, portal_for(settings, ws.folder, ws.clock)))
        except (PortalError, WorkspaceError) as error:
            return Reconciled(code, 0, problem=str(error))


async def _ask(ws: Workspace, code: str, portal: Portal) -> Reconciled:
    """Look up what is planned and what is drafted; the lock is held, so the database may be used in between."""
    with ws.store.write(ws.actor, "reconcile", f"{code}: reconcile", compensate=COMPENSATE) as tx:
        recover(tx, ws.clock, code)
    planned = planned_pushes(ws.store, code)
    drafts = [
        row[0] for row in ws.store.rows("SELECT key FROM shipments WHERE warehouse = ? AND state = 'draft'", (code,))
    ]
    try:
        if portal.caps.idem is Idem.FILE and isinstance(portal, BatchPortal):
            return await _ask_batches(ws, code, portal, planned)
        limit = asyncio.Semaphore(portal.caps.concurrency)

        async def find(key: str) -> RemoteState | bool | None:
            """Return what is there under a key, None where nothing is, True where it can't be told."""
            async with limit:
                found = await portal.find(key)
            return found.remote if isinstance(found, Found) else None if isinstance(found, Absent) else True

        remotes = await asyncio.gather(*(find(each.key) for each in planned))
        drafted = await asyncio.gather(*(find(each) for each in drafts))
    finally:
        await portal.close()
    there = {each.id: remote for each, remote in zip(planned, remotes, strict=True) if remote is not None}
    doubtful = _record(ws, code, portal, [each for each in planned if each.id in there], there)
    known = [each.key for each in planned if each.id in there and each.key not in doubtful]
    known += [key for key, remote in zip(drafts, drafted, strict=True) if remote is not None]
    return Reconciled(code, len(planned) + len(drafts), tuple(known), doubtful)


def _record(
    ws: Workspace, code: str, portal: Portal, planned: Sequence[Claimed], there: dict[int, RemoteState | bool]
) -> tuple[str, ...]:
    """Record planned pushes that the warehouse has; return the keys that are doubtful."""
    doubtful: list[str] = []
    with ws.store.write(ws.actor, "reconcile", f"{code}: reconcile", compensate=COMPENSATE) as tx:
        answers: list[Answered] = []
        for each in claim_known(tx, ws.clock, [each.id for each in planned]):
            remote = there[each.id]
            if isinstance(remote, RemoteState) and not portal.matches(each.body, remote):
                outcome = Outcome(each, CommandState.ACCEPTED, "the warehouse has it", remote.remote_id)
                answers.append(Answered(outcome, remote=remote))
            else:
                doubtful.append(each.key)
                answers.append(Answered(Outcome(each, CommandState.DOUBTFUL, "the warehouse has something under it")))
        record_all(tx, ws.clock, answers)
        tx.words = f"{code}: {len(answers):,} were sent after the backup"
    return tuple(doubtful)


async def _ask_batches(ws: Workspace, code: str, portal: BatchPortal, planned: Sequence[Claimed]) -> Reconciled:
    """Ask batch by batch, for a warehouse whose unit is the whole batch."""
    by: dict[int | None, list[Claimed]] = {}
    for each in planned:
        by.setdefault(each.batch_id, []).append(each)
    answers: list[Answered] = []
    there: list[str] = []
    doubtful: list[str] = []
    for batch_id, pushes in by.items():
        number = int(ws.store.value("SELECT number FROM batches WHERE id = ?", (batch_id,)))
        try:
            found = await portal.find_batch(number, [entry_of(each) for each in pushes])
        except Conflict as error:
            doubtful += [each.key for each in pushes]
            answers += [Answered(Outcome(each, CommandState.DOUBTFUL, str(error))) for each in pushes]
            continue
        if isinstance(found, HandedOver):
            there += [each.key for each in pushes]
            answers += [Answered(Outcome(each, CommandState.ACCEPTED, "handed over", found.file)) for each in pushes]
    with ws.store.write(ws.actor, "reconcile", f"{code}: reconcile", compensate=COMPENSATE) as tx:
        claimed = {each.id: each for each in claim_known(tx, ws.clock, [each.outcome.claimed.id for each in answers])}
        taken = [
            Answered(replace(each.outcome, claimed=claimed[each.outcome.claimed.id]))
            for each in answers
            if each.outcome.claimed.id in claimed
        ]
        record_all(tx, ws.clock, taken)
    return Reconciled(code, len(planned), tuple(there), tuple(doubtful))
