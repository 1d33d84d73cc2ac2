"""Asking a worker for something besides sending, and waiting for its answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from data.clock import utc_text
from data.dispatch.lock import holder
from data.dispatch.start import start_worker
from data.stock.warehouses import register
from data.store.workspace import Workspace

_LOOK = 0.05
_STARTING = 15.0
"""Seconds a worker may take from its start to its lock."""


@dataclass(frozen=True, slots=True)
class Request:
    """One thing asked of one warehouse's worker."""

    id: int
    warehouse: str
    kind: str
    note: str
    """Why no worker could be started, or ''."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a request."""

    warehouse: str
    ok: bool
    words: str


def ask(ws: Workspace, codes: Sequence[str], kind: str, *, start: bool = True) -> list[Request]:
    """Ask the workers of some warehouses (`poll`, `test`, `stock`), starting those that do not run (`start`).

    The same request that is open already is not asked twice. Raises WorkspaceError for a warehouse that is not there.
    """
    settings = [ws.policy.warehouse(each) for each in codes]
    known = {row[0] for row in ws.store.rows("SELECT code FROM warehouses")}
    if not {each.code for each in settings} <= known:
        with ws.write("warehouse.register", "register warehouses") as tx:
            register(tx, ws.policy)
    asked: list[tuple[int, str]] = []
    with ws.store.derive() as derived:
        for each in settings:
            row = derived.one(
                "SELECT id FROM requests WHERE warehouse = ? AND kind = ? AND done_at IS NULL", (each.code, kind)
            )
            request = (
                row[0]
                if row
                else derived.insert(
                    "requests",
                    {
                        "warehouse": each.code,
                        "kind": kind,
                        "asked_at": utc_text(ws.clock.now()),
                        "asked_by": ws.actor.user,
                    },
                )
            )
            asked.append((int(request), each.code))
    return [Request(request, code, kind, start_worker(ws, code) if start else "") for request, code in asked]


def wait_for(ws: Workspace, requests: Sequence[Request], stopped: Callable[[], bool] = lambda: False) -> list[Reply]:
    """Wait until every request is answered, its worker is gone, or `stopped` says so; call it off the UI thread."""
    return [_wait(ws, each, stopped) for each in requests]


def _wait(ws: Workspace, request: Request, stopped: Callable[[], bool]) -> Reply:
    run = ws.path("run")
    gone_since: int | None = None
    while not stopped():
        row = ws.store.one("SELECT done_at, answer FROM requests WHERE id = ?", (request.id,))
        if row is not None and row[0] is not None:
            answer = json.loads(row[1])
            return Reply(request.warehouse, bool(answer["ok"]), str(answer["words"]))
        if request.note:
            return Reply(request.warehouse, False, request.note)
        now = ws.clock.boot_ns()
        if holder(run, request.warehouse) is not None:
            gone_since = None
        elif gone_since is None:
            gone_since = now
        elif now - gone_since > _STARTING * 1e9:
            words = f"the worker for {request.warehouse} left without an answer: see run/{request.warehouse}.log"
            return Reply(request.warehouse, False, words)
        time.sleep(_LOOK)
    return Reply(request.warehouse, False, "not waited for")
