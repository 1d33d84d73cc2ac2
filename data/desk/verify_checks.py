"""What `verify` asks of the tables: each check yields a line for every row that breaks its promise."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from data.orders.stages import derived_sql
from data.store.store import Store
from data.tracking.reconcile import remainders

_SLICE = 10_000
"""Commands whose bodies are read at once."""
_LIVE = "s.state NOT IN ('rejected', 'cancelled')"


def stages(store: Store) -> Iterator[str]:
    """Yield orders whose stage is not the one their facts say."""
    sql = f"SELECT d.id, o.number, d.stage, d.derived FROM ({derived_sql()}) d JOIN orders o ON o.id = d.id"
    for order_id, number, stage, derived in store.rows(f"{sql} WHERE d.stage <> d.derived"):
        yield f"order {number} (#{order_id}) is {stage}, but its facts say {derived}"


def units(store: Store) -> Iterator[str]:
    """Yield orders whose lines do not add up to what was promised."""
    for order_id, number, promised, found in store.rows(
        "SELECT o.id, o.number, o.units, coalesce(l.units, 0) FROM orders o"
        " LEFT JOIN (SELECT order_id, sum(quantity) AS units FROM order_lines GROUP BY order_id) l ON l.order_id = o.id"
        " WHERE o.units <> coalesce(l.units, 0)"
    ):
        yield f"order {number} (#{order_id}) has {found} pieces on its lines, {promised} were promised"


def twice(store: Store) -> Iterator[str]:
    """Yield lines of which more is shipped than was ordered, and pushes that a warehouse took more than once."""
    for order_id, sku, ordered, live in store.rows(
        "SELECT o.order_id, o.sku, o.quantity, sum(l.quantity) FROM shipment_lines l"
        " JOIN shipments s ON s.id = l.shipment_id JOIN order_lines o ON o.id = l.order_line_id"
        f" WHERE {_LIVE} GROUP BY o.id HAVING sum(l.quantity) > o.quantity"
    ):
        yield f"order #{order_id}: {live} of {sku} are being shipped, {ordered} were ordered"
    for key, accepted in store.rows(
        "SELECT max(key), count(*) FROM commands WHERE kind = 'push' AND state = 'accepted' AND shipment_id IS NOT NULL"
        " GROUP BY shipment_id, revision HAVING count(*) > 1"
    ):
        yield f"shipment {key} was accepted {accepted} times"


def accounted(store: Store) -> Iterator[str]:
    """Yield lines of which pieces are nowhere by the order's stage, or on a shipment though the order waits."""
    for each in remainders(store):
        where = f"order {each.number} (#{each.order_id}) is {each.stage}"
        yield f"{where}: {each.live} of {each.sku} are on a shipment, {each.ordered} should be"


def commands(store: Store) -> Iterator[str]:
    """Yield shipments and the commands that should stand behind them, where they disagree."""
    for key, state in store.rows(
        "SELECT s.key, s.state FROM shipments s WHERE s.state NOT IN ('draft', 'rejected', 'cancelled')"
        " AND NOT EXISTS (SELECT 1 FROM commands c WHERE c.shipment_id = s.id AND c.kind = 'push'"
        "  AND c.state <> 'withdrawn')"
    ):
        yield f"shipment {key} is {state}, but nothing was ever sent for it"
    for key, state, push in store.rows(
        "SELECT s.key, s.state, c.state FROM commands c JOIN shipments s ON s.id = c.shipment_id"
        " WHERE c.kind = 'push' AND c.revision = s.revision AND ("
        "  c.state = 'accepted' AND s.state IN ('draft', 'sending', 'rejected')"
        "  OR c.state IN ('planned', 'sending') AND s.state IN ('draft', 'rejected', 'cancelled'))"
    ):
        yield f"shipment {key} is {state}, but its push is {push}"
    for command, kind in store.rows(
        "SELECT id, kind FROM commands WHERE shipment_id IS NOT NULL AND shipment_id NOT IN (SELECT id FROM shipments)"
    ):
        yield f"command {command} ({kind}) is about a shipment that is gone"
    for command, attempt, tries in store.rows(
        "SELECT c.id, c.attempt, count(a.attempt) FROM commands c LEFT JOIN attempts a ON a.command_id = c.id"
        " WHERE c.attempt > 0 GROUP BY c.id HAVING count(a.attempt) <> c.attempt"
    ):
        yield f"command {command} was tried {attempt} times, {tries} are on record"


