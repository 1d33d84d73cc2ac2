"""Which orders look different after others' work: their own rows, and the rows that hang on them."""

from __future__ import annotations

from collections.abc import Mapping, Set

from data.store.store import Store

_ORDER_OF = {
    "order_lines": "SELECT order_id FROM order_lines WHERE id",
    "changes": "SELECT order_id FROM changes WHERE id",
    "holds": "SELECT order_id FROM holds WHERE id",
    "notes": "SELECT order_id FROM notes WHERE id",
    "issues": "SELECT order_id FROM issues WHERE id",
    "backers": "SELECT id FROM orders WHERE backer_id",
    "shipments": "SELECT order_id FROM shipment_lines WHERE shipment_id",
    "shipment_lines": "SELECT order_id FROM shipment_lines WHERE id",
    "parcels": "SELECT l.order_id FROM parcels p JOIN shipment_lines l ON l.shipment_id = p.shipment_id WHERE p.id",
}
_CHUNK = 500


def touched_orders(store: Store, rows: Mapping[str, Set[int]]) -> set[int]:
    """Return the ids of the orders that changed rows (by table, as `Watch.look` gives them) belong to."""
    found = set(rows.get("orders", ()))
    for table, sql in _ORDER_OF.items():
        ids = sorted(rows.get(table, ()))
        for start in range(0, len(ids), _CHUNK):
            among = ",".join(map(str, ids[start : start + _CHUNK]))
            found.update(each for (each,) in store.rows(f"{sql} IN ({among})"))
    return found
