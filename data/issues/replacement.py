"""A replacement: an order of its own, with its own lines and address, that names what it replaces."""

from __future__ import annotations

from data.clock import Clock, utc_text
from data.model import ADDRESS_FIELDS, InputError, OrderKind, Stage
from data.orders.stages import settle
from data.orders.units import count_units
from data.store.store import Write

SOURCE = "lastcall"
LEFT = (Stage.PART_SHIPPED, Stage.SHIPPED, Stage.DELIVERED, Stage.RETURNED, Stage.CANCELLED)
"""Stages in which nothing of the order itself can still go out; in any other, a replacement would ship it twice."""


def make_replacement(tx: Write, clock: Clock, order_id: int, issue_id: int) -> int:
    """Make the order that replaces another and return its id; it is late, and its address is the one on file.

    Raises InputError when the order has a replacement that is still under way, or has itself yet to leave.
    """
    open_one = tx.one(
        "SELECT number FROM orders WHERE parent_id = ? AND stage NOT IN ('delivered', 'returned', 'cancelled')",
        (order_id,),
    )
    if open_one is not None:
        raise InputError(f"replacement {open_one[0]} is still under way")
    found = tx.one(
        "SELECT campaign_id, backer_id, number, tier, stage, address_id FROM orders WHERE id = ?", (order_id,)
    )
    assert found is not None
    campaign, backer, number, tier, stage, address = found
    if stage not in LEFT:
        raise InputError(f"order {number} is {stage}: it has yet to leave, so there is nothing to replace")
    count = tx.one("SELECT count(*) + 1 FROM orders WHERE parent_id = ?", (order_id,))
    assert count is not None
    made = tx.insert(
        "orders",
        {
            "campaign_id": campaign,
            "backer_id": backer,
            "kind": str(OrderKind.REPLACEMENT),
            "source": SOURCE,
            "external_id": f"issue-{issue_id}-{count[0]}",
            "number": f"{number}-R{count[0]}",
            "tier": tier,
            "stage": str(Stage.NEEDS_INFO),
            "parent_id": order_id,
            "late": 1,
            "locked_at": utc_text(clock.now()),
            "ordered_at": utc_text(clock.now()),
        },
    )
    tx.run(
        "INSERT INTO order_lines(order_id, sku, name, item_id, item_quantity, quantity)"
        " SELECT ?, sku, name, item_id, item_quantity, quantity FROM order_lines WHERE order_id = ? AND quantity > 0",
        (made, order_id),
    )
    if address is not None:
        fields = ", ".join(ADDRESS_FIELDS)
        tx.run(
            f"INSERT INTO addresses(order_id, backer_id, source, at, {fields})"
            f" SELECT ?, backer_id, source, ?, {fields} FROM addresses WHERE id = ?",
            (made, utc_text(clock.now()), address),
        )
        tx.run(
            "UPDATE orders SET address_id = (SELECT max(id) FROM addresses WHERE order_id = ?), rev = rev + 1"
            " WHERE id = ?",
            (made, made),
        )
    count_units(tx, [made])
    settle(tx, [made])
    return made
