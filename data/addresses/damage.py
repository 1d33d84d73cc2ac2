"""What files and forms do to text: wrong encodings, lost characters, placeholders, e-mail addresses in the wrong place.

Mojibake: ftfy's `fix_encoding` (Apache-2.0), imported when text beyond ASCII is read. The words of placeholders are our own list.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from data.addresses.fold import folded
from data.addresses.tables import word_set
from data.text import has_hidden

_PLACEHOLDERS = frozenset(
    """n/a|na|n.a|n.a.|none|null|nil|undefined|unknown|unbekannt|inconnu|desconocido|asdf|asdfg|asdfgh|asdfasdf|asd|sdf|qwe|qwerty
    |qwertz|test|tests|test test|testing|test address|test street|test 123|foo|bar|foobar|dummy|fake|abc|abcd|xyz|xx|address|adress
    |adresse|street|street address|address line 1|address 1|my address|your address|home|my home|pending|later|no|no address
    |not applicable|not available|not known|ditto|idem|dito|same|same address|see above|see note|see notes|see comment|see comments
    |see email|see mail|see message|s.o|s.o.|s. o.|siehe oben|wie oben|gleiche adresse|comme ci-dessus|meme adresse|voir ci-dessus
    |igual|igual que arriba|misma direccion|la misma|mesmo|o mesmo|mesmo endereco|come sopra|stesso indirizzo|zie boven|zelfde
    |som ovan|samme|som ovenfor|jw|j.w.|jak wyzej|as above|as before|same as before|coming soon|will update|will send|ask me
    |contact me|please contact me|please ask|do not ship|moving|in transit|lorem ipsum|同上|同じ|なし|未定|无|無|没有|없음""".replace(
        "\n", ""
    )
    .replace("    ", "")
    .split("|")
)
_CITY_ONLY = word_set("city town stadt ville ciudad your city my city") | {"your city", "my city"}
_CITY_NAMES = frozenset(("same", "nan", "na", "no", "home", "bar", "jw", "la misma", "moving"))
"""Placeholders of a street that are, or may be, names of towns."""
_PHRASES = re.compile(
    r"(?:tbd|tba|tbc|to be (?:determined|decided|announced|confirmed|advised)|same as|see (?:above|notes?|my|other|other address)"
    r"|as (?:above|before)|wie oben|siehe oben|comme ci-dessus|igual que|come sopra|zie boven|will (?:update|send|provide|confirm|be)"
    r"|i will|i'll|please (?:contact|ask|email|e-mail|wait|hold)|don't ship|do not ship|dont ship|not yet|no longer|address to follow"
    r"|to follow)\b"
)
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
    if city and text in _CITY_NAMES:
        return False
    if text in _PLACEHOLDERS or (city and text in _CITY_ONLY):
        return True
    return bool(_PHRASES.match(text) or _REPEATED.fullmatch(text))


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
    """Tell whether a street line holds a telephone number: an international one, or one with its area code in brackets."""
    return bool(_PHONE.search(value[:500]))


@lru_cache(maxsize=8192)
def unmojibaked(value: str) -> str | None:
    """Return text read in its right encoding where it was read in a wrong one (`MÃ¼nchen`), or None when nothing is wrong."""
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
