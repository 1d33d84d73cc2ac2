"""Holds of orders that a warehouse has: asked for through its portal, as long as nobody has them in hands."""

from __future__ import annotations

from collections.abc import Sequence

from data.clock import utc_text
from data.dispatch.sender import Answered
from data.dispatch.start import start_worker
from data.model import CommandKind, CommandState, Done, HoldKind, Item, Refusal
from data.orders.chosen import campaign_of, choose, counted
from data.orders.holds import place_hold
from data.outbox.plan import Intent, plan, withdraw
from data.portals.outcomes import Held, Released
from data.portals.registry import portal_for
from data.store.store import Write
from data.store.workspace import Workspace

_AT = "('accepted', 'blocked', 'held', 'picking')"


def hold_at_warehouse(ws: Workspace, items: Sequence[Item], reason: str, *, start: bool = True) -> Done:
    """Hold orders that are at a warehouse: an operator's hold here, and a hold command for each of their shipments."""
    return _ask(ws, items, CommandKind.HOLD, reason, start)


def release_at_warehouse(ws: Workspace, items: Sequence[Item], *, start: bool = True) -> Done:
    """Take the operator's hold off orders that are at a warehouse, here and there."""
    return _ask(ws, items, CommandKind.RELEASE, "", start)


def follow_hold(tx: Write, answered: Answered) -> None:
    """Write whether the warehouse holds a shipment."""
    claimed = answered.outcome.claimed
    if answered.outcome.state is not CommandState.ACCEPTED:
        return
    if isinstance(answered.result, Held):
        sets, states = "'held'", "('accepted', 'blocked')"
    elif isinstance(answered.result, Released) and not answered.result.still_held:
        sets, states = "'accepted'", "('held')"
    else:
        return
    tx.run(
        f"UPDATE shipments SET state = {sets}, rev = rev + 1 WHERE id = ? AND state IN {states}", (claimed.shipment_id,)
    )


def _ask(ws: Workspace, items: Sequence[Item], kind: CommandKind, reason: str, start: bool) -> Done:
    done: list[int] = []
    codes: set[str] = set()
    with ws.write(
        f"order.{kind}_there", f"{kind} orders at the warehouse", campaign=campaign_of(ws.store, items)
    ) as tx:
        chosen, refused = choose(tx, items)
        for order in chosen:
            if words := _ask_one(tx, ws, order.id, kind, reason, codes):
                refused.append(Refusal(order.id, order.number, words))
            else:
                done.append(order.id)
        tx.words = f"ask the warehouse to {kind} {counted(len(done), 'order')}" + (f": {reason}" if reason else "")
    notes = [note for code in sorted(codes) if (note := start_worker(ws, code))] if start else []
    return Done(tx.act or None, tx.words, tuple(done), tuple(refused), notes=tuple(notes))


def _ask_one(tx: Write, ws: Workspace, order_id: int, kind: CommandKind, reason: str, codes: set[str]) -> str:
    """Plan the command for each shipment of an order; return why nothing was planned, or nothing."""
    shipments = tx.rows(
        f"SELECT s.id, s.warehouse, s.key, s.backer_id FROM shipments s WHERE s.state IN {_AT}"
        " AND s.id IN (SELECT shipment_id FROM shipment_lines WHERE order_id = ?)",
        (order_id,),
    )
    if not shipments:
        return "no warehouse has it, or it is packed already"
    for _, warehouse, _, _ in shipments:
        if portal_for(ws.policy.warehouse(warehouse), ws.folder, ws.clock).caps.hold_before is None:
            return f"{warehouse} takes no holds through its portal: ask the people there, as agreed"
    other = CommandKind.RELEASE if kind is CommandKind.HOLD else CommandKind.HOLD
    for shipment_id, warehouse, key, backer_id in shipments:
        live = dict(
            tx.rows(
                "SELECT kind, id FROM commands WHERE shipment_id = ? AND kind IN ('hold', 'release')"
                " AND state IN ('planned', 'sending', 'doubtful', 'person')",
                (shipment_id,),
            )
        )
        if other in live:
            withdraw(tx, [live[other]], f"{kind} was asked for instead")
        if kind not in live:
            plan(tx, Intent(kind, warehouse, key, shipment_id=shipment_id, backer_id=backer_id))
            codes.add(warehouse)
    if kind is CommandKind.HOLD:
        place_hold(tx, order_id, HoldKind.OPERATOR, reason, ws.clock.now())
    else:
        tx.run(
            "UPDATE holds SET released_at = ?, rev = rev + 1 WHERE order_id = ? AND kind = 'operator'"
            " AND released_at IS NULL",
            (utc_text(ws.clock.now()), order_id),
        )
    return ""
