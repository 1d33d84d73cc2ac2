"""How many pieces an order's lines come to: kept on the order, so that a line changed behind our back shows."""

from __future__ import annotations

import json
from collections.abc import Iterable

from data.store.store import Write


def count_units(tx: Write, order_ids: Iterable[int]) -> int:
    """Write the sum of the lines' quantities to the orders where it differs; return how many did.

    Call it in the transaction of every verb that adds, changes or removes order lines; `verify` compares the two.
    """
    return tx.run(
        "UPDATE orders SET units = n.units, rev = orders.rev + 1 FROM ("
        " SELECT e.value AS id, coalesce((SELECT sum(quantity) FROM order_lines WHERE order_id = e.value), 0) AS units"
        " FROM json_each(?) e) n WHERE n.id = orders.id AND n.units <> orders.units",
        (json.dumps(list(order_ids)),),
    )
