"""Recording how attempts ended: several in one transaction, each only by whoever holds its claim."""

from __future__ import annotations

import json
from collections.abc import Sequence
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


_MOVE = """
UPDATE commands SET state = j.state, reason = j.reason, not_before = j.not_before,
  remote_id = CASE j.remote_id WHEN '' THEN commands.remote_id ELSE j.remote_id END,
  sent_boot = CASE j.gone WHEN 1 THEN :boot ELSE sent_boot END,
  sent_ns = CASE j.gone WHEN 1 THEN :ns ELSE sent_ns END, rev = rev + 1
FROM (SELECT value ->> 'id' AS id, value ->> 'was' AS was, value ->> 'attempt' AS attempt, value ->> 'claim' AS claim,
  value ->> 'state' AS state, value ->> 'reason' AS reason, value ->> 'not_before' AS not_before,
  value ->> 'remote_id' AS remote_id, value ->> 'gone' AS gone FROM json_each(:rows)) j
WHERE commands.id = j.id AND commands.state = j.was AND commands.attempt = j.attempt AND commands.claim = j.claim
RETURNING commands.id
"""
_END = """
UPDATE attempts SET ended_at = :at, outcome = j.outcome, http_status = j.http_status, reply = j.reply
FROM (SELECT value ->> 'id' AS id, value ->> 'attempt' AS attempt, value ->> 'claim' AS claim,
  value ->> 'state' AS outcome, value ->> 'http_status' AS http_status, value ->> 'reply' AS reply
  FROM json_each(:rows)) j
WHERE attempts.command_id = j.id AND attempts.attempt = j.attempt AND attempts.claim = j.claim
"""


def record(tx: Write, clock: Clock, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Write outcomes and return those that still held their claim; the others belong to somebody else's decision.

    All of them go in by two statements: a worker's thread for the database shares one interpreter with its replies.
    """
    if not outcomes:
        return []
    rows = [_row(each) for each in outcomes]
    given: dict[str, object] = {"rows": json.dumps(rows), "boot": clock.boot_id(), "ns": clock.boot_ns()}
    moved = {row[0] for row in tx.rows(_MOVE, given)}
    kept = [each for each in outcomes if each.claimed.id in moved]
    ended = [_row(each) for each in kept if not each.looked_up]
    tx.run(_END, {"rows": json.dumps(ended), "at": utc_text(clock.now())})
    return kept


def _row(outcome: Outcome) -> dict[str, object]:
    claimed = outcome.claimed
    return {
        "id": claimed.id,
        "attempt": claimed.attempt,
        "claim": claimed.claim,
        "was": CommandState.DOUBTFUL if outcome.looked_up else CommandState.SENDING,
        "state": outcome.state,
        "reason": outcome.reason,
        "remote_id": outcome.remote_id,
        "not_before": None if outcome.not_before is None else utc_text(outcome.not_before),
        # The quiet window begins when the attempt's connection is gone.
        "gone": int(outcome.state is CommandState.DOUBTFUL and not outcome.looked_up),
        "http_status": outcome.http_status,
        "reply": outcome.reply[:_REPLY],
    }
