"""Countries, regions, postcodes, territories and zones."""

from __future__ import annotations

import pytest

from data.addresses.countries import country_code, country_name, suggested_country
from data.addresses.postcodes import postcode_of, same_postcode
from data.addresses.regions import fits_postcode, region_key
from data.addresses.territories import place_of, zone
from data.model import Address


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("US", "US"), ("usa", "US"), ("DEU", "DE"), ("Deutschland", "DE"), ("NIEMCY", "DE"), ("Германия", "DE"),
        ("日本", "JP"), ("Hong Kong SAR", "HK"), ("Northern Ireland", "GB"), ("UK", "GB"), ("the Netherlands", "NL"),
        ("Côte d'Ivoire", "CI"), ("Cote dIvoire", "CI"), ("F.Y.R.O.M.", "MK"), ("Kosovo", "XK"), ("Niger", "NE"),
        ("Korea", None), ("Congo", None), ("Virgin Islands", None), ("", None), ("Narnia", None), ("XX", None),
    ],
)  # fmt: skip
def test_a_country_is_found_by_code_and_by_name_in_many_languages(name: str, code: str | None) -> None:
    assert country_code(name) == code


def test_a_misspelt_country_is_only_suggested() -> None:
    assert country_code("Germny") is None
    assert suggested_country("Germny") == "DE"
    assert suggested_country("Iran1") is None or suggested_country("Iran1") == "IR"
    assert country_name("DE") == "GERMANY"


@pytest.mark.parametrize(
    ("country", "notations"),
    [
        ("DE", ("10115", "D-10115", "DE 10115", " 10115 ")),
        ("US", ("20500", "20500-0005", "205000005", "20500 0003")),
        ("GB", ("SW1A 1AA", "sw1a1aa", "SW1A-1AA")),
        ("LV", ("LV-1009", "1009", "lv1009")),
        ("NL", ("1018 KK", "1018kk", "NL-1018KK")),
        ("PL", ("59-700", "59700", "59 700")),
        ("JP", ("150-0043", "1500043", "〒150-0043", "１５０－００４３")),
        ("MD", ("MD-2012", "2012")),
    ],
)
def test_notations_of_one_postcode_have_one_key(country: str, notations: tuple[str, ...]) -> None:
    assert {postcode_of(each, country).key for each in notations} == {postcode_of(notations[0], country).key}
    assert all(postcode_of(each, country).valid for each in notations)


@pytest.mark.parametrize(
    ("country", "code", "damage", "repairs"),
    [
        ("US", "7030", "lost_zero", ("07030",)),
        ("US", "901", "lost_zero", ("00901",)),
        ("US", "2118-1234", "lost_zero", ("02118-1234",)),
        ("US", "0703", "format", ()),
        ("HN", "504", "format", ()),
        ("GB", "MI 5QF", "look_alike", ("M1 5QF",)),
        ("CA", "KIA OAI", "look_alike", ("K1A 0A1",)),
        ("LI", "9485xyz", "format", ()),
        ("DE", "63739,63741", "format", ()),
        ("US", "06902.0", "excel", ("06902",)),
    ],
)
def test_a_damaged_postcode_says_how_and_what_it_was(
    country: str, code: str, damage: str, repairs: tuple[str, ...]
) -> None:
    found = postcode_of(code, country)
    assert (found.valid, found.damage, found.repairs) == (False, damage, repairs)


def test_other_codes_are_other_codes() -> None:
    assert not same_postcode("10115", "10116", "DE")
    assert not same_postcode("7030", "07030", "US")


@pytest.mark.parametrize(
    ("country", "names"),
    [
        ("US", ("IL", "Illinois", "il")),
        ("CA", ("QC", "Québec", "Quebec", "PQ")),
        ("JP", ("東京都", "Tokyo", "JP-13")),
        ("IE", ("Co. Dublin", "County Dublin", "Dublin")),
        ("MX", ("DF", "CDMX", "Ciudad de México")),
        ("IN", ("MH", "Maharashtra", "महाराष्ट्र")),
        ("AE", ("Dubai", "DU", "دبي")),
        ("BR", ("SP", "São Paulo", "Sao Paulo")),
    ],
)
def test_names_and_codes_of_one_region_have_one_key(country: str, names: tuple[str, ...]) -> None:
    assert len({region_key(name, country) for name in names}) == 1


def test_a_region_fits_its_postcodes_and_those_that_cross_its_border() -> None:
    assert fits_postcode("IL", "60601", "US")
    assert fits_postcode("GA", "60601", "US") is False
    assert fits_postcode("ME", "03579", "US")
    assert fits_postcode("NH", "03579", "US")
    assert fits_postcode("Ontario", "K1A 0A1", "CA")
    assert fits_postcode("Bayern", "80331", "DE") is None


@pytest.mark.parametrize(
    ("country", "region", "city", "postcode", "wanted"),
    [
        ("ES", "", "", "28004", "ES-EU"), ("ES", "", "", "35002", "ES-CN"), ("ES", "", "", "51001", "ES-CE"),
        ("ES", "", "", "52001", "ES-ML"), ("DE", "", "", "78266", "DE-BUESINGEN"),
        ("CH", "", "", "8238", "DE-BUESINGEN"),
        ("DE", "", "", "D-27498", "DE-HELGOLAND"), ("IT", "", "", "23041", "IT-LIVIGNO"),
        ("IT", "", "Livigno", "23030", "IT-LIVIGNO"), ("IT", "", "Bormio", "23030", "IT-EU"),
        ("IT", "", "", "22061", "IT-CAMPIONE"), ("GR", "", "", "630 86", "GR-ATHOS"), ("FI", "", "", "22100", "AX"),
        ("FR", "", "", "97400", "FR-DOM"), ("RE", "", "", "97400", "FR-DOM"), ("FR", "", "", "98800", "FR-COM"),
        ("FR", "", "", "98000", "MC"), ("IT", "", "", "47890", "SM"), ("IT", "", "", "00120", "VA"),
        ("PT", "", "", "9500-063", "PT-ISLANDS"), ("GB", "", "", "BT1 5GS", "GB-NI"), ("GB", "", "", "JE2 3NG", "JE"),
        ("GB", "", "", "IM1 2AY", "IM"), ("GB", "", "", "GX11 1AA", "GI"), ("GB", "", "", "BF1 2AA", "GB-BFPO"),
        ("LI", "", "", "9490", "CH-LI"), ("NO", "", "", "9170", "NO-SJ"), ("DK", "", "Tórshavn", "100", "FO"),
        ("DK", "", "", "3900", "GL"), ("NL", "", "", "0000NA", "NL-OCT"), ("CW", "", "", "", "NL-OCT"),
        ("US", "IL", "", "62704", "US"), ("US", "AK", "", "99501", "US-AK"), ("US", "HI", "", "96813", "US-HI"),
        ("US", "PR", "", "", "US-PR"), ("PR", "", "", "00901", "US-PR"), ("US", "VI", "", "00802", "US-VI"),
        ("US", "AE", "FPO", "09618", "US-MIL"), ("CN", "Hong Kong", "", "", "HK"), ("US", "PR", "", "60606", "US"),
        ("", "", "", "", ""),
    ],
)  # fmt: skip
def test_country_and_postcode_decide_the_zone(country: str, region: str, city: str, postcode: str, wanted: str) -> None:
    assert zone(Address(country=country, region=region, city=city, postcode=postcode)) == wanted


def test_a_territory_is_promoted_and_what_was_written_is_kept() -> None:
    place = place_of(Address(country="France", postcode="F-97400"))
    assert (place.country, place.stated) == ("RE", "FR")
