"""What the checks say of an address version, kept beside it."""

from __future__ import annotations

from collections.abc import Sequence

from data.addresses.check import check
from data.addresses.findings import Finding, Severity
from data.addresses.versions import read_address
from data.store.store import Write

RULES = "1"
"""The version of what `check` finds: raise it with the rules, and every address is judged again in the background."""


def check_once(tx: Write, address_id: int) -> None:
    """Check a version that no check has seen: the stage of its order follows from what is found."""
    if tx.one("SELECT 1 FROM checked WHERE address_id = ?", (address_id,)) is None:
        address = read_address(tx, address_id)
        if address is not None:
            write_findings(tx, address_id, check(address))


def write_findings(tx: Write, address_id: int, findings: Sequence[Finding]) -> None:
    """Keep the findings of a version in place of earlier ones; a version that is gone meanwhile is passed over."""
    if tx.one("SELECT 1 FROM addresses WHERE id = ?", (address_id,)) is None:
        return
    tx.run("DELETE FROM findings WHERE address_id = ?", (address_id,))
    tx.db.conn.executemany(
        "INSERT OR IGNORE INTO findings(address_id, field, code, severity, message, repair) VALUES (?, ?, ?, ?, ?, ?)",
        [(address_id, each.field, each.code, str(each.severity), each.message, each.repair) for each in findings],
    )
    tx.run(
        "INSERT OR REPLACE INTO checked(address_id, errors, warnings, rules) VALUES (?, ?, ?, ?)",
        (
            address_id,
            sum(each.severity is Severity.ERROR for each in findings),
            sum(each.severity is Severity.WARNING for each in findings),
            RULES,
        ),
    )
