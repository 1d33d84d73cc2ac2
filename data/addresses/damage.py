"""What files and forms do to text: wrong encodings, lost characters, placeholders, e-mail addresses in the wrong place.

Mojibake: ftfy's `fix_encoding` (Apache-2.0), imported when text beyond ASCII is read. Placeholders:
`tables/placeholders.toml`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from data.addresses.fold import folded
from data.addresses.tables import table
from data.text import has_hidden

_REPEATED = re.compile(r"(?:([^\W\d_])\1{2,}|[\W_]+|0+)")
_EMAIL = re.compile(r"(?<![\w.+\-])[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,4}")
_PHONE = re.compile(r"(?<![\w/])(?:\+\d|00[1-9]|\(\d{2,4}\)\s?\d)[\d ()\-./]{7,16}\d(?!\w)", re.ASCII)
_QUESTION = re.compile(r"[^\W\d_]\?+[^\W\d_]|\ufffd")
_TEST_NAMES = re.compile(r"\b(?:test|tester|testing|do not ship|dummy|asdf|qwerty)\b")
_QUOTES = re.compile(r"""=?["']""")
_SCIENTIFIC = re.compile(r"\d[.,]\d{2,15}e\+\d{1,2}", re.ASCII)


def is_placeholder(value: str, city: bool = False) -> bool:
    """Tell whether text stands for a street (or a city) that was not given: `same as billing`, `N/A`, `asdf`, `TBD`."""
    text = folded(value).strip(" .!-_*?")
    if not text:
        return bool(value.strip())
    if len(text) > 80:
        return False
    if city and text in _placeholders("towns"):
        return False
    if text in _placeholders("exact") or (city and text in _placeholders("city")):
        return True
    return bool(_beginnings().match(text) or _REPEATED.fullmatch(text))


def is_test_name(value: str) -> bool:
    """Tell whether a name looks like somebody's trial: `Test Test`, `do not ship`."""
    return bool(_TEST_NAMES.search(folded(value)[:200]))


def without_email(value: str) -> str | None:
    """Return text without the e-mail address in it, or None when there is none."""
    if "@" not in value:
        return None
    bare, count = _EMAIL.subn("", value[:500])
    return re.sub(r"[\s,;]{1,20}$|^[\s,;]{1,20}", "", bare) + value[500:] if count else None


def has_phone(value: str) -> bool:
    """Tell whether a street line holds a telephone number: international, or with its area code in brackets."""
    return bool(_PHONE.search(value[:500]))


@cache
def _placeholders(kind: str) -> frozenset[str]:
    return frozenset(table("placeholders.toml")[kind])


@cache
def _beginnings() -> re.Pattern[str]:
    phrases = sorted(map(re.escape, _placeholders("begins")), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(phrases)})\b")


@lru_cache(maxsize=8192)
def unmojibaked(value: str) -> str | None:
    """Return text in its right encoding where it was read in a wrong one (`MÃ¼nchen`), or None if nothing is wrong."""
    if value.isascii() or len(value) > 500:
        return None
    import ftfy

    fixed = str(ftfy.fix_encoding(value))
    if fixed == value or "\ufffd" in fixed:
        fixed = _reread(value) or value
    # Typographic changes alone are no mojibake, and a repair that brings controls is none.
    if fixed == value or has_hidden(fixed) or len(fixed) >= len(value):
        return None
    return unicodedata.normalize("NFC", fixed)


def _reread(value: str) -> str | None:
    """Undo UTF-8 that was read as Windows-1252 or Latin-1; only text that is wholly valid UTF-8 then counts."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return value.encode(encoding).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return None


def has_lost_characters(value: str) -> bool:
    """Tell whether a letter was replaced by `?` or U+FFFD inside a word; nothing can bring it back but the backer."""
    return bool(_QUESTION.search(value))


def is_scientific(value: str) -> bool:
    """Tell whether text is a number whose digits a spreadsheet threw away: `2.02456E+09`."""
    return bool(_SCIENTIFIC.fullmatch(folded(value).replace(" ", "")))


def is_quoted(value: str) -> bool:
    """Tell whether text begins as a spreadsheet's quoted text: an apostrophe, `="`."""
    return bool(_QUOTES.match(value))
