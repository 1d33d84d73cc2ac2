"""The check before a batch is sent: what breaks a rule is taken out with its reason, the rest goes on."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from data.addresses.duplicates import same_place
from data.dispatch.batches import OpenBatch, back_to_draft, open_batch
from data.dispatch.delta import check_corrections, count_corrections
from data.dispatch.mint import unmint
from data.dispatch.orders_out import Outgoing, read_outgoing
from data.model import ADDRESS_FIELDS, BatchState, Done, HoldKind, InputError, Item, Refusal, StaleError
from data.orders.chosen import counted
from data.orders.holds import place_hold
from data.policy import ANYWHERE, WarehouseSettings
from data.portals.protocol import Portal
from data.portals.registry import portal_for
from data.store.store import Write
from data.store.workspace import Workspace
from data.text import has_hidden, visible

LABEL_WIDTH = 35
"""Characters of one line of an address that carriers' labels commonly have room for."""


@dataclass(frozen=True, slots=True)
class Caution:
    """Something a person should look at; it keeps nothing back."""

    order_id: int
    number: str
    words: str


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


@dataclass(frozen=True, slots=True)
class _Failure:
    outgoing: Outgoing
    reason: str
    hold: HoldKind | None
    at: int = 0
    """The place, among the orders of the shipment, of the one that fails."""

    def refusals(self) -> tuple[Refusal, ...]:
        """Say of each order in it why it does not go."""
        failing = self.outgoing.members[self.at]
        with_it = f"it is merged with order {failing.number}, which can't go: {self.reason}"
        return tuple(
            Refusal(each.id, each.number, self.reason if each is failing else with_it) for each in self.outgoing.members
        )


def check_batch(ws: Workspace, batch: Item) -> Preflight:
    """Check a draft against its warehouse's rules and make it `ready`.

    An order that breaks a rule leaves the batch with a hold that says why (one that is held already, or only not
    locked, leaves without another); those it is merged with leave with it, and are not held. Raises StaleError when the
    batch was sent or has moved, WorkspaceError when its warehouse is not in `lastcall.toml`.
    """
    outgoing = read_outgoing(ws.store, batch.id)
    with ws.write("batch.check", "check a batch") as tx:
        found = open_batch(tx, batch)
        settings = ws.policy.warehouse(found.warehouse)
        portal = portal_for(settings, ws.folder, ws.clock)
        inside = {row[0] for row in tx.rows("SELECT id FROM shipments WHERE batch_id = ?", (found.id,))}
        if inside != {each.shipment_id for each in outgoing}:
            raise StaleError(f"batch {found.number} was changed meanwhile: look again")
        failures = find_failures(tx, found, settings, portal, outgoing)
        _take_out(tx, ws, found, failures)
        gone = {each.outgoing.shipment_id for each in failures}
        kept = [each for each in outgoing if each.shipment_id not in gone]
        _follow_addresses(tx, kept)
        uncorrected = check_corrections(tx, found, portal)
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
    return Preflight(done, len(kept) + corrections, units, countries, tuple(find_cautions(kept, settings)))


def find_failures(
    tx: Write, batch: OpenBatch, settings: WarehouseSettings, portal: Portal, outgoing: Iterable[Outgoing]
) -> list[_Failure]:
    """Return what must not be sent, with the reason and the hold to place, reading inside the transaction."""
    orders = "SELECT l.order_id FROM shipments s JOIN shipment_lines l ON l.shipment_id = s.id WHERE s.batch_id = ?"
    held = dict(
        tx.rows(
            f"SELECT order_id, kind || ': ' || reason FROM holds WHERE released_at IS NULL AND order_id IN ({orders})",
            (batch.id,),
        )
    )
    unlocked = {
        row[0] for row in tx.rows(f"SELECT id FROM orders WHERE locked_at IS NULL AND id IN ({orders})", (batch.id,))
    }
    errors = dict(
        tx.rows(
            "SELECT o.id, min(f.field || ': ' || f.message) FROM orders o"
            " JOIN findings f ON f.address_id = o.address_id"
            f" AND f.severity = 'error' WHERE o.id IN ({orders}) GROUP BY o.id",
            (batch.id,),
        )
    )
    failures: list[_Failure] = []
    for each in outgoing:
        country = each.order.address.country
        ids = [member.id for member in each.members]
        if (at := _first(ids, held)) is not None:
            failures.append(_Failure(each, f"held: {held[ids[at]]}", None, at))
        elif (at := _first(ids, unlocked)) is not None and not batch.early:
            failures.append(_Failure(each, "its address is not locked", None, at))
        elif (at := _elsewhere(each)) is not None:
            words = f"it goes to another place than order {each.order.number}"
            failures.append(_Failure(each, words, HoldKind.ADDRESS, at))
        elif not each.order.lines:
            failures.append(_Failure(each, "nothing of it is to be sent", HoldKind.STOCK))
        elif missing := _missing(each):
            failures.append(_Failure(each, f"address without {missing}", HoldKind.ADDRESS))
        elif (at := _first(ids, errors)) is not None:
            failures.append(_Failure(each, str(errors[ids[at]]), HoldKind.ADDRESS, at))
        elif not (settings.serves(country) or ANYWHERE in settings.countries):
            failures.append(_Failure(each, f"{settings.code} does not serve {country}", HoldKind.OPERATOR))
        elif words := _off_the_label(settings, each) or _refused_by(portal, each):
            failures.append(_Failure(each, words, HoldKind.ADDRESS))
    return failures


