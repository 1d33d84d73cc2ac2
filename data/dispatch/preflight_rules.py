"""The rules of the check, each a pure function over an order, its warehouse and the facts: what it breaks, or nothing.

Limits differ from centre to centre and are the warehouse's own (`[warehouse.CODE.label]`, `[warehouse.CODE.policy]`).
DHL, UPS and their like refuse PO boxes; in Oman, Qatar, Saudi Arabia and the Emirates a PO box is the address.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass

from data.addresses.boxes import find_box
from data.addresses.customs_area import crosses
from data.addresses.duplicates import same_place
from data.addresses.fold import folded
from data.addresses.territories import place_of
from data.dispatch.orders_out import Outgoing
from data.dispatch.preflight_customs import customs_gaps
from data.dispatch.preflight_facts import Facts
from data.model import ADDRESS_FIELDS, HoldKind, InputError, Refusal
from data.policy import ANYWHERE, WarehouseSettings
from data.text import has_hidden, visible

BOX_COUNTRIES = frozenset(("AE", "OM", "QA", "SA"))
"""Where mail goes to boxes only, and couriers take them."""


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule that an order breaks."""

    reason: str
    hold: HoldKind | None
    """The hold to place; None where the order needs no other one."""
    at: int = 0
    """The place, among the orders of the shipment, of the one that breaks it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An order that must not be sent, and everything that is wrong with it."""

    outgoing: Outgoing
    broken: tuple[Broken, ...]

    @property
    def reason(self) -> str:
        """All that is wrong, in one line."""
        return "; ".join(each.reason for each in self.broken)

    def refusals(self) -> tuple[Refusal, ...]:
        """Say of each order in it why it does not go."""
        found: list[Refusal] = []
        for at, member in enumerate(self.outgoing.members):
            own = "; ".join(each.reason for each in self.broken if each.at == at)
            first = self.broken[0]
            other = self.outgoing.members[first.at].number
            words = own or f"it is merged with order {other}, which can't go: {first.reason}"
            found.append(Refusal(member.id, member.number, words))
        return tuple(found)

    def holds(self) -> list[tuple[int, HoldKind, str]]:
        """Return (order, kind, reason) of the holds to place, one of each kind."""
        reasons: dict[tuple[int, HoldKind], list[str]] = {}
        for each in self.broken:
            if each.hold is not None:
                reasons.setdefault((self.outgoing.members[each.at].id, each.hold), []).append(each.reason)
        return [(order, kind, "; ".join(words)) for (order, kind), words in reasons.items()]


Rule = Callable[[Outgoing, WarehouseSettings, Facts], Broken | None]


