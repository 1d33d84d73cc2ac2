"""What a person says of orders that may be one person's twice: merge them for shipping, keep them apart, leave them be.

Merged orders share one shipment when they are batched. Nothing is merged by itself. What the check of a batch held as a
duplicate is released by the decision.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from data.addresses.duplicates import same_place
from data.addresses.versions import read_address
from data.clock import utc_text
from data.model import Address, Done, Item, Refusal, Stage
from data.orders.alike import possible_partners
from data.orders.chosen import Chosen, campaign_of, choose, counted
from data.orders.merged import join, leave
from data.store.store import Write
from data.store.workspace import Workspace

_BEFORE_BATCH = (Stage.NEEDS_INFO, Stage.READY, Stage.ALLOCATED)
_ONE = "one order alone can't be merged"


def merge_for_shipping(ws: Workspace, items: Sequence[Item]) -> Done:
    """Let orders share one shipment, with all they share one with already; the oldest leads, and gives the number.

    Refuses orders that are in a batch or further, held, about to be cancelled, or at another place, of another campaign
    or for another warehouse than the first of those that can be merged; the last one of them all too.
    """
    with ws.write("order.merge", "merge orders", campaign=campaign_of(ws.store, items)) as tx:
        chosen, refused = choose(tx, items)
        fit: list[tuple[Chosen, Address]] = []
        for order in chosen:
            address = read_address(tx, order.address_id) or Address()
            reason = _unfit(tx, order) or _unlike(order, address, fit)
            if reason:
                refused.append(Refusal(order.id, order.number, reason))
            else:
                fit.append((order, address))
        if len(fit) == 1:
            refused.append(Refusal(fit[0][0].id, fit[0][0].number, _ONE))
            fit = []
        if fit:
            join(tx, [order.id for order, _ in fit])
            _release(tx, [order.id for order, _ in fit], ws.clock.now())
        numbers = ", ".join(order.number for order, _ in fit)
        tx.words = f"merge {counted(len(fit), 'order')} for shipping" + (f": {numbers}" if fit else "")
    return Done(tx.act or None, tx.words, tuple(order.id for order, _ in fit), tuple(refused))


def separate(ws: Workspace, items: Sequence[Item]) -> Done:
    """Let orders ship by themselves again; of orders that are not merged, take back that they are meant.

    Refuses orders that are neither, and merged ones in a batch: they must be taken out of it first.
    """
    with ws.write("order.separate", "separate orders", campaign=campaign_of(ws.store, items)) as tx:
        chosen, refused = choose(tx, items)
        apart: list[int] = []
        shown: list[int] = []
        for order in chosen:
            found = tx.one("SELECT ship_with, meant_with FROM orders WHERE id = ?", (order.id,))
            assert found is not None
            if found[0] is not None and order.stage not in _BEFORE_BATCH:
                words = f"it is {_words(order.stage)}: only what is in no batch can be separated"
                refused.append(Refusal(order.id, order.number, words))
            elif found[0] is not None:
                apart.append(order.id)
            elif found[1] is not None:
                shown.append(order.id)
            else:
                refused.append(Refusal(order.id, order.number, "it is not merged with another order"))
        leave(tx, apart)
        _mean(tx, shown, None)
        tx.words = f"separate {counted(len(apart) + len(shown), 'order')}"
    return Done(tx.act or None, tx.words, (*apart, *shown), tuple(refused))


def mark_meant(ws: Workspace, items: Sequence[Item]) -> Done:
    """Say that orders at one place are meant as they are: they are not shown as possible duplicates again.

    A later order at the place is shown beside them. Refuses cancelled orders, and one order alone.
    """
    with ws.write("order.meant", "mark orders as meant", campaign=campaign_of(ws.store, items)) as tx:
        chosen, refused = choose(tx, items)
        kept = [order for order in chosen if order.stage is not Stage.CANCELLED]
        refused += [Refusal(each.id, each.number, "it is cancelled") for each in chosen if each not in kept]
        if len(kept) == 1:
            refused.append(Refusal(kept[0].id, kept[0].number, "one order alone is no duplicate"))
            kept = []
        ids = [order.id for order in kept]
        known = [
            row[0]
            for row in tx.rows(
                "SELECT id FROM orders WHERE meant_with IN (SELECT meant_with FROM orders"
                " WHERE id IN (SELECT value FROM json_each(?)) AND meant_with IS NOT NULL)",
                (json.dumps(ids),),
            )
        ]
        if ids:
            _mean(tx, [*ids, *known], min(*ids, *known))
            _release(tx, ids, ws.clock.now())
        tx.words = f"mark {counted(len(ids), 'order')} as meant"
    return Done(tx.act or None, tx.words, tuple(ids), tuple(refused))


def _unfit(tx: Write, order: Chosen) -> str:
    """Return what in an order itself forbids merging it, or nothing."""
    if order.stage not in _BEFORE_BATCH:
        return "it is cancelled" if order.stage is Stage.CANCELLED else f"it is {_words(order.stage)} already"
    if tx.one("SELECT 1 FROM orders WHERE id = ? AND cancel_asked_at IS NOT NULL", (order.id,)):
        return "its cancel was asked for"
    if order.warehouse is not None and tx.one(
        "SELECT 1 FROM order_lines WHERE order_id = ? AND warehouse IS NOT NULL", (order.id,)
    ):
        return "its lines go to several warehouses: take it back from them first"
    held = tx.one(
        "SELECT kind FROM holds WHERE order_id = ? AND released_at IS NULL AND kind <> 'duplicate' ORDER BY id",
        (order.id,),
    )
    return f"it is held: {held[0]}" if held else ""


def _unlike(order: Chosen, address: Address, others: Sequence[tuple[Chosen, Address]]) -> str:
    """Return what keeps an order from travelling with others, or nothing."""
    if not others:
        return ""
    first, where = others[0]
    if order.campaign_id != first.campaign_id:
        return "it belongs to another campaign"
    placed = next((each for each, _ in others if each.warehouse is not None), first)
    if order.warehouse is not None and placed.warehouse is not None and order.warehouse != placed.warehouse:
        return f"it goes to {order.warehouse}, order {placed.number} to {placed.warehouse}: allocate both to one"
    return "" if same_place(address, where) else f"it goes to another place than order {first.number}"


def _release(tx: Write, order_ids: Sequence[int], at: datetime) -> None:
    """Release the duplicate holds of orders of which nobody is asked any more what they are."""
    waiting = possible_partners(tx, order_ids)
    tx.run(
        "UPDATE holds SET released_at = ?, rev = rev + 1 WHERE kind = 'duplicate' AND released_at IS NULL"
        " AND order_id IN (SELECT value FROM json_each(?))",
        (utc_text(at), json.dumps([each for each in order_ids if each not in waiting])),
    )


def _mean(tx: Write, order_ids: Sequence[int], first: int | None) -> None:
    tx.run(
        "UPDATE orders SET meant_with = ?, rev = rev + 1 WHERE id IN (SELECT value FROM json_each(?))"
        " AND meant_with IS NOT ?",
        (first, json.dumps(list(order_ids)), first),
    )


def _words(stage: Stage) -> str:
    return stage.value.replace("_", " ")