def find_cautions(outgoing: Iterable[Outgoing], settings: WarehouseSettings) -> list[Caution]:
    """Return what a label might not print as it stands: long lines and letters outside Latin.

    Nothing where the warehouse's limits are known: what they don't take is held back.
    """
    found: list[Caution] = []
    if settings.label is not None:
        return found
    for each in outgoing:
        address = each.order.address
        for name in ADDRESS_FIELDS:
            value: str = getattr(address, name)
            if len(value) > LABEL_WIDTH:
                words = f"{name} has {len(value)} characters; labels print {LABEL_WIDTH}"
                found.append(Caution(each.order_id, each.order.number, words))
            if not value.isascii() and (script := _foreign(value)):
                words = f"{name} is written in {script}: ask whether the warehouse prints it"
                found.append(Caution(each.order_id, each.order.number, words))
    return found


def totals(outgoing: Iterable[Outgoing]) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]:
    """Count units by SKU and orders by country, the largest first."""
    units: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    for each in outgoing:
        countries[each.order.address.country] += 1
        for line in each.order.lines:
            units[line.sku] += line.quantity
    return tuple(units.most_common()), tuple(countries.most_common())


def _first(ids: Sequence[int], among: Container[int]) -> int | None:
    """Return the place of the first id that is among others, or None."""
    return next((at for at, each in enumerate(ids) if each in among), None)


def _elsewhere(outgoing: Outgoing) -> int | None:
    """Return which of merged orders goes to another place than the one that leads, or None."""
    leader, *others = outgoing.members
    return next((at for at, each in enumerate(others, 1) if not same_place(leader.address, each.address)), None)


def _missing(outgoing: Outgoing) -> str:
    """Name the first part without which no carrier takes a parcel, or nothing."""
    address = outgoing.order.address
    if not address.name and not address.company:
        return "a name"
    if not address.line1 and not address.line2:
        return "a street"
    return "" if address.country else "a country"


def _off_the_label(settings: WarehouseSettings, outgoing: Outgoing) -> str:
    """Return what the warehouse's label can't take of an address, or nothing."""
    if settings.label is None:
        return ""
    # What labels go by, territories and scripts among it, is loaded only where limits are given.
    from data.addresses.label import overflow

    words = overflow(outgoing.order.address, settings.label)
    return f"the label of {settings.code}: {words}" if words else ""


def _refused_by(portal: Portal, outgoing: Outgoing) -> str:
    """Return why the portal can't express an order, or nothing."""
    if any(has_hidden(getattr(outgoing.order.address, name)) for name in ADDRESS_FIELDS):
        return "its address holds control or invisible characters"
    try:
        portal.render_push(outgoing.order)
    except InputError as error:
        return visible(str(error))
    return ""


def _foreign(value: str) -> str:
    """Name the first script other than Latin that letters of `value` belong to, or nothing."""
    for character in value:
        if character.isalpha() and not character.isascii():
            name = unicodedata.name(character, "LATIN").split(" ", 1)[0]
            if name not in ("LATIN", "FEMININE", "MASCULINE", "MODIFIER", "MICRO"):
                return name.title()
    return ""


def _take_out(tx: Write, ws: Workspace, batch: OpenBatch, failures: list[_Failure]) -> None:
    """Remove failing orders from the batch, with a hold that says why."""
    unmint(tx, [each.outgoing.shipment_id for each in failures])
    for each in failures:
        if each.hold is not None:
            words = f"batch {batch.number}: {each.reason}"
            place_hold(tx, each.outgoing.members[each.at].id, each.hold, words, ws.clock.now())


def _follow_addresses(tx: Write, kept: Iterable[Outgoing]) -> None:
    """Let draft shipments ask for the address that is on file."""
    tx.db.conn.executemany(
        "UPDATE shipments SET address_id = ?, rev = rev + 1 WHERE id = ? AND address_id <> ?",
        [(each.address_id, each.shipment_id, each.address_id) for each in kept],
    )
