"""The proof sheet of a batch: totals, samples in full as the warehouse gets them, and who approves; ready to send.

Publishers check a sample and the totals before anything is printed or packed (Quartermaster Logistics does so for every
campaign); what is wrong with a batch is cheapest to find here.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from data.dispatch.batches import named_batch
from data.dispatch.orders_out import Outgoing, read_batch
from data.dispatch.preflight import find_failures, totals
from data.dispatch.preflight_cautions import Caution, find_cautions
from data.dispatch.preflight_customs import money_words
from data.dispatch.preflight_facts import read_facts
from data.model import BatchState, Money
from data.orders.chosen import counted
from data.store.workspace import Workspace
from data.text import visible, visible_lines

SAMPLES = 3
"""Orders shown besides the first."""
_MOST = 50
"""Cautions shown one by one."""
_VERBS = {"batch.create": "made", "batch.check": "checked", "batch.approve": "approved", "batch.send": "sent"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One order in full."""

    number: str
    key: str
    label: tuple[str, ...]
    """Its address, line by line."""
    lines: tuple[str, ...]
    """What is in it: `2 x GAME  Ember Isles`."""
    body: str
    """The exact text that the portal is given."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a person must see to approve a batch."""

    number: int
    state: str
    campaign: str
    warehouse: str
    """Its code."""
    warehouse_name: str
    date: str
    """When the sheet was made: UTC, `2026-11-23`."""
    orders: int
    parcels: int
    """Fewer than the orders where some are merged."""
    units: tuple[tuple[str, int], ...]
    countries: tuple[tuple[str, int], ...]
    values: tuple[Money, ...]
    """Declared for customs, by currency."""
    without_value: int
    """Pieces that have no declared value."""
    samples: tuple[Sample, ...]
    cautions: tuple[Caution, ...]
    failing: tuple[tuple[str, str], ...]
    """Orders that the check would take out now, and why; none of a batch that was sent."""
    steps: tuple[tuple[str, str, str], ...]
    """What was done with it, by whom, when."""
    approver: str
    """Who is to approve it; '' while nobody is named."""


def proof(ws: Workspace, number: int, *, samples: int = SAMPLES, approver: str = "") -> Proof:
    """Return the proof of a batch, with its first order and so many others by chance, the same ones each time.

    Changes nothing. Raises InputError when there is no such batch, WorkspaceError when its warehouse is not in
    `lastcall.toml`.
    """
    item = named_batch(ws, number)
    row = ws.store.one(
        "SELECT b.state, b.early, b.warehouse, c.name FROM batches b JOIN campaigns c ON c.id = b.campaign_id"
        " WHERE b.id = ?",
        (item.id,),
    )
    assert row is not None
    state, early, code, campaign = row
    settings = ws.policy.warehouse(code)
    outgoing = read_batch(ws.store, item.id)
    facts = read_facts(ws.store, ws, settings, item.id, early=bool(early))
    unsent = state in (BatchState.DRAFT, BatchState.READY)
    failures = find_failures(outgoing, settings, facts) if unsent else []
    units, countries = totals(outgoing)
    values, without = _values(outgoing)
    frozen = dict(
        ws.store.rows(
            "SELECT shipment_id, body FROM commands WHERE batch_id = ? AND kind = 'push' ORDER BY id", (item.id,)
        )
    )
    return Proof(
        number=number,
        state=state,
        campaign=campaign,
        warehouse=code,
        warehouse_name=settings.name,
        date=ws.clock.now().date().isoformat(),
        orders=sum(len(each.members) for each in outgoing),
        parcels=len(outgoing),
        units=units,
        countries=countries,
        values=values,
        without_value=without,
        samples=tuple(
            _sample(each, frozen.get(each.shipment_id) or facts.portal.render_push(each.order))
            for each in _chosen(outgoing, samples, number, {each.outgoing.shipment_id for each in failures})
        ),
        cautions=tuple(find_cautions(outgoing, settings, facts)) if unsent else (),
        failing=tuple((each.outgoing.order.number, each.reason) for each in failures),
        steps=_steps(ws, item.id),
        approver=approver,
    )


def proof_text(found: Proof) -> str:
    """Write a proof as plain text; every character in it can be seen."""
    return "\n".join(visible(line) for line in _lines(found)).rstrip() + "\n"


