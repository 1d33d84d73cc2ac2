"""Decisions on an address on file that the checks find fault with: take its repairs, or ask its backer."""

from __future__ import annotations

from data.addresses.accepting import TooLate, accept_one
from data.addresses.changes import read_change
from data.addresses.faulty import Faulty
from data.addresses.findings import Finding
from data.addresses.propose import propose
from data.addresses.question import question_about
from data.addresses.sheet import Sheet
from data.model import AddressSource, Refusal


def mend_one(sheet: Sheet, faulty: Faulty, too_late: TooLate | None = None) -> Refusal | None:
    """Put an address with every repair in its place on file, as the operator's change; returns why not.

    Where the order's parcels need a choice first, the change waits and the refusal names it.
    """
    mending = faulty.mending
    if not mending.whole:
        return Refusal(-faulty.order_id, faulty.number, missing_words(mending.missing))
    made = propose(sheet.tx, faulty.order_id, mending.address, AddressSource.OPERATOR, again=True)
    if made is None:
        # What was on file was empty, and the repaired address took its place.
        return None
    change = read_change(sheet.tx, made)
    assert change is not None
    reason = accept_one(sheet, change, too_late)
    return Refusal(made, faulty.number, reason) if reason else None


def ask_about(sheet: Sheet, faulty: Faulty) -> Refusal | None:
    """Remember that the backer was asked about the version on file, and note a text to send."""
    sheet.tx.run(
        "UPDATE orders SET asked_id = address_id, rev = rev + 1 WHERE id = ? AND asked_id IS NOT address_id",
        (faulty.order_id,),
    )
    sheet.notes.append(question_about(sheet.tx, faulty))
    return None


def missing_words(missing: tuple[Finding, ...]) -> str:
    """Say what no repair is known for."""
    if not missing:
        return "no repair is known"
    return "no repair is known: " + "; ".join(f"{each.field}: {each.message}" for each in missing)
