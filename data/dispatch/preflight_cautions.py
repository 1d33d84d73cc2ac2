"""What a person should look at before a batch goes: nothing of it keeps an order back."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from data.addresses.customs_area import crosses, origin_areas
from data.addresses.territories import place_of, special_zone
from data.dispatch.orders_out import Outgoing
from data.dispatch.preflight_customs import customs_notes, is_one_word
from data.dispatch.preflight_facts import Facts
from data.model import ADDRESS_FIELDS
from data.orders.chosen import counted
from data.policy import TOPICS, Policy, WarehouseSettings, agreed_line

LABEL_WIDTH = 35
"""Characters of one line of an address that carriers' labels commonly have room for."""


@dataclass(frozen=True, slots=True)
class Caution:
    """Something a person should look at; it keeps nothing back."""

    order_id: int
    """0 for what concerns the batch as a whole."""
    number: str
    """The order's, or the warehouse's code."""
    words: str


def find_cautions(outgoing: Sequence[Outgoing], settings: WarehouseSettings, facts: Facts) -> list[Caution]:
    """Return what concerns the batch as a whole, then what concerns one order, in the batch's order."""
    found = [Caution(0, settings.code, words) for words in _of_the_batch(outgoing, settings, facts)]
    for each in outgoing:
        found += [Caution(each.order_id, each.order.number, words) for words in _of_an_order(each, settings, facts)]
    return found


def _of_the_batch(outgoing: Sequence[Outgoing], settings: WarehouseSettings, facts: Facts) -> Iterator[str]:
    """Yield gaps of the agreement, then what many parcels have in common, each with their number."""
    if facts.first and (topics := settings.open_topics()):
        named = ", ".join(TOPICS[each].words for each in topics)
        yield f"its first batch; not agreed: {named} (`lastcall warehouse plan {settings.code}` asks for them)"
    if late := sum(each.order.late for each in outgoing):
        line = agreed_line(Policy((settings,)), settings.code, "late_orders")
        yield f"{counted(late, 'late order')} among them; {line}"
    if not settings.policy.ships_from:
        yield f"customs is not checked: [warehouse.{settings.code}.policy] ships_from does not say where it ships from"
    notes: Counter[str] = Counter()
    for each in outgoing:
        notes.update(customs_notes(each.order, settings.policy))
        if words := _special(each, settings):
            notes[words] += 1
    for words, count in notes.most_common():
        yield f"{counted(count, 'parcel')} {words}"


def _special(each: Outgoing, settings: WarehouseSettings) -> str:
    """Say what a zone means that the country does not tell, where the parcel crosses into it or might."""
    zone = place_of(each.order.address).zone
    words = special_zone(zone)
    ships_from = settings.policy.ships_from
    if words is None or not ships_from:
        return ""
    between = zone == "GB-NI" and origin_areas(ships_from) == frozenset(("GB",))
    return f"to {zone}: {words}" if between or crosses(ships_from, each.order.address) else ""


def _of_an_order(each: Outgoing, settings: WarehouseSettings, facts: Facts) -> Iterator[str]:
    address, policy = each.order.address, settings.policy
    abroad = bool(policy.ships_from) and crosses(policy.ships_from, address)
    if abroad and is_one_word(address):
        yield f"“{address.name}” is one word: customs wants first and last name, where there are both"
    if each.order_id in facts.undialled and (policy.phone == "required" or (policy.phone == "abroad" and abroad)):
        yield f"“{address.phone}” can't be dialled as it stands"
    if settings.label is not None:
        # What its labels don't take is held back.
        return
    for name in ADDRESS_FIELDS:
        value: str = getattr(address, name)
        if len(value) > LABEL_WIDTH:
            yield f"{name} has {len(value)} characters; labels print {LABEL_WIDTH}"
        if not value.isascii() and (script := _foreign(value)):
            yield f"{name} is written in {script}: ask whether the warehouse prints it"


def _foreign(value: str) -> str:
    """Name the first script other than Latin that letters of `value` belong to, or nothing."""
    for character in value:
        if character.isalpha() and not character.isascii():
            name = unicodedata.name(character, "LATIN").split(" ", 1)[0]
            if name not in ("LATIN", "FEMININE", "MASCULINE", "MODIFIER", "MICRO"):
                return name.title()
    return ""
