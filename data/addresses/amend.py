"""An accepted address on its way to a warehouse that already has the order: asked for, answered, or moved on file.

What is on file moves only where the parcel will follow: at once while nothing is sent, and when the warehouse confirms
afterwards. One amendment is in flight per shipment (reliability.md 2.9); what is accepted meanwhile is `queued`.
"""

from __future__ import annotations

from collections.abc import Iterable

from data.addresses.changes import Change, read_change
from data.addresses.consequence import ConsequenceKind, Outlook, Parcelled, outlook, outlook_words
from data.addresses.duplicates import same_place
from data.addresses.stored_findings import check_once
from data.addresses.versions import add_version, read_address
from data.addresses.wire import address_json
from data.model import Address, AddressSource, ChangeState, CommandKind, InputError, ShipmentState, StaleError
from data.orders.merged import leave, members
from data.orders.split import unplace
from data.orders.stages import settle
from data.outbox.plan import Intent, plan
from data.store.store import Write

_ANSWERS = {
    ChangeState.CONFIRMED,
    ChangeState.TOO_LATE,
    ChangeState.REFUSED,
    ChangeState.UNSUPPORTED,
    ChangeState.DOUBTFUL,
}
_UNANSWERED = (ChangeState.REQUESTED, ChangeState.DOUBTFUL)


def put_on_file(tx: Write, change: Change, seen: Outlook) -> tuple[set[int], list[str]]:
    """Make the proposed version the one on file, for the order and for what is not sent yet.

    Where it is in another zone the order goes back to allocation, and its draft shipments leave their batches. A merged
    order that moves elsewhere than the others travels by itself again. Returns the orders to settle, and notes for the
    person. The caller settles.
    """
    touched: set[int] = {change.order_id}
    notes: list[str] = []
    check_once(tx, change.to_id)
    tx.run("UPDATE orders SET address_id = ?, rev = rev + 1 WHERE id = ?", (change.to_id, change.order_id))
    if change.other_zone and not (seen.held or seen.in_flight or seen.gone):
        unplace(tx, change.order_id)
    if parted := _part(tx, change):
        notes.append(f"order {change.number} no longer ships with {parted}: it goes to another place")
    for each in seen.drafts:
        if each.batch_id is not None:
            # What was checked is not what would be sent any more.
            tx.run(
                "UPDATE batches SET state = 'draft', rev = rev + 1 WHERE id = ? AND state = 'ready'", (each.batch_id,)
            )
        if change.other_zone and each.state is ShipmentState.DRAFT:
            touched |= _take_out(tx, each)
            notes.append(f"order {change.number} was taken out of {each.place}: its address is in another zone")
        elif parted and each.others and each.state is ShipmentState.DRAFT:
            touched |= _take_out(tx, each)
            notes.append(f"order {change.number} and {each.others} were taken out of {each.place}")
        else:
            follow(tx, change, each)
    return touched, notes


def follow(tx: Write, change: Change, shipment: Parcelled) -> None:
    """Let a shipment that was not sent ask for the new version; a merged one asks for that of the order that leads."""
    tx.run(
        "UPDATE shipments SET address_id = ?, rev = rev + 1 WHERE id = ?"
        " AND ? = (SELECT min(order_id) FROM shipment_lines WHERE shipment_id = shipments.id)",
        (change.to_id, shipment.id, change.order_id),
    )


def request(tx: Write, change: Change, shipments: Iterable[Parcelled]) -> None:
    """Plan the amendment at each shipment's warehouse."""
    address = read_address(tx, change.to_id)
    assert address is not None
    backer = tx.one("SELECT backer_id FROM orders WHERE id = ?", (change.order_id,))
    for each in shipments:
        intent = Intent(
            CommandKind.AMEND,
            each.warehouse,
            each.key,
            address_json(address),
            shipment_id=each.id,
            backer_id=backer[0] if backer else None,
            change_id=change.id,
        )
        plan(tx, intent)


def go_on(tx: Write, shipment_id: int) -> list[int]:
    """Go on with the accepted changes that waited for a shipment's push, amendment or cancel to be known.

    Call it in the transaction that recorded the outcome, after the command's and the shipment's state. A shipment that
    a warehouse holds is asked; where the push was rejected the address goes on file; where picking has begun it is too
    late. Returns the changes it moved.
    """
    moved = []
    for (change_id,) in tx.rows(
        "SELECT max(id) FROM changes WHERE state IN ('queued', 'requested')"
        " AND order_id IN (SELECT order_id FROM shipment_lines WHERE shipment_id = ?) GROUP BY order_id",
        (shipment_id,),
    ):
        change = read_change(tx, change_id)
        if change is not None and _go_on_with(tx, change):
            moved.append(change.id)
    return moved


