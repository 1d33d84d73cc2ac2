"""Which country a text names: ISO 3166-1 codes, and names in 67 languages.

Sources: Unicode CLDR and ISO 3166-1 (generated, see `tables/__main__.py`); what else people write:
`tables/countries.toml`.
A name loses the territory ("France" for Réunion): `territories.promoted` mends that by the postcode.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

from data.addresses.tables import table


def folded_name(name: str) -> str:
    """Fold a country's name for looking up: no case, Latin accents, spaces, punctuation, leading article."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    kept = []
    latin = False
    for character in folded:
        if unicodedata.combining(character):
            if latin:
                continue
        elif not character.isalnum() and not unicodedata.category(character).startswith("M"):
            latin = False
            kept.append(" ")
            continue
        else:
            latin = character < "\u0250" or "\u0370" <= character < "\u0530"
        kept.append(character)
    words = "".join(kept).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return unicodedata.normalize("NFC", "".join(words))


@cache
def _names() -> dict[str, str]:
    """Return folded name → code; a name that several countries share is absent."""
    made = table("country_names.json")
    by_hand = table("countries.toml")
    found: dict[str, str] = {}
    for code, names in made["names"].items():
        found.update(dict.fromkeys(names.split(" "), code))
    found.update({iso3.casefold(): code for iso3, code in made["iso3"].items()})
    for code, names in by_hand["names"].items():
        found.update({folded_name(name): code for name in names})
    for name in by_hand["ambiguous"]["names"]:
        found.pop(folded_name(name), None)
    found.update({code.casefold(): code for code in made["english"]})
    found.update(by_hand["codes"])
    return found


@lru_cache(maxsize=4096)
def country_code(name_or_code: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code that a name or code (alpha-2, alpha-3) means; None if unknown or ambiguous."""
    text = name_or_code.strip()
    if not text or len(text) > 100:
        return None
    names = _names()
    if found := names.get(folded_name(text)):
        return found
    # "France, Mayotte (eaux territoriales)": a remark behind the name; the name is tried without it.
    bare = text.split("(")[0]
    return names.get(folded_name(bare)) if bare != text else None


@cache
def _english() -> dict[str, str]:
    names: dict[str, str] = table("country_names.json")["english"]
    return names


def is_country(code: str) -> bool:
    """Tell whether text is an ISO 3166-1 alpha-2 code (or XK) in capitals."""
    return code in _english()


def country_name(code: str) -> str:
    """Return the English name in capitals, as a label's last line has it; the text itself where the code is unknown."""
    shown: dict[str, str] = table("countries.toml")["label"]
    return shown.get(code) or _english().get(code, code).upper()


@cache
def _alpha3() -> dict[str, str]:
    return {code: iso3 for iso3, code in table("country_names.json")["iso3"].items()}


def country_alpha3(code: str) -> str:
    """Return the ISO 3166-1 alpha-3 code of an alpha-2 code; XKX for Kosovo; the text itself where it is unknown."""
    return "XKX" if code == "XK" else _alpha3().get(code, code)


def suggested_country(text: str) -> str | None:
    """Return the code whose name is nearest to a misspelt one; a proposal for a person, never taken for granted.

    Names of fewer than five letters are not guessed: `Iran` and `Iraq` are one letter apart.
    """
    from rapidfuzz import fuzz, process

    wanted = folded_name(text)
    ambiguous = {folded_name(name) for name in table("countries.toml")["ambiguous"]["names"]}
    if not 5 <= len(wanted) <= 60 or wanted in ambiguous:
        return None
    found = process.extract(wanted, list(_names()), scorer=fuzz.ratio, score_cutoff=85, limit=3)
    codes = {_names()[name] for name, _score, _index in found}
    return codes.pop() if len(codes) == 1 else None
