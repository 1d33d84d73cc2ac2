"""Sending a batch: the exact bodies are frozen and planned in one act; from then on the worker has it."""

from __future__ import annotations

from data.clock import utc_text
from data.dispatch.batches import open_batch
from data.dispatch.delta import count_corrections
from data.dispatch.orders_out import read_outgoing
from data.dispatch.preflight import find_failures
from data.dispatch.preflight_facts import read_facts
from data.dispatch.start import start_worker
from data.model import BatchState, CommandKind, Done, InputError, Item, Refusal, StaleError
from data.orders.chosen import counted
from data.orders.stages import settle
from data.outbox.plan import Intent, plan_all
from data.portals.protocol import Portal
from data.portals.registry import portal_for
from data.store.workspace import Workspace


def send_batch(ws: Workspace, batch: Item, count: int, *, start: bool = True) -> Done:
    """Send a checked batch; `count` is the number of orders the person typed, merged ones counted as one, corrections
    of earlier batches too.

    Every body is rendered and frozen, a push is planned for each, the batch becomes `sending`, and the warehouse's
    worker is started where none runs (`start`). The act may be undone while nothing has been claimed. Raises
    InputError when the count is another, StaleError when the batch was sent by somebody else, has moved, or holds
    an order that may no longer go: then it must be checked again.
    """
    outgoing = read_outgoing(ws.store, batch.id)
    with ws.write("batch.send", "send a batch") as tx:
        found = open_batch(tx, batch)
        if found.state is not BatchState.READY:
            raise StaleError(f"batch {found.number} is not checked: check it, then send")
        if ws.policy.approve and not tx.rows("SELECT 1 FROM batches WHERE id = ? AND approved_by <> ''", (found.id,)):
            raise StaleError(f"batch {found.number} is not approved: look at its proof, then approve it")
        corrections = count_corrections(tx, found.id)
        if count != len(outgoing) + corrections:
            raise InputError(
                f"batch {found.number} has {counted(len(outgoing) + corrections, 'order')}, not {count:,}:"
                " nothing was sent"
            )
        settings = ws.policy.warehouse(found.warehouse)
        portal = portal_for(settings, ws.folder, ws.clock)
        _refuse_too_many(portal, found.number, len(outgoing) + corrections)
        facts = read_facts(tx, ws, settings, found.id, early=found.early)
        failures = find_failures(outgoing, settings, facts)
        if failures:
            first = failures[0]
            raise StaleError(
                f"batch {found.number} must be checked again: {counted(len(failures), 'order')} may no longer go"
                f" (order {first.outgoing.order.number}: {first.reason})"
            )
        seen = {each.shipment_id: each.address_id for each in outgoing}
        present = dict(
            tx.rows(
                "SELECT s.id, o.address_id FROM shipments s"
                " JOIN orders o ON o.id = (SELECT min(order_id) FROM shipment_lines l WHERE l.shipment_id = s.id)"
                " WHERE s.batch_id = ? AND s.state = 'draft'",
                (found.id,),
            )
        )
        if seen != present:
            raise StaleError(f"batch {found.number} was changed meanwhile: check it again")
        plan_all(
            tx,
            [
                Intent(
                    kind=CommandKind.PUSH,
                    warehouse=found.warehouse,
                    key=each.order.key,
                    body=portal.render_push(each.order),
                    shipment_id=each.shipment_id,
                    backer_id=each.backer_id,
                    batch_id=found.id,
                    revision=each.revision,
                )
                for each in outgoing
            ],
        )
        tx.db.conn.executemany(
            "UPDATE shipments SET state = 'sending', address_id = ?, rev = rev + 1 WHERE id = ?",
            [(each.address_id, each.shipment_id) for each in outgoing],
        )
        orders = [member.id for each in outgoing for member in each.members]
        settle(tx, orders)
        tx.run(
            "UPDATE batches SET state = 'sending', sent_at = ?, rev = rev + 1 WHERE id = ?",
            (utc_text(ws.clock.now()), found.id),
        )
        shared = f" in {counted(len(outgoing), 'parcel')}" if len(orders) > len(outgoing) else ""
        also = f" and {counted(corrections, 'correction')}" if corrections else ""
        tx.words = f"send batch {found.number}: {counted(len(orders), 'order')}{shared}{also} to {found.warehouse}"
    note = start_worker(ws, found.warehouse) if start else ""
    return Done(tx.act, tx.words, (found.id,), notes=(note,) if note else ())


def send_batches(ws: Workspace, batches: list[Item], count: int, *, start: bool = True) -> Done:
    """Send several checked batches, each in an act of its own; `count` is the sum of their orders.

    A batch that can't go is refused with its reason, the others go. Raises InputError when the sum is another.
    """
    sizes = {each.id: count_orders(ws, [each]) for each in batches}
    if sum(sizes.values()) != count:
        raise InputError(f"these batches have {counted(sum(sizes.values()), 'order')}, not {count:,}: nothing was sent")
    done: list[Done] = []
    refused: list[Refusal] = []
    for each in batches:
        try:
            done.append(send_batch(ws, each, sizes[each.id], start=start))
        except StaleError as error:
            number = ws.store.value("SELECT number FROM batches WHERE id = ?", (each.id,))
            refused.append(Refusal(each.id, f"batch {number}", str(error)))
    return Done(
        act=done[-1].act if done else None,
        words="; ".join(each.words for each in done) or "nothing was sent",
        done=tuple(item for each in done for item in each.done),
        refused=tuple(refused),
        notes=tuple(dict.fromkeys(note for each in done for note in each.notes)),
    )


def count_orders(ws: Workspace, batches: list[Item]) -> int:
    """Count the orders and corrections that these batches would send: what a person types to send them."""
    return sum(
        int(ws.store.value("SELECT count(*) FROM shipments WHERE batch_id = ? AND state = 'draft'", (each.id,)))
        + count_corrections(ws.store, each.id)
        for each in batches
    )


def _refuse_too_many(portal: Portal, number: int, orders: int) -> None:
    """Refuse a batch that is one request or one file for the portal and larger than it takes."""
    most = portal.caps.batch_max
    if most > 1 and orders > most:
        raise InputError(f"batch {number} has {counted(orders, 'order')}; this warehouse takes {most:,} in one")
