"""Trying a portal step by step, for `lastcall warehouse test`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from data.model import LastcallError
from data.portals.outcomes import Check

Step = tuple[str, Callable[[], Awaitable[Any]]]
"""What is tried, in words, and the question to ask; it must change nothing."""


async def try_steps(steps: Iterable[Step]) -> list[Check]:
    """Ask one after another, and return of each that it works, or why not; only our own errors are caught."""
    checks: list[Check] = []
    for name, step in steps:
        try:
            await step()
        except LastcallError as error:
            checks.append(Check(name, False, str(error)))
        else:
            checks.append(Check(name, True, "yes"))
    return checks
