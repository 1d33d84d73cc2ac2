"""The lock of the last call: from then on an address changes only through review, and what arrives is late."""

from __future__ import annotations

from collections.abc import Sequence

from data.addresses.versions import stamp
from data.clock import utc_text
from data.model import Done, InputError, Item, Refusal, Stage
from data.orders.chosen import Chosen, campaign_of, choose, counted
from data.store.store import Store, Write
from data.store.workspace import Workspace

_GIVEN = {
    Stage.SENDING,
    Stage.AT_WAREHOUSE,
    Stage.PICKING,
    Stage.PART_SHIPPED,
    Stage.SHIPPED,
    Stage.DELIVERED,
    Stage.RETURNED,
}


def lock(ws: Workspace, items: Sequence[Item]) -> Done:
    """Lock orders' addresses; those that are locked already are passed over, cancelled and moved ones refused."""
    with ws.write("address.lock", "lock addresses", campaign=campaign_of(ws.store, items)) as tx:
        chosen, refused = choose(tx, items)
        at = stamp(tx).at
        done: list[int] = []
        for each in chosen:
            if each.stage is Stage.CANCELLED:
                refused.append(Refusal(each.id, each.number, "it is cancelled"))
            elif not each.locked:
                tx.run("UPDATE orders SET locked_at = ?, rev = rev + 1 WHERE id = ?", (at, each.id))
                done.append(each.id)
        tx.words = f"lock {counted(len(done), 'address')}"
    return Done(tx.act or None, tx.words if done else "nothing to lock", tuple(done), tuple(refused))


def unlock(ws: Workspace, items: Sequence[Item], reason: str) -> Done:
    """Unlock orders' addresses with a reason, which stays as a note; orders that a warehouse has are refused.

    Raises InputError without a reason.
    """
    reason = reason.strip()
    if not reason:
        raise InputError("unlocking needs a reason")
    with ws.write("address.unlock", "unlock addresses", campaign=campaign_of(ws.store, items)) as tx:
        chosen, refused = choose(tx, items)
        done: list[int] = []
        for each in chosen:
            if each.stage in _GIVEN:
                has = f"{each.warehouse or 'a warehouse'} has it already: accept a change, and it is requested there"
                refused.append(Refusal(each.id, each.number, has))
            elif each.locked:
                tx.run("UPDATE orders SET locked_at = NULL, rev = rev + 1 WHERE id = ?", (each.id,))
                _note(tx, each, f"address unlocked: {reason}")
                done.append(each.id)
        tx.words = f"unlock {counted(len(done), 'address')}: {reason}"
    return Done(tx.act or None, tx.words if done else "nothing to unlock", tuple(done), tuple(refused))


def lock_campaign(ws: Workspace, campaign_id: int) -> Done:
    """Lock a whole campaign at once: every order in it, and whatever comes later is late.

    Orders unlocked by hand before are locked too. Raises InputError for a campaign that is not there.
    """
    with ws.write("address.lock", "lock the campaign", campaign=campaign_id) as tx:
        code, _locked_at = campaign_lock(tx, campaign_id)
        count = lock_now(tx, campaign_id)
        tx.words = f"lock {code}: {counted(count, 'order')}"
    return Done(tx.act or None, tx.words if tx.act else "it is locked already")


def unlocked_count(store: Store, campaign_id: int) -> int:
    """Count the orders that locking a campaign would lock."""
    return int(
        store.value(
            "SELECT count(*) FROM orders WHERE campaign_id = ? AND locked_at IS NULL AND stage <> 'cancelled'",
            (campaign_id,),
        )
    )


def lock_now(tx: Write, campaign_id: int) -> int:
    """Lock a campaign in the caller's act; returns how many orders were not locked before."""
    at = stamp(tx).at
    tx.run(
        "UPDATE campaigns SET locked_at = ?, rev = rev + 1 WHERE id = ? AND locked_at IS NULL",
        (at, campaign_id),
    )
    tx.run(
        "UPDATE notices SET locked_at = ?, rev = rev + 1 WHERE campaign_id = ? AND locked_at IS NULL",
        (at, campaign_id),
    )
    return tx.run(
        "UPDATE orders SET locked_at = ?, rev = rev + 1"
        " WHERE campaign_id = ? AND locked_at IS NULL AND stage <> 'cancelled'",
        (at, campaign_id),
    )


def lock_due(ws: Workspace) -> Done | None:
    """Lock every campaign and every segment whose deadline has passed, in one act; None when there is none."""
    now = utc_text(ws.clock.now())
    campaigns = "SELECT id, code FROM campaigns WHERE lock_at <= ? AND locked_at IS NULL"
    segments = (
        "SELECT n.id, c.code, n.segment FROM notices n JOIN campaigns c ON c.id = n.campaign_id"
        " WHERE n.lock_at <= ? AND n.locked_at IS NULL"
    )
    if ws.store.one(campaigns, (now,)) is None and ws.store.one(segments, (now,)) is None:
        return None
    with ws.write("address.lock", "lock what is due") as tx:
        locked = [(code, lock_now(tx, campaign)) for campaign, code in tx.rows(campaigns, (now,))]
        # Segments of a campaign that was locked just before are done with it.
        for notice, code, segment in tx.rows(segments, (now,)):
            locked.append((f"{code} ({segment})", _lock_segment(tx, notice)))
        tx.words = "lock " + ", ".join(f"{name}: {counted(count, 'order')}" for name, count in locked)
    return Done(tx.act or None, tx.words)


def _lock_segment(tx: Write, notice: int) -> int:
    """Lock the orders that carry a notice; returns how many were not locked before."""
    at = stamp(tx).at
    tx.run("UPDATE notices SET locked_at = ?, rev = rev + 1 WHERE id = ?", (at, notice))
    return tx.run(
        "UPDATE orders SET locked_at = ?, rev = rev + 1"
        " WHERE notice_id = ? AND locked_at IS NULL AND stage <> 'cancelled'",
        (at, notice),
    )


def campaign_lock(tx: Write, campaign_id: int) -> tuple[str, str | None]:
    """Return a campaign's code and since when it is locked; raises InputError for one that is not there."""
    found = tx.one("SELECT code, locked_at FROM campaigns WHERE id = ?", (campaign_id,))
    if found is None:
        raise InputError(f"there is no campaign with id {campaign_id}")
    return found[0], found[1]


def _note(tx: Write, order: Chosen, text: str) -> None:
    at, user = stamp(tx)
    tx.insert("notes", {"order_id": order.id, "backer_id": order.backer_id, "at": at, "user": user, "text": text})
