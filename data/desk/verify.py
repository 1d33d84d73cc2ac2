"""Checking every promise that the data can show; a finding is a broken promise, with the rows it is about."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from data.desk.verify_journal import replay_findings, trigger_findings
from data.orders.stages import derived_sql
from data.store.backup import integrity_problems
from data.store.store import Store

MOST = 20
"""Rows named by one check; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise."""

    check: str
    words: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What the checks said."""

    findings: tuple[Finding, ...]
    checks: int

    @property
    def ok(self) -> bool:
        """Tell whether every promise is kept."""
        return not self.findings


def verify(store: Store, progress: Callable[[str], None] | None = None) -> Verified:
    """Run every check; reads the whole database, so it takes minutes at a million orders. Changes nothing."""
    findings: list[Finding] = []
    for name, check in CHECKS.items():
        if progress is not None:
            progress(name)
        found = check(store)
        shown = [words for _, words in zip(range(MOST), found, strict=False)]
        findings += [Finding(name, words) for words in shown]
        more = sum(1 for _ in found)
        if more:
            findings.append(Finding(name, f"and {more} more"))
    return Verified(tuple(findings), len(CHECKS))


def _sqlite(store: Store) -> Iterator[str]:
    yield from integrity_problems(store)


def _stages(store: Store) -> Iterator[str]:
    """Yield orders whose stage is not the one their facts say."""
    sql = f"SELECT d.id, o.number, d.stage, d.derived FROM ({derived_sql()}) d JOIN orders o ON o.id = d.id"
    for order_id, number, stage, derived in store.rows(f"{sql} WHERE d.stage <> d.derived"):
        yield f"order {number} (#{order_id}) is {stage}, but its facts say {derived}"


def _units(store: Store) -> Iterator[str]:
    """Yield orders whose lines do not add up to what was promised."""
    for order_id, number, units, found in store.rows(
        "SELECT o.id, o.number, o.units, coalesce(l.units, 0) FROM orders o"
        " LEFT JOIN (SELECT order_id, sum(quantity) AS units FROM order_lines GROUP BY order_id) l ON l.order_id = o.id"
        " WHERE o.units <> coalesce(l.units, 0)"
    ):
        yield f"order {number} (#{order_id}) has {found} pieces on its lines, {units} were promised"


def _within(store: Store) -> Iterator[str]:
    """Yield lines of which more is shipped than was ordered."""
    for order_id, sku, ordered, live in store.rows(
        "SELECT o.order_id, o.sku, o.quantity, sum(l.quantity) FROM shipment_lines l"
        " JOIN shipments s ON s.id = l.shipment_id JOIN order_lines o ON o.id = l.order_line_id"
        " WHERE s.state NOT IN ('rejected', 'cancelled') GROUP BY o.id HAVING sum(l.quantity) > o.quantity"
    ):
        yield f"order #{order_id}: {live} of {sku} are being shipped, {ordered} were ordered"


def _accounted(store: Store) -> Iterator[str]:
    """Yield orders in or past a batch whose physical pieces are not all on a live shipment, and the other way round."""
    for order_id, number, stage, ordered, live in store.rows(
        "SELECT o.id, o.number, o.stage, q.ordered, coalesce(q.live, 0) FROM orders o JOIN ("
        " SELECT l.order_id, sum(l.quantity) AS ordered, sum((SELECT sum(m.quantity) FROM shipment_lines m"
        "   JOIN shipments s ON s.id = m.shipment_id WHERE m.order_line_id = l.id"
        "   AND s.state NOT IN ('rejected', 'cancelled'))) AS live"
        " FROM order_lines l JOIN products p ON p.sku = l.sku AND p.physical = 1 GROUP BY l.order_id) q"
        " ON q.order_id = o.id"
        " WHERE (o.stage IN ('batched', 'sending', 'at_warehouse', 'picking', 'shipped', 'delivered')"
        "        AND coalesce(q.live, 0) < q.ordered)"
        " OR (o.stage IN ('needs_info', 'ready', 'allocated', 'cancelled') AND coalesce(q.live, 0) > 0)"
    ):
        yield f"order {number} (#{order_id}) is {stage}: {live} of {ordered} pieces are on a shipment"


