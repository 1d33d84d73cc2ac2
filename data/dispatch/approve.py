"""Approving a batch: a person has seen its proof sheet and lets it go; any later change of it asks for another look."""

from __future__ import annotations

from data.clock import utc_text
from data.dispatch.batches import open_batch
from data.model import BatchState, Done, Item, StaleError
from data.store.workspace import Workspace


def approve_batch(ws: Workspace, batch: Item) -> Done:
    """Approve a checked batch; with `approve = true` under [policy] nothing is sent before.

    Raises StaleError when it is not checked, was sent, or has moved since the person saw it.
    """
    with ws.write("batch.approve", "approve a batch") as tx:
        found = open_batch(tx, batch)
        if found.state is not BatchState.READY:
            raise StaleError(f"batch {found.number} is not checked: check it, look at its proof, then approve")
        tx.run(
            "UPDATE batches SET approved_by = ?, approved_at = ?, rev = rev + 1 WHERE id = ?",
            (ws.actor.user, utc_text(ws.clock.now()), found.id),
        )
        tx.words = f"approve batch {found.number}"
    return Done(tx.act or None, tx.words, (found.id,))
