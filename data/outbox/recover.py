"""What a worker does first, its lock in hand: what was being sent is doubtful, for whoever sent it is dead."""

from __future__ import annotations

from data.clock import Clock, utc_text
from data.store.store import Write

DIED = "the worker ended while this was being sent"


def recover(tx: Write, clock: Clock, warehouse: str) -> int:
    """Turn every `sending` command of a warehouse into `doubtful`; return how many.

    The caller holds the warehouse's worker lock. The quiet window of what was left behind begins here, and so does
    that of doubtful commands from before the machine was started anew: their readings of the clock mean nothing.
    """
    boot, now = clock.boot_id(), clock.boot_ns()
    tx.run(
        "UPDATE attempts SET ended_at = ?, outcome = 'doubtful', reply = ? WHERE ended_at IS NULL AND command_id IN"
        " (SELECT id FROM commands WHERE warehouse = ? AND state = 'sending')",
        (utc_text(clock.now()), DIED, warehouse),
    )
    found = tx.run(
        "UPDATE commands SET state = 'doubtful', reason = ?, sent_boot = ?, sent_ns = ?, rev = rev + 1"
        " WHERE warehouse = ? AND state = 'sending'",
        (DIED, boot, now, warehouse),
    )
    tx.run(
        "UPDATE commands SET sent_boot = ?, sent_ns = ?, rev = rev + 1"
        " WHERE warehouse = ? AND state = 'doubtful' AND (sent_boot <> ? OR sent_ns > ?)",
        (boot, now, warehouse, boot, now),
    )
    return found
