"""What time alone brings about: locks that fall due, holds that end, addresses that wait to be checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from data.addresses.check_run import CheckCounts, run_checks
from data.addresses.lock import lock_due
from data.model import Done
from data.orders.holds import release_due
from data.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What was due."""

    done: tuple[Done, ...]
    checks: CheckCounts


def upkeep(
    ws: Workspace,
    stopped: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Upkeep:
    """Do what is due; cheap when nothing is. Consoles run it beside their work, `lastcall sync` before it asks."""
    found = [each for each in (lock_due(ws), release_due(ws)) if each is not None and each.act is not None]
    return Upkeep(tuple(found), run_checks(ws, stopped, progress))
