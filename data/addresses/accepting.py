"""Accepting one change in an act that is open: its address goes on file, or its warehouse is asked."""

from __future__ import annotations

from enum import StrEnum

from data.addresses.amend import follow, put_on_file, request
from data.addresses.changes import Change
from data.addresses.consequence import ConsequenceKind, Outlook, outlook, outlook_words
from data.addresses.propose import judge, verdict_values
from data.addresses.sheet import Sheet
from data.addresses.versions import read_address
from data.model import ChangeState


class TooLate(StrEnum):
    """What a person does about a parcel whose address can't be changed any more."""

    REDIRECT = "redirect"
    WATCH = "watch"


_TOO_LATE_WORDS = {
    TooLate.REDIRECT: "to be redirected at the carrier",
    TooLate.WATCH: "watched for its return",
}


def accept_one(sheet: Sheet, change: Change, too_late: TooLate | None = None) -> str:
    """Accept one change in the caller's act; returns why not, or an empty text."""
    if change.on_file_id != change.from_id:
        compare_anew(sheet, change)
        return "the address on file has moved since it was compared: it is compared anew, look again"
    seen = outlook(sheet.tx, change)
    match seen.kind:
        case ConsequenceKind.CANCELLED:
            return "the order is cancelled"
        case ConsequenceKind.TOO_LATE if too_late is None:
            return outlook_words(change, seen)
        case ConsequenceKind.TOO_LATE:
            assert too_late is not None
            sheet.decide(change, ChangeState.TOO_LATE, _TOO_LATE_WORDS[too_late])
        case ConsequenceKind.REQUEST | ConsequenceKind.QUEUE:
            _ask_the_warehouse(sheet, change, seen)
        case _:
            touched, notes = put_on_file(sheet.tx, change, seen)
            sheet.touched |= touched
            sheet.notes += notes
            sheet.decide(change, ChangeState.ACCEPTED)
    return ""


def compare_anew(sheet: Sheet, change: Change, state: ChangeState | None = None) -> None:
    """Compare a change with what is on file at present, and put it in `state` if one is given."""
    proposed = read_address(sheet.tx, change.to_id)
    assert proposed is not None
    verdict = verdict_values(judge(read_address(sheet.tx, change.on_file_id), proposed))
    values = verdict | {"from_id": change.on_file_id, "state": state or change.state}
    sheet.tx.update("changes", change.id, change.rev, values)


def _ask_the_warehouse(sheet: Sheet, change: Change, seen: Outlook) -> None:
    """Request the address where it can be requested, and queue it where something is in flight."""
    sheet.tx.run(
        "UPDATE changes SET state = 'superseded', rev = rev + 1 WHERE order_id = ? AND state = 'queued'",
        (change.order_id,),
    )
    sheet.decide(change, ChangeState.REQUESTED if seen.held else ChangeState.QUEUED)
    for each in seen.drafts:
        follow(sheet.tx, change, each)
    request(sheet.tx, change, seen.held)
