"""The check before a batch is sent: what breaks a rule is taken out with its reason, the rest goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from data.dispatch.batches import OpenBatch, back_to_draft, open_batch
from data.dispatch.delta import check_corrections, count_corrections
from data.dispatch.mint import unmint
from data.dispatch.orders_out import Outgoing, read_outgoing
from data.dispatch.preflight_cautions import Caution, find_cautions
from data.dispatch.preflight_facts import Facts, read_facts
from data.dispatch.preflight_rules import Failure, judge, out_of_stock
from data.model import BatchState, Done, Item, StaleError
from data.orders.chosen import counted
from data.orders.holds import place_holds
from data.policy import WarehouseSettings
from data.store.store import Write
from data.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a batch would send, and what the check took out of it."""

    done: Done
    """`refused` are the orders that were taken out."""
    orders: int
    """What will be sent; merged orders are one, and so is each correction of an earlier batch."""
    units: tuple[tuple[str, int], ...]
    """Quantity by SKU."""
    countries: tuple[tuple[str, int], ...]
    """Orders by country."""
    cautions: tuple[Caution, ...]


def check_batch(ws: Workspace, batch: Item, short: Mapping[str, int] | None = None) -> Preflight:
    """Check a draft against its warehouse's rules and make it `ready`.

    An order that breaks rules leaves the batch with a hold of each kind that says why (one that is held already, or
    only not locked, leaves without another); those it is merged with leave with it, and are not held. `short` is how
    many pieces of a SKU the warehouse lacks for the batch. Raises StaleError when the batch was sent or has moved,
    WorkspaceError when its warehouse is not in `lastcall.toml`.
    """
    outgoing = read_outgoing(ws.store, batch.id)
    with ws.write("batch.check", "check a batch") as tx:
        found = open_batch(tx, batch)
        settings = ws.policy.warehouse(found.warehouse)
        inside = {row[0] for row in tx.rows("SELECT id FROM shipments WHERE batch_id = ?", (found.id,))}
        if inside != {each.shipment_id for each in outgoing}:
            raise StaleError(f"batch {found.number} was changed meanwhile: look again")
        facts = read_facts(tx, ws, settings, found.id, early=found.early, short=short)
        failures = find_failures(outgoing, settings, facts)
        _take_out(tx, ws, found, failures)
        gone = {each.outgoing.shipment_id for each in failures}
        kept = [each for each in outgoing if each.shipment_id not in gone]
        _follow_addresses(tx, kept)
        uncorrected = check_corrections(tx, found, facts.portal)
        corrections = count_corrections(tx, found.id)
        if (kept or corrections) and found.state is not BatchState.READY:
            tx.run("UPDATE batches SET state = 'ready', rev = rev + 1 WHERE id = ?", (found.id,))
        elif not (kept or corrections):
            back_to_draft(tx, found.id)
        tx.words = f"check batch {found.number}: {counted(len(kept), 'order')} ready" + (
            (f", {counted(corrections, 'correction')}" if corrections else "")
            + (f", {len(failures):,} taken out" if failures else "")
        )
    refused = (*(refusal for each in failures for refusal in each.refusals()), *uncorrected)
    done = Done(tx.act or None, tx.words, tuple(member.id for each in kept for member in each.members), refused)
    units, countries = totals(kept)
    return Preflight(done, len(kept) + corrections, units, countries, tuple(find_cautions(kept, settings, facts)))


def find_failures(outgoing: Sequence[Outgoing], settings: WarehouseSettings, facts: Facts) -> list[Failure]:
    """Return what must not be sent, in the batch's order, with everything that is wrong with it."""
    found = {each.shipment_id: Failure(each, broken) for each in outgoing if (broken := judge(each, settings, facts))}
    kept = [each for each in outgoing if each.shipment_id not in found]
    found |= {each.outgoing.shipment_id: each for each in out_of_stock(kept, outgoing, settings, facts)}
    return [found[each.shipment_id] for each in outgoing if each.shipment_id in found]


def totals(outgoing: Iterable[Outgoing]) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]:
    """Count units by SKU and orders by country, the largest first."""
    units: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    for each in outgoing:
        countries[each.order.address.country] += 1
        for line in each.order.lines:
            units[line.sku] += line.quantity
    return tuple(units.most_common()), tuple(countries.most_common())


def _take_out(tx: Write, ws: Workspace, batch: OpenBatch, failures: Sequence[Failure]) -> None:
    """Remove failing orders from the batch, with holds that say why."""
    unmint(tx, [each.outgoing.shipment_id for each in failures])
    holds = [
        (order, kind, f"batch {batch.number}: {reason}") for each in failures for order, kind, reason in each.holds()
    ]
    place_holds(tx, holds, ws.clock.now())


def _follow_addresses(tx: Write, kept: Iterable[Outgoing]) -> None:
    """Let draft shipments ask for the address that is on file."""
    tx.db.conn.executemany(
        "UPDATE shipments SET address_id = ?, rev = rev + 1 WHERE id = ? AND address_id <> ?",
        [(each.address_id, each.shipment_id, each.address_id) for each in kept],
    )
