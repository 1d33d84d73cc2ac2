"""Comparing two addresses: what must never be waved through, and what must be."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.addresses.compare import compare
from data.model import ADDRESS_FIELDS, Address, Label

PAIRS = Path(__file__).parents[3] / "shared" / "corpora" / "address_pairs.jsonl"
PASSED = (Label.IDENTICAL, Label.TRIVIAL)


@cache
def _pairs() -> list[tuple[str, Label, int, Address, Address]]:
    if not PAIRS.exists():
        pytest.skip(f"no corpus at {PAIRS}")
    rows = (json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines())
    return [
        (row["id"], Label(row["label"]), row["level"], Address(**row["old"]), Address(**row["new"])) for row in rows
    ]


def test_no_labelled_move_is_judged_trivial_and_nearly_all_notation_passes() -> None:
    judged = [(name, label, level, compare(old, new)) for name, label, level, old, new in _pairs()]
    waved = [name for name, label, _, found in judged if label is Label.MATERIAL and found.label in PASSED]
    assert waved == []
    harmless = [found.label in PASSED for _, label, _, found in judged if label in PASSED]
    assert sum(harmless) / len(harmless) >= 0.99
    agreed = Counter(found.label is label for _, label, _, found in judged)
    assert agreed[True] / len(judged) >= 0.97
    levels = Counter(found.level == level for _, _, level, found in judged)
    assert levels[True] / len(judged) >= 0.97


def test_every_corpus_address_is_identical_to_itself_and_judged_the_same_both_ways_round() -> None:
    for name, _, _, old, new in _pairs():
        assert compare(old, old).label is compare(new, new).label is Label.IDENTICAL, name
        there, back = compare(old, new), compare(new, old)
        assert (there.label is Label.MATERIAL) == (back.label is Label.MATERIAL), name
        assert not (there.worse and back.worse), name


def test_no_changed_digit_of_a_street_or_a_postcode_in_the_corpus_passes() -> None:
    for name, _, _, old, _ in _pairs():
        for field in ("line1", "line2", "postcode"):
            value = getattr(old, field)
            for found in re.finditer(r"[0-9]", value):
                if field == "postcode" and found.start() >= 5 and re.fullmatch(r"\d{5}-?\d{4}", value.strip()):
                    continue
                digit = str((int(found[0]) + 3) % 10)
                changed = value[: found.start()] + digit + value[found.end() :]
                assert compare(old, replace(old, **{field: changed})).label not in PASSED, (name, value, changed)


PLACES = {
    "US": ("IL", "62704", "Springfield"),
    "GB": ("", "NW1 2DB", "London"),
    "DE": ("", "10557", "Berlin"),
    "FR": ("", "75004", "Paris"),
    "ES": ("Madrid", "28004", "Madrid"),
    "JP": ("東京都", "150-0043", "渋谷区"),
    "AU": ("NSW", "2061", "Kirribilli"),
    "CA": ("ON", "K1A 0A1", "Ottawa"),
    "RU": ("", "101000", "Москва"),
    "SA": ("", "12435", "الرياض"),
    "CO": ("Bogotá", "110221", "Bogotá"),
}
WORDS = st.sampled_from(
    [
        "Main St",
        "North Main Street",
        "Hauptstraße",
        "Haupt Str.",
        "Rue de l'Église",
        "Calle Mayor",
        "улица Ленина",
        "道玄坂",
        "طريق الملك فهد",
        "5th Ave",
        "St John’s Road",
        "W 26th St",
        "Carrera 7",
    ]
)
NUMBERS = st.integers(min_value=1, max_value=19999)
UNITS = st.sampled_from(
    ["", "Apt {}", "# {}", "Flat {}", "2. OG", "3º B", "c/o J. Haddad", "Postnummer {}", "Unit {}, {}"]
)


@st.composite
def addresses(draw: st.DrawFn) -> Address:
    country = draw(st.sampled_from(sorted(PLACES)))
    region, postcode, city = PLACES[country]
    street, number = draw(WORDS), draw(NUMBERS)
    line1 = f"{number} {street}" if draw(st.booleans()) else f"{street} {number}"
    unit = draw(UNITS).format(draw(NUMBERS), draw(NUMBERS))
    return Address(draw(st.text(max_size=30)), "", line1, unit, city, region, postcode, country, "")


@given(addresses(), NUMBERS, st.data())
@settings(deadline=None, max_examples=300)
def test_a_changed_number_is_never_trivial(old: Address, number: int, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from([each for each in ("line1", "line2") if re.search(r"\d", getattr(old, each))]))
    runs = list(re.finditer(r"\d+", getattr(old, field)))
    run = data.draw(st.sampled_from(runs))
    if int(run[0]) == number:
        return
    value = getattr(old, field)
    new = replace(old, **{field: f"{value[: run.start()]}{number}{value[run.end() :]}"})
    assert compare(old, new).label not in PASSED


@given(addresses(), st.data())
@settings(deadline=None, max_examples=200)
def test_a_changed_digit_of_a_postcode_or_a_telephone_number_is_never_trivial(
    old: Address, data: st.DataObject
) -> None:
    numbers = {"US": "+1 201 555 0142", "GB": "+44 20 7946 0018", "DE": "+49 30 901820", "FR": "+33 1 42 68 53 00"}
    old = replace(old, phone=numbers.get(old.country, "+47 22 85 50 50"))
    field = data.draw(st.sampled_from(["postcode", "phone"]))
    value = getattr(old, field)
    at = data.draw(st.sampled_from([place for place, each in enumerate(value) if each.isdigit()]))
    digit = data.draw(st.sampled_from([each for each in "0123456789" if each != value[at]]))
    new = replace(old, **{field: value[:at] + digit + value[at + 1 :]})
    assert compare(old, new).label not in PASSED


WILD = st.builds(
    Address,
    **{field: st.text(max_size=40) | st.sampled_from(["7030", "1E5", "N/A", "US", "12"]) for field in ADDRESS_FIELDS},
)


@given(addresses() | WILD, WILD, st.sets(st.sampled_from(ADDRESS_FIELDS)))
@settings(deadline=None, max_examples=300)
def test_even_nonsense_is_material_both_ways_round_or_neither(old: Address, other: Address, fields: set[str]) -> None:
    new = replace(old, **{field: getattr(other, field) for field in fields})
    assert (compare(old, new).label is Label.MATERIAL) == (compare(new, old).label is Label.MATERIAL)


@settings(deadline=None)
@given(st.builds(Address, **{field: st.text(max_size=60) for field in ADDRESS_FIELDS}))
def test_an_address_is_identical_to_itself(address: Address) -> None:
    found = compare(address, address)
    assert (found.label, found.level, found.changed, found.reasons) == (Label.IDENTICAL, 0, (), ())


@given(addresses(), addresses(), st.sets(st.sampled_from(ADDRESS_FIELDS)))
@settings(deadline=None, max_examples=300)
def test_what_is_material_is_so_both_ways_round(old: Address, other: Address, fields: set[str]) -> None:
    new = replace(old, **{field: getattr(other, field) for field in fields})
    assert (compare(old, new).label is Label.MATERIAL) == (compare(new, old).label is Label.MATERIAL)


BASE = Address("Sam Rivera", "", "12 Main St", "", "Springfield", "IL", "62704", "US", "")
GERMAN = Address("Anke Möller", "", "Hauptstraße 12", "", "Berlin", "", "10557", "DE", "")
FRENCH = Address("Anne Roux", "", "12 rue de la République", "", "Paris", "", "75004", "FR", "")


@pytest.mark.parametrize(
    ("old", "change"),
    [
        (BASE, {"line1": "12 MAIN STREET"}),
        (replace(BASE, line2="Apartment 04B"), {"line2": "Unit 4b"}),
        (BASE, {"postcode": "62704-1203", "region": "Illinois"}),
        (replace(BASE, line1="350 Fifth Avenue"), {"line1": "350 5th Ave."}),
        (GERMAN, {"name": "Dr. Anke Moeller", "line1": "Haupt Str. 12", "postcode": "D-10557"}),
        (replace(GERMAN, line1="Hauptstraße 12 A"), {"line1": "Hauptstr. 12a"}),
        (replace(FRENCH, postcode="97400", city="Saint-Denis"), {"country": "RE"}),
        (replace(FRENCH, city="Paris CEDEX 04"), {"city": "PARIS"}),
        (replace(BASE, city="Saint Louis"), {"city": "St. Louis"}),
        (Address("A B", "", "улица Ленина, 5", "", "Москва", "", "101000", "RU"), {"line1": "ul. Lenina 5"}),
        (Address("A B", "", "4/12 King St", "", "Sydney", "NSW", "2000", "AU"), {"line1": "Unit 4, 12 King Street"}),
    ],
)
def test_notation_alone_is_trivial(old: Address, change: dict[str, str]) -> None:
    assert compare(old, replace(old, **change)).label is Label.TRIVIAL


@pytest.mark.parametrize(
    ("old", "change", "level"),
    [
        (BASE, {"line1": "120 Main St"}, 3),
        (BASE, {"line1": "12 Main Ave"}, 3),
        (BASE, {"line1": "12 N Main St"}, 3),
        (BASE, {"line1": "PO Box 12"}, 3),
        (BASE, {"line2": "Apt 4"}, 2),
        (replace(BASE, line2="Apt 4"), {"line2": "Apt 5"}, 2),
        (replace(BASE, line2="Apt 21"), {"line1": "21 Main St", "line2": "Apt 12"}, 3),
        (replace(BASE, line1="12-14 Main St"), {"line1": "12 14 Main St"}, 3),
        (BASE, {"name": "Sam M Rivera"}, 2),
        (BASE, {"city": "Riverton"}, 3),
        (BASE, {"line1": "415 S Beretania St", "city": "Honolulu", "region": "HI", "postcode": "96813"}, 4),
        (GERMAN, {"line1": "Hauptstraße 12a"}, 3),
        (GERMAN, {"line1": "Hauptallee 12"}, 3),
        (GERMAN, {"postcode": "78266", "city": "Büsingen am Hochrhein"}, 4),
        (GERMAN, {"line1": "Packstation 110", "line2": "Postnummer 87654321"}, 3),
        (FRENCH, {"line1": "12 bis rue de la République"}, 3),
        (FRENCH, {"line1": "12e rue de la République"}, 3),
        (Address("A", "", "道玄坂1-2-3", "", "渋谷区", "東京都", "150-0043", "JP"), {"line1": "1-2-3 Dogenzaka"}, 3),
    ],
)
def test_another_door_or_person_is_material(old: Address, change: dict[str, str], level: int) -> None:
    found = compare(old, replace(old, **change))
    assert (found.label, found.level) == (Label.MATERIAL, level)
    assert found.reasons


HOBOKEN = Address("Sam Rivera", "", "12 Elm St", "", "Hoboken", "NJ", "7030", "US", "2.01555E+09")


def test_a_repair_is_a_correction_and_the_other_way_round_is_marked_as_worse() -> None:
    mended = replace(HOBOKEN, postcode="07030", phone="+1 201-555-0142")
    found = compare(HOBOKEN, mended)
    assert (found.label, found.level, found.worse) == (Label.CORRECTION, 2, False)
    assert (found.mark_of("postcode"), found.mark_of("phone"), found.mark_of("city")) == ("repair", "repair", "same")
    back = compare(mended, HOBOKEN)
    assert back.worse
    assert back.level == 3
    assert back.label is Label.CORRECTION


@pytest.mark.parametrize(
    "change",
    [
        {"postcode": "07302", "city": "Jersey City"},
        {"postcode": "07302"},
        {"postcode": "07030", "line1": "98 Washington St"},
        {"postcode": "07030", "phone": "+1 212-555-0142"},
    ],
)
def test_a_repair_to_another_value_or_with_a_move_is_material(change: dict[str, str]) -> None:
    assert compare(HOBOKEN, replace(HOBOKEN, **change)).label is Label.MATERIAL


def test_the_zone_is_marked_on_what_decides_it_and_named_on_both_sides() -> None:
    old = Address("Sam Rivera", "", "Plaza del Rey 1", "", "Madrid", "Madrid", "28004", "ES")
    new = replace(old, line1="Calle Triana 10, 3º B", city="Las Palmas", region="Las Palmas", postcode="35002")
    found = compare(old, new)
    assert (found.zone_old, found.zone_new, found.level) == ("ES-EU", "ES-CN", 4)
    marks = {each.field: each.mark for each in found.fields}
    assert (marks["line1"], marks["city"], marks["region"], marks["postcode"]) == ("move", "move", "zone", "zone")
    assert [each.field for each in found.fields] == list(ADDRESS_FIELDS)


def test_what_is_right_in_the_country_left_is_not_called_wrong_by_the_rules_of_the_new_one() -> None:
    old = Address("Sam Rivera", "", "12 Elm St", "", "Hoboken", "NJ", "07030", "US", "201 555 0142")
    new = Address("Sam Rivera", "", "Calle Mayor 5", "", "Madrid", "Madrid", "28004", "ES", "+34 915 55 01 42")
    found = compare(old, new)
    assert (found.label, found.level) == (Label.MATERIAL, 4)
    assert [each for each in found.reasons if each.startswith(("region", "postcode"))] == [
        "region: NJ->Madrid",
        "postcode: 07030->28004",
    ]
    words = " ".join((*found.reasons, *compare(new, old).reasons))
    assert not any(each in words for each in ("unknown", "failed", "unusable", "missing"))


def test_a_line_that_is_only_notation_keeps_the_quiet_mark_beside_a_line_that_is_not() -> None:
    old = Address("Sam Rivera", "", "96 Euston Road", "", "London", "", "NW1 2DB", "GB", "+44 330 333 1144")
    found = compare(old, replace(old, line1="96 Euston Rd", line2="Flat 7", postcode="nw12db", phone="0330 333 1144"))
    marks = [found.mark_of(field) for field in ("line1", "line2", "postcode", "phone")]
    assert marks == ["cosmetic", "contact", "cosmetic", "cosmetic"]
    assert found.reasons == ("street: unit added",)
