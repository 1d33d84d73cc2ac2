"""Postcodes: one key for every notation, whether a code is well formed, and what a damaged one was.

Rules N14 and N15: separators and country prefixes are notation, the +4 of a US code is detail; a code is never cut or
padded silently: a repair is a proposal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from data.addresses.fold import folded
from data.addresses.formats import Format, format_of
from data.addresses.tables import word_set

LONGEST = 24
_SEPARATORS = re.compile(r"[\s\-.·]+")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d{1,17})?E\+?\d{1,2}", re.ASCII)
_EXCEL = re.compile(r"""(?:=?["'](?P<quoted>[^"']{1,20})["']?|(?P<float>\d{2,10})\.0{1,2})""", re.ASCII)
_CONFUSED = {
    "O": "O0",
    "0": "0O",
    "I": "I1",
    "1": "1I",
    "L": "L1",
    "S": "S5",
    "5": "5S",
    "B": "B8",
    "8": "8B",
    "Z": "Z2",
}
_US_LIKE = word_set("US PR VI GU AS MP FM MH PW UM")
# Countries whose codes can begin with one zero, and with two (GeoNames; the countries' posts).
_ONE_ZERO = word_set(
    "DE FR ES IT FI AX NO SJ MX RO PL UA TR JP AU BR KR MY PE CO EC KZ LT CN SG ZA NZ DZ GT KW VA SM MC VN DO"
)
_TWO_ZEROS = word_set("IT FI PL JP ZA VA")
# Where the separator stands in print, counted from the left (positive) or the right (negative).
_PRINTED: dict[str, tuple[int, str]] = {
    "GB": (-3, " "), "JE": (-3, " "), "GG": (-3, " "), "IM": (-3, " "), "GI": (-3, " "), "CA": (3, " "), "NL": (4, " "),
    "SE": (3, " "), "CZ": (3, " "), "SK": (3, " "), "GR": (3, " "), "IE": (3, " "), "PL": (2, "-"), "PT": (4, "-"),
    "BR": (5, "-"), "JP": (3, "-"), "US": (5, "-"), "MT": (3, " "), "BM": (2, " "),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Postcode:
    """One postcode as it is understood."""

    key: str
    """Equal for all notations of one code; empty for an empty value."""
    printed: str
    """The country's own notation; the cleaned text where the code is not well formed."""
    valid: bool
    """Well formed; true too where the country has no postcodes, false when empty."""
    damage: str = ""
    """`lost_zero`, `scientific`, `excel`, `look_alike` or `format`, when not valid as written."""
    repairs: tuple[str, ...] = ()
    """What the code probably was, in print; the best first."""


def _candidates(compact: str, rules: Format) -> list[str]:
    """Return notations of a compact code: with the country's own prefix, and with one separator at each place."""
    starts = [compact]
    if rules.native_prefix:
        starts.append(rules.native_prefix.rstrip("- ") + compact)
        starts.append(rules.native_prefix + compact)
    if rules.country not in starts[0][:2] and len(compact) < 10:
        starts.append(rules.country + compact)
    found = list(starts)
    for start in starts:
        for place in range(1, len(start)):
            found += (f"{start[:place]} {start[place:]}", f"{start[:place]}-{start[place:]}")
    return found


@lru_cache(maxsize=8192)
def _well_formed(compact: str, country: str) -> bool:
    rules = format_of(country)
    if rules.postcode is None:
        return True
    if not compact or len(compact) > 12:
        return False
    if rules.postcode.fullmatch(compact):
        return True
    return any(rules.postcode.fullmatch(each) for each in _candidates(compact, rules))


def _compact(text: str, rules: Format) -> str:
    """Drop separators and a country's prefix: `D-10115` and `10115` are one code."""
    compact = _SEPARATORS.sub("", text)
    for prefix in rules.prefixes:
        rest = compact[len(prefix) :]
        if compact.startswith(prefix) and rest[:1].isdigit() and len(rest) > 2:
            # A letter that is part of the code stays: Argentina's B1900 is no prefix, Germany's D is one.
            return rest
    return compact


