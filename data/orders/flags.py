"""What a person says of an order besides its facts: how urgent it is, and that it came late."""

from __future__ import annotations

from collections.abc import Sequence

from data.model import Done, InputError, Item
from data.orders.chosen import campaign_of, choose, counted
from data.store.workspace import Workspace

MOST_PRIORITY = 9


def set_priority(ws: Workspace, items: Sequence[Item], priority: int) -> Done:
    """Give orders a priority from -9 to 9; allocation and batches take the higher first, 0 is everybody's.

    Refuses orders that have moved since they were seen; raises InputError for another number.
    """
    if abs(priority) > MOST_PRIORITY:
        raise InputError(f"a priority is a number from -{MOST_PRIORITY} to {MOST_PRIORITY}")
    return _set(ws, items, "order.priority", "priority", priority, f"priority {priority}")


def set_late(ws: Workspace, items: Sequence[Item], late: bool) -> Done:
    """Say that orders came after the lock, or that they did not.

    Refuses orders that have moved since they were seen.
    """
    return _set(ws, items, "order.late", "late", int(late), "late" if late else "not late")


def _set(ws: Workspace, items: Sequence[Item], verb: str, column: str, value: int, words: str) -> Done:
    with ws.write(verb, words, campaign=campaign_of(ws.store, items)) as tx:
        chosen, refused = choose(tx, items)
        for each in chosen:
            tx.run(
                f"UPDATE orders SET {column} = ?, rev = rev + 1 WHERE id = ? AND {column} <> ?", (value, each.id, value)
            )
        tx.words = f"{counted(len(chosen), 'order')}: {words}"
    return Done(act=tx.act or None, words=tx.words, done=tuple(e.id for e in chosen), refused=tuple(refused))
