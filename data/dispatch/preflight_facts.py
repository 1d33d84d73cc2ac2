"""What the rules of the check go by besides the order itself, read in a few queries for a whole batch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from data.clock import from_text
from data.dispatch.batch_stock import lacking_for
from data.orders.alike import possible_partners
from data.policy import WarehouseSettings
from data.portals.protocol import Portal
from data.portals.registry import portal_for
from data.store.store import Store, Write
from data.store.workspace import Workspace

STOCK_LIST_DAYS = 1
"""Days after which a warehouse's list of its SKUs is not believed any more: new ones may have been set up."""

_ORDERS = "SELECT l.order_id FROM shipments s JOIN shipment_lines l ON l.shipment_id = s.id WHERE s.batch_id = ?"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the orders of a batch and of their warehouse."""

    portal: Portal
    early: bool = False
    """The batch may go before the addresses are locked."""
    held: Mapping[int, str] = field(default_factory=dict)
    """Kind and reason of a hold, by order."""
    unlocked: frozenset[int] = frozenset()
    errors: Mapping[int, str] = field(default_factory=dict)
    """The first error of the address on file, by order."""
    alike: Mapping[int, str] = field(default_factory=dict)
    """Numbers of the orders that may be the same person's, by order; decided ones left out."""
    undialled: frozenset[int] = frozenset()
    """Orders whose telephone number no country's plan can read."""
    known_skus: frozenset[str] | None = None
    """What the warehouse lists; None where it has no such list, or an old one."""
    short: Mapping[str, int] = field(default_factory=dict)
    """Pieces of each SKU that the warehouse lacks for the whole batch."""
    first: bool = False
    """Nothing was sent to this warehouse before."""


def read_facts(
    reads: Store | Write,
    ws: Workspace,
    settings: WarehouseSettings,
    batch_id: int,
    *,
    early: bool,
    short: Mapping[str, int] | None = None,
) -> Facts:
    """Read them for a batch; `short` is what is lacking for it, the ledger's word by default."""
    held = f"SELECT order_id, kind || ': ' || reason FROM holds WHERE released_at IS NULL AND order_id IN ({_ORDERS})"
    unlocked = f"SELECT id FROM orders WHERE locked_at IS NULL AND id IN ({_ORDERS})"
    errors = (
        "SELECT o.id, min(f.field || ': ' || f.message) FROM orders o JOIN findings f ON f.address_id = o.address_id"
        f" AND f.severity = 'error' WHERE o.id IN ({_ORDERS}) GROUP BY o.id"
    )
    undialled = (
        "SELECT o.id FROM orders o JOIN checked k ON k.address_id = o.address_id AND k.e164 = ''"
        f" JOIN addresses a ON a.id = o.address_id AND a.phone <> '' WHERE o.id IN ({_ORDERS})"
    )
    ids = [row[0] for row in reads.rows(_ORDERS, (batch_id,))]
    return Facts(
        portal=portal_for(settings, ws.folder, ws.clock),
        early=early,
        held=dict(reads.rows(held, (batch_id,))),
        unlocked=frozenset(row[0] for row in reads.rows(unlocked, (batch_id,))),
        errors=dict(reads.rows(errors, (batch_id,))),
        alike=possible_partners(reads, ids),
        undialled=frozenset(row[0] for row in reads.rows(undialled, (batch_id,))),
        known_skus=_known_skus(reads, ws, settings.code),
        short=dict(lacking_for(reads, settings.code, batch_id) if short is None else short),
        first=reads.one("SELECT 1 FROM batches WHERE warehouse = ? AND sent_at IS NOT NULL", (settings.code,)) is None,
    )


def _known_skus(reads: Store | Write, ws: Workspace, warehouse: str) -> frozenset[str] | None:
    """Return the SKUs of the last list of its stock that the warehouse gave."""
    row = reads.one(
        "SELECT answer, done_at FROM requests WHERE warehouse = ? AND kind = 'stock' AND done_at IS NOT NULL"
        " ORDER BY id DESC LIMIT 1",
        (warehouse,),
    )
    if row is None or from_text(row[1]) < ws.clock.now() - timedelta(days=STOCK_LIST_DAYS):
        return None
    answer = json.loads(row[0])
    if not answer["ok"]:
        return None
    # A line each: SKU, on hand, available.
    return frozenset(line.split("\t")[0] for line in str(answer["words"]).split("\n") if "\t" in line) or None
