"""Whether two addresses name one place and one person, by canonical keys; a name alone may also be merely alike.

What matches is shown, never merged by itself: a telephone number or an e-mail address is shared by households
(addresses.md 5: by phone alone one match in six is another person; by street and name one in 160).
"""

from __future__ import annotations

from functools import lru_cache

from data.addresses.cities import city_key
from data.addresses.formats import format_of
from data.addresses.names import company_key, name_words
from data.addresses.postcodes import postcode_of
from data.addresses.street import street_of
from data.addresses.street_compare import compare_streets
from data.addresses.territories import place_of
from data.addresses.words import word_class
from data.model import Address

ALIKE = 80
"""From this likeness of 100 two names at one place are taken for notations of one (addresses.md 5)."""


def place_text(address: Address) -> str:
    """Return a text that is equal for every notation of one place: country, postcode, street, number, flat.

    Empty where the address does not name a place: no country, no street, neither postcode nor city.
    """
    country = place_of(address).country
    street = street_of(address.line1, address.line2, country)
    code = postcode_of(address.postcode, country)
    # Where a country has no postcodes, whatever stands there tells nothing.
    exact = code.valid and format_of(country).postcode is not None
    where = code.key if exact else f"{code.key}/{city_key(address.city, country)}"
    door = _door(street.tokens, country)
    if not country or where == "/" or not (door or street.boxes):
        return ""
    flats = " ".join(f"{kind}:{value}" for kind, value in sorted(street.units))
    return "|".join((country, where, door, " ".join(street.boxes), flats))


def person_text(address: Address) -> str:
    """Return a text that is equal for every notation of one addressee: the person, else the company."""
    country = place_of(address).country
    return " ".join(name_words(address.name, country) or company_key(address.company, country))


def same_place(one: Address, other: Address) -> bool:
    """Tell whether two addresses name one place, as surely as a parcel needs it; one that names none is like no other.

    The keys bring candidates together, the comparison that decides changes of address has the last word.
    """
    found = place_text(one)
    if not found or found != place_text(other):
        return False
    country = place_of(one).country
    street, others = street_of(one.line1, one.line2, country), street_of(other.line1, other.line2, country)
    return compare_streets(street, others, country).mark in ("cosmetic", "contact")


@lru_cache(maxsize=8192)
def alike(one: str, other: str) -> bool:
    """Tell whether two texts of `person_text` may name one person at one place; an empty one names nobody."""
    if not one or not other:
        return False
    if one == other:
        return True
    first, second = set(one.split()), set(other.split())
    own, others = first - second, second - first
    if own and others and (_are_initials(own) or _are_initials(others)):
        return bool(first & second) and {each[0] for each in own} == {each[0] for each in others}
    from rapidfuzz import fuzz

    return fuzz.ratio(one, other) >= ALIKE


def _are_initials(words: set[str]) -> bool:
    return all(len(word) == 1 for word in words)


def _door(tokens: tuple[str, ...], country: str) -> str:
    """Write a street's words one way and without the spaces between them; what has a digit stands apart."""
    parts: list[str] = []
    for token in tokens:
        if any(each.isdigit() for each in token):
            parts.append(f" {token} ")
        else:
            parts.append(word_class(token, country))
    return " ".join("".join(parts).split())