def printed(compact: str, country: str) -> str:
    """Write a well-formed compact code as its country does."""
    place, separator = (5, "-") if country in _US_LIKE else _PRINTED.get(country, (0, ""))
    shown = f"{compact[:place]}{separator}{compact[place:]}" if place and len(compact) > abs(place) else compact
    rules = format_of(country)
    if rules.postcode is None or rules.postcode.fullmatch(shown):
        return shown
    return next((each for each in _candidates(compact, rules) if rules.postcode.fullmatch(each)), shown)


def _key(compact: str, country: str) -> str:
    return compact[:5] if country in _US_LIKE and len(compact) == 9 and compact.isdigit() else compact


def _zero_padded(compact: str, rules: Format) -> str | None:
    """Put back the zeros a spreadsheet ate; None when a remaining zero shows that another digit is missing."""
    if not compact.isdigit() or compact.startswith("0") or not rules.example:
        return None
    digits = re.sub(r"\D", "", rules.example)
    length = 5 if rules.country in _US_LIKE else len(digits)
    missing = length - len(compact)
    if rules.country in _US_LIKE and len(compact) in (7, 8):
        missing = 9 - len(compact)
    if missing == 1:
        known = rules.country in _US_LIKE or rules.country in _ONE_ZERO
    else:
        known = missing == 2 and (rules.country in _US_LIKE or rules.country in _TWO_ZEROS)
    if not known:
        return None
    padded = "0" * missing + compact
    return padded if _well_formed(padded, rules.country) else None


def _unconfused(compact: str, country: str) -> tuple[str, ...]:
    """Try O for 0, I for 1 and the like; return the well-formed codes with the fewest exchanges, if they are few."""
    choices = [_CONFUSED.get(each, each) for each in compact]
    if not 4 <= len(compact) <= 10 or sum(len(each) > 1 for each in choices) > 7:
        return ()
    found: dict[int, list[str]] = {}
    for each in product(*choices):
        tried = "".join(each)
        exchanged = sum(one != other for one, other in zip(tried, compact, strict=True))
        if exchanged and exchanged <= 4 and _well_formed(tried, country):
            found.setdefault(exchanged, []).append(tried)
    return tuple(found[min(found)]) if found and len(found[min(found)]) <= 2 else ()


@lru_cache(maxsize=8192)
def postcode_of(value: str, country: str) -> Postcode:
    """Read one postcode by its country's rules; `country` is alpha-2 after promotion of territories."""
    text = folded(value).upper()
    if not text:
        return Postcode("", "", False)
    rules = format_of(country)
    if len(text) > LONGEST:
        return Postcode(text, text, rules.postcode is None, "" if rules.postcode is None else "format")
    compact = _compact(text, rules)
    if _well_formed(compact, country):
        shown = text if rules.postcode is None else printed(compact, country)
        return Postcode(_key(compact, country), shown, True)
    if _SCIENTIFIC.fullmatch(text):
        return Postcode(compact, text, False, "scientific")
    if found := _EXCEL.fullmatch(text):
        inner = _compact(found["quoted"] or found["float"], rules)
        inner = inner if _well_formed(inner, country) else _zero_padded(inner, rules) or ""
        return Postcode(compact, text, False, "excel", (printed(inner, country),) if inner else ())
    if text[0] in "'=":
        return Postcode(compact, text, False, "excel", _repaired(_compact(text.strip("'=\""), rules), rules))
    if padded := _padded(text, compact, rules):
        return Postcode(compact, text, False, "lost_zero", (printed(padded, country),))
    if likely := _unconfused(compact, country):
        return Postcode(compact, text, False, "look_alike", tuple(printed(each, country) for each in likely))
    return Postcode(compact, text, False, "format")


def _repaired(compact: str, rules: Format) -> tuple[str, ...]:
    return (printed(compact, rules.country),) if _well_formed(compact, rules.country) else ()


def _padded(text: str, compact: str, rules: Format) -> str | None:
    """Pad the code, or the five digits of a US code that stand before the hyphen."""
    head, hyphen, tail = text.partition("-")
    if rules.country in _US_LIKE and hyphen and len(tail) == 4 and tail.isdigit():
        start = _zero_padded(head, rules)
        return start + tail if start and len(start) == 5 else None
    return _zero_padded(compact, rules)


def same_postcode(one: str, other: str, country: str) -> bool:
    """Tell whether two texts are notations of one code in one country."""
    return postcode_of(one, country).key == postcode_of(other, country).key