def bodies(store: Store) -> Iterator[str]:
    """Yield commands whose frozen body is not the text its checksum was made of."""
    top = int(store.value("SELECT coalesce(max(id), 0) FROM commands"))
    for start in range(0, top + 1, _SLICE):
        for command, key, body, sha in store.rows(
            "SELECT id, key, body, body_sha FROM commands WHERE id BETWEEN ? AND ? AND body_sha <> ''",
            (start, start + _SLICE - 1),
        ):
            if hashlib.sha256(body.encode()).hexdigest() != sha:
                yield f"command {command} ({key}): its body is not the one that was frozen"


def shipments(store: Store) -> Iterator[str]:
    """Yield shipments without lines, and lines that are not the order's they say."""
    for (key,) in store.rows(
        f"SELECT key FROM shipments s WHERE {_LIVE}"
        " AND NOT EXISTS (SELECT 1 FROM shipment_lines WHERE shipment_id = s.id)"
    ):
        yield f"shipment {key} has no lines"
    for line, key in store.rows(
        "SELECT l.id, s.key FROM shipment_lines l JOIN shipments s ON s.id = l.shipment_id"
        " JOIN order_lines o ON o.id = l.order_line_id"
        f" WHERE {_LIVE} AND (o.order_id <> l.order_id OR o.sku IS NOT l.sku)"
    ):
        yield f"line {line} of shipment {key} is not of the order line it names"


def merged(store: Store) -> Iterator[str]:
    """Yield merged orders that are not in one live shipment though one of them is, or are of several campaigns."""
    for number, order_id, key in store.rows(
        "SELECT DISTINCT m.number, m.id, s.key FROM orders o INDEXED BY orders_ship_with"
        " JOIN shipment_lines l ON l.order_id = o.id JOIN shipments s ON s.id = l.shipment_id"
        " JOIN orders m ON m.ship_with = o.ship_with AND m.id <> o.id AND m.stage <> 'cancelled'"
        f" WHERE o.ship_with IS NOT NULL AND o.stage <> 'cancelled' AND {_LIVE}"
        " AND NOT EXISTS (SELECT 1 FROM shipment_lines x WHERE x.shipment_id = s.id AND x.order_id = m.id)"
    ):
        yield f"order {number} (#{order_id}) is merged with one in shipment {key}, but is not in it"
    for number, order_id in store.rows(
        "SELECT o.number, o.id FROM orders o JOIN orders p ON p.id = o.ship_with WHERE p.campaign_id <> o.campaign_id"
    ):
        yield f"order {number} (#{order_id}) is merged with one of another campaign"


def batches(store: Store) -> Iterator[str]:
    """Yield batches whose state or warehouse their shipments and commands contradict."""
    for number, state in store.rows(
        "SELECT b.number, b.state FROM batches b WHERE b.state IN ('sent', 'acknowledged', 'complete') AND EXISTS ("
        " SELECT 1 FROM commands c WHERE c.batch_id = b.id AND c.kind = 'push' AND c.state IN ('planned', 'sending'))"
    ):
        yield f"batch {number} is {state}, but some of it was not sent"
    for number, key in store.rows(
        "SELECT b.number, s.key FROM shipments s JOIN batches b ON b.id = s.batch_id WHERE s.warehouse <> b.warehouse"
    ):
        yield f"shipment {key} in batch {number} is for another warehouse"


def owners(store: Store) -> Iterator[str]:
    """Yield rows whose personal data is filed under somebody else than the order's backer."""
    for table in ("addresses", "changes", "notes", "issues"):
        for row_id, order_id in store.rows(
            f"SELECT t.id, t.order_id FROM {table} t JOIN orders o ON o.id = t.order_id"
            " WHERE t.backer_id <> o.backer_id"
        ):
            yield f"{table} row {row_id} of order #{order_id} is filed under another backer"
    for table in ("parcels", "commands"):
        for row_id, key in store.rows(
            f"SELECT t.id, s.key FROM {table} t JOIN shipments s ON s.id = t.shipment_id"
            " WHERE t.backer_id IS NOT s.backer_id"
        ):
            yield f"{table} row {row_id} of shipment {key} is filed under another backer"


def searchable(store: Store) -> Iterator[str]:
    """Yield orders that the search index does not have, and entries of orders that are gone."""
    for order_id, number in store.rows(
        "SELECT id, number FROM orders WHERE id NOT IN (SELECT id FROM order_search_docsize) LIMIT 1000"
    ):
        yield f"order {number} (#{order_id}) can't be searched"
    for (order_id,) in store.rows(
        "SELECT id FROM order_search_docsize WHERE id NOT IN (SELECT id FROM orders) LIMIT 1000"
    ):
        yield f"the search still has order #{order_id}, which is gone"
