"""Claiming: what is due becomes `sending`, durably, before the first byte of it leaves.

Only the holder of the warehouse's worker lock claims. Whatever could forbid a command is looked at again inside the
transaction: the warehouse was stopped, the order was held, its cancel was asked for.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.clock import Clock, utc_text
from data.model import CommandKind
from data.outbox.plan import body_sha
from data.store.store import Store, Write

_COLUMNS = """c.id, c.kind, c.key, c.body, c.attempt, c.shipment_id, c.batch_id, c.change_id,
coalesce(s.remote_id, '')"""

_HELD = """EXISTS (SELECT 1 FROM shipment_lines l JOIN holds h ON h.order_id = l.order_id AND h.released_at IS NULL
  WHERE l.shipment_id = c.shipment_id)
OR EXISTS (SELECT 1 FROM shipment_lines l JOIN orders o ON o.id = l.order_id
  WHERE l.shipment_id = c.shipment_id AND o.cancel_asked_at IS NOT NULL)"""

_DUE = "c.warehouse = :warehouse AND c.state = 'planned' AND (c.not_before IS NULL OR c.not_before <= :now)"

_PUSHES = f"""SELECT {_COLUMNS} FROM commands c LEFT JOIN shipments s ON s.id = c.shipment_id
WHERE {_DUE} AND c.kind = 'push' AND NOT ({_HELD}) ORDER BY c.id LIMIT :limit"""

# An order's commands go one after the other: an amendment waits for its push, a cancel for an amendment under way.
_URGENT = f"""SELECT {_COLUMNS} FROM commands c LEFT JOIN shipments s ON s.id = c.shipment_id
WHERE {_DUE} AND c.kind <> 'push' AND (c.shipment_id IS NULL OR s.remote_id <> '') {{also}}
AND NOT EXISTS (SELECT 1 FROM commands x WHERE x.shipment_id = c.shipment_id AND x.state IN ('sending', 'doubtful'))
ORDER BY c.kind <> 'cancel', c.id LIMIT :limit"""


# What the warehouse last accepted of a shipment: amendments, cancels and holds may have to repeat it whole.
_LAST = """SELECT body FROM commands WHERE shipment_id = ? AND kind IN ('push', 'amend') AND state = 'accepted'
ORDER BY id DESC LIMIT 1"""

Render = Callable[[CommandKind, str, str], str]
"""Makes the text that is sent of a command's kind, its body in our own words, and what was last accepted; pure."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """One command that this worker may send, once."""

    id: int
    kind: CommandKind
    key: str
    body: str
    attempt: int
    claim: str
    """Whoever records the outcome must show it."""
    shipment_id: int | None
    batch_id: int | None
    change_id: int | None
    remote_id: str
    """The warehouse's id of the shipment, where it has told one."""
    doubts: int = 0
    """How many earlier attempts ended without a trusted answer."""


def is_stopped(tx: Write, warehouse: str) -> bool:
    """Tell whether a person has stopped sending to a warehouse."""
    return tx.one("SELECT 1 FROM warehouses WHERE code = ? AND stopped_at IS NOT NULL", (warehouse,)) is not None


def claim_due(
    tx: Write,
    clock: Clock,
    warehouse: str,
    limit: int,
    render: Render,
    *,
    pushes: bool = True,
    corrections: bool = True,
) -> list[Claimed]:
    """Claim at most `limit` due commands: what races against the picking first, then `pushes` in their order.

    Without `corrections`, amendments and cancels wait for the batch that carries them.
    `render` turns the body of a command about a shipment the warehouse has into the text that is sent. Nothing is
    claimed while the warehouse is stopped.
    """
    if is_stopped(tx, warehouse):
        return []
    given: dict[str, object] = {"warehouse": warehouse, "now": utc_text(clock.now()), "limit": limit}
    rows: list[tuple[Any, ...]] = []
    shipments: set[int] = set()
    for row in tx.rows(_URGENT.format(also="" if corrections else "AND c.kind NOT IN ('amend', 'cancel')"), given):
        if row[5] is None or row[5] not in shipments:
            shipments.add(row[5])
            rows.append(row)
    if pushes and len(rows) < limit:
        rows += tx.rows(_PUSHES, given | {"limit": limit - len(rows)})
    frozen = {row[0]: _freeze(tx, row, render) for row in rows}
    return _take(tx, clock, "planned", rows, frozen)


def claim_batch(tx: Write, clock: Clock, warehouse: str, render: Render) -> list[Claimed]:
    """Claim all that is planned of the first batch that is due, for a warehouse whose unit is the whole batch."""
    if is_stopped(tx, warehouse):
        return []
    given: dict[str, object] = {"warehouse": warehouse, "now": utc_text(clock.now())}
    first = tx.one(
        f"SELECT c.batch_id FROM commands c JOIN batches b ON b.id = c.batch_id AND b.state = 'sending'"
        f" WHERE {_DUE} ORDER BY b.number LIMIT 1",
        given,
    )
    if first is None:
        return []
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM commands c LEFT JOIN shipments s ON s.id = c.shipment_id"
        " WHERE c.batch_id = ? AND c.state = 'planned' ORDER BY c.id",
        (first[0],),
    )
    return _take(tx, clock, "planned", rows, {row[0]: _freeze(tx, row, render) for row in rows})


