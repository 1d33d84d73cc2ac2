"""Cities made comparable (rule N12): abbreviations, known names in other languages, CEDEX."""

from __future__ import annotations

import re
from functools import lru_cache

from data.addresses.fold import UMLAUT_COUNTRIES, folded
from data.addresses.tables import table
from data.addresses.words import same_words

_CEDEX = re.compile(r"\s+cedex(?:\s+\d{1,2})?$", re.ASCII)
_PUNCTUATION = re.compile(r"[^\w\u0900-\u0fff()]+")
_DROPPED = re.compile(r"['.]")
_INNER_STOP = re.compile(r"(?<=\w)\.(?=\w)")


@lru_cache(maxsize=300)
def _exonyms(country: str) -> dict[str, str]:
    umlauts = country in UMLAUT_COUNTRIES
    made: dict[str, str] = {}
    for row in table("cities.toml")["exonyms"].get(country, ()):
        names = [folded(name, umlauts) for name in row.split("|")]
        made.update(dict.fromkeys(names, names[0]))
    return made


@lru_cache(maxsize=8192)
def city_key(value: str, country: str) -> str:
    """Return a city's name folded, without CEDEX, under the one name that all its known names share."""
    text = _DROPPED.sub("", _INNER_STOP.sub(" ", folded(value, country in UMLAUT_COUNTRIES)))
    text = _PUNCTUATION.sub(" ", text).strip()
    text = _CEDEX.sub("", text)
    return _exonyms(country).get(text, text)


def same_city(one: str, other: str, country: str) -> bool:
    """Tell whether two texts are notations of one city's name in one country; an unknown other name is another city."""
    first, second = city_key(one, country), city_key(other, country)
    return first == second or same_words(tuple(first.split()), tuple(second.split()), country)
