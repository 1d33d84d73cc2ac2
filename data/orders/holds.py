"""Holds: why an order must not move. Any number at once; each blocks allocation and sending."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from data.clock import utc_text
from data.model import Done, HoldKind, InputError, Item, Refusal, Stage
from data.orders.chosen import Chosen, campaign_of, choose, counted
from data.store.store import Write
from data.store.workspace import Workspace

_OVER = {
    Stage.CANCELLED: "it is cancelled",
    Stage.SHIPPED: "it has left",
    Stage.DELIVERED: "it is delivered",
    Stage.RETURNED: "it has come back",
}
_GIVEN = (Stage.SENDING, Stage.AT_WAREHOUSE, Stage.PICKING, Stage.PART_SHIPPED)


def hold(ws: Workspace, items: Sequence[Item], kind: HoldKind, reason: str, until: datetime | None = None) -> Done:
    """Put a hold of one kind on orders.

    `until`, an aware instant to come, is needed by the kind `until` and allowed for any: the hold is released then.
    Refuses orders that have left, are cancelled, have this hold already, or have moved since they were seen. Raises
    InputError without a reason, or for a date that is missing or past.
    """
    reason = _reason(kind, reason, until, ws.clock.now())
    with ws.write("order.hold", f"hold: {kind}", campaign=campaign_of(ws.store, items)) as tx:
        chosen, refused = choose(tx, items)
        held = [each for each in chosen if _place(tx, each, kind, reason, until, ws.clock.now(), refused)]
        tx.words = f"hold {counted(len(held), 'order')}: {kind}"
    given = sum(each.stage in _GIVEN for each in held)
    return Done(
        act=tx.act or None,
        words=tx.words,
        done=tuple(each.id for each in held),
        refused=tuple(refused),
        notes=(f"{counted(given, 'order')} held here only: the warehouse has it already",) if given else (),
    )


def release(ws: Workspace, items: Sequence[Item], kind: HoldKind | None = None) -> Done:
    """Release orders from their holds of one kind, or (None) from all.

    Refuses orders without such a hold, and those that have moved since they were seen.
    """
    with ws.write("order.release", "release", campaign=campaign_of(ws.store, items)) as tx:
        chosen, refused = choose(tx, items)
        released: list[int] = []
        for each in chosen:
            if _release(tx, each.id, kind, utc_text(ws.clock.now())):
                released.append(each.id)
            else:
                refused.append(Refusal(each.id, each.number, f"it has no {f'{kind} ' if kind else ''}hold"))
        tx.words = f"release {counted(len(released), 'order')}" + (f": {kind}" if kind else "")
    return Done(act=tx.act or None, words=tx.words, done=tuple(released), refused=tuple(refused))


def release_due(ws: Workspace) -> Done:
    """Release every hold whose date has come."""
    now = utc_text(ws.clock.now())
    due = "SELECT id, order_id FROM holds WHERE released_at IS NULL AND until IS NOT NULL AND until <= ?"
    if ws.store.one(due, (now,)) is None:
        return Done(act=None, words="no hold is due")
    with ws.write("order.release", "release what is due") as tx:
        found = tx.rows(due, (now,))
        for hold_id, _ in found:
            tx.run("UPDATE holds SET released_at = ?, rev = rev + 1 WHERE id = ?", (now, hold_id))
        orders = tuple(dict.fromkeys(order_id for _, order_id in found))
        tx.words = f"release {counted(len(orders), 'order')}: the date has come"
    return Done(act=tx.act or None, words=tx.words, done=orders)


def place_hold(
    tx: Write, order_id: int, kind: HoldKind, reason: str, at: datetime, until: datetime | None = None
) -> bool:
    """Put a hold on one order inside another verb's act; False when it has one of the kind already."""
    if tx.one("SELECT 1 FROM holds WHERE order_id = ? AND kind = ? AND released_at IS NULL", (order_id, kind.value)):
        return False
    tx.insert(
        "holds",
        {
            "order_id": order_id,
            "kind": kind.value,
            "reason": reason,
            "placed_at": utc_text(at),
            "until": None if until is None else utc_text(until),
        },
    )
    return True


def place_holds(tx: Write, holds: Iterable[tuple[int, HoldKind, str]], at: datetime) -> None:
    """Put holds (order, kind, reason) inside another verb's act; one of the kind that is there already stays."""
    tx.db.conn.executemany(
        "INSERT INTO holds(order_id, kind, reason, placed_at) SELECT :order, :kind, :reason, :at WHERE NOT EXISTS"
        " (SELECT 1 FROM holds WHERE order_id = :order AND kind = :kind AND released_at IS NULL)",
        [
            {"order": order_id, "kind": kind.value, "reason": reason, "at": utc_text(at)}
            for order_id, kind, reason in holds
        ],
    )


def _place(
    tx: Write,
    order: Chosen,
    kind: HoldKind,
    reason: str,
    until: datetime | None,
    now: datetime,
    refused: list[Refusal],
) -> bool:
    if order.stage in _OVER:
        refused.append(Refusal(order.id, order.number, _OVER[order.stage]))
        return False
    if not place_hold(tx, order.id, kind, reason, now, until):
        refused.append(Refusal(order.id, order.number, f"it has the hold {kind} already"))
        return False
    return True


def _release(tx: Write, order_id: int, kind: HoldKind | None, at: str) -> bool:
    return (
        tx.run(
            "UPDATE holds SET released_at = ?, rev = rev + 1"
            " WHERE order_id = ? AND released_at IS NULL AND kind = coalesce(?, kind)",
            (at, order_id, kind.value if kind is not None else None),
        )
        > 0
    )


def _reason(kind: HoldKind, reason: str, until: datetime | None, now: datetime) -> str:
    """Return the reason as it is kept, or raise InputError for what a hold of this kind lacks."""
    if kind is HoldKind.UNTIL and until is None:
        raise InputError("a hold until a date needs the date")
    if until is not None and until <= now:
        raise InputError("the date of the hold is past")
    kept = reason.strip() or (f"until {utc_text(until)[:10]}" if kind is HoldKind.UNTIL and until else "")
    if not kept:
        raise InputError("a hold needs a reason: whoever finds it must know what it waits for")
    return kept
