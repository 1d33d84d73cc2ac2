"""One address on file with what the checks find in it, as the verbs and the queue need it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from data.addresses.changes import Change
from data.addresses.compare import Comparison
from data.addresses.findings import Finding, Severity
from data.addresses.mending import Mending, mending_of
from data.addresses.propose import judge
from data.addresses.versions import COLUMNS, Reads, marks
from data.model import Address, ChangeState, Label

GONE = ("cancelled", "picking", "part_shipped", "shipped", "delivered")
"""Stages in which what is on file matters no more, or can't be altered."""
UNDER_WAY = ("waiting", "asked", "queued", "requested", "doubtful")
"""States of a change that will settle the address anyhow."""


@dataclass(frozen=True, slots=True)
class Faulty:
    """An order's address on file, and what is wrong with it."""

    order_id: int
    rev: int
    """Of the order."""
    number: str
    campaign_id: int
    stage: str
    address_id: int
    asked: bool
    """Its backer was asked about this version."""
    under_way: str
    """The state of a change that is under way, or empty."""
    address: Address
    findings: tuple[Finding, ...]
    """Errors first, then warnings and hints."""

    @property
    def errors(self) -> int:
        """Return how many errors there are."""
        return sum(each.severity is Severity.ERROR for each in self.findings)

    @property
    def warnings(self) -> int:
        """Return how many warnings there are."""
        return sum(each.severity is Severity.WARNING for each in self.findings)

    @property
    def mending(self) -> Mending:
        """Return what the findings propose."""
        return mending_of(self.address, self.findings)

    @property
    def settled(self) -> str:
        """Say why there is nothing to decide, or nothing."""
        if self.stage in GONE:
            return f"the order is {self.stage.replace('_', ' ')}"
        if self.under_way:
            return f"a change of its address is {self.under_way.replace('_', ' ')}"
        return "" if self.errors or self.warnings else "nothing is wrong with its address any more"

    def comparison(self) -> Comparison:
        """Compare what is on file with what the repairs make of it."""
        return judge(self.address, self.mending.address)

    def as_change(self) -> Change:
        """Return the change that accepting the repairs would make, so that its consequence can be told before."""
        verdict = self.comparison()
        return Change(
            0,
            0,
            self.order_id,
            self.number,
            self.campaign_id,
            ChangeState.WAITING,
            Label(verdict.label),
            verdict.level,
            self.address_id,
            0,
            verdict.zone_old,
            verdict.zone_new,
            late=False,
            stage=self.stage,
            on_file_id=self.address_id,
            country_old=self.address.country,
            country_new=self.mending.address.country,
        )


_SQL = f"""
SELECT o.id, o.rev, o.number, o.campaign_id, o.stage, o.address_id, o.asked_id IS o.address_id,
  coalesce((SELECT c.state FROM changes c WHERE c.order_id = o.id AND c.state IN {UNDER_WAY}
            ORDER BY c.id DESC LIMIT 1), ''), {", ".join(f"a.{each}" for each in COLUMNS.split(", "))}
FROM orders o JOIN addresses a ON a.id = o.address_id WHERE o.id IN ({{ids}})
"""


def read_faulty(reads: Reads, order_id: int) -> Faulty | None:
    """Return one order's address on file with its findings, or None where there is no order or no address."""
    return read_all_faulty(reads, [order_id]).get(order_id)


def read_all_faulty(reads: Reads, order_ids: Iterable[int]) -> dict[int, Faulty]:
    """Return orders' addresses on file with their findings, by order; one that is gone is absent."""
    wanted = list(order_ids)
    rows = reads.rows(_SQL.format(ids=marks(wanted)), wanted)
    findings = _read_findings(reads, [row[5] for row in rows])
    return {
        order_id: Faulty(
            order_id,
            rev,
            number,
            campaign_id,
            stage,
            address_id,
            bool(asked),
            under_way,
            Address(*address),
            tuple(findings.get(address_id, ())),
        )
        for order_id, rev, number, campaign_id, stage, address_id, asked, under_way, *address in rows
    }


def _read_findings(reads: Reads, address_ids: list[int]) -> dict[int, list[Finding]]:
    found: dict[int, list[Finding]] = {}
    for address_id, field, code, severity, message, repair in reads.rows(
        f"SELECT address_id, field, code, severity, message, repair FROM findings WHERE address_id IN"
        f" ({marks(address_ids)}) ORDER BY CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END,"
        " field, code",
        address_ids,
    ):
        found.setdefault(address_id, []).append(Finding(field, code, Severity(severity), message, repair))
    return found
