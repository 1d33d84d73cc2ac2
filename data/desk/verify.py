"""Checking every promise that the data can show; a finding is a broken promise, with the rows it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from data.desk import verify_checks as checks
from data.desk import verify_stock as stock
from data.desk.verify_journal import replay_findings
from data.desk.verify_schema import schema_findings
from data.store.backup import integrity_problems
from data.store.store import Store

MOST = 20
"""Rows named by one check; the rest is counted."""

CHECKS: dict[str, Callable[[Store], Iterator[str]]] = {
    "the database is whole": lambda store: iter(integrity_problems(store)),
    "its rules stand": schema_findings,
    "rows are what the journal says": replay_findings,
    "stages follow from facts": checks.stages,
    "lines add up": checks.units,
    "nothing ships twice": checks.twice,
    "every piece is accounted for": checks.accounted,
    "commands stand behind shipments": checks.commands,
    "what was sent is frozen": checks.bodies,
    "shipments are whole": checks.shipments,
    "merged orders travel together": checks.merged,
    "batches are what they say": checks.batches,
    "stock is the sum of its movements": stock.levels,
    "orders reserve and take what they say": stock.reservations,
    "no shelf has less than nothing": stock.below_nothing,
    "personal data has its owner": checks.owners,
    "everything can be searched": checks.searchable,
}
"""Every check by what it promises."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise."""

    check: str
    words: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What the checks said."""

    findings: tuple[Finding, ...]
    checks: int

    @property
    def ok(self) -> bool:
        """Tell whether every promise is kept."""
        return not self.findings


def verify(store: Store, progress: Callable[[str], None] | None = None) -> Verified:
    """Run every check; reads the whole database, so it takes minutes at a million orders. Changes nothing.

    `progress` is called with the name of each check before it runs. A check that can't be made is a finding.
    """
    findings: list[Finding] = []
    for name, check in CHECKS.items():
        if progress is not None:
            progress(name)
        found = check(store)
        findings += [Finding(name, words) for words in islice(found, MOST)]
        if more := sum(1 for _ in found):
            findings.append(Finding(name, f"and {more} more"))
    return Verified(tuple(findings), len(CHECKS))
