"""Text made comparable: cleaned (what a label would print), folded (no case, no accents), with ASCII digits.

Rules N1 to N4 of the address reference; the folding of letters follows Unicode NFKC and casefold.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from data.addresses.tables import word_set

_DROPPED = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad\u061c\ufe00-\ufe0f]")
_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
        "þ": "th",
        "ð": "d",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "n",
        "ə": "e",
        "ŀ": "l",
    }
    | dict.fromkeys("\u2018\u2019\u02bc\u0060\u00b4\u02b9\u2032", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\u30fc", "-")
)
UMLAUT_COUNTRIES = word_set("DE AT CH LI SE NO DK FI IS EE LU AX FO GL SJ")
_UMLAUT = re.compile(r"ae|oe|ue|aa")
_UMLAUT_TO = {"ae": "a", "oe": "o", "ue": "u", "aa": "a"}
# The prolonged sound mark is a letter of Japanese words; only beside a digit is it a hyphen.
_KANA_MARK = re.compile("(?<![0-9\uff10-\uff19])\u30fc|\u30fc(?![0-9\uff10-\uff19])")
_SCRIPTS = re.compile(
    "(?P<cyrillic>[\u0400-\u052f])|(?P<greek>[\u0370-\u03ff\u1f00-\u1fff])|(?P<caucasian>[\u0530-\u058f\u10a0-\u10ff])"
    "|(?P<other>[\u0590-\u0e7f\u0e80-\u0fff\u1000-\u109f\u1100-\u11ff\u1200-\u137f\u1780-\u17ff\u3040-\u30ff"
    "\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff])"
)


@lru_cache(maxsize=8192)
def cleaned(value: str) -> str:
    """Return what a label would print: NFC, no invisible characters, single spaces, trimmed (N1)."""
    if value.isascii() and value.isprintable():
        return (
            " ".join(value.split(" "))
            if "  " not in value and value[:1] != " " != value[-1:]
            else " ".join(value.split())
        )
    return _SPACES.sub(" ", _DROPPED.sub("", unicodedata.normalize("NFC", value))).strip()


def ascii_digits(value: str) -> str:
    """Write every decimal digit of any script as 0-9 (N3); nothing else changes."""
    if value.isascii():
        return value
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in value)


@lru_cache(maxsize=8192)
def folded(value: str, umlauts: bool = False) -> str:
    """Return text without case, Latin accents and typographic variants (N2, N3).

    Marks of Indic, Thai and other scripts stay: without them words become others. With `umlauts`, ae oe ue aa become
    a o u a besides (N4), as in `UMLAUT_COUNTRIES`.
    """
    text = cleaned(value)
    if text.isascii():
        text = text.casefold().replace("`", "'")
    else:
        text = _KANA_MARK.sub("\u0001", text)
        text = unicodedata.normalize("NFKC", text).translate(_LETTERS).casefold()
        decomposed = unicodedata.normalize("NFD", text)
        kept: list[str] = []
        latin = False
        for character in decomposed:
            if unicodedata.combining(character) and latin:
                continue
            if not unicodedata.combining(character):
                latin = character < "\u0590" or "\u1e00" <= character < "\u2000"
            kept.append(character)
        text = ascii_digits(unicodedata.normalize("NFC", "".join(kept))).translate(_LETTERS).replace("\u0001", "ー")
    if umlauts:
        text = _UMLAUT.sub(lambda found: _UMLAUT_TO[found.group()], text)
    return text


def script_of(value: str) -> str:
    """Return the first script that is not Latin: `cyrillic`, `greek`, `caucasian` (Georgian, Armenian), `other`."""
    if value.isascii():
        return "latin"
    found = _SCRIPTS.search(value)
    return found.lastgroup or "latin" if found else "latin"
