"""Cancelling orders: at once while nothing has left, asked of the warehouse afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from data.clock import utc_text
from data.dispatch.amend import go_on_with_changes
from data.dispatch.batch_state import derive_batches
from data.dispatch.mint import mint, unmint
from data.dispatch.sender import Answered
from data.dispatch.start import start_worker
from data.model import CommandKind, CommandState, Done, Item, Refusal, Stage
from data.orders.chosen import Chosen, campaign_of, choose, counted
from data.orders.merged import leave, members
from data.orders.stages import refuse_illegal, settle
from data.outbox.plan import Intent, plan, withdraw
from data.policy import agreed_line
from data.portals.outcomes import Cancelled, Partly
from data.portals.registry import portal_for
from data.store.store import Write
from data.store.workspace import Workspace

NEXT_DELTA = "is told with the next delta batch"
BY_HAND = "takes no cancels through its portal: ask the people there"
_LEFT = (Stage.PART_SHIPPED, Stage.SHIPPED, Stage.DELIVERED, Stage.RETURNED)


@dataclass(slots=True)
class _Tally:
    """What became of the orders of one act."""

    cancelled: int = 0
    asked: int = 0
    notes: set[str] = field(default_factory=set)
    warehouses: set[str] = field(default_factory=set)


def cancel_orders(ws: Workspace, items: Sequence[Item], reason: str, *, start: bool = True) -> Done:
    """Cancel orders that nobody has sent; ask the warehouse to cancel those it has.

    What is not sent leaves its batch, a push that is still planned is withdrawn; what was merged with it goes without
    it. Until the warehouse has answered, the order counts as going out, marked `cancel asked for`. Orders that have
    left are refused, and those a warehouse has in one parcel with others that are not cancelled with them.
    """
    tally = _Tally()
    done: list[int] = []
    with ws.write("order.cancel", "cancel orders", campaign=campaign_of(ws.store, items)) as tx:
        chosen, refused = choose(tx, items)
        wanted = {order.id for order in chosen}
        for order in chosen:
            if words := _refuse(tx, order) or _refuse_part(tx, order, wanted):
                refused.append(Refusal(order.id, order.number, words))
                continue
            _cancel_one(tx, ws, order.id, tally)
            done.append(order.id)
        settle(tx, done)
        parts = [f"cancel {counted(tally.cancelled, 'order')}"] if tally.cancelled or not tally.asked else []
        parts += [f"ask the warehouse to cancel {counted(tally.asked, 'order')}"] if tally.asked else []
        tx.words = ", ".join(parts) + (f": {reason}" if reason else "")
    notes = sorted(tally.notes)
    if start:
        notes += [note for code in sorted(tally.warehouses) if (note := start_worker(ws, code))]
    return Done(tx.act or None, tx.words, tuple(done), tuple(refused), notes=tuple(notes))


def follow_cancel(tx: Write, answered: Answered) -> None:
    """Write what the warehouse said of a cancel; too late stays with the command, for an issue to be raised."""
    claimed = answered.outcome.claimed
    if answered.outcome.state is not CommandState.ACCEPTED or claimed.shipment_id is None:
        return
    if isinstance(answered.result, Cancelled) or answered.result is None:
        cancel_shipment(tx, claimed.shipment_id)
    elif isinstance(answered.result, Partly):
        gone = ", ".join(f"{each.quantity} x {each.sku}" for each in answered.result.lines)
        tx.run(
            "UPDATE shipments SET problem = ?, rev = rev + 1 WHERE id = ?",
            (f"cancelled in part: {gone}", claimed.shipment_id),
        )


def cancel_shipment(tx: Write, shipment_id: int) -> None:
    """Say that nothing of a shipment will leave, and finish the cancel of its orders where one was asked for."""
    tx.run(
        "UPDATE shipments SET state = 'cancelled', rev = rev + 1 WHERE id = ? AND state <> 'cancelled'", (shipment_id,)
    )
    drop_requests(tx, shipment_id)
    orders = orders_of(tx, [shipment_id])
    finish_cancels(tx, orders)
    settle(tx, orders)


def finish_cancels(tx: Write, order_ids: Sequence[int]) -> None:
    """Cancel the orders whose cancel was asked for and of which no warehouse has anything any more."""
    for order_id, stage in tx.rows(
        "SELECT id, stage FROM orders o WHERE id IN (SELECT value FROM json_each(?)) AND cancel_asked_at IS NOT NULL"
        " AND stage <> 'cancelled' AND NOT EXISTS (SELECT 1 FROM shipment_lines l"
        "  JOIN shipments s ON s.id = l.shipment_id"
        "  WHERE l.order_id = o.id AND s.state NOT IN ('rejected', 'cancelled'))",
        (json.dumps(list(order_ids)),),
    ):
        refuse_illegal(order_id, Stage(stage), Stage.CANCELLED)
        tx.run("UPDATE orders SET stage = 'cancelled', rev = rev + 1 WHERE id = ?", (order_id,))


def drop_requests(tx: Write, shipment_id: int | None) -> None:
    """Withdraw what was still to be asked about a shipment that a warehouse does not have any more."""
    planned = [
        row[0] for row in tx.rows("SELECT id FROM commands WHERE shipment_id = ? AND state = 'planned'", (shipment_id,))
    ]
    withdraw(tx, planned, "the warehouse does not have the shipment any more")
    go_on_with_changes(tx, [shipment_id])


def drop_held(tx: Write, warehouse: str) -> None:
    """Take held orders out of batches that wait to be handed over whole, as long as nothing of them was tried."""
    rows = tx.rows(
        "SELECT c.id, c.shipment_id, c.batch_id FROM commands c WHERE c.warehouse = ? AND c.kind = 'push'"
        " AND c.state = 'planned' AND NOT EXISTS"
        "  (SELECT 1 FROM commands x WHERE x.batch_id = c.batch_id AND x.kind = 'push' AND x.attempt > 0)"
        " AND EXISTS (SELECT 1 FROM shipment_lines l JOIN orders o ON o.id = l.order_id"
        "  WHERE l.shipment_id = c.shipment_id AND (o.cancel_asked_at IS NOT NULL OR EXISTS"
        "   (SELECT 1 FROM holds h WHERE h.order_id = o.id AND h.released_at IS NULL)))",
        (warehouse,),
    )
    for command_id, shipment_id, _ in rows:
        withdraw(tx, [command_id], "held before the batch was handed over")
        cancel_shipment(tx, shipment_id)
    derive_batches(tx, [row[2] for row in rows])


def orders_of(tx: Write, shipment_ids: Iterable[int | None]) -> list[int]:
    """Return the orders that have lines in these shipments."""
    wanted = json.dumps([each for each in shipment_ids if each is not None])
    return [
        row[0]
        for row in tx.rows(
            "SELECT DISTINCT order_id FROM shipment_lines WHERE shipment_id IN (SELECT value FROM json_each(?))",
            (wanted,),
        )
    ]


def _refuse(tx: Write, order: Chosen) -> str:
    """Return why an order can't be cancelled, or nothing."""
    if order.stage is Stage.CANCELLED:
        return "it is cancelled already"
    if order.stage in _LEFT:
        return f"it is {order.stage}: nothing can be cancelled any more"
    asked = tx.one("SELECT 1 FROM orders WHERE id = ? AND cancel_asked_at IS NOT NULL", (order.id,))
    return "its cancel was asked for already" if asked is not None else ""


