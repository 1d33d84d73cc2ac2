"""The sign that an import is merging: others see who holds the lock and since when, and a second import waits."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from data.clock import utc_text
from data.model import StoppedError, WorkspaceError
from data.store.workspace import Workspace
from data.text import visible

SIGN = "merging.json"
_LOCK = "merging.lock"
_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Merging:
    """An import that is merging."""

    user: str
    since: str
    """UTC text."""
    orders: int

    def words(self) -> str:
        """Say it to those who wait."""
        return f"an import of {self.orders} orders by {visible(self.user)} is merging since {self.since}"


def who_merges(ws: Workspace) -> Merging | None:
    """Return the import that is merging, or None; a sign left by a killed one does not count."""
    run = ws.path("run")
    try:
        lock = os.open(run / _LOCK, os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        return _read(run / SIGN)
    finally:
        os.close(lock)


@contextmanager
def merging(ws: Workspace, orders: int, waiting: Callable[[Merging | None], bool] | None = None) -> Iterator[None]:
    """Show that this process merges, while the block runs; waits for another import that does.

    While waiting, `waiting` is called again and again with what is waited for; when it returns True the waiting ends
    with StoppedError.
    """
    run = ws.path("run")
    try:
        lock = os.open(run / _LOCK, os.O_CREAT | os.O_RDWR, 0o660)
    except OSError as error:
        raise WorkspaceError(f"{run / _LOCK}: {error.strerror}") from error
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if waiting is not None and waiting(_read(run / SIGN)):
                    raise StoppedError("stopped: nothing was imported") from None
                time.sleep(_PAUSE)
        sign = {"user": ws.actor.user, "since": utc_text(ws.clock.now()), "orders": orders, "pid": os.getpid()}
        partial = run / f".{SIGN}.part"
        partial.write_text(json.dumps(sign), encoding="utf-8")
        os.replace(partial, run / SIGN)
        try:
            yield
        finally:
            with suppress(OSError):
                (run / SIGN).unlink()
    finally:
        os.close(lock)


def _read(path: Path) -> Merging | None:
    """Read the sign; None while it is being made or taken down."""
    try:
        sign = json.loads(path.read_text(encoding="utf-8"))
        return Merging(str(sign["user"]), str(sign["since"]), int(sign["orders"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
