"""What goes on behind the screens, each in a thread of its own: listening to the others, and the workspace's upkeep.

What these need of `data` is loaded in their threads, after the first screen is painted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from textual.message import Message

from data.model import LastcallError
from data.store.actor import Actor
from data.store.watch import Watch
from data.store.workspace import Workspace
from screens.messages import Checking, HouseSeen, OthersWorked, WentWrong

LOOK_SECONDS = 0.25
"""How often the database is asked whether others have worked: one pragma."""
GRACE_SECONDS = 6.0
"""How long a decision can still be undone before a worker is started to ask the warehouse for it."""
RESTART_SECONDS = 30.0
"""A worker that leaves at once, because its warehouse does not answer, is started again after this at the earliest."""
HOUSE_SECONDS = 1.0
"""How the warehouses stand is read at most this often."""
UPKEEP_FIRST, UPKEEP_SECONDS = 2.0, 60.0
"""When upkeep runs first, so that it does not slow the first screen, and how often then."""
TOLD_SECONDS = 0.5
"""How often the progress of the address checks is told."""

Post = Callable[[Message], object]


def listen(ws: Workspace, leaving: threading.Event, post: Post) -> None:
    """Tell what others did and how the warehouses stand, and start the workers that are needed, until it is left."""
    from data.desk.overview import read_warehouses
    from data.dispatch.wake import start_needed

    watch = Watch(ws.store, ws.actor.session)
    post(HouseSeen(read_warehouses(ws.store)))
    moved, looked = False, time.monotonic()
    start_at: float | None = looked + GRACE_SECONDS
    started = -RESTART_SECONDS
    while not leaving.wait(LOOK_SECONDS):
        _take_settings(ws, post)
        seen = watch.look()
        now = time.monotonic()
        if seen is not None:
            moved = True
            start_at = start_at or max(now + GRACE_SECONDS, started + RESTART_SECONDS)
            post(OthersWorked(seen))
        if moved and now - looked >= HOUSE_SECONDS:
            moved, looked = False, now
            post(HouseSeen(read_warehouses(ws.store)))
        if start_at is not None and now >= start_at:
            start_at, started = None, now
            start_needed(ws)
    ws.close()


def _take_settings(ws: Workspace, post: Post) -> None:
    """Take in what others wrote into `lastcall.toml`: a warehouse that was added, a limit that was changed."""
    try:
        ws.reload_policy()
    except LastcallError as error:
        post(WentWrong(error, "lastcall.toml"))


def keep_up(ws: Workspace, leaving: threading.Event, post: Post) -> None:
    """Do what time alone brings about, every minute, until the console is left; one console of a workspace does it.

    It acts under a session of its own: the console's undo takes back what a person did, not this.
    """
    own = Workspace(ws.folder, Actor(ws.actor.user, "upkeep", origin=ws.actor.origin), ws.clock)
    wait = UPKEEP_FIRST
    while not leaving.wait(wait):
        wait = UPKEEP_SECONDS
        try:
            _keep_up_once(own, leaving, post)
        except LastcallError:
            # Busy, with an import that merges for example; its turn comes again.
            continue
        except Exception as error:
            post(WentWrong(error, "upkeep"))
    own.close()


def _keep_up_once(ws: Workspace, leaving: threading.Event, post: Post) -> None:
    from data.desk.upkeep import upkeep_apart
    from data.dispatch.lock import WorkerLock

    lock = WorkerLock(ws.path("run"), "upkeep")
    if not lock.take():
        return
    began, told = time.monotonic(), 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told
        at = time.monotonic() - began
        if total and at - told >= TOLD_SECONDS:
            told = at
            post(Checking(done, total, at))

    with lock:
        upkeep_apart(ws, leaving.is_set, tell)
    if told:
        post(Checking(0, 0, 0.0))
