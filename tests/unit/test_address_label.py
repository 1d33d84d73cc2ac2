"""Labels: nothing is cut, nothing is turned into question marks, nothing is read in the wrong language."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.addresses.fold import cleaned
from data.addresses.label import fit
from data.model import Address
from data.policy import LabelLimits

PAIRS = Path(__file__).parents[3] / "shared" / "corpora" / "address_pairs.jsonl"
BASE = Address("Sam Rivera", "", "12 Elm St", "Apt 4", "Hoboken", "NJ", "07030-1234", "US", "")
WIDE = LabelLimits(charset="utf-8", lines=3, line=35, name=60, city=60, postcode=12)


def _bare(*parts: str) -> str:
    return "".join("".join(parts).split()).replace(",", "")


def test_an_address_that_fits_is_printed_as_it_is() -> None:
    found = fit(BASE, LabelLimits())
    assert (found.lines, found.postcode, found.country, found.problems) == (
        ("12 Elm St", "Apt 4"),
        "070301234",
        "US",
        (),
    )
    assert found.native == ()


def test_long_lines_are_wrapped_together_and_a_flat_stays_with_its_word() -> None:
    address = replace(BASE, line1="12 Martin Luther King Junior Memorial Boulevard", line2="Apartment 12345")
    found = fit(address, LabelLimits(line=26))
    assert found.lines == ("12 Martin Luther King", "Junior Memorial Boulevard", "Apartment 12345")
    assert found.problems == ()


def test_what_does_not_fit_is_named_and_not_cut() -> None:
    found = fit(replace(BASE, line1="12 " + "Verylongname" * 4, city="Llanfairpwllgwyngyllgogerychwyrn"), LabelLimits())
    assert {each.field for each in found.problems} == {"line1", "city"}
    assert "“wyrn”" in next(each.message for each in found.problems if each.field == "city")
    assert found.city == "Llanfairpwllgwyngyllgogerychwyrn"


@pytest.mark.parametrize(
    ("charset", "text", "printed"),
    [
        ("ascii", "Łódź", "Lodz"),
        ("latin-1", "Ærøskøbing", "Ærøskøbing"),
        ("ascii", "Ærøskøbing", "Aeroskobing"),
        ("ascii", "улица Льва Толстого", "ulitsa Lva Tolstogo"),
        ("latin-1", "3° piano", "3° piano"),
        ("ascii", "٣ Main", "3 Main"),
        ("iso8859-2", "Dvořákova", "Dvořákova"),
    ],
)
def test_only_what_the_printer_lacks_is_transliterated(charset: str, text: str, printed: str) -> None:
    found = fit(replace(BASE, line1=text), LabelLimits(charset=charset))
    assert (found.lines[0], found.problems) == (printed, ())
    assert (text in found.native) == (text != printed)


@pytest.mark.parametrize(
    "text", ["東京都道玄坂", "طريق الملك", "ถนนสุขุมวิท", "세종로", "רחוב", "मार्ग", "12 Elm \U0001f3e0"]
)
def test_scripts_that_cannot_be_romanised_are_a_problem_and_stay_as_they_are(text: str) -> None:
    found = fit(replace(BASE, line1=text), LabelLimits())
    assert found.lines[0] == text
    assert [each.field for each in found.problems] == ["line1"]


def test_the_country_is_printed_as_the_limits_ask_after_promotion_of_territories() -> None:
    reunion = replace(BASE, country="FR", postcode="97400", city="Saint-Denis", region="")
    asked = [fit(reunion, LabelLimits(country=form)).country for form in ("name", "alpha2", "alpha3")]
    assert asked == ["REUNION", "RE", "REU"]
    assert [each.field for each in fit(replace(BASE, country="Narnia"), LabelLimits()).problems] == ["country"]


@settings(deadline=None)
@given(st.text(max_size=120), st.text(max_size=60), st.integers(min_value=5, max_value=60))
def test_no_character_is_dropped_silently(line1: str, line2: str, width: int) -> None:
    address = replace(BASE, line1=line1, line2=line2)
    found = fit(address, replace(WIDE, line=width))
    assert _bare(*found.lines) == _bare(cleaned(line1), cleaned(line2)) or found.problems
    if not found.problems:
        assert len(found.lines) <= 3
        assert all(len(line) <= width for line in found.lines)
    latin = fit(address, LabelLimits(line=width))
    if not latin.problems:
        assert "".join(latin.lines).isascii()
        wanted = [each for each in cleaned(line1) + cleaned(line2) if each.isalnum() and each.isascii()]
        left = iter("".join(latin.lines))
        assert all(each in left for each in wanted)


@settings(deadline=None)
@given(st.sampled_from(["name", "company", "city", "region", "postcode"]), st.text(max_size=80), st.booleans())
def test_no_other_field_loses_a_character_silently_either(field: str, text: str, latin: bool) -> None:
    found = fit(replace(BASE, **{field: text}), LabelLimits() if latin else WIDE)
    printed = str(getattr(found, field))
    if any(each.field == field for each in found.problems):
        return
    # The wide label has every letter; a Latin one has at least those that are Latin already, in their order.
    wanted = [each for each in cleaned(text) if each.isalnum() and (each.isascii() or not latin)]
    left = iter(printed)
    assert all(each in left for each in wanted)


def test_every_corpus_address_fits_three_lines_of_35_or_says_why() -> None:
    if not PAIRS.exists():
        pytest.skip(f"no corpus at {PAIRS}")
    for line in PAIRS.read_text(encoding="utf-8").splitlines():
        address = Address(**json.loads(line)["old"])
        found = fit(address, WIDE)
        fits = len(found.lines) <= 3 and all(len(each) <= 35 for each in found.lines)
        assert fits or found.problems
        assert _bare(*found.lines) == _bare(" ".join(address.line1.split()), " ".join(address.line2.split())) or (
            not address.line1.isascii() or not address.line2.isascii()
        )
