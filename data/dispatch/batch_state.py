"""How far a sent batch has come, derived from its commands and shipments."""

from __future__ import annotations

from collections.abc import Iterable

from data.store.store import Write

_DERIVED = """
SELECT b.id, b.state, CASE
  WHEN EXISTS (SELECT 1 FROM commands c WHERE c.batch_id = b.id
               AND c.state IN ('planned', 'sending', 'doubtful', 'person')) THEN 'sending'
  WHEN EXISTS (SELECT 1 FROM shipments s WHERE s.batch_id = b.id AND s.raw_status = ''
               AND s.state NOT IN ('rejected', 'cancelled')) THEN 'sent'
  WHEN EXISTS (SELECT 1 FROM shipments s WHERE s.batch_id = b.id
               AND s.state NOT IN ('shipped', 'delivered', 'returned', 'rejected', 'cancelled')) THEN 'acknowledged'
  ELSE 'complete' END
FROM batches b WHERE b.id = ? AND b.state NOT IN ('draft', 'ready')
"""


def derive_batches(tx: Write, batch_ids: Iterable[int | None]) -> None:
    """Bring sent batches to the state their commands and shipments say.

    `sent` when everything in them has an answer, `acknowledged` when the warehouse has said something of its own about
    each shipment, `complete` when everything that is not rejected or cancelled has left. Call it wherever one of them
    changes.
    """
    for batch_id in sorted({each for each in batch_ids if each is not None}):
        row = tx.one(_DERIVED, (batch_id,))
        if row is not None and row[1] != row[2]:
            tx.run("UPDATE batches SET state = ?, rev = rev + 1 WHERE id = ?", (row[2], batch_id))
