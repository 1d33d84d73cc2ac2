"""Findings about street lines and people: house number, boxes, lockers, names, telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.addresses.boxes import is_locker, lacks_post_number
from data.addresses.countries import country_name
from data.addresses.damage import is_placeholder, is_test_name
from data.addresses.findings import Finding, error, info, warning
from data.addresses.fold import folded
from data.addresses.formats import HOUSE_NUMBER_NEEDED
from data.addresses.names import name_words
from data.addresses.phones import phone_of
from data.addresses.street import street_of
from data.addresses.territories import Place
from data.model import Address
from data.text import visible

# A number written out, or the words for "no number", which are an answer too (libpostal's no_number lists, MIT).
_NUMBER_WORDS = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)\b"
    r"|\bs\s?/\s?n\b|\bsn\b|\bsin numero\b|\bsem numero\b|\bbb\b|\bb\.b\.|\bsnc\b|\bno number\b"
    r"|\bsans numero\b|\bohne nummer\b|\bo\.?\s?nr\b"
)
_CJK_NUMBERS = frozenset("一二三四五六七八九十百千")


def lacks_house_number(line1: str, line2: str, country: str) -> bool:
    """Tell whether street lines have nothing that could be a house number, a flat, a box or a locker."""
    street = street_of(line1, line2, country)
    if street.kind != "street" or street.numbers or street.units:
        return False
    text = street.whole
    if any(each.isdigit() for each in text) or _NUMBER_WORDS.search(text[:200]):
        return False
    return not (country in ("JP", "CN", "TW", "HK") and _CJK_NUMBERS & set(text))


def street_findings(address: Address, place: Place) -> Iterator[Finding]:
    """Yield what is doubtful about the street lines."""
    country = place.country
    line1, line2 = address.line1, address.line2
    if not (line1 or line2):
        return
    if lacks_post_number(line1, line2, country, address.company, address.name):
        yield error("line2", "packstation_number", "a Packstation needs the receiver's Postnummer of 6 to 10 digits")
    street = street_of(line1, line2, country)
    if "box" in street.kind:
        yield info("line1", "po_box", "a PO box: postal services deliver there, couriers do not")
    text = folded(f"{line1} {line2}")
    if is_locker(text, country):
        yield info("line1", "locker", "a parcel locker or pick-up shop: only its own carrier delivers there")
    if lacks_house_number(line1, line2, country) and not is_placeholder(line1):
        if country in HOUSE_NUMBER_NEEDED:
            yield warning("line1", "house_number_missing", f"no house number; {country_name(country)} uses them")
        else:
            yield info("line1", "house_number_missing", "no house number; usual in many places here")
    if line2 and address.city and folded(line2) == folded(address.city):
        yield info("line2", "city_repeated", "repeats the city", "")


def contact_findings(address: Address, place: Place) -> Iterator[Finding]:
    """Yield what customs and carriers will stumble over in name and telephone number."""
    name = address.name.strip()
    if not name and not address.company.strip():
        yield warning("name", "name_missing", "nobody to deliver to")
    elif name and not (is_test_name(name) or is_placeholder(name)):
        words = name_words(name, place.country)
        if not any(each.isalpha() for each in name):
            yield warning("name", "name_customs", "has no letters; customs wants a person's name")
        elif len(words) == 1 and len(words[0]) <= 2 and name.isascii():
            yield warning("name", "name_customs", "is an initial; customs wants a whole name")
        elif len(words) == 1 and name.isascii() and not address.company.strip():
            yield info("name", "name_customs", "is one word; customs wants given and family name")
        elif any(each.isdigit() for each in name):
            yield info("name", "name_customs", "has digits; customs wants a person's name")
    yield from _phone_findings(address, place)


def _phone_findings(address: Address, place: Place) -> Iterator[Finding]:
    if not address.phone.strip():
        return
    number = phone_of(address.phone, place.country)
    shown = visible(address.phone[:40])
    if number.damage == "scientific":
        yield error(
            "phone", "lost_digits", f"a spreadsheet threw digits of “{shown}” away; ask the backer or export again"
        )
    elif number.damage == "excel":
        yield warning("phone", "phone_excel", f"“{shown}” is a spreadsheet's notation", number.repair or None)
    elif not number.possible:
        yield warning(
            "phone",
            "phone_impossible",
            f"“{shown}” can't be a telephone number of {country_name(place.country) or 'any country'}",
        )
    elif not number.valid:
        yield info("phone", "phone_unknown", f"“{shown}” is in no number plan known here")