def record_answer(
    tx: Write, change_id: int, shipment_id: int, answer: ChangeState, words: str = "", held: Address | None = None
) -> None:
    """Record what a warehouse answered to an amendment, and the address it was read back to hold.

    Call it after the command's own state is recorded. `answer` is confirmed, too_late, refused, unsupported or
    doubtful. With several shipments the change is confirmed when the last of them is; a bad answer stays. Raises
    InputError for another answer and StaleError for a change that waits for none.
    """
    change = read_change(tx, change_id)
    if change is None or answer not in _ANSWERS:
        raise InputError(f"change {change_id} can't be answered with {answer}")
    if change.state not in (*_UNANSWERED, ChangeState.TOO_LATE, ChangeState.REFUSED, ChangeState.UNSUPPORTED):
        raise StaleError(f"change {change_id} is {change.state}: it waits for no answer")
    _record_held(tx, change, shipment_id, answer, held)
    if answer is not ChangeState.CONFIRMED:
        _move(tx, change, answer, words)
    elif change.state in _UNANSWERED and not _others_open(tx, change, shipment_id):
        _move(tx, change, answer, words)
        check_once(tx, change.to_id)
        tx.run("UPDATE orders SET address_id = ?, rev = rev + 1 WHERE id = ?", (change.to_id, change.order_id))
        settle(tx, [change.order_id])
    go_on(tx, shipment_id)


def _go_on_with(tx: Write, change: Change) -> bool:
    seen = outlook(tx, change)
    unasked = [each for each in seen.held if not _asked(tx, change, each)]
    if unasked:
        request(tx, change, unasked)
        _move(tx, change, ChangeState.REQUESTED)
        return True
    if change.state is not ChangeState.QUEUED or seen.in_flight or seen.held:
        return False
    if seen.kind is ConsequenceKind.TOO_LATE:
        _move(tx, change, ChangeState.TOO_LATE, outlook_words(change, seen))
    elif seen.kind is not ConsequenceKind.CANCELLED:
        touched, notes = put_on_file(tx, change, seen)
        _move(tx, change, ChangeState.ACCEPTED, "; ".join(notes))
        settle(tx, touched)
    else:
        _move(tx, change, ChangeState.REJECTED, "the order was cancelled")
    return True


def _move(tx: Write, change: Change, state: ChangeState, words: str | None = None) -> None:
    if words is None:
        tx.run("UPDATE changes SET state = ?, rev = rev + 1 WHERE id = ? AND state <> ?", (state, change.id, state))
    else:
        tx.run("UPDATE changes SET state = ?, answer = ?, rev = rev + 1 WHERE id = ?", (state, words, change.id))


def _record_held(tx: Write, change: Change, shipment_id: int, answer: ChangeState, held: Address | None) -> None:
    """Keep the version the warehouse holds beside the one it was asked for."""
    found = tx.one(
        "SELECT held_address_id, s.backer_id FROM shipments s WHERE s.id = ?",
        (shipment_id,),
    )
    assert found is not None
    held_id, backer_id = found
    if answer is ChangeState.CONFIRMED:
        same = held is None or held == read_address(tx, change.to_id)
        tx.run("UPDATE shipments SET address_id = ?, rev = rev + 1 WHERE id = ?", (change.to_id, shipment_id))
        held_id = change.to_id if same else held_id
    if held is not None and held != read_address(tx, held_id):
        held_id = add_version(tx, change.order_id, backer_id, AddressSource.WAREHOUSE, held)
    tx.run(
        "UPDATE shipments SET held_address_id = ?, rev = rev + 1 WHERE id = ? AND held_address_id IS NOT ?",
        (held_id, shipment_id, held_id),
    )


def _others_open(tx: Write, change: Change, shipment_id: int) -> bool:
    """Tell whether other shipments of the order have yet to answer this change."""
    seen = outlook(tx, change)
    others = [each for each in (*seen.in_flight, *seen.held) if each.id != shipment_id]
    return any(each.push_open or each.amend_open or not _asked(tx, change, each) for each in others)


def _asked(tx: Write, change: Change, shipment: Parcelled) -> bool:
    return (
        tx.one(
            "SELECT 1 FROM commands WHERE shipment_id = ? AND change_id = ? AND kind = 'amend'"
            " AND state <> 'withdrawn'",
            (shipment.id, change.id),
        )
        is not None
    )


def _part(tx: Write, change: Change) -> str:
    """Take a merged order that moves elsewhere from the others; returns their numbers, or nothing where it stays."""
    others = [each for each in members(tx, [change.order_id]) if each.id != change.order_id]
    if not others:
        return ""
    moved = read_address(tx, change.to_id) or Address()
    if all(same_place(moved, read_address(tx, each.address_id) or Address()) for each in others):
        return ""
    leave(tx, [change.order_id])
    return ", ".join(each.number for each in others)


def _take_out(tx: Write, shipment: Parcelled) -> set[int]:
    """Take a draft shipment out of its batch; returns the orders in it.

    One that was never sent is deleted, one that a warehouse has rejected before is rejected again and can be sent anew.
    """
    orders = {row[0] for row in tx.rows("SELECT order_id FROM shipment_lines WHERE shipment_id = ?", (shipment.id,))}
    if tx.one("SELECT 1 FROM commands WHERE shipment_id = ?", (shipment.id,)) is None:
        tx.run("DELETE FROM shipment_lines WHERE shipment_id = ?", (shipment.id,))
        tx.run("DELETE FROM shipments WHERE id = ?", (shipment.id,))
    else:
        tx.run("UPDATE shipments SET state = 'rejected', batch_id = NULL, rev = rev + 1 WHERE id = ?", (shipment.id,))
    return orders
