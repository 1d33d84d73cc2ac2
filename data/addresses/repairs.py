"""Whether a change of one field puts right what a check objects to in the old value, and nothing more.

A repair counts only where the new value is what the old one stood for: 7030 to 07030 is one, 7030 to 07302 is a move.
"""

from __future__ import annotations

from data.addresses.boxes import lacks_post_number
from data.addresses.check_place import is_swapped, split_city
from data.addresses.check_street import lacks_house_number
from data.addresses.cities import same_city
from data.addresses.damage import is_placeholder, unmojibaked, without_email
from data.addresses.formats import HOUSE_NUMBER_NEEDED, format_of
from data.addresses.phones import could_stand_for, phone_of, same_phone
from data.addresses.postcodes import postcode_of
from data.addresses.regions import fits_postcode, is_known_region
from data.addresses.street import Street, street_of
from data.addresses.street_compare import compare_streets
from data.addresses.words import same_words
from data.model import Address


def postcode_repair(old: Address, new: Address, country: str) -> str | None:
    """Return in words how a change of postcode repairs, or None."""
    before, after = postcode_of(old.postcode, country), postcode_of(new.postcode, country)
    if not after.valid or before.valid:
        return None
    if not before.key:
        split = split_city(old.city, country)
        if split and postcode_of(split[1], country).key != after.key:
            return None
        return "postcode was missing" if split or "postcode" in format_of(country).required else None
    if is_swapped(old, country):
        return "city and postcode were exchanged" if postcode_of(old.city, country).key == after.key else None
    if is_placeholder(old.postcode):
        return "placeholder replaced"
    repaired = {postcode_of(each, country).key for each in before.repairs}
    if repaired and after.key not in repaired:
        return None
    return f"{before.printed}->{after.printed} (old value failed validation)"


def region_repair(old: Address, new: Address, country: str) -> str | None:
    """Return in words how a change of region repairs, or None."""
    if fits_postcode(new.region, new.postcode, country) is False:
        return None
    if not old.region:
        return "region was missing" if "region" in format_of(country).required else None
    if not new.region:
        return None
    if fits_postcode(old.region, old.postcode, country) is False and fits_postcode(new.region, new.postcode, country):
        return f"{old.region}->{new.region} (old region did not fit the postcode)"
    if is_known_region(old.region, country) is False and is_known_region(new.region, country):
        return f"{old.region}->{new.region} (old region is unknown)"
    repaired = unmojibaked(old.region)
    return "wrong encoding put right" if repaired and is_known_region(repaired, country) else None


def city_repair(old: Address, new: Address, country: str) -> str | None:
    """Return in words how a change of city repairs, or None."""
    if not new.city or is_placeholder(new.city, city=True):
        return None
    if not old.city:
        return "city was missing" if "city" in format_of(country).required else None
    if is_placeholder(old.city, city=True):
        return "placeholder replaced"
    if is_swapped(old, country):
        return "city and postcode were exchanged" if same_city(old.postcode, new.city, country) else None
    split = split_city(old.city, country)
    if (
        split
        and same_city(split[0], new.city, country)
        and postcode_of(split[1], country).key == postcode_of(new.postcode, country).key
    ):
        return "postcode stood in the city"
    repaired = unmojibaked(old.city)
    if repaired and same_city(repaired, new.city, country):
        return "wrong encoding put right"
    bare = without_email(old.city)
    return "e-mail address removed" if bare and same_city(bare, new.city, country) else None


def street_repair(old: Address, new: Address, country: str) -> str | None:
    """Return in words how a change of the street lines repairs, or None."""
    if not (new.line1 or new.line2) or is_placeholder(new.line1):
        return None
    if not (old.line1 or old.line2):
        return "street was missing"
    if is_placeholder(old.line1):
        return "placeholder replaced"
    after = street_of(new.line1, new.line2, country)
    for change, words in ((unmojibaked, "wrong encoding put right"), (without_email, "e-mail address removed")):
        line1, line2 = change(old.line1), change(old.line2)
        if line1 is None and line2 is None:
            continue
        mended = street_of(old.line1 if line1 is None else line1, old.line2 if line2 is None else line2, country)
        if compare_streets(mended, after, country).mark in ("same", "cosmetic"):
            return words
    if lacks_post_number(old.line1, old.line2, country, old.company, old.name):
        if not lacks_post_number(new.line1, new.line2, country, new.company, new.name) and _packstation_kept(old, new):
            return "Postnummer was missing"
        return None
    before = street_of(old.line1, old.line2, country)
    if (
        country in HOUSE_NUMBER_NEEDED
        and lacks_house_number(old.line1, old.line2, country)
        and _number_added(before, after, country)
    ):
        return "house number was missing"
    return None


def _packstation_kept(old: Address, new: Address) -> bool:
    before = street_of(old.line1, old.line2, "DE")
    after = street_of(new.line1, new.line2, "DE")
    left = list(after.tokens)
    for token in before.tokens:
        if token not in left:
            return False
        left.remove(token)
    return sum(each.isdigit() and 6 <= len(each) <= 10 for each in left) == 1 and len(left) <= 2


def _number_added(before: Street, after: Street, country: str) -> bool:
    """Tell whether only one number was added to the same words: 12, 12a or 12-14, not a second number."""
    numbers = after.numbers
    words = tuple(each for each in after.tokens if each not in numbers)
    same_rest = before.units == after.units and before.care_of == after.care_of and before.kind == after.kind
    return len(numbers) == 1 and same_rest and same_words(before.tokens, words, country)


def phone_repair(old: str, new: str, country: str) -> str | None:
    """Return in words how a change of the telephone number repairs, or None."""
    before, after = phone_of(old, country), phone_of(new, country)
    if not old or not after.possible or after.damage:
        return None
    if before.damage == "scientific":
        return "digits a spreadsheet threw away are back" if could_stand_for(old, new, country) else None
    if before.damage == "excel":
        return "spreadsheet's notation put right" if same_phone(before.repair, new, country) else None
    if not before.possible and after.valid:
        return "unusable phone replaced"
    return None
