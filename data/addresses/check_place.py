"""Findings about the place: country, required parts, postcode, region, customs zone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.addresses.countries import country_name, suggested_country
from data.addresses.findings import Finding, error, info, warning
from data.addresses.fold import cleaned, folded
from data.addresses.formats import format_of
from data.addresses.phones import country_of_phone
from data.addresses.postcodes import Postcode, postcode_of
from data.addresses.regions import fits_postcode, is_known_region, regions_of_postcode
from data.addresses.territories import Place, special_zone
from data.model import Address
from data.text import visible

# Postcodes whose shape alone tells the country; measured on real addresses, 867 right of 875 with territories repaired.
_SHAPES = (
    ("GB", re.compile(r"(?!JE|GY|IM)[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLN-UW-Z]{2}", re.ASCII)),
    ("CA", re.compile(r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] ?\d[ABCEGHJ-NPRSTV-Z]\d", re.ASCII)),
    ("NL", re.compile(r"[1-9]\d{3} ?[A-Z]{2}", re.ASCII)),
    ("BR", re.compile(r"\d{5}-\d{3}", re.ASCII)),
    ("JP", re.compile(r"〒?\d{3}-\d{4}", re.ASCII)),
    ("PL", re.compile(r"\d{2}-\d{3}", re.ASCII)),
    ("PT", re.compile(r"\d{4}-\d{3}", re.ASCII)),
    ("IE", re.compile(r"[AC-FHKNPRTV-Y]\d[\dW] ?[0-9AC-FHKNPRTV-Y]{4}", re.ASCII)),
    ("US", re.compile(r"\d{5}-\d{4}", re.ASCII)),
    ("JE", re.compile(r"JE\d{1,2} ?\d[A-Z]{2}", re.ASCII)),
    ("GG", re.compile(r"GY\d{1,2} ?\d[A-Z]{2}", re.ASCII)),
    ("IM", re.compile(r"IM\d{1,2} ?\d[A-Z]{2}", re.ASCII)),
)
_POSTCODE_IN_CITY = re.compile(
    r"(?P<before>.{0,60}?)[\s,]{0,3}(?P<code>\d[\d\- ]{2,9}(?: ?[A-Z]{2}\b)?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})"
    r"[\s,]{0,3}(?P<after>[^\d]{0,60})"
)


def inferred_country(address: Address) -> str | None:
    """Return the country that the postcode's shape, ZIP and state, or the telephone number tell; a proposal."""
    code = folded(address.postcode).upper()[:24]
    for country, shape in _SHAPES:
        if shape.fullmatch(code):
            return country
    for country in ("US", "AU"):
        if address.region and code.isdigit() and fits_postcode(address.region, code, country):
            return country
    if address.phone.lstrip().startswith("+"):
        found = country_of_phone(address.phone)
        if found and (not code or postcode_of(code, found).valid):
            return found
    return None


def country_findings(address: Address, place: Place) -> Iterator[Finding]:
    """Yield what is wrong with the country, and what the zone means for shipping."""
    if not place.stated:
        if not address.country.strip():
            likely = inferred_country(address)
            tail = f"; postcode and region look like {country_name(likely)}" if likely else ""
            yield error("country", "country_missing", f"no country{tail}", likely)
        else:
            likely = suggested_country(address.country[:100])
            tail = f"; perhaps {country_name(likely)}" if likely else ""
            yield error(
                "country", "country_unknown", f"“{visible(address.country)}” names no country, or several{tail}", likely
            )
        return
    if place.country != place.stated:
        words = f"{country_name(place.stated)} is written, the place is {country_name(place.country)}"
        made = warning if place.stated == "CN" else info
        yield made("country", "country_territory", words, place.country)
    if meaning := special_zone(place.zone):
        yield info("country", "zone", meaning)


def required_findings(address: Address, place: Place) -> Iterator[Finding]:
    """Yield the parts that the country needs and the address lacks."""
    needed = format_of(place.country).required
    if not (address.line1.strip() or address.line2.strip()):
        yield error("line1", "line1_missing", "no street")
    if "city" in needed and not address.city.strip():
        yield error("city", "city_missing", "no city")
    if "region" in needed and not address.region.strip():
        regions = regions_of_postcode(address.postcode, place.country)
        likely = next(iter(regions)) if len(regions) == 1 else None
        yield warning(
            "region", "region_missing", f"no state, province or area; {country_name(place.country)} wants one", likely
        )


