"""PO boxes and parcel lockers: what kind of place a street line names (rule N20).

Patterns and their sources: `tables/boxes.toml`; short tokens count only in the countries that use them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from data.addresses.tables import table

_VALUE = r"(?:\s?(?:no\b\.?|nr\b\.?|n[o°]\.?|#|:|№)){0,2}\s?(?P<value>(?:[a-z]\.?\s?)?\d[\d\- ]{0,12}[a-z]?(?!\w))?"
_POSTNUMBER = re.compile(r"(?<![\d\w])(?:post\s?(?:nummer|nr\.?|number)\s?:?\s?)?(\d{6,10})(?!\d)", re.ASCII)
_PACKSTATION = re.compile(r"\bpackstation\b", re.ASCII)


@dataclass(frozen=True, slots=True)
class Box:
    """A PO box found in a line."""

    number: str
    """Letters and digits of the box without spaces; empty where none is given."""
    start: int
    end: int


@lru_cache(maxsize=300)
def _pattern(country: str) -> re.Pattern[str]:
    rules = table("boxes.toml")
    words = list(rules["boxes"]["always"])
    for short in rules["short"]:
        wanted = country in short["in"].split() if "in" in short else country not in short["not_in"].split()
        if wanted:
            words.append(short["pattern"])
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)}){_VALUE}", re.IGNORECASE)


@lru_cache(maxsize=1)
def _native() -> re.Pattern[str]:
    """Words of scripts without spaces: they may stand inside other words."""
    return re.compile(r"(?:私書箱|郵政信箱|邮政信箱|[號号]信箱|사서함)\s?(?P<value>\d[\d\-]{0,12})?")


def find_box(text: str, country: str) -> Box | None:
    """Return the PO box in folded text of at most 500 characters, or None."""
    if len(text) > 500:
        return None
    found = _pattern(country).search(text) or (None if text.isascii() else _native().search(text))
    if not found:
        return None
    value = re.sub(r"[\s.]", "", found["value"] or "")
    return Box(value.rstrip("-"), found.start(), found.end())


@lru_cache(maxsize=60)
def _locker(country: str) -> re.Pattern[str] | None:
    pattern = table("boxes.toml")["lockers"].get(country)
    return re.compile(pattern, re.IGNORECASE) if pattern else None


def is_locker(text: str, country: str) -> bool:
    """Tell whether folded text names a parcel locker or a pick-up shop of the country."""
    pattern = _locker(country)
    return bool(pattern and pattern.search(text[:500]))


def lacks_post_number(line1: str, line2: str, country: str, company: str = "", name: str = "") -> bool:
    """Tell whether a German Packstation stands without the Postnummer of its receiver.

    6 to 10 digits, in any line: DHL's Parcel DE Shipping API v2.
    """
    if country != "DE" or "packstation" not in f"{line1} {line2}".casefold():
        return False
    text = f"{line1} {line2} {company} {name}".casefold()[:500]
    return bool(_PACKSTATION.search(text)) and not _POSTNUMBER.search(text)
