"""What the checks say of an address version, its phone in E.164, and the keys it is found by, kept beside it."""

from __future__ import annotations

from collections.abc import Sequence

from data.addresses.check import check
from data.addresses.duplicate_keys import keys_of, write_keys
from data.addresses.findings import Finding, Severity
from data.addresses.phones import phone_of
from data.addresses.territories import place_of
from data.addresses.versions import COLUMNS, read_address
from data.model import Address
from data.store.store import Write

RULES = "3"
"""The version of what `check` finds and of the keys; raise it with them: every address is judged again in the
background."""


def check_once(tx: Write, address_id: int) -> None:
    """Check a version that no check has seen: the stage of its order follows from what is found."""
    if tx.one("SELECT 1 FROM checked WHERE address_id = ?", (address_id,)) is None:
        address = read_address(tx, address_id)
        if address is not None:
            write_findings(tx, address_id, check(address))


def write_findings(tx: Write, address_id: int, findings: Sequence[Finding]) -> None:
    """Keep findings and keys of a version in place of earlier ones; a version that is gone meanwhile is passed over."""
    found = tx.one(f"SELECT order_id, {COLUMNS} FROM addresses WHERE id = ?", (address_id,))
    if found is None:
        return
    # Reading the streets costs nothing here: the check has just read them, and they are remembered.
    address = Address(*found[1:])
    write_keys(tx, address_id, found[0], keys_of(address))
    tx.run("DELETE FROM findings WHERE address_id = ?", (address_id,))
    tx.db.conn.executemany(
        "INSERT OR IGNORE INTO findings(address_id, field, code, severity, message, repair) VALUES (?, ?, ?, ?, ?, ?)",
        [(address_id, each.field, each.code, str(each.severity), each.message, each.repair) for each in findings],
    )
    tx.run(
        "INSERT OR REPLACE INTO checked(address_id, errors, warnings, e164, rules) VALUES (?, ?, ?, ?, ?)",
        (
            address_id,
            sum(each.severity is Severity.ERROR for each in findings),
            sum(each.severity is Severity.WARNING for each in findings),
            phone_of(address.phone, place_of(address).country).e164 if address.phone else "",
            RULES,
        ),
    )