def judge(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> tuple[Broken, ...]:
    """Return every rule that an order breaks by itself; the first alone of those that make the others idle."""
    for rule in GATES:
        if (broken := rule(each, settings, facts)) is not None:
            return (broken,)
    found = [next((broken for rule in ADDRESS_RULES if (broken := rule(each, settings, facts)) is not None), None)]
    found += [rule(each, settings, facts) for rule in RULES]
    return tuple(broken for broken in found if broken is not None)


def held(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """An order on hold does not move."""
    at = _first(each, facts.held)
    return None if at is None else Broken(f"held: {facts.held[each.members[at].id]}", None, at)


def unlocked(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """An address that can still change goes in an early batch only."""
    at = None if facts.early else _first(each, facts.unlocked)
    return None if at is None else Broken("its address is not locked", None, at)


def elsewhere(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """Merged orders go to one place."""
    leader, *others = each.members
    at = next((at for at, other in enumerate(others, 1) if not same_place(leader.address, other.address)), None)
    words = f"it goes to another place than order {each.order.number}"
    return None if at is None else Broken(words, HoldKind.ADDRESS, at)


def nothing_to_send(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """A parcel has something in it."""
    return None if each.order.lines else Broken("nothing of it is to be sent", HoldKind.STOCK)


def incomplete(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """A name, a street and a country are what no carrier goes without."""
    address = each.order.address
    missing = ""
    if not address.name and not address.company:
        missing = "a name"
    elif not address.line1 and not address.line2:
        missing = "a street"
    elif not address.country:
        missing = "a country"
    return Broken(f"address without {missing}", HoldKind.ADDRESS) if missing else None


def faulty(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """An address with an error can't be labelled or delivered."""
    at = _first(each, facts.errors)
    return None if at is None else Broken(facts.errors[each.members[at].id], HoldKind.ADDRESS, at)


def off_the_label(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """Every letter of the address is on the label, in the printer's charset."""
    if settings.label is None:
        return None
    # What labels go by, scripts and units among it, is loaded only where limits are given.
    from data.addresses.label import overflow

    words = overflow(each.order.address, settings.label)
    return Broken(f"the label of {settings.code}: {words}", HoldKind.ADDRESS) if words else None


def inexpressible(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """The portal can say it, and no letter of it is hidden."""
    if any(has_hidden(getattr(each.order.address, name)) for name in ADDRESS_FIELDS):
        return Broken("its address holds control or invisible characters", HoldKind.ADDRESS)
    try:
        facts.portal.render_push(each.order)
    except InputError as error:
        return Broken(visible(str(error)), HoldKind.ADDRESS)
    return None


def not_served(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """The warehouse ships to the country."""
    country = each.order.address.country
    if not country or settings.serves(country) or ANYWHERE in settings.countries:
        return None
    return Broken(f"{settings.code} does not serve {country}", HoldKind.OPERATOR)


def boxed(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """No PO box where the warehouse's carriers refuse them."""
    if settings.policy.po_box:
        return None
    address = each.order.address
    country = place_of(address).country
    if country in BOX_COUNTRIES or not any(find_box(folded(x), country) for x in (address.line1, address.line2)):
        return None
    return Broken(f"a PO box, which {settings.code} can't deliver to", HoldKind.ADDRESS)


def unreachable(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """A telephone number where the warehouse wants one."""
    policy, address = settings.policy, each.order.address
    if policy.phone == "optional" or address.phone.strip():
        return None
    if policy.phone == "required":
        return Broken(f"no telephone number: {settings.code} needs one", HoldKind.ADDRESS)
    if not policy.ships_from or not crosses(policy.ships_from, address):
        return None
    return Broken(f"no telephone number: {settings.code} needs one for parcels abroad", HoldKind.ADDRESS)


def too_large(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """No more SKUs and pieces than go into one parcel."""
    lines, units = len(each.order.lines), sum(line.quantity for line in each.order.lines)
    most_lines, most_units = settings.policy.max_lines, settings.policy.max_units
    if most_lines is not None and lines > most_lines:
        return Broken(f"{lines} SKUs; {settings.code} takes {most_lines} in one parcel", HoldKind.OPERATOR)
    if most_units is not None and units > most_units:
        return Broken(f"{units} pieces; {settings.code} takes {most_units} in one parcel", HoldKind.OPERATOR)
    return None


def unknown_sku(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """The warehouse knows every SKU."""
    if facts.known_skus is None or settings.policy.stock == "ignore":
        return None
    unknown = [line.sku for line in each.order.lines if line.sku not in facts.known_skus]
    return Broken(f"{settings.code} does not know {', '.join(unknown)}", HoldKind.STOCK) if unknown else None


def customs(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """Everything a declaration needs, where the parcel crosses a border."""
    gaps = customs_gaps(each.order, settings.policy)
    return Broken(f"customs: {'; '.join(gaps)}", HoldKind.CUSTOMS) if gaps else None


def duplicate(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Broken | None:
    """Nobody gets a second parcel unless it is meant."""
    at = _first(each, facts.alike)
    if at is None:
        return None
    words = f"possibly the same person's as order {facts.alike[each.members[at].id]}: merge them, or mark them as meant"
    return Broken(words, HoldKind.DUPLICATE, at)


GATES: tuple[Rule, ...] = (held, unlocked, elsewhere, nothing_to_send)
"""An order that breaks one of these is looked at no further."""
ADDRESS_RULES: tuple[Rule, ...] = (incomplete, faulty, off_the_label, inexpressible)
"""The first that is broken says what is wrong with the address."""
RULES: tuple[Rule, ...] = (not_served, boxed, unreachable, too_large, unknown_sku, customs, duplicate)


def out_of_stock(
    kept: Iterable[Outgoing], every: Iterable[Outgoing], settings: WarehouseSettings, facts: Facts
) -> list[Failure]:
    """Return which of the orders that may go, in the batch's order, can't be filled whole with what is left.

    `every` is the whole batch, for which `facts.short` pieces are lacking; orders that leave it for another reason
    leave theirs to the others.
    """
    if settings.policy.stock == "ignore" or not facts.short:
        return []
    wanted: Counter[str] = Counter()
    for each in every:
        wanted.update({line.sku: line.quantity for line in each.order.lines})
    left = {sku: max(0, wanted[sku] - lacking) for sku, lacking in facts.short.items() if lacking > 0}
    failures: list[Failure] = []
    for each in kept:
        lines = [line for line in each.order.lines if line.sku in left]
        lacking = [
            f"{line.quantity} x {line.sku}, {left[line.sku]} left" for line in lines if line.quantity > left[line.sku]
        ]
        if lacking:
            words = f"not in stock at {settings.code}: {'; '.join(lacking)}"
            failures.append(Failure(each, (Broken(words, HoldKind.STOCK),)))
            continue
        for line in lines:
            left[line.sku] -= line.quantity
    return failures


def _first(each: Outgoing, among: Container[int]) -> int | None:
    """Return the place of the first order of a shipment that is among others, or None."""
    ids: Sequence[int] = [member.id for member in each.members]
    return next((at for at, order in enumerate(ids) if order in among), None)