def _refuse_part(tx: Write, order: Chosen, wanted: set[int]) -> str:
    """Return why an order can't be cancelled without others that a warehouse has in the same parcel, or nothing."""
    others = [
        row[1]
        for row in tx.rows(
            "SELECT DISTINCT p.id, p.number FROM shipment_lines mine JOIN shipments s ON s.id = mine.shipment_id"
            " JOIN shipment_lines theirs ON theirs.shipment_id = s.id JOIN orders p ON p.id = theirs.order_id"
            " WHERE mine.order_id = ? AND p.id <> ? AND p.cancel_asked_at IS NULL"
            " AND s.state NOT IN ('draft', 'rejected', 'cancelled') AND NOT EXISTS (SELECT 1 FROM commands c"
            "  WHERE c.shipment_id = s.id AND c.kind = 'push' AND c.state = 'planned') ORDER BY p.id",
            (order.id, order.id),
        )
        if row[0] not in wanted
    ]
    return f"{order.warehouse} has it in one parcel with {', '.join(others)}: cancel them together" if others else ""


def _cancel_one(tx: Write, ws: Workspace, order_id: int, tally: _Tally) -> None:
    """Take one order back from wherever it is, or ask whoever has it."""
    tx.run("UPDATE orders SET cancel_asked_at = ?, rev = rev + 1 WHERE id = ?", (utc_text(ws.clock.now()), order_id))
    live = tx.rows(
        "SELECT s.id, s.state, s.warehouse, s.key, s.backer_id, s.batch_id, (SELECT c.id FROM commands c"
        "  WHERE c.shipment_id = s.id AND c.kind = 'push' AND c.state = 'planned') FROM shipments s"
        " WHERE s.id IN (SELECT shipment_id FROM shipment_lines WHERE order_id = ?)"
        " AND s.state NOT IN ('rejected', 'cancelled', 'shipped', 'delivered', 'returned')",
        (order_id,),
    )
    asked = False
    for shipment_id, state, warehouse, key, backer_id, batch_id, push in live:
        if state == "draft":
            others = [each for each in unmint(tx, [shipment_id]) if each != order_id]
            leave(tx, [order_id])
            if others:
                mint(tx, batch_id, warehouse, others)
            tx.run("UPDATE batches SET state = 'draft', rev = rev + 1 WHERE id = ?", (batch_id,))
        elif push is not None and withdraw(tx, [push], "the order was cancelled"):
            tx.run("UPDATE shipments SET state = 'cancelled', rev = rev + 1 WHERE id = ?", (shipment_id,))
            left = {each.id: each.number for each in members(tx, [order_id]) if each.id != order_id}
            leave(tx, [order_id])
            settle(tx, left)
            tally.notes |= {f"order {number} was to go in the same parcel: batch it again" for number in left.values()}
        else:
            asked = True
            _ask(tx, ws, warehouse, key, shipment_id, backer_id, tally)
    if asked:
        tally.asked += 1
    else:
        leave(tx, [order_id])
        finish_cancels(tx, [order_id])
        tally.cancelled += 1


