"""What a person decides about a command that could not be settled: it was done, or SEND AGAIN."""

from __future__ import annotations

from typing import Any

from data.addresses.amend import record_answer
from data.dispatch.batch_state import derive_batches
from data.dispatch.cancel import cancel_shipment, orders_of
from data.dispatch.follow import accept_shipments
from data.dispatch.orders_out import read_shipment
from data.dispatch.start import start_worker
from data.model import ChangeState, CommandKind, Done, InputError, Item, StaleError
from data.orders.stages import settle
from data.outbox.person import confirm, plan_again
from data.outbox.plan import Intent, plan, withdraw
from data.portals.protocol import Idem
from data.portals.registry import portal_for
from data.store.store import Write
from data.store.workspace import Workspace
from data.text import visible

SEND_AGAIN = "SEND AGAIN"
"""What a person types, with a reason, to have the same lines sent once more."""


def confirm_command(ws: Workspace, command: Item, remote_id: str, reason: str = "") -> Done:
    """Say that the warehouse did it, under the number it gave; the order goes on from there.

    Raises InputError without a number, StaleError when the command stands elsewhere.
    """
    remote_id = remote_id.strip()
    if not remote_id:
        raise InputError("type the number under which the warehouse has it")
    with ws.write("command.confirm", "confirm a command", compensate="order cancel") as tx:
        kind, shipment_id, change_id, batch_id, key, _ = _read(tx, command)
        confirm(tx, command.id, remote_id, reason or "a person asked the warehouse")
        match kind:
            case CommandKind.PUSH:
                accept_shipments(tx, [(remote_id, "", shipment_id)])
            case CommandKind.AMEND if change_id is not None:
                record_answer(tx, change_id, shipment_id, ChangeState.CONFIRMED, "a person asked the warehouse")
            case CommandKind.CANCEL:
                cancel_shipment(tx, shipment_id)
            case _:
                pass
        settle(tx, orders_of(tx, [shipment_id]))
        derive_batches(tx, [batch_id])
        tx.words = f"confirm {kind} {key}: the warehouse has it as {remote_id}"
    return Done(tx.act, tx.words, (command.id,))


def send_again(ws: Workspace, command: Item, typed: str, reason: str, *, start: bool = True) -> Done:
    """Send once more what waits for a person, who typed SEND AGAIN and why.

    A push becomes a second shipment of the same lines under a new key, for the first may exist over there; the first
    is given up. Where the warehouse takes whole batches, its order goes into another batch instead. Any other command
    is planned again as it is. Raises InputError when the words or the reason are missing, StaleError when the command
    does not wait for a person.
    """
    if typed != SEND_AGAIN:
        raise InputError(f"type {SEND_AGAIN} to have it sent once more")
    if not reason.strip():
        raise InputError("say why it is sent once more: the reason is kept")
    with ws.write("command.send_again", "send again") as tx:
        kind, shipment_id, _, batch_id, key, warehouse = _read(tx, command)
        plan_again(tx, command.id, reason)
        made: tuple[int, ...] = ()
        if kind is CommandKind.PUSH:
            made = _second_shipment(tx, ws, command.id, shipment_id, reason)
            settle(tx, orders_of(tx, [shipment_id]))
        elif batch_id is not None:
            # What was handed over under a number never changes: it goes with the next delta batch.
            tx.run("UPDATE commands SET batch_id = NULL, rev = rev + 1 WHERE id = ?", (command.id,))
        derive_batches(tx, [batch_id])
        tx.words = f"send again {kind} {key}: {reason}"
    note = start_worker(ws, warehouse) if start else ""
    return Done(tx.act, tx.words, (command.id,), made=made, notes=(note,) if note else ())


def open_command(ws: Workspace, key: str) -> Item:
    """Find the command of a shipment that is doubtful or waits for a person; raises InputError when there is none."""
    row = ws.store.one(
        "SELECT c.id, c.rev FROM commands c JOIN shipments s ON s.id = c.shipment_id WHERE s.key = ?"
        " AND c.state IN ('doubtful', 'person') ORDER BY c.state DESC, c.id LIMIT 1",
        (key.strip(),),
    )
    if row is None:
        raise InputError(f"nothing of {visible(key)} waits for a person")
    return Item(row[0], row[1])


def _read(tx: Write, command: Item) -> tuple[CommandKind, int, int | None, int | None, str, str]:
    row: tuple[Any, ...] | None = tx.one(
        "SELECT kind, shipment_id, change_id, batch_id, key, warehouse, rev FROM commands WHERE id = ?", (command.id,)
    )
    if row is None:
        raise StaleError("there is no such command any more")
    if command.rev and command.rev != row[6]:
        raise StaleError("it has moved on since you saw it: look again")
    return CommandKind(row[0]), row[1], row[2], row[3], row[4], row[5]


def _second_shipment(tx: Write, ws: Workspace, command_id: int, shipment_id: int, reason: str) -> tuple[int, ...]:
    """Give up a shipment and mint another for the same lines, with its push planned; return its id, if any."""
    withdraw(tx, [command_id], f"sent again: {reason}")
    row = tx.one("SELECT campaign_id, backer_id, batch_id, warehouse, key FROM shipments WHERE id = ?", (shipment_id,))
    assert row is not None
    campaign_id, backer_id, batch_id, warehouse, old_key = row
    address_id = read_shipment(tx, shipment_id).address_id
    portal = portal_for(ws.policy.warehouse(warehouse), ws.folder, ws.clock)
    key = "" if portal.caps.idem is Idem.FILE else _next_key(tx, old_key)
    tx.run(
        "UPDATE shipments SET state = 'cancelled', problem = ?, rev = rev + 1 WHERE id = ?",
        (f"sent again {f'as {key}' if key else 'with another batch'}: {reason}", shipment_id),
    )
    if not key:
        return ()
    made = tx.insert(
        "shipments",
        {
            "campaign_id": campaign_id,
            "backer_id": backer_id,
            "batch_id": batch_id,
            "warehouse": warehouse,
            "key": key,
            "state": "sending",
            "address_id": address_id,
        },
    )
    tx.run(
        "INSERT INTO shipment_lines(shipment_id, order_id, order_line_id, sku, quantity)"
        " SELECT ?, order_id, order_line_id, sku, quantity FROM shipment_lines WHERE shipment_id = ? ORDER BY id",
        (made, shipment_id),
    )
    text = portal.render_push(read_shipment(tx, made).order)
    plan(tx, Intent(CommandKind.PUSH, warehouse, key, text, made, backer_id, batch_id))
    return (made,)


def _next_key(tx: Write, key: str) -> str:
    """Return the next free key of the same order."""
    prefix = key.rpartition("-")[0] + "-"
    found = tx.one(
        "SELECT max(CAST(substr(key, length(?1) + 1) AS INTEGER)) FROM shipments WHERE key >= ?1 AND key < ?1 || ':'",
        (prefix,),
    )
    return f"{prefix}{1 + int(found[0] if found and found[0] else 0)}"
