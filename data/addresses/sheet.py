"""One decision over several changes: each is looked at anew, refused or decided alone, and journalled as one act."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from data.addresses.changes import Change, read_change
from data.addresses.faulty import Faulty, read_faulty
from data.addresses.propose import OPEN
from data.addresses.versions import stamp
from data.model import ChangeState, Done, Item, Refusal
from data.orders.chosen import counted
from data.orders.stages import settle
from data.orders.stale import moved_words
from data.store.store import Write
from data.store.workspace import Workspace

_NO_CHANGE = "what is on file is faulty, and nobody asked for a change: edit it, ask the backer, or hold the order"


class Sheet:
    """What a decision gathers while it goes through its items."""

    def __init__(self, tx: Write) -> None:
        """Start empty, inside the act's transaction."""
        self.tx = tx
        self.done: list[int] = []
        self.refused: list[Refusal] = []
        self.notes: list[str] = []
        self.touched: set[int] = set()
        """Orders whose facts changed."""
        self.names: list[str] = []
        """Numbers of the orders that were decided."""

    def decide(self, change: Change, state: ChangeState, answer: str = "") -> None:
        """Move a change and remember who decided."""
        at, user = stamp(self.tx)
        self.tx.run(
            "UPDATE changes SET state = ?, answer = ?, decided_by = ?, decided_at = ?, rev = rev + 1 WHERE id = ?",
            (state, answer, user, at, change.id),
        )

    def told(self, words: str) -> str:
        """Say what was done: `accept the address of order 1001`, `accept 12 address changes`."""
        if len(self.names) == 1:
            return f"{words} the address of order {self.names[0]}"
        return f"{words} {counted(len(self.names), 'address change')}"


Decision = Callable[[Sheet, Change], str]
"""Decides one change, or leaves it alone and returns why."""
Mend = Callable[[Sheet, Faulty], Refusal | None]
"""Decides on one address on file that has findings, or leaves it alone and returns why."""


def decide_each(
    ws: Workspace,
    verb: str,
    words: str,
    items: Sequence[Item],
    decision: Decision,
    allowed: Iterable[ChangeState] = OPEN,
    mend: Mend | None = None,
) -> Done:
    """Take one decision on every item in one act; an item that has moved on is refused with what the other did.

    `mend` decides on items with a negative id, which are orders with a faulty address; None refuses them.
    """
    states = frozenset(allowed)
    first = items[0].id if items else 0
    campaign = ws.store.value(
        "SELECT campaign_id FROM orders WHERE id = coalesce((SELECT order_id FROM changes WHERE id = ?), ?)",
        (first, -first),
    )
    with ws.write(verb, words, campaign=campaign) as tx:
        sheet = Sheet(tx)
        for item in dict.fromkeys(items):
            if item.id < 0:
                _decide_faulty(sheet, item, mend)
                continue
            change = read_change(tx, item.id)
            if change is None:
                sheet.refused.append(Refusal(item.id, f"#{item.id}", "there is no such change any more"))
                continue
            reason = _moved_on(tx, change, item, states) or decision(sheet, change)
            if reason:
                sheet.refused.append(Refusal(change.id, change.number, reason))
            else:
                sheet.done.append(change.id)
                sheet.names.append(change.number)
        settle(tx, sheet.touched)
        tx.words = sheet.told(words)
    told = tx.words if sheet.done else f"nothing to {words}"
    return Done(tx.act or None, told, tuple(sheet.done), tuple(sheet.refused), notes=tuple(sheet.notes))


def _decide_faulty(sheet: Sheet, item: Item, mend: Mend | None) -> None:
    """Decide on the faulty address of an order."""
    faulty = read_faulty(sheet.tx, -item.id)
    refusal: Refusal | None
    if faulty is None:
        refusal = Refusal(item.id, f"#{item.id}", "there is no such address any more")
    elif item.rev and faulty.rev != item.rev:
        by = moved_words(sheet.tx, "orders", faulty.order_id)
        refusal = Refusal(item.id, faulty.number, f"it has moved since you saw it ({by or 'by somebody'})")
    elif reason := faulty.settled or ("" if mend else _NO_CHANGE):
        refusal = Refusal(item.id, faulty.number, reason)
    else:
        assert mend is not None
        refusal = mend(sheet, faulty)
    if refusal is not None:
        sheet.refused.append(refusal)
    elif faulty is not None:
        sheet.done.append(item.id)
        sheet.names.append(faulty.number)


def _moved_on(tx: Write, change: Change, item: Item, states: frozenset[ChangeState]) -> str:
    if item.rev and change.rev != item.rev:
        by = moved_words(tx, "changes", change.id)
        return f"it has moved since you saw it ({by or 'by somebody'})"
    if change.state not in states:
        return f"it is {change.state.replace('_', ' ')} already ({moved_words(tx, 'changes', change.id)})"
    return ""
