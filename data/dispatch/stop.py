"""Stopping and resuming a warehouse, trying again, and calling a sent batch off as far as it has not left."""

from __future__ import annotations

from collections.abc import Sequence

from data.clock import utc_text
from data.dispatch.batch_state import derive_batches
from data.dispatch.cancel import drop_requests
from data.dispatch.start import start_worker
from data.model import Done, Item, Refusal, StaleError
from data.orders.chosen import counted
from data.orders.stages import settle
from data.outbox.plan import withdraw
from data.stock.warehouses import register
from data.store.workspace import Workspace


def stop_warehouse(ws: Workspace, code: str) -> Done:
    """Send nothing more to a warehouse; its worker finishes what is in flight and leaves."""
    ws.policy.warehouse(code)
    with ws.write("worker.stop", f"stop sending to {code}") as tx:
        register(tx, ws.policy)
        changed = tx.run(
            "UPDATE warehouses SET stopped_at = ?, rev = rev + 1 WHERE code = ? AND stopped_at IS NULL",
            (utc_text(ws.clock.now()), code),
        )
    return Done(tx.act or None, f"stop sending to {code}" if changed else f"{code} is stopped already")


def resume_warehouse(ws: Workspace, code: str, *, start: bool = True) -> Done:
    """Send to a warehouse again, at once: a pause its portal asked for, or a breaker, is lifted too."""
    ws.policy.warehouse(code)
    with ws.write("worker.resume", f"go on sending to {code}") as tx:
        register(tx, ws.policy)
        tx.run(
            "UPDATE warehouses SET stopped_at = NULL, rev = rev + 1 WHERE code = ? AND stopped_at IS NOT NULL", (code,)
        )
        tx.run("UPDATE portal_state SET open_until = NULL, failures = 0, problem = '' WHERE warehouse = ?", (code,))
    note = start_worker(ws, code) if start else ""
    return Done(tx.act or None, f"go on sending to {code}", notes=(note,) if note else ())


def retry_batches(ws: Workspace, batches: Sequence[Item], *, start: bool = True) -> Done:
    """Try at once what waits for its next attempt in these batches, and what waits to be looked up again.

    What a warehouse rejected is not sent again from here: its orders are held, and go into another batch.
    """
    tried = 0
    warehouses: set[str] = set()
    done: list[int] = []
    refused: list[Refusal] = []
    with ws.write("batch.retry", "try again") as tx:
        for each in batches:
            row = tx.one("SELECT number, warehouse FROM batches WHERE id = ?", (each.id,))
            waiting = tx.one(
                "SELECT count(*) FROM commands WHERE batch_id = ? AND state IN ('planned', 'doubtful')", (each.id,)
            )
            if row is None or waiting is None or not waiting[0]:
                words = "nothing of it waits to be sent" if row else "there is no such batch any more"
                refused.append(Refusal(each.id, f"batch {row[0]}" if row else f"#{each.id}", words))
                continue
            tx.run(
                "UPDATE commands SET not_before = NULL, rev = rev + 1 WHERE batch_id = ? AND not_before IS NOT NULL"
                " AND state IN ('planned', 'doubtful')",
                (each.id,),
            )
            tx.run("UPDATE portal_state SET open_until = NULL, failures = 0 WHERE warehouse = ?", (row[1],))
            tried += waiting[0]
            warehouses.add(row[1])
            done.append(each.id)
        tx.words = f"try again: {counted(tried, 'order')}"
    notes = tuple(note for code in sorted(warehouses) if start and (note := start_worker(ws, code)))
    return Done(tx.act or None, tx.words, tuple(done), tuple(refused), notes=notes)


def call_off_batch(ws: Workspace, batch: Item) -> Done:
    """Withdraw what is still planned of a batch that is being sent; its orders are free again.

    What the worker has begun stays, and so does what the warehouse has: cancel those orders one by one. Raises
    StaleError when nothing is left to withdraw.
    """
    with ws.write("batch.call_off", "call a batch off") as tx:
        row = tx.one("SELECT number FROM batches WHERE id = ?", (batch.id,))
        if row is None:
            raise StaleError("there is no such batch any more")
        planned = dict(
            tx.rows(
                "SELECT id, shipment_id FROM commands WHERE batch_id = ? AND kind = 'push' AND state = 'planned'",
                (batch.id,),
            )
        )
        withdrawn = withdraw(tx, sorted(planned), "the batch was called off")
        tx.run(
            "UPDATE commands SET batch_id = NULL, rev = rev + 1"
            " WHERE batch_id = ? AND state = 'planned' AND kind IN ('amend', 'cancel')",
            (batch.id,),
        )
        if not withdrawn:
            raise StaleError(f"batch {row[0]} has nothing left that was not begun: cancel its orders instead")
        orders: list[int] = []
        for each in withdrawn:
            tx.run("UPDATE shipments SET state = 'cancelled', rev = rev + 1 WHERE id = ?", (planned[each],))
            orders += [
                found[0]
                for found in tx.rows("SELECT order_id FROM shipment_lines WHERE shipment_id = ?", (planned[each],))
            ]
            drop_requests(tx, planned[each])
        settle(tx, orders)
        derive_batches(tx, [batch.id])
        tx.words = f"call off batch {row[0]}: {counted(len(withdrawn), 'order')} not sent"
    return Done(tx.act, tx.words, (batch.id,), made=())
