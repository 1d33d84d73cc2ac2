"""What is still open about a person: while anything is, they can't be forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from data.clock import utc_text
from data.store.store import Store, Write

QUIET_DAYS = 90
"""Days without news after which a parcel that never arrived is no reason to keep a person any longer."""


def open_matters(reads: Store | Write, backer_id: int, now: datetime) -> list[str]:
    """Return why a backer can't be forgotten yet, a line each."""
    quiet = utc_text(now - timedelta(days=QUIET_DAYS))
    found = [
        f"order {number} is {stage}: finish or cancel it"
        for number, stage in reads.rows(
            "SELECT number, stage FROM orders WHERE backer_id = ?"
            " AND stage NOT IN ('cancelled', 'shipped', 'delivered', 'returned') ORDER BY id",
            (backer_id,),
        )
    ]
    found += [
        f"shipment {key} is on its way"
        for (key,) in reads.rows(
            "SELECT key FROM shipments s WHERE backer_id = ? AND state = 'shipped' AND max(coalesce(shipped_at, ''),"
            " coalesce((SELECT max(reported_at) FROM parcels WHERE shipment_id = s.id), '')) >= ? ORDER BY id",
            (backer_id, quiet),
        )
    ]
    found += [
        f"issue {issue} is {state}"
        for issue, state in reads.rows(
            "SELECT i.id, i.state FROM issues i JOIN orders o ON o.id = i.order_id WHERE o.backer_id = ?"
            " AND i.state NOT IN ('resolved', 'closed') ORDER BY i.id",
            (backer_id,),
        )
    ]
    found += [
        f"a {kind} for {key} is {state}"
        for kind, key, state in reads.rows(
            "SELECT c.kind, c.key, c.state FROM commands c JOIN shipments s ON s.id = c.shipment_id"
            " WHERE s.backer_id = ? AND c.state IN ('planned', 'sending', 'doubtful', 'person') ORDER BY c.id",
            (backer_id,),
        )
    ]
    return found
