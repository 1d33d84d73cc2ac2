"""Amendments on their way to a warehouse: rendered once, their answers handed to the changes they came from.

What is asked when, and which address is on file afterwards, is decided in `addresses/amend.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from data.addresses.amend import go_on, record_answer
from data.addresses.versions import read_address
from data.addresses.wire import address_from_json
from data.dispatch.sender import Answered
from data.model import Address, ChangeState, CommandKind, CommandState, StaleError
from data.outbox.claim import Claimed
from data.portals.outcomes import Applied, Doubtful, PushResult, Refused, TooLate, Unsupported
from data.portals.protocol import Portal
from data.store.store import Store, Write
from data.text import visible


def render_command(portal: Portal, kind: CommandKind, body: str, last: str) -> str:
    """Turn the body of a command, in our own words, into the text that is sent; pure.

    `last` is the text the warehouse last accepted of the shipment.
    """
    match kind:
        case CommandKind.AMEND:
            return portal.render_amend(address_from_json(body), last)
        case CommandKind.CANCEL | CommandKind.HOLD | CommandKind.RELEASE:
            return portal.render_change(kind, last)
        case _:
            return body


def wanted_addresses(store: Store, claimed: Iterable[Claimed]) -> dict[int, Address]:
    """Return the address that each amendment asks for, by the command's id."""
    asked = {each.change_id: each.id for each in claimed if each.change_id is not None}
    rows = store.rows(
        "SELECT id, to_id FROM changes WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(asked)),)
    )
    return {asked[row[0]]: address for row in rows if (address := read_address(store, row[1])) is not None}


def follow_amend(tx: Write, answered: Answered) -> None:
    """Hand what the warehouse said to the change, with the address it was read back to hold."""
    outcome, result = answered.outcome, answered.result
    claimed = outcome.claimed
    if claimed.change_id is None or claimed.shipment_id is None or outcome.state is CommandState.PLANNED:
        return
    if isinstance(result, PushResult):
        # It went in a file: the change stays requested until somebody hears what became of it.
        words = f"handed over in {visible(result.remote_ids[0])}: the warehouse has yet to say"
        tx.run("UPDATE changes SET answer = ?, rev = rev + 1 WHERE id = ?", (words, claimed.change_id))
        return
    held = result.address if isinstance(result, Applied | TooLate | Refused | Doubtful) else None
    words = outcome.reason
    if held is not None and not isinstance(result, Applied):
        words = f"{words}; the warehouse holds {held.name}, {held.one_line()}"
    answer = {
        CommandState.ACCEPTED: ChangeState.CONFIRMED,
        CommandState.REJECTED: ChangeState.REFUSED,
    }.get(outcome.state, ChangeState.DOUBTFUL)
    if isinstance(result, TooLate):
        answer = ChangeState.TOO_LATE
    elif isinstance(result, Unsupported):
        answer = ChangeState.UNSUPPORTED
    try:
        record_answer(tx, claimed.change_id, claimed.shipment_id, answer, words, held)
    except StaleError:
        # A person has settled the change meanwhile; what the warehouse said stays with the command.
        return


def go_on_with_changes(tx: Write, shipment_ids: Sequence[int | None]) -> None:
    """Go on with the accepted changes that waited for these shipments to be known to be somewhere."""
    wanted = json.dumps([each for each in shipment_ids if each is not None])
    for (shipment_id,) in tx.rows(
        "SELECT DISTINCT l.shipment_id FROM shipment_lines l JOIN changes c ON c.order_id = l.order_id"
        " AND c.state IN ('queued', 'requested') WHERE l.shipment_id IN (SELECT value FROM json_each(?))",
        (wanted,),
    ):
        go_on(tx, shipment_id)
