"""What follows from recorded outcomes, in the same transaction: shipments, orders, changes and batches move along."""

from __future__ import annotations

import json
from collections.abc import Sequence

from data.clock import Clock
from data.dispatch.amend import follow_amend, go_on_with_changes
from data.dispatch.batch_state import derive_batches
from data.dispatch.cancel import drop_requests, finish_cancels, follow_cancel, orders_of
from data.dispatch.hold import follow_hold
from data.dispatch.sender import Answered
from data.model import CommandKind, CommandState, HoldKind
from data.orders.holds import place_hold
from data.orders.split import unplace
from data.orders.stages import settle
from data.outbox.record import record
from data.portals.errors import FieldError
from data.store.store import Write

_ADDRESS_WORDS = ("ship_to", "address", "recipient", "name", "street", "city", "country", "postcode", "zip", "phone")


def record_all(tx: Write, clock: Clock, answers: Sequence[Answered]) -> list[Answered]:
    """Record what attempts and look-ups came to, with everything that follows; return those that held their claim."""
    held = {id(each) for each in record(tx, clock, [each.outcome for each in answers])}
    kept = [each for each in answers if id(each.outcome) in held]
    pushes = [each for each in kept if each.outcome.claimed.kind is CommandKind.PUSH]
    _follow_accepted(tx, [each for each in pushes if each.outcome.state is CommandState.ACCEPTED])
    for each in pushes:
        if each.outcome.state is CommandState.REJECTED:
            _follow_rejected(tx, clock, each)
    for each in kept:
        match each.outcome.claimed.kind:
            case CommandKind.AMEND:
                follow_amend(tx, each)
            case CommandKind.CANCEL:
                follow_cancel(tx, each)
            case CommandKind.HOLD | CommandKind.RELEASE:
                follow_hold(tx, each)
            case _:
                pass
    shipments = [each.outcome.claimed.shipment_id for each in kept]
    settle(tx, orders_of(tx, shipments))
    go_on_with_changes(tx, shipments)
    derive_batches(tx, [each.outcome.claimed.batch_id for each in kept])
    return kept


_ACCEPT = """
UPDATE shipments SET state = CASE state WHEN 'sending' THEN 'accepted' ELSE state END, remote_id = j.remote_id,
  raw_status = CASE shipments.raw_status WHEN '' THEN j.raw_status ELSE shipments.raw_status END,
  held_address_id = coalesce(held_address_id, address_id), problem = '', rev = rev + 1
FROM (SELECT value ->> 0 AS remote_id, value ->> 1 AS raw_status, value ->> 2 AS id FROM json_each(?)) j
WHERE shipments.id = j.id
"""


def accept_shipments(tx: Write, rows: Sequence[tuple[str, str, int | None]]) -> None:
    """Say that warehouses hold shipments: rows of (the warehouse's id, its word for the state, our id).

    A shipment that a poll has moved on already keeps its state.
    """
    if rows:
        tx.run(_ACCEPT, (json.dumps(rows),))


def _follow_accepted(tx: Write, answers: Sequence[Answered]) -> None:
    """Move the shipments of accepted pushes."""
    accept_shipments(
        tx,
        [
            (each.outcome.remote_id, each.remote.raw_status if each.remote else "", each.outcome.claimed.shipment_id)
            for each in answers
        ],
    )


def _follow_rejected(tx: Write, clock: Clock, answered: Answered) -> None:
    """Bring the order of a rejected push back to `ready`, held, with the warehouse's reason."""
    shipment_id = answered.outcome.claimed.shipment_id
    reason = answered.outcome.reason
    tx.run(
        "UPDATE shipments SET state = 'rejected', problem = ?, rev = rev + 1 WHERE id = ? AND state = 'sending'",
        (reason, shipment_id),
    )
    kind = HoldKind.ADDRESS if any(map(_is_address, answered.fields)) else HoldKind.OPERATOR
    for order_id in orders_of(tx, [shipment_id]):
        place_hold(tx, order_id, kind, f"the warehouse rejected it: {reason}", clock.now())
        if not tx.one(
            "SELECT 1 FROM shipment_lines l JOIN shipments s ON s.id = l.shipment_id"
            " WHERE l.order_id = ? AND s.state NOT IN ('rejected', 'cancelled')",
            (order_id,),
        ):
            # Where the rest of an order that is split goes on, the part that was rejected keeps its place.
            unplace(tx, order_id)
    drop_requests(tx, shipment_id)
    finish_cancels(tx, orders_of(tx, [shipment_id]))


def _is_address(error: FieldError) -> bool:
    """Tell whether a refused field is part of the address."""
    return not error.field.startswith("lines") and any(word in error.field.casefold() for word in _ADDRESS_WORDS)
