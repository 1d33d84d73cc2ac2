"""PO boxes and parcel lockers: what kind of place a street line names (rule N20).

Patterns re-expressed from google/libaddressinput's post box matchers, libpostal's post_office lists (both open source) and the
carriers' own pages; short tokens count only in the countries that use them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from data.addresses.tables import word_set

_GAP = r"[\s.\-]{0,3}"
_ALWAYS = (
    rf"p{_GAP}o{_GAP}box", r"p\s?/\s?o\s?box", r"post\s?(?:al|office)?\s?box\b", r"p\.?\s?o\.?\s?b\.?\s?#?\s?(?=\d)",
    r"(?:private|locked)\s?(?:mail\s?)?bag", r"gpo\s?box", r"general\s?delivery", r"poste?\s?restante", r"p\.?\s?m\.?\s?b\.?\s?#?\s?(?=\d)",
    r"postfach", r"boite\s?postale", r"case\s?postale", r"apartado(?:\s?(?:de\s?correos|postal|aereo))?(?=\W{0,4}\d)", r"apdo\b\.?",
    r"casilla(?:\s?(?:de\s?correos?|postal))?(?=\W{0,4}\d)", r"casella\s?postale", r"caixa\s?postal", r"cx\.?\s?postal", r"postbus",
    r"antwoordnummer", r"post?boks", r"postilokero", r"box\s?(?=\d{1,6}\s?$)", r"skr(?:ytka|\.)?\s?poczt(?:owa|\.)?",
    r"postovn[iy]\s?prihradka", r"postafiok", r"postanski\s?pretinac", r"casuta\s?postala", r"а/я", r"абонентский\s?ящик",
    r"абонентська\s?скринька", r"пощенска\s?кутия", r"posta\s?kutusu", r"τ\.?\s?θ\.?\s?(?=\d)", r"ת\.?\s?ד\.?\s?(?=\d)",
    r"п\.?\s?к\.?\s?(?=\d)",
    r"私書箱", r"郵政信箱", r"邮政信箱", r"[號号]信箱", r"사서함", r"صندوق\s?(?:ال)?بريد", r"ص\s?[.\-]?\s?ب(?!\w)", r"ตู้\s?ปณ",
)  # fmt: skip
_BP_NOT = word_set("US GB DE CA AU NZ IE IN PK BD LK SG MY HK")
_BY_COUNTRY = (
    (r"b\.?\s?p\.?\s?[:\-]?\s?(?=(?:[a-z]\.?\s?)?\d)", None),
    (r"t\.?s\.?a\.?\s?(?=\d)", word_set("FR GP MQ GF RE YT MC")),
    (r"c\.?\s?p\.?\s?(?=\d{1,5}\b)", word_set("CH CA FR IT BR LU PT AO MZ CV ST GW TL")),
    (r"p\.?l\.?\s?(?=\d{1,4}\b)", frozenset(("FI", "AX"))),
    (r"pf\.?\s?(?=\d)", word_set("DE AT CH HU LI")),
    (r"p\.?\s?p\.?\s?(?=\d)", word_set("CZ SK HR SI")),
    (r"p\.?k\.?\s?(?=\d)", frozenset(("TR",))),
)
_VALUE = r"(?:\s?(?:no\b\.?|nr\b\.?|n[o°]\.?|#|:|№)){0,2}\s?(?P<value>(?:[a-z]\.?\s?)?\d[\d\- ]{0,12}[a-z]?(?!\w))?"
_LOCKERS = {
    "DE": r"\bpackstation\b|\b(?:post)?filiale\s?\d{3}\b",
    "AT": r"\babholstation\b|\bpost\.?24\b",
    "PL": r"\bpaczkomat\b|\binpost\b",
    "DK": r"\b(?:pakkeboks|dognboks|pakkeshop|postnord servicepoint)\b",
    "SE": r"\b(?:paketbox|instabox|servicepoint)\b",
    "NO": r"\b(?:pakkeboks|pakkeautomat)\b",
    "FI": r"\b(?:smartpost|pakettiautomaatti|noutopiste)\b",
    "EE": r"\b(?:pakiautomaat|omniva|itella)\b",
    "LT": r"\b(?:pastomatas|omniva|lp express)\b",
    "LV": r"\b(?:pakomats|omniva)\b",
    "CZ": r"\b(?:zasilkovna|balikovna|z-box|alzabox)\b",
    "SK": r"\b(?:packeta|z-box|balikobox)\b",
    "HU": r"\b(?:foxpost|csomagautomata|mpl automata)\b",
    "FR": r"\b(?:relais\s?colis|point\s?relais|mondial\s?relay|pickup\s?station|consigne)\b",
    "BE": r"\b(?:bpack|cubee|pick-?up\s?point)\b",
    "NL": r"\b(?:postnl[- ]punt|pakketautomaat|dhl\s?servicepunt)\b",
    "ES": r"\b(?:citypaq|punto\s?pack|correos\s?lista)\b",
    "IT": r"\b(?:punto\s?poste|inpost|fermo\s?posta|fermopoint)\b",
    "GB": r"\b(?:amazon\s?locker|inpost|parcelshop|collectplus)\b",
    "US": r"\b(?:amazon\s?(?:hub|locker)|ups\s?access\s?point|gopost)\b",
    "AU": r"\bparcel\s?(?:locker|collect)\b",
    "SG": r"\b(?:popstation|pick\s?locker)\b",
    "IE": r"\bparcel\s?motel\b",
    "CN": r"菜鸟驿站|丰巢",
    "JP": r"\bpudo\b|宅配ロッカー|営業所止",
}
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
    words = [*_ALWAYS]
    for pattern, countries in _BY_COUNTRY:
        if country in countries if countries is not None else country not in _BP_NOT:
            words.append(pattern)
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
    pattern = _LOCKERS.get(country)
    return re.compile(pattern, re.IGNORECASE) if pattern else None


def is_locker(text: str, country: str) -> bool:
    """Tell whether folded text names a parcel locker or a pick-up shop of the country."""
    pattern = _locker(country)
    return bool(pattern and pattern.search(text[:500]))


def lacks_post_number(line1: str, line2: str, country: str, company: str = "", name: str = "") -> bool:
    """Tell whether a German Packstation stands without the receiver's Postnummer (6 to 10 digits; Parcel DE Shipping v2)."""
    if country != "DE" or "packstation" not in f"{line1} {line2}".casefold():
        return False
    text = f"{line1} {line2} {company} {name}".casefold()[:500]
    return bool(_PACKSTATION.search(text)) and not _POSTNUMBER.search(text)
