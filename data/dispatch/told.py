"""What people at a warehouse say of a correction that went to them in a file: no portal reads it back."""

from __future__ import annotations

from enum import StrEnum

from data.addresses.amend import record_answer
from data.dispatch.cancel import cancel_shipment, orders_of
from data.model import ChangeState, Done, InputError
from data.orders.stages import settle
from data.store.store import Write
from data.store.workspace import Workspace
from data.text import visible


class Answer(StrEnum):
    """What became of a correction."""

    DONE = "done"
    TOO_LATE = "too-late"
    REFUSED = "refused"


_STATES = {
    Answer.DONE: ChangeState.CONFIRMED,
    Answer.TOO_LATE: ChangeState.TOO_LATE,
    Answer.REFUSED: ChangeState.REFUSED,
}


def tell_answer(ws: Workspace, key: str, answer: Answer, words: str = "") -> Done:
    """Record what a warehouse said of the last change or cancel that was handed over for a shipment.

    Done: the address is confirmed, or the order cancelled. Otherwise the change says so and the order goes out as it
    was; a cancel that came too late is no longer asked for. Raises InputError where nothing waits for an answer.
    """
    with ws.write("command.told", f"{key}: the warehouse said {answer}") as tx:
        row = tx.one(
            "SELECT c.kind, c.shipment_id, c.change_id FROM commands c JOIN shipments s ON s.id = c.shipment_id"
            " LEFT JOIN changes h ON h.id = c.change_id WHERE s.key = ? AND c.state = 'accepted'"
            " AND c.batch_id IS NOT NULL AND (c.kind = 'amend' AND h.state = 'requested'"
            "  OR c.kind = 'cancel' AND s.state <> 'cancelled' AND EXISTS (SELECT 1 FROM orders o JOIN shipment_lines l"
            "   ON l.order_id = o.id WHERE l.shipment_id = s.id AND o.cancel_asked_at IS NOT NULL))"
            " ORDER BY c.id DESC LIMIT 1",
            (key.strip(),),
        )
        if row is None:
            raise InputError(f"no correction of {visible(key)} that was handed over waits for an answer")
        kind, shipment_id, change_id = row
        if kind == "cancel":
            _answer_cancel(tx, shipment_id, answer)
        else:
            record_answer(tx, change_id, shipment_id, _STATES[answer], words or "the people there said so")
        what = "cancel" if kind == "cancel" else "new address"
        tx.words = f"{key}: the warehouse said of its {what}: {answer}" + (f" ({words})" if words else "")
    return Done(tx.act or None, tx.words, (shipment_id,))


def _answer_cancel(tx: Write, shipment_id: int, answer: Answer) -> None:
    if answer is Answer.DONE:
        cancel_shipment(tx, shipment_id)
        return
    for order_id in orders_of(tx, [shipment_id]):
        tx.run(
            "UPDATE orders SET cancel_asked_at = NULL, rev = rev + 1 WHERE id = ? AND cancel_asked_at IS NOT NULL",
            (order_id,),
        )
    settle(tx, orders_of(tx, [shipment_id]))
