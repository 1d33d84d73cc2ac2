"""Giving orders to warehouses: by rule, country, priority and what is left there; chunk by chunk, each chunk an act."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from data.clock import utc_text
from data.dispatch.allocation_plan import MISSING, Asked, Plan, make_plan
from data.dispatch.allocation_tally import Given, GivenSku, Short, Tally
from data.dispatch.stock_left import StockLeft, read_stock
from data.model import Done, Refusal
from data.orders.chosen import counted
from data.orders.merged import Reads, with_partners
from data.orders.stages import settle
from data.stock.warehouses import register
from data.store.store import Store, Write
from data.store.workspace import Workspace

CHUNK = 5_000
"""Orders that are given in one act: the lock is held for some seconds."""
BY_HAND = "order.allocate_to"
"""The verb of an act in which a person named the warehouse."""
_MOST_NAMED = 200
"""Orders that are refused one by one; beyond that they are counted by reason."""
_READ_AT_ONCE = 10_000

_IN_TURN = """SELECT o.id FROM orders o WHERE {which}
ORDER BY o.priority DESC, o.ordered_at IS NULL, o.ordered_at, o.id"""
_WAITING = "o.stage = 'ready' AND (:campaign IS NULL OR o.campaign_id = :campaign)"
_CHOSEN = "o.id IN (SELECT value FROM json_each(:ids)) AND (:campaign IS NULL OR o.campaign_id = :campaign)"
_UNREADY = f"""SELECT CASE WHEN cancel_asked_at IS NULL THEN '{MISSING}' ELSE 'it is cancelled' END, count(*)
FROM orders
WHERE stage = 'needs_info' AND (:campaign IS NULL OR campaign_id = :campaign) GROUP BY 1"""


@dataclass(frozen=True, slots=True)
class Allocation:
    """What allocating did, or with `dry_run` would do."""

    done: Done
    """`act` is the last one; see `acts`."""
    given: tuple[Given, ...]
    left: tuple[tuple[str, int], ...]
    """Why orders were left alone, and how many."""
    skus: tuple[GivenSku, ...] = ()
    short: tuple[Short, ...] = ()
    """What is lacking for the backorders among those that were left."""
    orders: int = 0
    split: int = 0
    """Orders whose lines leave several warehouses."""
    acts: tuple[int, ...] = ()
    """Every act that was written; each can be undone, the last one first."""
    stopped: bool = False
    """A person stopped it: what was written stays, and the rest is as it was."""


def allocate(
    ws: Workspace,
    *,
    campaign_id: int | None = None,
    ids: Sequence[int] | None = None,
    warehouse: str | None = None,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Allocation:
    """Give orders to warehouses: those of `ids`, else every order that is ready.

    An order goes where one it is merged with goes, else to the first of its `candidates` that has all of it left, else,
    where the policy splits orders, in parts to as few as can be; else it stays ready, a backorder. Orders are served by
    priority, then in the order in which they were placed; those merged with some of `ids` go along. `warehouse` sends
    them to that one, also those that have another, as long as it serves their country and has them; raises
    WorkspaceError when there is none of that code. Held orders and those with something missing stay.

    Nothing is promised twice, whoever allocates at the same time. `progress` is told (done, total) orders; once
    `stopped` says so, the chunk that was begun is left alone.
    """
    asked = Asked(ws.policy, None if warehouse is None else ws.policy.warehouse(warehouse).code)
    ids = None if ids is None else with_partners(ws.store, ids)
    queue = _in_turn(ws.store, campaign_id, ids)
    run = _Run(dry=dry_run)
    if ids is None:
        run.tally.left.update(dict(ws.store.rows(_UNREADY, {"campaign": campaign_id})))
    looked_at = 0

    def tell(orders: int) -> None:
        nonlocal looked_at
        looked_at = min(looked_at + orders, len(queue))
        progress(looked_at, len(queue))

    tell(0)
    stock = read_stock(ws.store, asked.policy)
    for start in range(0, len(queue), CHUNK):
        chunk = queue[start : start + CHUNK]
        seen = _newest_act(ws.store)
        if not dry_run:
            stock = read_stock(ws.store, asked.policy)
        plan = make_plan(ws.store, asked, chunk, stock, run.merged, tell, stopped)
        if not plan.whole:
            # What the rest of this chunk would have taken is there still.
            run.stopped, stock = True, read_stock(ws.store, asked.policy)
            break
        if not dry_run:
            plan, stock = _write(ws, asked, chunk, (plan, stock, seen), campaign_id, run)
        run.merged = plan.merged
        run.tally.add(plan.tally)
        if ids is not None and len(run.refused) <= _MOST_NAMED:
            run.refused += plan.refused
    return _told(run, stock, len(ids or ()))


def unallocate(ws: Workspace, ids: Sequence[int], *, campaign_id: int | None = None) -> Done:
    """Take orders back from their warehouses, with those they are merged with, as long as they are in no batch."""
    ids = with_partners(ws.store, ids)
    with ws.write("order.unallocate", "unallocate orders", campaign=campaign_id) as tx:
        rows = tx.rows(
            "SELECT id, number, stage FROM orders WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(ids)),),
        )
        moved = [row[0] for row in rows if row[2] == "allocated"]
        refused = tuple(
            Refusal(row[0], row[1], "it has no warehouse" if row[2] in ("needs_info", "ready") else f"it is {row[2]}")
            for row in rows
            if row[2] != "allocated"
        )
        _name(tx, [(each, None) for each in moved])
        _move(tx, "ready")
        settle(tx, moved)
        tx.words = f"take {counted(len(moved), 'order')} back from their warehouses"
    return Done(tx.act or None, tx.words, tuple(moved), refused)


@dataclass(slots=True)
class _Run:
    """What the chunks of one allocation come to."""

    dry: bool
    tally: Tally = field(default_factory=Tally)
    acts: tuple[int, ...] = ()
    moved: array[int] = field(default_factory=lambda: array("q"))
    refused: list[Refusal] = field(default_factory=list)
    merged: set[int] = field(default_factory=set)
    stopped: bool = False


def _in_turn(store: Store, campaign_id: int | None, ids: Sequence[int] | None) -> array[int]:
    """Return the orders in the order in which they are served."""
    found = array("q")
    sql = _IN_TURN.format(which=_WAITING if ids is None else _CHOSEN)
    # A million rows as Python's own would be most of the memory that this takes.
    cursor = store.db.execute(sql, {"campaign": campaign_id, "ids": json.dumps(list(ids or ()))})
    while page := cursor.fetchmany(_READ_AT_ONCE):
        found.extend(each for (each,) in page)
    return found


def _newest_act(reads: Reads, before: int | None = None) -> int:
    """Return the newest act there is, or the newest before one."""
    return int(reads.rows("SELECT coalesce(max(id), 0) FROM act WHERE ? IS NULL OR id < ?", (before, before))[0][0])


def _write(
    ws: Workspace,
    asked: Asked,
    chunk: Sequence[int],
    made: tuple[Plan, StockLeft, int],
    campaign_id: int | None,
    run: _Run,
) -> tuple[Plan, StockLeft]:
    """Write the plan of a chunk as an act; where anything was written since it was made, it is made again first.

    Returns the plan that was written, and what is left.
    """
    plan, stock, seen = made
    verb = "order.allocate" if asked.warehouse is None else BY_HAND
    with ws.write(verb, "allocate orders", campaign=campaign_id) as tx:
        if _newest_act(tx, tx.act) != seen:
            stock = read_stock(tx, asked.policy)
            plan = make_plan(tx, asked, chunk, stock, run.merged)
        register(tx, asked.policy)
        ids = [each for each, _ in plan.moved]
        if ids:
            _name(tx, plan.moved)
            _move(tx, "allocated", plan.parts)
            settle(tx, ids)
        _remember_backorders(tx, chunk, ids, plan, utc_text(ws.clock.now()))
        tx.words = _words(plan.tally, dry=False)
    if tx.act:
        run.acts += (tx.act,)
    run.moved.extend(ids)
    return plan, stock


def _name(tx: Write, moved: Sequence[tuple[int, str | None]]) -> None:
    """Say which orders are moved where; `_move` does it."""
    tx.run("CREATE TEMP TABLE IF NOT EXISTS allocating (id INTEGER PRIMARY KEY, warehouse TEXT)")
    tx.run("DELETE FROM temp.allocating")
    tx.db.conn.executemany("INSERT INTO temp.allocating(id, warehouse) VALUES (?, ?)", moved)


def _move(tx: Write, stage: str, parts: Sequence[tuple[int, str]] = ()) -> None:
    """Move the orders that were named, and the lines that go elsewhere; stock follows by itself.

    The stage that `settle` will derive is written along, which spares a second change of each row.
    """
    tx.run(
        "UPDATE order_lines SET warehouse = NULL, rev = rev + 1 WHERE id IN (SELECT l.id FROM order_lines l"
        " INDEXED BY order_lines_split WHERE l.warehouse IS NOT NULL"
        "  AND l.order_id IN (SELECT id FROM temp.allocating))"
    )
    tx.db.conn.executemany(
        "UPDATE order_lines SET warehouse = ?, rev = rev + 1 WHERE id = ?", [(code, line) for line, code in parts]
    )
    tx.run(
        "UPDATE orders SET warehouse = (SELECT a.warehouse FROM temp.allocating a WHERE a.id = orders.id), stage = ?,"
        " rev = rev + 1 WHERE id IN (SELECT id FROM temp.allocating)",
        (stage,),
    )


def _remember_backorders(tx: Write, chunk: Sequence[int], moved: Sequence[int], plan: Plan, at: str) -> None:
    """Keep which orders of a chunk wait for stock, for the filter `backorder:yes`; derived, like findings."""
    looked_at = json.dumps([*chunk, *moved])
    tx.run("DELETE FROM backorders WHERE order_id IN (SELECT value FROM json_each(?))", (looked_at,))
    tx.db.conn.executemany(
        "INSERT OR REPLACE INTO backorders(order_id, warehouse, lacks, at) VALUES (?, ?, ?, ?)",
        [(*each, at) for each in plan.short],
    )


def _words(tally: Tally, *, dry: bool) -> str:
    """Say how many orders go where."""
    where = ", ".join(f"{code} {count:,}" for code, count in tally.by_warehouse().items())
    split = f" ({tally.split:,} split)" if tally.split else ""
    return f"{'would allocate' if dry else 'allocate'} {counted(tally.orders, 'order')}{split}" + (
        f": {where}" if where else ""
    )


def _told(run: _Run, stock: StockLeft, named: int) -> Allocation:
    """Say by warehouse what was given, and what was left, unless it is named already."""
    tally = run.tally
    left = tuple(sorted(tally.left.items(), key=lambda each: (-each[1], each[0])))
    short = tally.short(stock)
    refused = tuple(sorted(run.refused, key=lambda each: each.id)) if named <= _MOST_NAMED and not run.dry else ()
    notes = () if refused else tuple(f"left {count:,}: {reason}" for reason, count in left)
    notes += tuple(f"{each.warehouse} lacks {each.missing:,} of {each.sku}" for each in short[:_MOST_NAMED])
    if len(run.acts) > 1:
        notes += (f"written in {len(run.acts)} acts: undo takes them back one by one",)
    words = _words(tally, dry=run.dry)
    if run.stopped:
        words = f"stopped: {words}" if tally.orders else "stopped: nothing was allocated"
    act = run.acts[-1] if run.acts else None
    return Allocation(
        done=Done(act, words, tuple(run.moved), refused, notes=notes),
        given=tally.given(),
        left=left,
        skus=tally.skus(stock),
        short=short,
        orders=tally.orders,
        split=tally.split,
        acts=run.acts,
        stopped=run.stopped,
    )
