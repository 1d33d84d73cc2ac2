"""Decisions on changes of address: accept, reject, ask the backer, open again.

An item with a negative id is no change but an order (its id without the sign) whose address on file has findings: it
can be accepted, which puts its repairs on file, and its backer asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from data.addresses.accepting import TooLate, accept_one, compare_anew
from data.addresses.changes import Change
from data.addresses.mend import ask_about, mend_one
from data.addresses.question import question
from data.addresses.sheet import Sheet, decide_each
from data.model import ChangeState, Done, Item
from data.store.workspace import Workspace

_CLOSED = (
    ChangeState.REJECTED,
    ChangeState.NO_CHANGE,
    ChangeState.TOO_LATE,
    ChangeState.REFUSED,
    ChangeState.UNSUPPORTED,
)


def accept(ws: Workspace, items: Sequence[Item], *, too_late: TooLate | None = None) -> Done:
    """Accept changes, each with the consequence `consequence` tells.

    Where a parcel is being picked or further, the change is refused until `too_late` says what is done instead. One
    that was compared with an address that is no longer on file is compared anew and refused once.
    """
    return decide_each(
        ws,
        "address.accept",
        "accept",
        items,
        lambda sheet, change: accept_one(sheet, change, too_late),
        mend=lambda sheet, faulty: mend_one(sheet, faulty, too_late),
    )


def reject(ws: Workspace, items: Sequence[Item], reason: str = "") -> Done:
    """Keep what is on file; the reason stays with the change."""

    def decision(sheet: Sheet, change: Change) -> str:
        sheet.decide(change, ChangeState.REJECTED, reason)
        return ""

    return decide_each(ws, "address.reject", "reject", items, decision)


def ask(ws: Workspace, items: Sequence[Item]) -> Done:
    """Mark changes and faulty addresses as asked of the backer; `notes` hold a ready text for each, in order."""

    def decision(sheet: Sheet, change: Change) -> str:
        sheet.decide(change, ChangeState.ASKED)
        sheet.notes.append(question(sheet.tx, change))
        return ""

    return decide_each(ws, "address.ask", "ask the backer about", items, decision, mend=ask_about)


def reopen(ws: Workspace, items: Sequence[Item]) -> Done:
    """Let closed changes wait for a decision again, compared with what is on file at present."""

    def decision(sheet: Sheet, change: Change) -> str:
        newer = sheet.tx.one(
            "SELECT 1 FROM changes WHERE order_id = ? AND state IN ('waiting', 'asked', 'queued', 'requested')",
            (change.order_id,),
        )
        if newer is not None:
            return "another change of this order is under way"
        compare_anew(sheet, change, ChangeState.WAITING)
        return ""

    return decide_each(ws, "address.reopen", "open again", items, decision, _CLOSED)
