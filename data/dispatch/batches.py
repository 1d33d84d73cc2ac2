"""Batches while they are drafts: numbered, filled, emptied, dissolved."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from data.clock import utc_text
from data.dispatch.batch_rows import find_batch
from data.dispatch.mint import mint, unmint
from data.dispatch.together import Fit, keep_together, take
from data.model import BatchState, Done, InputError, Item, Refusal, StaleError
from data.orders.chosen import counted
from data.orders.split import SPLIT, UNDER_WAY, part_waits_at
from data.policy import agreed_line
from data.stock.warehouses import register
from data.store.store import Write
from data.store.workspace import Workspace

_MOST_NAMED = 200

_PART = f"(o.stage IN ('allocated', {UNDER_WAY[1:-1]}) AND {part_waits_at(':warehouse')})"

# What keeps an order of a campaign out of a batch for a warehouse; '' = nothing.
_FIT = f"""
SELECT o.id AS id, o.number AS number, o.ship_with AS together, CASE
  WHEN o.campaign_id <> :campaign THEN 'it belongs to another campaign'
  WHEN o.cancel_asked_at IS NOT NULL THEN 'its cancel was asked for'
  WHEN o.stage IN ('needs_info', 'ready') THEN 'it has no warehouse'
  WHEN (o.stage <> 'allocated' OR o.warehouse <> :warehouse) AND NOT {_PART}
    THEN CASE o.stage WHEN 'allocated' THEN 'it goes to ' || o.warehouse ELSE 'it is ' || o.stage END
  WHEN {SPLIT} AND NOT {part_waits_at(":warehouse")} THEN 'all of its lines go elsewhere'
  WHEN EXISTS (SELECT 1 FROM holds h WHERE h.order_id = o.id AND h.released_at IS NULL) THEN 'it is held'
  WHEN :early = 0 AND o.locked_at IS NULL THEN 'its address is not locked'
  ELSE '' END AS reason
FROM orders o WHERE
"""
_OF_WAREHOUSE = f"""o.campaign_id = :campaign AND (o.warehouse = :warehouse AND o.stage = 'allocated' OR
  o.id IN (SELECT order_id FROM order_lines INDEXED BY order_lines_split WHERE warehouse IS NOT NULL) AND {_PART})"""
_CHOSEN = "o.id IN (SELECT value FROM json_each(:ids))"
_TOGETHER = "o.ship_with IN (SELECT value FROM json_each(:groups)) AND o.stage <> 'cancelled'"


def create_batch(
    ws: Workspace,
    campaign_id: int,
    warehouse: str,
    *,
    ids: Sequence[int] | None = None,
    limit: int | None = None,
    early: bool = False,
) -> Done:
    """Make a draft batch for one warehouse of its allocated orders: those of `ids`, else all of the campaign.

    Of an order that is split it takes the lines that leave from there, also when others of it are on their way.
    Orders go in by priority, at most `limit` of them, merged ones all or none. Held ones stay out, and without `early`
    so do those whose address is not locked. `made` holds the batch's id; nothing is made when no order fits. Raises
    WorkspaceError when there is no such warehouse.
    """
    ws.policy.warehouse(warehouse)
    with ws.write("batch.create", f"create a batch for {warehouse}", campaign=campaign_id) as tx:
        register(tx, ws.policy)
        chosen, refused, notes = choose_orders(tx, campaign_id, warehouse, ids, limit, early)
        if not chosen:
            tx.words = f"no order fits into a batch for {warehouse}"
            return Done(None, tx.words, refused=refused, notes=notes)
        number = next_number(tx)
        batch_id = tx.insert(
            "batches",
            {
                "number": number,
                "campaign_id": campaign_id,
                "warehouse": warehouse,
                "state": str(BatchState.DRAFT),
                "early": int(early),
                "created_at": utc_text(ws.clock.now()),
            },
        )
        mint(tx, batch_id, warehouse, chosen)
        notes += _late(tx, ws, warehouse, chosen)
        tx.words = f"create batch {number}: {counted(len(chosen), 'order')} for {warehouse}"
    return Done(tx.act, tx.words, tuple(chosen), refused, (batch_id,), notes)


def add_to_batch(ws: Workspace, batch: Item, ids: Sequence[int]) -> Done:
    """Put more orders into a draft batch; raises StaleError when it is no draft any more."""
    with ws.write("batch.add", "add orders to a batch") as tx:
        found = open_batch(tx, batch)
        chosen, refused, notes = choose_orders(tx, found.campaign_id, found.warehouse, ids, None, found.early)
        tx.words = f"add {counted(len(chosen), 'order')} to batch {found.number}"
        if chosen:
            back_to_draft(tx, found.id)
            mint(tx, found.id, found.warehouse, chosen)
            notes += _late(tx, ws, found.warehouse, chosen)
    return Done(tx.act or None, tx.words, tuple(chosen), refused, notes=notes)


def remove_from_batch(ws: Workspace, batch: Item, ids: Sequence[int]) -> Done:
    """Take orders out of a draft batch, each with those it is merged with; they keep their warehouse.

    Raises StaleError when it is no draft any more.
    """
    with ws.write("batch.remove", "take orders out of a batch") as tx:
        found = open_batch(tx, batch)
        shipments = tx.rows(
            "SELECT DISTINCT s.id FROM shipments s JOIN shipment_lines l ON l.shipment_id = s.id"
            " WHERE s.batch_id = ? AND l.order_id IN (SELECT value FROM json_each(?))",
            (found.id, json.dumps(list(ids))),
        )
        left = unmint(tx, [row[0] for row in shipments])
        refused = tuple(
            Refusal(row[0], row[1], f"it is not in batch {found.number}")
            for row in tx.rows(
                "SELECT id, number FROM orders WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(set(ids) - set(left))),),
            )
        )
        tx.words = f"take {counted(len(left), 'order')} out of batch {found.number}"
        if left:
            back_to_draft(tx, found.id)
    return Done(tx.act or None, tx.words, tuple(left), refused)


def dissolve_batch(ws: Workspace, batch: Item) -> Done:
    """Give up a batch that was not sent; its orders keep their warehouse, and its number is not used again."""
    with ws.write("batch.dissolve", "dissolve a batch") as tx:
        found = open_batch(tx, batch)
        left = unmint(tx, [row[0] for row in tx.rows("SELECT id FROM shipments WHERE batch_id = ?", (found.id,))])
        # What it would have corrected waits for another.
        tx.run("UPDATE commands SET batch_id = NULL, rev = rev + 1 WHERE batch_id = ?", (found.id,))
        tx.run("DELETE FROM batches WHERE id = ?", (found.id,))
        tx.words = f"dissolve batch {found.number}: {counted(len(left), 'order')} free again"
    return Done(tx.act, tx.words, (found.id,))


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch that can still be changed, as it is inside a transaction."""

    id: int
    rev: int
    number: int
    campaign_id: int
    warehouse: str
    state: BatchState
    early: bool