def _chosen(outgoing: Sequence[Outgoing], samples: int, number: int, failing: set[int]) -> list[Outgoing]:
    """Return the first order and some by chance of those that go."""
    fit = [each for each in outgoing if each.shipment_id not in failing]
    rest = fit[1:]
    picked = random.Random(number).sample(range(len(rest)), min(samples, len(rest)))
    return [*fit[:1], *(rest[at] for at in sorted(picked))]


def _sample(each: Outgoing, body: str) -> Sample:
    address = each.order.address
    town = " ".join(part for part in (address.city, address.region, address.postcode) if part)
    label = (address.name, address.company, address.line1, address.line2, town, address.country, address.phone)
    return Sample(
        number=each.order.number,
        key=each.order.key,
        label=tuple(part for part in label if part),
        lines=tuple(f"{line.quantity} x {line.sku}  {line.title}".rstrip() for line in each.order.lines),
        body=body,
    )


def _values(outgoing: Sequence[Outgoing]) -> tuple[tuple[Money, ...], int]:
    """Add declared values by currency, and count the pieces that have none."""
    by: Counter[str] = Counter()
    without = 0
    for each in outgoing:
        for line in each.order.lines:
            if line.value is None:
                without += line.quantity
            else:
                by[line.value.currency] += line.value.minor * line.quantity
    return tuple(Money(minor, currency) for currency, minor in sorted(by.items())), without


def _steps(ws: Workspace, batch_id: int) -> tuple[tuple[str, str, str], ...]:
    """Return who made, checked and sent a batch, and when."""
    rows = ws.store.rows(
        "SELECT DISTINCT a.id, a.verb, a.user, a.at FROM journal j JOIN act a ON a.id = j.act_id"
        " WHERE j.tbl = 'batches' AND j.row_id = ? ORDER BY a.id",
        (batch_id,),
    )
    return tuple((_VERBS[verb], user, at) for _, verb, user, at in rows if verb in _VERBS)


def _lines(found: Proof) -> Iterator[str]:
    yield f"Proof sheet: batch {found.number} of {found.campaign} for {found.warehouse_name} ({found.warehouse})"
    yield f"{found.date}, the batch is {found.state}"
    yield from ("", "TOTALS", "")
    merged = f" in {counted(found.parcels, 'parcel')}" if found.parcels != found.orders else ""
    yield f"Orders: {found.orders:,}{merged}"
    yield f"Pieces: {sum(count for _, count in found.units):,}"
    yield from (f"{count:>9,}  {sku}" for sku, count in found.units)
    yield f"Countries: {', '.join(f'{country} {count:,}' for country, count in found.countries)}"
    values = ", ".join(money_words(each) for each in found.values) or "none"
    lacking = f"; {found.without_value:,} pieces without" if found.without_value else ""
    yield f"Declared value: {values}{lacking}"
    yield from _notes("WOULD BE TAKEN OUT BY A CHECK", [f"order {name}: {why}" for name, why in found.failing])
    yield from _notes("PLEASE LOOK AT", [f"{each.number}: {each.words}" for each in found.cautions])
    yield from ("", "SAMPLES: the first order and others by chance, as the warehouse gets them")
    for each in found.samples:
        yield from ("", f"Order {each.number}, reference {each.key}")
        yield from (f"  {part}" for part in each.label)
        yield from (f"  {part}" for part in each.lines)
        yield "  as it is sent:"
        yield from (f"    {part}" for part in _body_lines(each.body))
    yield from ("", "APPROVAL", "")
    yield from (f"{what.capitalize()} by {user}, {at[:16].replace('T', ' ')} UTC" for what, user, at in found.steps)
    if found.state in (BatchState.DRAFT, BatchState.READY):
        yield f"Approved by {found.approver + ': ' if found.approver else ''}{'_' * 28}  Date {'_' * 12}"
        yield "Nothing leaves before that."


def _notes(title: str, notes: Sequence[str]) -> Iterator[str]:
    """Yield notes under their title, the first ones by themselves, the others counted."""
    if notes:
        yield from ("", title, "")
        yield from (f"- {each}" for each in notes[:_MOST])
        if len(notes) > _MOST:
            yield f"- and {len(notes) - _MOST:,} more"


def _body_lines(body: str) -> list[str]:
    """Lay out a body to be read: JSON by its fields, anything else by its lines."""
    try:
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        text = body
    return visible_lines(text)
