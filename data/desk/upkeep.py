"""What time alone brings about: locks that fall due, holds that end, addresses that wait to be checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from data.addresses.check_process import check_apart
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
    """Do what is due; cheap when nothing is. `lastcall sync` runs it before it asks."""
    return Upkeep(_on_time(ws), run_checks(ws, stopped, progress))


def upkeep_apart(ws: Workspace, stopped: Callable[[], bool], progress: Callable[[int, int], None]) -> None:
    """Do what is due, addresses checked in a process of its own, so that no key of a console waits for it.

    Raises what `check_apart` raises.
    """
    _on_time(ws)
    check_apart(ws, stopped, progress)


def _on_time(ws: Workspace) -> tuple[Done, ...]:
    """Lock what is due, and end the holds that do."""
    found = (lock_due(ws), release_due(ws))
    return tuple(each for each in found if each is not None and each.act is not None)