def is_swapped(address: Address, country: str) -> bool:
    """Tell whether city and postcode stand in each other's field."""
    city, postcode = cleaned(address.city), cleaned(address.postcode)
    if not city or not postcode or not any(each.isdigit() for each in city) or any(each.isdigit() for each in postcode):
        return False
    if sum(each.isalpha() for each in postcode) < 2 or (
        postcode_of(postcode, country).valid and format_of(country).postcode
    ):
        return False
    return format_of(country).postcode is not None and postcode_of(city, country).valid


def split_city(city: str, country: str) -> tuple[str, str] | None:
    """Return (city, postcode) where the postcode was typed into the city, or None."""
    if not any(each.isdigit() for each in city) or format_of(country).postcode is None or len(city) > 120:
        return None
    found = _POSTCODE_IN_CITY.fullmatch(cleaned(city))
    if not found:
        return None
    code = postcode_of(found["code"], country)
    name = f"{found['before']} {found['after']}".strip(" ,")
    return (name, code.printed) if code.valid and name else None


def postcode_findings(address: Address, place: Place) -> Iterator[Finding]:
    """Yield what is wrong with the postcode."""
    country = place.country
    rules = format_of(country)
    if is_swapped(address, country):
        yield error(
            "city", "city_postcode_swapped", "city and postcode stand in each other's field", cleaned(address.postcode)
        )
        yield error(
            "postcode", "city_postcode_swapped", "city and postcode stand in each other's field", cleaned(address.city)
        )
        return
    code = postcode_of(address.postcode, country)
    if not code.key:
        if found := split_city(address.city, country):
            yield error("postcode", "postcode_missing", "the postcode stands in the city's field", found[1])
            yield warning("city", "postcode_in_city", "holds the postcode too", found[0])
        elif "postcode" in rules.required:
            yield error("postcode", "postcode_missing", f"no postcode; {country_name(country)} needs one")
        return
    if not code.valid:
        yield _postcode_error(address, code, place)
    elif rules.postcode is not None and set(code.key) == {"0"}:
        yield error("postcode", "placeholder", f"“{code.printed}” is no postcode; ask the backer")


def _postcode_error(address: Address, code: Postcode, place: Place) -> Finding:
    example = format_of(place.country).example
    shown = visible(address.postcode[:40])
    repair = code.repairs[0] if len(code.repairs) == 1 else None
    match code.damage:
        case "lost_zero":
            sure = repair is not None and fits_postcode(address.region, repair, place.country) is not False
            words = f"“{shown}” lost its leading zero: {code.repairs[0]}" + (
                "" if sure else ", which is not in the region written"
            )
            return error("postcode", "postcode_lost_zero", words, repair if sure else None)
        case "scientific":
            return error(
                "postcode",
                "lost_digits",
                f"a spreadsheet threw digits of “{shown}” away; ask the backer or export again",
            )
        case "excel":
            return error("postcode", "postcode_excel", f"“{shown}” is a spreadsheet's notation", repair)
        case "look_alike":
            return error(
                "postcode", "postcode_format", f"“{shown}” mixes up letters and digits that look alike", repair
            )
    tail = f"; an example is {example}" if example else ""
    return error("postcode", "postcode_format", f"“{shown}” is no postcode of {country_name(place.country)}{tail}")


def region_findings(address: Address, place: Place) -> Iterator[Finding]:
    """Yield what is doubtful about the region; never an error: the tables are not exact enough to block anybody."""
    country = place.country
    if not address.region.strip() or not format_of(country).has_region or country != place.stated:
        return
    if is_known_region(address.region, country) is False:
        made = warning if country in ("US", "CA", "AU") else info
        yield made(
            "region",
            "region_unknown",
            f"“{visible(address.region[:60])}” is no known region of {country_name(country)}",
        )
    elif fits_postcode(address.region, address.postcode, country) is False:
        regions = sorted(regions_of_postcode(address.postcode, country))
        where = " or ".join(regions)
        words = f"{visible(address.region[:60])} does not fit {visible(address.postcode[:20])}, which lies in {where}"
        yield warning("region", "region_postcode", words, regions[0] if len(regions) == 1 else None)