def open_batch(tx: Write, batch: Item) -> OpenBatch:
    """Read a batch that was not sent; raises StaleError when it was, or when it moved since the person saw it."""
    row = tx.one("SELECT id, rev, number, campaign_id, warehouse, state, early FROM batches WHERE id = ?", (batch.id,))
    if row is None:
        raise StaleError("the batch is gone: somebody dissolved it")
    found = OpenBatch(row[0], row[1], row[2], row[3], row[4], BatchState(row[5]), bool(row[6]))
    if found.state not in (BatchState.DRAFT, BatchState.READY):
        raise StaleError(f"batch {found.number} is {found.state}: what was sent is never changed")
    if batch.rev and batch.rev != found.rev:
        raise StaleError(f"batch {found.number} was changed by {_who(tx, found.id)}: look again")
    return found


def back_to_draft(tx: Write, batch_id: int) -> None:
    """Say that a batch must be checked again; its revision moves, so that nobody sends what they did not see."""
    tx.run(
        "UPDATE batches SET state = 'draft', approved_by = '', approved_at = NULL, rev = rev + 1 WHERE id = ?",
        (batch_id,),
    )


def named_batch(ws: Workspace, number: int) -> Item:
    """Find a batch by its number, as it is at this moment; raises InputError when there is none."""
    found = find_batch(ws.store, number)
    if found is None:
        raise InputError(f"there is no batch {number}")
    return Item(found, 0)


def _who(tx: Write, batch_id: int) -> str:
    """Name who last changed a batch, and what they did."""
    found = tx.one(
        "SELECT a.user, a.words FROM journal j JOIN act a ON a.id = j.act_id"
        " WHERE j.tbl = 'batches' AND j.row_id = ? ORDER BY j.id DESC LIMIT 1",
        (batch_id,),
    )
    return "somebody" if found is None else f"{found[0]} (“{found[1]}”)"


def choose_orders(
    tx: Write, campaign_id: int, warehouse: str, ids: Sequence[int] | None, limit: int | None, early: bool
) -> tuple[list[int], tuple[Refusal, ...], tuple[str, ...]]:
    """Return the orders that fit, those a person named that don't, and how many were left out for what reason."""
    given: dict[str, object] = {
        "campaign": campaign_id,
        "warehouse": warehouse,
        "early": int(early),
        "ids": json.dumps(list(ids or ())),
    }
    order = "ORDER BY o.priority DESC, o.id"
    rows = [Fit(*row) for row in tx.rows(f"{_FIT} {_OF_WAREHOUSE if ids is None else _CHOSEN} {order}", given)]
    groups = json.dumps(sorted({each.together for each in rows if each.together is not None}))
    partners = [Fit(*row) for row in tx.rows(f"{_FIT} {_TOGETHER} {order}", given | {"groups": groups})]
    units, out = keep_together(rows, partners)
    chosen = take(units, limit)
    if ids is not None and len(ids) <= _MOST_NAMED:
        return chosen, tuple(Refusal(each.id, each.number, each.words) for each in out), ()
    by: dict[str, int] = {}
    for each in out:
        by[each.reason] = by.get(each.reason, 0) + 1
    return chosen, (), tuple(f"left out {count:,}: {reason}" for reason, count in by.items())


def _late(tx: Write, ws: Workspace, warehouse: str, order_ids: Sequence[int]) -> tuple[str, ...]:
    """Say what is agreed on late orders where some of these are late."""
    found = tx.one(
        "SELECT count(*) FROM orders WHERE late = 1 AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(order_ids)),),
    )
    line = agreed_line(ws.policy, warehouse, "late_orders")
    return (f"{counted(found[0], 'late order')} among them; {line}",) if found is not None and found[0] else ()


def next_number(tx: Write) -> int:
    """Return the next number of the workspace's one sequence, dissolved batches included."""
    found = tx.one(
        "SELECT 1 + max(coalesce((SELECT max(number) FROM batches), 0), coalesce((SELECT"
        " max(json_extract(before, '$.number')) FROM journal WHERE tbl = 'batches' AND op = 'delete'), 0))"
    )
    assert found is not None
    return int(found[0])
