"""The operator's own version of an address: proposed and accepted in one act."""

from __future__ import annotations

from dataclasses import dataclass

from data.addresses.accepting import TooLate, accept_one
from data.addresses.changes import find_changes, read_change
from data.addresses.propose import OPEN, propose
from data.addresses.sheet import Sheet
from data.addresses.versions import read_address
from data.model import Address, AddressSource, ChangeState, Done, Item, Refusal
from data.orders.find import find_orders
from data.orders.stages import settle
from data.orders.stale import moved_words
from data.store.store import Store, Write
from data.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Start:
    """What an edit begins from."""

    change: Item | None
    """The change that the edited address decides, where one waits."""
    order: Item
    address: Address
    """Proposed where a change waits, else on file."""


def edited_from(store: Store, word: str, campaign_id: int | None = None) -> Start:
    """Return what a person who names `#ID` of a change, or an order, begins to edit; raises InputError for neither."""
    if word.startswith("#") and not word.startswith("#-"):
        item: Item | None = find_changes(store, [word], campaign_id)[0]
        assert item is not None
        order_id = int(store.value("SELECT order_id FROM changes WHERE id = ?", (item.id,)))
    else:
        # `#-12` is the faulty address of the order with the id 12.
        order_id = find_orders(store, [word.replace("#-", "#", 1)], campaign_id)[0].id
        found = store.one(
            "SELECT max(id), rev FROM changes WHERE order_id = ? AND state IN ('waiting', 'asked')", (order_id,)
        )
        item = None if found is None or found[0] is None else Item(*found)
    rev, on_file = store.rows("SELECT rev, address_id FROM orders WHERE id = ?", (order_id,))[0]
    proposed = None if item is None else store.value("SELECT to_id FROM changes WHERE id = ?", (item.id,))
    address = read_address(store, on_file if proposed is None else proposed)
    return Start(item, Item(order_id, rev), address or Address())


def edit(ws: Workspace, item: Item, address: Address, *, too_late: TooLate | None = None) -> Done:
    """Decide a change by another address than it proposes; the change is superseded by the operator's."""
    found = ws.store.one("SELECT order_id FROM changes WHERE id = ?", (item.id,))
    if found is None:
        return _refused(item.id, f"#{item.id}", "there is no such change any more")
    return _edit(ws, found[0], address, too_late, change=item)


def edit_order(ws: Workspace, item: Item, address: Address, *, too_late: TooLate | None = None) -> Done:
    """Give an order another address; a change that waits is superseded."""
    return _edit(ws, item.id, address, too_late, order=item)


def _edit(
    ws: Workspace,
    order_id: int,
    address: Address,
    too_late: TooLate | None,
    change: Item | None = None,
    order: Item | None = None,
) -> Done:
    found = ws.store.one("SELECT number, campaign_id FROM orders WHERE id = ?", (order_id,))
    if found is None:
        return _refused(order_id, f"#{order_id}", "there is no such order any more")
    number, campaign = found
    words = f"edit the address of order {number}"
    with ws.write("address.edit", words, campaign=campaign) as tx:
        reason = _moved(tx, change, order)
        if reason:
            return _refused((change or order or Item(order_id, 0)).id, number, reason)
        made = propose(tx, order_id, address, AddressSource.OPERATOR, again=True)
        outcome = _accept(tx, order_id, made, too_late)
    made_ids = () if made is None else (made,)
    if outcome.refusal:
        refusal = Refusal(made or order_id, number, outcome.refusal)
        return Done(tx.act or None, f"{words}: it waits", refused=(refusal,), made=made_ids)
    return Done(tx.act or None, words, done=made_ids, made=made_ids, notes=outcome.notes)


@dataclass(frozen=True, slots=True)
class _Outcome:
    refusal: str = ""
    """Why the edited address could only be proposed."""
    notes: tuple[str, ...] = ()


def _accept(tx: Write, order_id: int, made: int | None, too_late: TooLate | None) -> _Outcome:
    """Accept the change that was just proposed; where that needs a choice, it stays waiting."""
    if made is None:
        found = tx.one("SELECT stage, address_id FROM orders WHERE id = ?", (order_id,))
        assert found is not None
        if found[0] == "cancelled":
            return _Outcome("the order is cancelled")
        return _Outcome(notes=_problems(tx, found[1]))
    change = read_change(tx, made)
    assert change is not None
    if change.state is ChangeState.NO_CHANGE:
        return _Outcome(notes=("it is what is on file",))
    sheet = Sheet(tx)
    reason = accept_one(sheet, change, too_late)
    if reason:
        return _Outcome(reason)
    settle(tx, sheet.touched)
    return _Outcome(notes=(*sheet.notes, *_problems(tx, change.to_id)))


def _moved(tx: Write, change: Item | None, order: Item | None) -> str:
    """Return what somebody else did to the row the person saw, or an empty text."""
    for table, item in (("changes", change), ("orders", order)):
        if item is None or not item.rev:
            continue
        found = tx.one(f"SELECT rev FROM {table} WHERE id = ?", (item.id,))
        if found is None or found[0] != item.rev:
            return f"it has moved since you saw it ({moved_words(tx, table, item.id) or 'by somebody'})"
    if change is not None:
        row = tx.one("SELECT state FROM changes WHERE id = ?", (change.id,))
        if row is not None and row[0] not in OPEN:
            return f"it is {row[0].replace('_', ' ')} already ({moved_words(tx, 'changes', change.id)})"
    return ""


def _problems(tx: Write, address_id: int | None) -> tuple[str, ...]:
    """Return what the checks call an error in the address that is on file now."""
    return tuple(
        f"{field}: {message}"
        for field, message in tx.rows(
            "SELECT field, message FROM findings WHERE address_id = ? AND severity = 'error' ORDER BY field, code",
            (address_id,),
        )
    )


def _refused(row_id: int, name: str, reason: str) -> Done:
    return Done(None, "nothing was edited", refused=(Refusal(row_id, name, reason),))