def _ask(tx: Write, ws: Workspace, warehouse: str, key: str, shipment_id: int, backer_id: int, tally: _Tally) -> None:
    """Plan a cancel command where the portal has one; else say whom to ask."""
    caps = portal_for(ws.policy.warehouse(warehouse), ws.folder, ws.clock).caps
    line = agreed_line(ws.policy, warehouse, "cancels")
    if caps.cancel_before is None and not caps.corrections:
        tally.notes.add(f"{warehouse} {BY_HAND}; {line}")
        return
    tally.notes.add(line)
    if tx.one(
        "SELECT 1 FROM commands WHERE shipment_id = ? AND kind = 'cancel'"
        " AND state IN ('planned', 'sending', 'doubtful', 'person')",
        (shipment_id,),
    ):
        # One cancel takes back the whole parcel, for each of the orders in it.
        return
    intent = Intent(CommandKind.CANCEL, warehouse, key, shipment_id=shipment_id, backer_id=backer_id)
    plan(tx, intent)
    if caps.corrections:
        # One entry of a batch says what becomes of an order: that it is cancelled, not where it was to go.
        amends = tx.rows("SELECT id FROM commands WHERE shipment_id = ? AND kind = 'amend'", (shipment_id,))
        withdraw(tx, [row[0] for row in amends], "the order is cancelled")
        tally.notes.add(f"{warehouse} {NEXT_DELTA}")
    else:
        tally.warehouses.add(warehouse)
