"""Notes on orders: what a person wants the others to know."""

from __future__ import annotations

from collections.abc import Sequence

from data.clock import utc_text
from data.model import Done, InputError, Item
from data.orders.chosen import campaign_of, choose, counted
from data.store.workspace import Workspace

LONGEST = 10_000


def add_note(ws: Workspace, items: Sequence[Item], text: str, issue_id: int | None = None) -> Done:
    """Write a note on orders, or on an issue of one of them. An order that has moved meanwhile still gets it.

    Raises InputError for an empty text or one of more than `LONGEST` characters.
    """
    kept = text.strip()
    if not kept:
        raise InputError("a note needs some text")
    if len(kept) > LONGEST:
        raise InputError(f"a note has at most {LONGEST:,} characters, this one has {len(kept):,}")
    with ws.write("order.note", "note", campaign=campaign_of(ws.store, items)) as tx:
        chosen, refused = choose(tx, [Item(each.id, 0) for each in items])
        made = tuple(
            tx.insert(
                "notes",
                {
                    "order_id": each.id,
                    "backer_id": each.backer_id,
                    "issue_id": issue_id,
                    "at": utc_text(ws.clock.now()),
                    "user": ws.actor.user,
                    "text": kept,
                },
            )
            for each in chosen
        )
        tx.words = f"note on {counted(len(made), 'order')}"
    return Done(act=tx.act or None, words=tx.words, done=tuple(e.id for e in chosen), refused=tuple(refused), made=made)