def _commands(store: Store) -> Iterator[str]:
    """Yield shipments and the commands that should stand behind them, where they disagree."""
    for key, state in store.rows(
        "SELECT s.key, s.state FROM shipments s WHERE s.state NOT IN ('draft', 'rejected', 'cancelled')"
        " AND NOT EXISTS (SELECT 1 FROM commands c WHERE c.shipment_id = s.id AND c.kind = 'push')"
    ):
        yield f"shipment {key} is {state}, but nothing was ever sent for it"
    for key, state in store.rows(
        "SELECT c.key, s.state FROM commands c JOIN shipments s ON s.id = c.shipment_id"
        " WHERE c.kind = 'push' AND c.state = 'accepted' AND s.state IN ('draft', 'sending')"
    ):
        yield f"shipment {key} is {state}, but the warehouse has accepted it"
    for key, accepted in store.rows(
        "SELECT key, count(*) FROM commands WHERE kind = 'push' AND state = 'accepted' GROUP BY key, warehouse"
        " HAVING count(*) > 1"
    ):
        yield f"shipment {key} was accepted {accepted} times"


def _bodies(store: Store) -> Iterator[str]:
    """Yield commands whose frozen body is not the text its checksum was made of."""
    for command, key, body, sha in store.rows("SELECT id, key, body, body_sha FROM commands WHERE body_sha <> ''"):
        if hashlib.sha256(body.encode()).hexdigest() != sha:
            yield f"command {command} ({key}): its body is not the one that was frozen"


def _empty_shipments(store: Store) -> Iterator[str]:
    for (key,) in store.rows(
        "SELECT key FROM shipments s WHERE NOT EXISTS (SELECT 1 FROM shipment_lines WHERE shipment_id = s.id)"
    ):
        yield f"shipment {key} has no lines"
    for (command,) in store.rows(
        "SELECT id FROM commands WHERE kind = 'push' AND shipment_id NOT IN (SELECT id FROM shipments)"
    ):
        yield f"command {command} is about a shipment that is gone"


def _owners(store: Store) -> Iterator[str]:
    """Yield rows whose personal data is filed under somebody else than the order's backer."""
    for table in ("addresses", "changes", "notes", "issues"):
        for row_id, order_id in store.rows(
            f"SELECT t.id, t.order_id FROM {table} t JOIN orders o ON o.id = t.order_id WHERE t.backer_id <> o.backer_id"
        ):
            yield f"{table} row {row_id} of order #{order_id} is filed under another backer"


def _search(store: Store) -> Iterator[str]:
    orders, indexed = store.value("SELECT count(*) FROM orders"), store.value("SELECT count(*) FROM order_search")
    if orders != indexed:
        yield f"{orders} orders, but {indexed} can be searched"


def _batches(store: Store) -> Iterator[str]:
    for number, state in store.rows(
        "SELECT b.number, b.state FROM batches b WHERE b.state IN ('sent', 'acknowledged', 'complete') AND EXISTS ("
        " SELECT 1 FROM commands c WHERE c.batch_id = b.id AND c.kind = 'push' AND c.state IN ('planned', 'sending'))"
    ):
        yield f"batch {number} is {state}, but some of it was not sent"


CHECKS: dict[str, Callable[[Store], Iterator[str]]] = {
    "database is whole": _sqlite,
    "triggers stand": trigger_findings,
    "rows are what the journal says": replay_findings,
    "stages follow from facts": _stages,
    "lines add up": _units,
    "nothing ships twice": _within,
    "every order is accounted for": _accounted,
    "commands stand behind shipments": _commands,
    "bodies are frozen": _bodies,
    "shipments have lines": _empty_shipments,
    "personal data has its owner": _owners,
    "everything can be searched": _search,
    "sent batches were sent": _batches,
}
"""Every check by what it promises."""
