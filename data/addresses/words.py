"""Words of streets, buildings and cities: whether two tokens are the same word in one country (rules N6, N8, N19).

Source of the words: `tables/street_words.toml`. Two tokens are the same where a word is common to what both may stand
for; that is not transitive, and no token with a digit is ever taken for another.
"""

from __future__ import annotations

import re
from functools import lru_cache

from data.addresses.fold import UMLAUT_COUNTRIES, folded, script_of
from data.addresses.formats import format_of
from data.addresses.tables import table, word_set

ENGLISH_NUMBERED = word_set("US CA GB AU NZ IE PR VI GU AS MP JE GG IM ZA")
"""Countries where Fifth and 5th are one street name (N8); Shopify's English-speaking list and the US territories."""
_ORDINALS = """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
    sixteenth seventeenth eighteenth nineteenth twentieth
"""
_ORDINAL_NUMBER = {word: str(number) for number, word in enumerate(_ORDINALS.split(), start=1)}
_ENGLISH_SUFFIX = re.compile(r"(\d{1,4})(?:st|nd|rd|th)", re.ASCII)
_FRENCH_SUFFIX = re.compile(r"(\d{1,4})(?:er|ere|eme)", re.ASCII)
FRENCH_NUMBERED = word_set("FR BE LU MC GP MQ GF RE YT MF BL PM NC PF WF")
# Languages of addresses besides the official ones.
_MORE_LANGUAGES = {
    "ru": "MD KZ KG BY UA UZ TJ AM GE MN LV EE",
    "de": "LI BE",
    "es": "US PR AD",
    "fr": "AD MA DZ TN LB",
    "pt": "MO",
    "sr": "MK ME XK",
    "sq": "XK",
    "fi": "AX",
}


@lru_cache(maxsize=300)
def _heads(country: str) -> dict[str, frozenset[str]]:
    """Return token → the words it may stand for, in the languages of a country and English."""
    owners: dict[str, set[str]] = {}
    more = (language for language, countries in _MORE_LANGUAGES.items() if country in countries.split())
    languages = dict.fromkeys((*format_of(country).languages, *more))
    umlauts = country in UMLAUT_COUNTRIES
    words = table("street_words.toml")
    for language in languages:
        for line in words.get(language, "").split("\n"):
            forms = [folded(form, umlauts) for form in line.split()]
            for form in forms:
                owners.setdefault(form, set()).add(forms[0])
    return {form: frozenset(found) for form, found in owners.items()}


def heads(token: str, country: str) -> frozenset[str] | None:
    """Return the words a token may stand for, or None when it is in no dictionary of the country."""
    return _heads(country).get(token)


@lru_cache(maxsize=300)
def _classes(country: str) -> dict[str, str]:
    """Return token → the first of all words that are tied to it by a word in common: `st`, `street`, `saint`."""
    first: dict[str, str] = {}

    def root(word: str) -> str:
        while (up := first.get(word, word)) != word:
            word = up
        return word

    for form, found in _heads(country).items():
        for word in found:
            one, other = sorted((root(form), root(word)))
            first[other] = one
    return {form: root(form) for form in _heads(country)}


def word_class(token: str, country: str) -> str:
    """Return one word for all that a token may be the same as, for keys that bring candidates together.

    Wider than `same_word`, which is not transitive; a word in no dictionary stands for itself.
    """
    return _classes(country).get(token, token)


def ordinal(token: str, country: str) -> str:
    """Return the number of an ordinal: `fifth`, `5th` → `5` where English is spoken, `1er` → `1` where French is.

    A single letter behind a number is never an ordinal: 3e and 3a are other doors.
    """
    if country in ENGLISH_NUMBERED:
        if token in _ORDINAL_NUMBER:
            return _ORDINAL_NUMBER[token]
        if found := _ENGLISH_SUFFIX.fullmatch(token):
            return found[1]
    if country in FRENCH_NUMBERED and (found := _FRENCH_SUFFIX.fullmatch(token)):
        return found[1]
    return token


# Schemes of romanisation differ in these; both sides are written the same way before they are compared.
_WRITTEN = "shch:sc sht:st zh:z kh:h ts:c tz:c ch:c sh:s ph:f ck:k x:ks w:v yo:e jo:e ye:e je:e ou:u oy:u q:k"
_SCHEMES = tuple((pair.partition(":")[0], pair.partition(":")[2]) for pair in _WRITTEN.split())
_GLIDES = re.compile(r"[yij'’ʹʺ\"-]")
_DOUBLED = re.compile(r"([a-z])\1")


@lru_cache(maxsize=8192)
def romanised(token: str) -> str:
    """Write a Cyrillic, Greek, Georgian, Armenian or Latin word so that schemes of romanisation agree (N19)."""
    from anyascii import anyascii

    text = str(anyascii(token)).casefold()
    for scheme, written in _SCHEMES:
        text = text.replace(scheme, written)
    return _DOUBLED.sub(r"\1", _GLIDES.sub("", text))


@lru_cache(maxsize=8192)
def latin(token: str) -> str:
    """Transliterate a word of an alphabetic script, folded; Latin words come back as they are."""
    from anyascii import anyascii

    return token if token.isascii() else str(anyascii(token)).casefold().replace("'", "")


def same_word(one: str, other: str, country: str) -> bool:
    """Tell whether two folded tokens are one word, written out or abbreviated, or the same word in two alphabets."""
    if one == other:
        return True
    if any(each.isdigit() for each in one) or any(each.isdigit() for each in other):
        # A letter behind a number may come in another alphabet.
        return one.isascii() != other.isascii() and latin(one) == latin(other)
    first, second = heads(one, country), heads(other, country)
    if (first or frozenset({one})) & (second or frozenset({other})):
        return True
    scripts = {script_of(one), script_of(other)}
    if len(scripts) == 2 and "latin" in scripts and "other" not in scripts:
        return bool(_sounds(one, country) & _sounds(other, country))
    return False


def _sounds(token: str, country: str) -> frozenset[str]:
    """Return what a token may stand for, romanised: `вул` and `vul` are both vulytsia."""
    written = latin(token)
    words = (heads(token, country) or frozenset({token})) | (heads(written, country) or frozenset())
    return frozenset(sound for word in words if len(sound := romanised(word)) > 1)


def same_words(one: tuple[str, ...], other: tuple[str, ...], country: str) -> bool:
    """Tell whether two sequences of tokens are the same words in the same order; a moved space is no difference."""
    if one == other:
        return True
    if len(one) == len(other) and all(same_word(a, b, country) for a, b in zip(one, other, strict=True)):
        return True
    if len(one) == len(other):
        return False
    return _joined(one, country) == _joined(other, country) or _run_together(one) == _run_together(other)


def _run_together(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Join all neighbouring words as they stand (`Linden-Allee`, `Lindenallee`), but no digits and single letters."""
    parts: list[str] = []
    open_word = False
    for token in tokens:
        plain = len(token) > 1 and not any(each.isdigit() for each in token)
        if plain and open_word:
            parts[-1] += token
        else:
            parts.append(token)
        open_word = plain
    return tuple(parts)


def _joined(tokens: tuple[str, ...], country: str) -> tuple[str, ...]:
    """Join neighbouring words; tokens with digits, single letters and words of the dictionary stay apart."""
    parts: list[str] = []
    open_word = False
    for token in tokens:
        found = heads(token, country)
        plain = len(token) > 1 and found is None and not any(each.isdigit() for each in token)
        if plain and open_word:
            parts[-1] += token
        else:
            parts.append(min(found) if found and len(found) == 1 else token)
        open_word = plain
    return tuple(parts)
