"""Commands are planned in the transaction of the verb that wants them, and withdrawn while nothing has left."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data.model import CommandKind, CommandState
from data.store.store import Write


@dataclass(frozen=True, slots=True)
class Intent:
    """One command to plan.

    The body of a push is the exact text that will be sent. The body of an amendment is the address as JSON, in our
    own words; the worker renders it once, at the first claim, and from then on it is frozen too.
    """

    kind: CommandKind
    warehouse: str
    key: str
    body: str = ""
    shipment_id: int | None = None
    backer_id: int | None = None
    batch_id: int | None = None
    change_id: int | None = None
    revision: int = 1


def body_sha(body: str) -> str:
    """Return the hash that names a body."""
    return hashlib.sha256(body.encode()).hexdigest()


def plan(tx: Write, intent: Intent) -> int:
    """Plan one command and return its id.

    A second live command of the same kind for the same shipment is refused by the database (IntegrityError).
    """
    return tx.insert(
        "commands",
        {
            "warehouse": intent.warehouse,
            "kind": str(intent.kind),
            "shipment_id": intent.shipment_id,
            "backer_id": intent.backer_id,
            "batch_id": intent.batch_id,
            "change_id": intent.change_id,
            "key": intent.key,
            "revision": intent.revision,
            "body": intent.body,
            "body_sha": body_sha(intent.body),
            "state": str(CommandState.PLANNED),
        },
    )


def plan_all(tx: Write, intents: Iterable[Intent]) -> int:
    """Plan many commands, in order; return how many."""
    rows = [
        (
            each.warehouse,
            str(each.kind),
            each.shipment_id,
            each.backer_id,
            each.batch_id,
            each.change_id,
            each.key,
            each.revision,
            each.body,
            body_sha(each.body),
        )
        for each in intents
    ]
    tx.db.conn.executemany(
        "INSERT INTO commands(warehouse, kind, shipment_id, backer_id, batch_id, change_id, key, revision, body,"
        " body_sha, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'planned')",
        rows,
    )
    return len(rows)


def withdraw(tx: Write, command_ids: Sequence[int], reason: str) -> list[int]:
    """Withdraw the commands that are still planned, and return their ids; what a worker has claimed stays as it is."""
    return [
        each
        for each in command_ids
        if tx.run(
            "UPDATE commands SET state = 'withdrawn', reason = ?, rev = rev + 1 WHERE id = ? AND state = 'planned'",
            (reason, each),
        )
    ]
