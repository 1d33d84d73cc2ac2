"""Where an address really is: territories with an ISO code of their own, and the customs and tax zone.

Country and postcode decide, not the country alone. Sources: the European Commission's table "Territorial status of EU
countries and certain territories"; vat_moss (postcodes); Shopify/worldwide (US zones);
gov.uk (Windsor Framework, BFPO); USPS.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from data.addresses.countries import country_code
from data.addresses.fold import folded
from data.addresses.postcodes import postcode_of
from data.addresses.tables import word_set
from data.model import Address

EU = word_set("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK")
_US_TERRITORIES = word_set("PR VI GU AS MP FM MH PW")
_US_REGION_NAMES = {
    "puerto rico": "PR", "virgin islands": "VI", "us virgin islands": "VI", "guam": "GU", "american samoa": "AS",
    "northern mariana islands": "MP", "micronesia": "FM", "marshall islands": "MH", "palau": "PW",
}  # fmt: skip
_CHINESE = (
    (re.compile(r"hong ?kong|香港|kowloon|九龍|九龙"), "HK"),
    (re.compile(r"\b(?:macau|macao)\b|澳門|澳门"), "MO"),
    (re.compile(r"\btaiwan\b|臺灣|台灣|台湾"), "TW"),
)
# Postcode → territory, under the country people write. Codes are compact and upper case.
_PROMOTIONS: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    country: tuple((re.compile(pattern, re.ASCII), territory) for pattern, territory in rules)
    for country, rules in {
        "US": (
            (r"00[679]\d{2}(?:\d{4})?", "PR"), (r"008\d{2}(?:\d{4})?", "VI"), (r"9691[0-9]|9692\d|9693[0-2]", "GU"),
            (r"96799", "AS"), (r"9695\d", "MP"), (r"9694[1-4]", "FM"), (r"969[67]0", "MH"), (r"96939|96940", "PW"),
        ),
        "FR": (
            (r"97133", "BL"), (r"97150", "MF"), (r"971\d{2}", "GP"), (r"972\d{2}", "MQ"), (r"973\d{2}", "GF"),
            (r"974\d{2}", "RE"), (r"975\d{2}", "PM"), (r"976\d{2}|985\d{2}", "YT"), (r"986\d{2}", "WF"),
            (r"987\d{2}", "PF"), (r"988\d{2}", "NC"), (r"984\d{2}", "TF"), (r"980\d{2}", "MC"),
        ),
        "GP": ((r"97133", "BL"), (r"97150", "MF")),
        "GB": ((r"JE\d.*", "JE"), (r"GY\d.*", "GG"), (r"IM\d.*", "IM"), (r"GX111AA", "GI")),
        "FI": ((r"22\d{3}", "AX"),),
        "DK": ((r"[1-9]\d0|[1-9]\d\d", "FO"), (r"39\d{2}", "GL")),
        "NO": ((r"917[01345678]", "SJ"),),
        "IT": ((r"00120", "VA"), (r"4789\d", "SM")),
        "CH": ((r"948[5-9]|949[0-8]", "LI"),),
    }.items()
}  # fmt: skip
# Towns of the Faroe Islands, folded; the larger ones, after the Faroese post's list.
_FAROESE = re.compile(
    r"faroe|faeroe|foroyar|torshavn|thorshavn|klaksv|hoyvik|argir|runav|tvoroyri|fuglafj|vagur|vestmanna|kollafj|strendur|toftir"
    r"|leirvik|saltang|eidi|gota|sandur|skala|hvalba|sumba|kvivik|nolsoy|vidareidi"
)
_FRENCH_OVERSEAS = word_set("GP MQ GF RE YT MF")
_FRENCH_COLLECTIVITIES = word_set("PM BL WF PF NC TF")
_DUTCH_CARIBBEAN = word_set("AW CW SX BQ")
_MILITARY_CITIES = frozenset(("apo", "fpo", "dpo"))
_BY_POSTCODE: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    country: tuple((re.compile(pattern, re.ASCII), zone) for pattern, zone in rules)
    for country, rules in {
        "ES": ((r"(?:35|38)\d{3}", "ES-CN"), (r"51\d{3}", "ES-CE"), (r"52\d{3}", "ES-ML")),
        "DE": ((r"78266|8238", "DE-BUESINGEN"), (r"27498", "DE-HELGOLAND")),
        "IT": ((r"23041", "IT-LIVIGNO"), (r"22061", "IT-CAMPIONE")),
        "CH": ((r"6911", "IT-CAMPIONE"), (r"8238", "DE-BUESINGEN")),
        "GR": ((r"63086", "GR-ATHOS"),),
        "PT": ((r"9\d{3}(?:\d{3})?", "PT-ISLANDS"),),
        "GB": ((r"BT\d.*", "GB-NI"), (r"BF\d.*", "GB-BFPO")),
        "NL": ((r"0000NA", "NL-OCT"),),
        "US": (
            (r"340\d{2}.*|09[0-8]\d{2}.*|96[2-6]\d{2}.*", "US-MIL"),
            (r"99[5-9]\d{2}.*", "US-AK"),
            (r"96[78]\d{2}.*", "US-HI"),
        ),
    }.items()
}  # fmt: skip
_BY_CITY = {("IT", "23030", "livigno"): "IT-LIVIGNO", ("IT", "22060", "campione"): "IT-CAMPIONE"}
_BFPO = re.compile(r"\bBFPO\s{0,3}\d", re.ASCII | re.IGNORECASE)
SPECIAL: dict[str, str] = {
    "ES-CN": "Canary Islands: in the EU customs union, outside its VAT area",
    "ES-CE": "Ceuta: outside the EU customs and VAT area",
    "ES-ML": "Melilla: outside the EU customs and VAT area",
    "DE-BUESINGEN": "Büsingen: Swiss customs area",
    "DE-HELGOLAND": "Heligoland: outside the EU customs and VAT area",
    "IT-LIVIGNO": "Livigno: outside the EU customs and VAT area",
    "IT-CAMPIONE": "Campione d'Italia: in the EU customs union, outside its VAT area",
    "GR-ATHOS": "Mount Athos: in the EU customs union, outside its VAT area",
    "AX": "Åland: in the EU customs union, outside its VAT area; customs forms for parcels",
    "FR-DOM": "French overseas: in the EU customs union, outside its VAT area",
    "FR-COM": "French overseas collectivity: outside the EU customs and VAT area",
    "SM": "San Marino: in the customs union with the EU, outside its VAT area",
    "VA": "Vatican: outside the EU customs and VAT area",
    "PT-ISLANDS": "Madeira or Azores: no customs, island surcharge",
    "GB-NI": "Northern Ireland: Windsor Framework data from Great Britain, no customs from the EU",
    "JE": "Jersey: customs declaration from Great Britain and the EU",
    "GG": "Guernsey: customs declaration from Great Britain and the EU",
    "IM": "Isle of Man: inside the UK VAT area",
    "GI": "Gibraltar: outside the EU customs and VAT area",
    "GB-BFPO": "British Forces post: Royal Mail only, no foreign country on the label",
    "NO-SJ": "Svalbard: outside the Norwegian VAT area",
    "FO": "Faroe Islands: outside the EU customs and VAT area",
    "GL": "Greenland: outside the EU customs and VAT area",
    "NL-OCT": "Dutch Caribbean: outside the EU customs and VAT area",
    "US-AK": "Alaska: air surcharge, ground service often excluded",
    "US-HI": "Hawaii: air surcharge, ground service often excluded",
    "US-PR": "Puerto Rico: domestic for USPS, an export with UPS and FedEx",
    "US-MIL": "US military post: USPS only, customs form for any goods, no foreign city or country",
} | {
    f"US-{code}": "US territory served by USPS, outside the US customs area"
    for code in ("VI", "GU", "AS", "MP", "FM", "MH", "PW")
}
"""What a zone means for shipping, for zones that a country alone does not tell."""


@dataclass(frozen=True, slots=True)
class Place:
    """The territory and the zone of one address."""

    country: str
    """ISO code after promotion of territories; empty where the country is missing or unknown."""
    stated: str
    """ISO code of the country as written; empty where it is missing or unknown."""
    zone: str
    """Customs and tax zone, such as `ES-CN`, `ES-EU`, `US`; empty where the country is not known."""


def _military(region: str, city: str, code: str) -> bool:
    if len(code) == 5 and code.isdigit():
        return bool(_BY_POSTCODE["US"][0][0].fullmatch(code))
    return region in ("aa", "ae", "ap") or city in _MILITARY_CITIES


def _promoted(country: str, region: str, city: str, code: str) -> str:
    if country == "US":
        if _military(region, city, code):
            return country
        by_code = _by_table(country, code)
        if by_code != country or (len(code) == 5 and code.isdigit()):
            return by_code  # a whole ZIP decides; a wrong state beside it is a finding
        return region.upper() if region.upper() in _US_TERRITORIES else _US_REGION_NAMES.get(region, country)
    if country == "CN":
        return next((to for pattern, to in _CHINESE if pattern.search(region) or pattern.search(city)), country)
    if country == "DK" and len(code) == 3 and not _FAROESE.search(city):
        return country  # three digits are also what is left of a damaged Danish code
    return _by_table(country, code)


def _by_table(country: str, code: str) -> str:
    return next((to for pattern, to in _PROMOTIONS.get(country, ()) if pattern.fullmatch(code)), country)


def _zone(country: str, region: str, city: str, code: str, street: str) -> str:
    if not country:
        return ""
    if country in _US_TERRITORIES:
        return f"US-{country}"
    if country == "US" and _military(region, city, code):
        return "US-MIL"
    if country in _FRENCH_OVERSEAS:
        return "FR-DOM"
    if country in _FRENCH_COLLECTIVITIES:
        return "FR-COM"
    if country in _DUTCH_CARIBBEAN:
        return "NL-OCT"
    if country == "SJ":
        return "NO-SJ"
    if country == "GB" and (_BFPO.search(street) or _BFPO.search(city)):
        return "GB-BFPO"
    for pattern, zone_name in _BY_POSTCODE.get(country, ()):
        if pattern.fullmatch(code):
            return zone_name
    for (where, postcode, name), zone_name in _BY_CITY.items():
        if country == where and code == postcode and name in city:
            return zone_name
    if country == "US" and region in ("ak", "alaska", "hi", "hawaii") and not code[:5].isdigit():
        return "US-AK" if region.startswith("a") else "US-HI"
    if country in ("CH", "LI"):
        return "CH-LI"
    return f"{country}-EU" if country in EU else country


@lru_cache(maxsize=8192)
def _place(country: str, region: str, city: str, postcode: str, street: str) -> Place:
    stated = country_code(country) or ""
    folded_region, folded_city, code = folded(region), folded(city), postcode_of(postcode, stated).key
    where = _promoted(stated, folded_region, folded_city, code) if stated else ""
    return Place(where, stated, _zone(where, folded_region, folded_city, code, street))


def place_of(address: Address) -> Place:
    """Return the territory and the zone of an address."""
    street = f"{address.line1} {address.line2}" if "FPO" in address.line1.upper() + address.line2.upper() else ""
    return _place(address.country[:100], address.region[:100], address.city[:100], address.postcode[:40], street)


def zone(address: Address) -> str:
    """Return the customs and tax zone: `ES-CN`, `DE-BUESINGEN`, `ES-EU`, `US`; empty where the country is not known."""
    return place_of(address).zone


def special_zone(name: str) -> str | None:
    """Return what a zone means for shipping, or None for the ordinary zone of a country."""
    return SPECIAL.get(name)
