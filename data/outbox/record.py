"""Recording how attempts ended: several in one transaction, each only by whoever holds its claim."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from data.clock import Clock, utc_text
from data.model import CommandState
from data.outbox.claim import Claimed
from data.store.store import Write

_REPLY = 300
"""Characters of a reply that are kept with the attempt."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where one command stands after an attempt, or after a look-up of a doubtful one."""

    claimed: Claimed
    state: CommandState
    """accepted, rejected, planned (provably not sent), doubtful, or, after a look-up, person."""
    reason: str = ""
    remote_id: str = ""
    not_before: datetime | None = None
    http_status: int | None = None
    reply: str = ""
    looked_up: bool = False
    """True when a look-up of a doubtful command told it; False when the attempt itself ended so."""


def record(tx: Write, clock: Clock, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Write outcomes and return those that still held their claim; the others belong to somebody else's decision."""
    at = utc_text(clock.now())
    kept: list[Outcome] = []
    for each in outcomes:
        claimed = each.claimed
        if not _move(tx, clock, each):
            continue
        kept.append(each)
        if not each.looked_up:
            tx.run(
                "UPDATE attempts SET ended_at = ?, outcome = ?, http_status = ?, reply = ?"
                " WHERE command_id = ? AND attempt = ? AND claim = ?",
                (
                    at,
                    str(each.state),
                    each.http_status,
                    each.reply[:_REPLY],
                    claimed.id,
                    claimed.attempt,
                    claimed.claim,
                ),
            )
    return kept


def _move(tx: Write, clock: Clock, outcome: Outcome) -> bool:
    """Move one command, if it stands where this worker left it."""
    claimed = outcome.claimed
    sets = {
        "state": str(outcome.state),
        "reason": outcome.reason,
        "not_before": None if outcome.not_before is None else utc_text(outcome.not_before),
    }
    if outcome.remote_id:
        sets["remote_id"] = outcome.remote_id
    values: list[object] = list(sets.values())
    text = ", ".join(f"{name} = ?" for name in sets)
    if outcome.state is CommandState.DOUBTFUL and not outcome.looked_up:
        # The quiet window begins when the attempt's connection is gone.
        text += ", sent_boot = ?, sent_ns = ?"
        values += [clock.boot_id(), clock.boot_ns()]
    was = CommandState.DOUBTFUL if outcome.looked_up else CommandState.SENDING
    return (
        tx.run(
            f"UPDATE commands SET {text}, rev = rev + 1 WHERE id = ? AND state = ? AND attempt = ? AND claim = ?",
            (*values, claimed.id, str(was), claimed.attempt, claimed.claim),
        )
        == 1
    )
