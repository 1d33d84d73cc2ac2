"""A replacement: an order of its own, with its own lines and address, that names what it replaces."""

from __future__ import annotations

from data.clock import Clock, utc_text
from data.model import ADDRESS_FIELDS, InputError, OrderKind, Stage
from data.orders.stages import settle
from data.store.store import Write

SOURCE = "lastcall"


def make_replacement(tx: Write, clock: Clock, order_id: int, issue_id: int) -> int:
    """Make the order that replaces another and return its id; it is late, and its address is the one on file.

    Raises InputError when the order has a replacement that is still under way.
    """
    open_one = tx.one(
        "SELECT number FROM orders WHERE parent_id = ? AND stage NOT IN ('delivered', 'returned', 'cancelled')",
        (order_id,),
    )
    if open_one is not None:
        raise InputError(f"replacement {open_one[0]} is still under way")
    found = tx.one(
        "SELECT campaign_id, backer_id, number, tier, units, address_id FROM orders WHERE id = ?", (order_id,)
    )
    assert found is not None
    campaign, backer, number, tier, units, address = found
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
            "units": units,
            "parent_id": order_id,
            "late": 1,
            "locked_at": utc_text(clock.now()),
            "ordered_at": utc_text(clock.now()),
        },
    )
    tx.run(
        "INSERT INTO order_lines(order_id, sku, name, item_id, quantity)"
        " SELECT ?, sku, name, item_id, quantity FROM order_lines WHERE order_id = ? AND quantity > 0",
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
    settle(tx, [made])
    return made