def claim_known(tx: Write, clock: Clock, command_ids: Sequence[int]) -> list[Claimed]:
    """Claim planned pushes that the warehouse turned out to have, so that an outcome can be recorded; none is sent."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM commands c LEFT JOIN shipments s ON s.id = c.shipment_id"
        " WHERE c.id IN (SELECT value FROM json_each(?)) AND c.state = 'planned' AND c.kind = 'push' ORDER BY c.id",
        (json.dumps(list(command_ids)),),
    )
    return _take(tx, clock, "planned", rows, {row[0]: row[3] for row in rows})


def planned_pushes(store: Store, warehouse: str) -> list[Claimed]:
    """List the pushes that are planned, as they would be claimed; nothing is claimed."""
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM commands c LEFT JOIN shipments s ON s.id = c.shipment_id"
        " WHERE c.warehouse = ? AND c.state = 'planned' AND c.kind = 'push' ORDER BY c.id",
        (warehouse,),
    )
    return [
        Claimed(row[0], CommandKind(row[1]), row[2], row[3], row[4], "", row[5], row[6], row[7], row[8]) for row in rows
    ]


def claim_again(tx: Write, clock: Clock, warehouse: str, doubtful: Iterable[Claimed]) -> list[Claimed]:
    """Claim doubtful commands that a look-up after the quiet window did not find, to send the same bytes again.

    Those that somebody has decided meanwhile are left out.
    """
    if is_stopped(tx, warehouse):
        return []
    wanted = {each.id: each for each in doubtful}
    rows = [
        row
        for row in tx.rows(
            f"SELECT {_COLUMNS}, c.claim FROM commands c LEFT JOIN shipments s ON s.id = c.shipment_id"
            " WHERE c.id IN (SELECT value FROM json_each(?)) AND c.state = 'doubtful' ORDER BY c.id",
            (json.dumps(sorted(wanted)),),
        )
        if (row[4], row[-1]) == (wanted[row[0]].attempt, wanted[row[0]].claim)
    ]
    taken = _take(tx, clock, "doubtful", [row[:-1] for row in rows], {row[0]: row[3] for row in rows})
    return [replace(each, doubts=wanted[each.id].doubts) for each in taken]


def doubtful_due(store: Store, clock: Clock, warehouse: str, quiet: float, limit: int) -> list[Claimed]:
    """List doubtful commands whose quiet window of `quiet` seconds is over on the clock that never jumps."""
    rows = store.rows(
        f"SELECT {_COLUMNS}, c.claim, (SELECT count(*) FROM attempts t WHERE t.command_id = c.id"
        "  AND t.outcome = 'doubtful') FROM commands c LEFT JOIN shipments s ON s.id = c.shipment_id"
        " WHERE c.warehouse = ? AND c.state = 'doubtful' AND c.sent_boot = ? AND c.sent_ns <= ?"
        " AND (c.not_before IS NULL OR c.not_before <= ?) ORDER BY c.sent_ns, c.id LIMIT ?",
        (warehouse, clock.boot_id(), clock.boot_ns() - int(quiet * 1e9), utc_text(clock.now()), limit),
    )
    return [
        Claimed(row[0], CommandKind(row[1]), row[2], row[3], row[4], row[9], row[5], row[6], row[7], row[8], row[10])
        for row in rows
    ]


def _freeze(tx: Write, row: tuple[Any, ...], render: Render) -> str:
    """Return the text that is sent, written down at the first claim of a command that changes what was pushed."""
    command_id, kind, body, attempt, shipment_id = row[0], CommandKind(row[1]), str(row[3]), row[4], row[5]
    if attempt > 0 or kind in (CommandKind.PUSH, CommandKind.ANNOUNCE, CommandKind.RETURN):
        return body
    last = tx.one(_LAST, (shipment_id,))
    text = render(kind, body, "" if last is None else str(last[0]))
    if text == body:
        return body
    tx.run("UPDATE commands SET body = ?, body_sha = ?, rev = rev + 1 WHERE id = ?", (text, body_sha(text), command_id))
    return text


def _take(
    tx: Write, clock: Clock, state: str, rows: Sequence[tuple[Any, ...]], bodies: dict[int, str]
) -> list[Claimed]:
    """Move rows from `state` to `sending`, with a line for each attempt."""
    if not rows:
        return []
    token, at = uuid.uuid4().hex, utc_text(clock.now())
    ids = json.dumps([row[0] for row in rows])
    moved = tx.run(
        "UPDATE commands SET state = 'sending', attempt = attempt + 1, claim = ?, sent_boot = ?, sent_ns = ?,"
        " sent_at = ?, not_before = NULL, reason = '', rev = rev + 1"
        " WHERE id IN (SELECT value FROM json_each(?)) AND state = ?",
        (token, clock.boot_id(), clock.boot_ns(), at, ids, state),
    )
    if moved != len(rows):
        raise AssertionError("a command moved inside the transaction that claims it")
    tx.run(
        "INSERT INTO attempts(command_id, attempt, claim, started_at)"
        " SELECT id, attempt, claim, sent_at FROM commands WHERE id IN (SELECT value FROM json_each(?))",
        (ids,),
    )
    return [
        Claimed(row[0], CommandKind(row[1]), row[2], bodies[row[0]], row[4] + 1, token, row[5], row[6], row[7], row[8])
        for row in rows
    ]
