"""Names of people and companies made comparable (rule N18)."""

from __future__ import annotations

import re
from functools import lru_cache

from data.addresses.fold import UMLAUT_COUNTRIES, cleaned, folded, script_of
from data.addresses.tables import word_set
from data.addresses.words import romanised

# Words that are also names or initials (M, Me, Fr, Don) are no titles: an initial that differs is another person.
_TITLES = word_set(
    "mr mrs ms miss mx dr prof sir rev herr frau hr monsieur madame mademoiselle mme mlle sr sra srta senor senora"
    " dona sig sigra signor signora dott ing dipl dhr mevr mevrouw mgr"
)
_COMPANY = {
    "limited": "ltd",
    "incorporated": "inc",
    "corporation": "corp",
    "company": "co",
    "und": "and",
    "et": "and",
    "og": "and",
    "och": "and",
}
_WRITTEN_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe"}
)
_SEPARATORS = re.compile(r"[\s,.;:/_\-()\"]+")


@lru_cache(maxsize=8192)
def name_words(value: str, country: str, written_out: bool = False) -> tuple[str, ...]:
    """Return the words of a person's name, folded, without titles, in alphabetical order.

    With `written_out`, ä ö ü å ø become ae oe ue aa oe first: people carry their umlauts into countries that have none.
    """
    if written_out:
        value = cleaned(value).translate(_WRITTEN_OUT)
    text = folded(value, country in UMLAUT_COUNTRIES).replace("'", "")
    words = [word for word in _SEPARATORS.split(text) if word]
    kept = [word for word in words if word not in _TITLES] or words
    return tuple(sorted(kept))


def same_name(one: str, other: str, country: str) -> bool:
    """Tell whether two names are notations of one: order, titles, accents, and alphabets are free; initials are not."""
    first, second = name_words(one, country), name_words(other, country)
    if first == second or name_words(one, country, True) == second or first == name_words(other, country, True):
        return True
    if len(first) > 1 and len(second) > 1 and "".join(first) == "".join(second):
        return True
    scripts = {script_of(one), script_of(other)}
    if len(scripts) == 2 and "latin" in scripts and "other" not in scripts:
        return sorted(map(romanised, first)) == sorted(map(romanised, second))
    return False


@lru_cache(maxsize=8192)
def company_key(value: str, country: str) -> tuple[str, ...]:
    """Return the words of a company's name in order, folded, legal forms one way."""
    text = (
        folded(value, country in UMLAUT_COUNTRIES)
        .replace("'", "")
        .replace(".", "")
        .replace("&", " and ")
        .replace("+", " and ")
    )
    return tuple(_COMPANY.get(word, word) for word in _SEPARATORS.split(text) if word)
