"""What customs needs of a parcel that crosses a border, and which numbers the sender must have.

HS code of 6, 8 or 10 digits, description, origin and value of every line: Royal Mail, USPS, ShipBob hold or refuse
parcels without. VAT on consignments into the EU of at most EUR 150 is declared under one IOSS number (Council
Directive 2017/2455); into Great Britain the seller charges VAT up to GBP 135 (HMRC). Amounts of two currencies are
never compared: where the value is in another one, a person is told.
"""

from __future__ import annotations

import re
from functools import lru_cache

from data.addresses.customs_area import areas, crosses, in_eu
from data.addresses.fold import script_of
from data.addresses.names import name_words
from data.addresses.territories import place_of
from data.model import Address, Money
from data.policy import WarehousePolicy
from data.portals.protocol import ShipmentOrder

IOSS_LIMIT = Money(150_00, "EUR")
"""What a consignment may be worth at most for its VAT to be declared under an IOSS number."""
UK_LIMIT = "GBP 135"
_HS_CODE = re.compile(r"\d{6}|\d{8}|\d{10}", re.ASCII)


def customs_gaps(order: ShipmentOrder, policy: WarehousePolicy) -> tuple[str, ...]:
    """Say what a declaration of a parcel lacks; nothing where it crosses no border, or where that is not known."""
    if not policy.ships_from or not crosses(policy.ships_from, order.address):
        return ()
    found = [
        gap
        for line in order.lines
        if (gap := _line_gap(line.sku, line.hs_code, line.origin, line.description, line.value, order.currency))
    ]
    if is_initials(order.address):
        found.append(f"“{order.address.name}” is no full name")
    if needs_ioss(order, policy) and not policy.ioss:
        found.append(f"no IOSS number for a consignment to the EU of at most {money_words(IOSS_LIMIT)}")
    return tuple(found)


def needs_ioss(order: ShipmentOrder, policy: WarehousePolicy) -> bool:
    """Tell whether the VAT of a parcel that crosses a border is the seller's to declare under an IOSS number."""
    value = worth(order)
    return (
        policy.import_vat == "seller"
        and value is not None
        and value.currency == IOSS_LIMIT.currency
        and value.minor <= IOSS_LIMIT.minor
        and in_eu(order.address)
    )


def worth(order: ShipmentOrder) -> Money | None:
    """Return what the lines are worth together, or None where one has no value in the order's currency."""
    total = 0
    for line in order.lines:
        if line.value is None or line.value.currency != order.currency:
            return None
        total += line.value.minor * line.quantity
    return Money(total, order.currency)


def is_initials(address: Address) -> bool:
    """Tell whether a person is named by initials: `J. Smith`; customs lets no such parcel pass (Tilted Windmill Press).

    Other scripts than alphabets have no initials; a company stands for itself.
    """
    if address.company or script_of(address.name) == "other":
        return False
    words = name_words(address.name, place_of(address).country)
    return sum(len(word) > 1 for word in words) < 2 and any(len(word) == 1 for word in words)


def is_one_word(address: Address) -> bool:
    """Tell whether a person has one name only, which may be all of it or half of it."""
    if address.company or script_of(address.name) == "other":
        return False
    return len(name_words(address.name, place_of(address).country)) == 1


def customs_notes(order: ShipmentOrder, policy: WarehousePolicy) -> tuple[str, ...]:
    """Say what a person should know of a parcel that crosses a border; the same words for every parcel alike."""
    address = order.address
    if not policy.ships_from or not crosses(policy.ships_from, address):
        return ()
    found: list[str] = []
    value = worth(order)
    if in_eu(address) and value is not None and policy.import_vat == "seller":
        limit = money_words(IOSS_LIMIT)
        if value.currency != IOSS_LIMIT.currency:
            number = "" if policy.ioss else ", and there is no IOSS number"
            found.append(
                f"declared in {value.currency}: whether IOSS applies, up to {limit}, depends on the day's rate{number}"
            )
        elif value.minor > IOSS_LIMIT.minor:
            found.append(f"above {limit}: no IOSS, import VAT and duty are due on arrival")
    if areas(place_of(address).zone) == frozenset(("GB",)) and policy.import_vat == "seller" and not policy.uk_vat:
        found.append(f"to Great Britain without a British VAT number: the seller owes VAT up to {UK_LIMIT}")
    return tuple(found)


def money_words(money: Money) -> str:
    """Write an amount with its currency: `EUR 150.00`."""
    return f"{money.currency} {money.digits()}"


@lru_cache(maxsize=4096)
def _line_gap(sku: str, hs_code: str, origin: str, description: str, value: Money | None, currency: str) -> str:
    """Say what customs lacks of a product, or nothing."""
    lacking = []
    if not hs_code:
        lacking.append("HS code")
    elif not _HS_CODE.fullmatch(hs_code):
        lacking.append(f"HS code of 6, 8 or 10 digits (“{hs_code}”)")
    if not origin:
        lacking.append("origin")
    if not description.strip():
        lacking.append("description")
    if value is None or value.currency != currency:
        lacking.append(f"declared value in {currency}")
    elif value.minor <= 0:
        lacking.append("declared value above 0")
    return f"{sku} has no {', no '.join(lacking)}" if lacking else ""
