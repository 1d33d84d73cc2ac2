"""Customs: what crosses a border, what a declaration needs, whose number it goes under."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.addresses.customs_area import crosses, in_eu
from data.dispatch.preflight_customs import customs_gaps, customs_notes, is_initials, is_one_word, worth
from data.model import Address, Money
from data.policy import WarehousePolicy
from data.portals.protocol import ShipmentLine, ShipmentOrder
from tests.outgoing import BASEL, BERLIN, BOSTON, GAME, outgoing

FROM_DE = WarehousePolicy(ships_from="DE")
FROM_US = WarehousePolicy(ships_from="US")


def _at(country: str, postcode: str = "", city: str = "Town", region: str = "") -> Address:
    return Address("Anna Lindqvist", "", "Elm Street 5", "", city, region, postcode, country)


@pytest.mark.parametrize(
    ("ships_from", "address", "abroad"),
    [
        ("DE", _at("DE", "10115"), False),
        ("DE", _at("FR", "75001"), False),
        ("DE", _at("MC", "98000"), False),
        ("DE", _at("PT", "9000-001"), False),
        ("DE", _at("ES", "35001"), True),
        ("DE", _at("FR", "97400"), True),
        ("DE", _at("AX", "22100"), True),
        ("DE", _at("DE", "78266"), True),
        ("DE", _at("DE", "27498"), True),
        ("DE", _at("IT", "23041", "Livigno"), True),
        ("DE", _at("SM", "47890"), True),
        ("DE", _at("GB", "BT1 1AA"), False),
        ("GB", _at("GB", "BT1 1AA"), False),
        ("US", _at("GB", "BT1 1AA"), True),
        ("DE", _at("GB", "SW1A 1AA"), True),
        ("GB", _at("IM", "IM1 1AA"), False),
        ("GB", _at("JE", "JE2 3AB"), True),
        ("GB", _at("DE", "10115"), True),
        ("US", _at("US", "96801"), False),
        ("US", _at("US", "99501"), False),
        ("US", _at("PR", "00901"), False),
        ("US", _at("US", "00901"), False),
        ("US", _at("GU", "96910"), True),
        ("US", _at("US", "09012", "APO", "AE"), True),
        ("US", _at("CA", "K1A 0B1"), True),
        ("CH", _at("LI", "9490"), False),
        ("CH", _at("DE", "78266"), False),
        ("NO", _at("SJ", "9170"), True),
        ("CN", _at("HK"), True),
        ("DE", _at("nowhere"), False),
    ],
)
def test_a_border_is_one_of_customs_and_vat_not_of_countries(ships_from: str, address: Address, abroad: bool) -> None:
    assert crosses(ships_from, address) is abroad


def test_the_vat_area_of_the_eu_is_not_its_countries() -> None:
    assert in_eu(BERLIN)
    assert in_eu(_at("PT", "9000-001"))
    for address in (_at("ES", "35001"), _at("GB", "BT1 1AA"), _at("GB", "SW1A 1AA"), BASEL, BOSTON):
        assert not in_eu(address)


def _order(address: Address = BOSTON, *lines: ShipmentLine, currency: str = "EUR") -> ShipmentOrder:
    return outgoing(address, lines or (GAME,), currency=currency).order


@pytest.mark.parametrize(
    ("line", "gap"),
    [
        (GAME, None),
        (replace(GAME, hs_code="95049080"), None),
        (replace(GAME, hs_code="9504908000"), None),
        (replace(GAME, hs_code=""), "GAME has no HS code"),
        (replace(GAME, hs_code="9504"), "GAME has no HS code of 6, 8 or 10 digits (“9504”)"),
        (replace(GAME, origin=""), "GAME has no origin"),
        (replace(GAME, description=" "), "GAME has no description"),
        (replace(GAME, value=None), "GAME has no declared value in EUR"),
        (replace(GAME, value=Money(40_00, "USD")), "GAME has no declared value in EUR"),
        (replace(GAME, value=Money(0, "EUR")), "GAME has no declared value above 0"),
        (replace(GAME, hs_code="", origin=""), "GAME has no HS code, no origin"),
    ],
)
def test_every_line_abroad_is_declared(line: ShipmentLine, gap: str | None) -> None:
    assert customs_gaps(_order(BOSTON, line), FROM_DE) == (() if gap is None else (gap,))
    assert customs_gaps(_order(BERLIN, line), FROM_DE) == (), "within the area nothing is declared"
    assert customs_gaps(_order(BOSTON, line), WarehousePolicy()) == (), "where it ships from is not known"


@pytest.mark.parametrize(
    ("name", "initials", "one_word"),
    [
        ("Anna Lindqvist", False, False),
        ("Anna B. Lindqvist", False, False),
        ("J. Smith", True, False),
        ("J Smith", True, False),
        ("J.R.R. Tolkien", True, False),
        ("Mr. J. Smith", True, False),
        ("Smith, J", True, False),
        ("A. B.", True, False),
        ("Sukarno", False, True),
        ("Dr. Sukarno", False, True),
        ("Bo Li", False, False),
        ("山田太郎", False, False),
        ("Анна Каренина", False, False),
        ("А. Каренина", True, False),
    ],
)
def test_customs_wants_a_full_name(name: str, initials: bool, one_word: bool) -> None:
    address = replace(BOSTON, name=name)
    assert (is_initials(address), is_one_word(address)) == (initials, one_word)
    assert (customs_gaps(_order(address), FROM_DE) != ()) is initials
    assert customs_gaps(_order(replace(address, company="Moss & Daughters")), FROM_DE) == ()


def test_small_consignments_into_the_eu_need_an_ioss_number() -> None:
    small = _order(BERLIN, replace(GAME, quantity=3), replace(GAME, sku="DICE", value=Money(30_00, "EUR")))
    assert worth(small) == Money(150_00, "EUR")
    assert customs_gaps(small, FROM_US) == ("no IOSS number for a consignment to the EU of at most EUR 150.00",)
    assert customs_gaps(small, replace(FROM_US, ioss="IM0401234567")) == ()
    assert customs_gaps(small, replace(FROM_US, import_vat="receiver")) == ()
    assert customs_gaps(small, FROM_DE) == ()
    assert customs_gaps(_order(_at("ES", "35001")), FROM_US) == (), "the Canary Islands are outside the VAT area"
    dearer = _order(BERLIN, replace(GAME, value=Money(150_01, "EUR")))
    assert customs_gaps(dearer, FROM_US) == ()
    assert customs_notes(dearer, FROM_US) == ("above EUR 150.00: no IOSS, import VAT and duty are due on arrival",)


def test_amounts_of_another_currency_are_told_and_never_compared() -> None:
    dollars = _order(BERLIN, replace(GAME, value=Money(20_00, "USD")), currency="USD")
    assert customs_gaps(dollars, FROM_US) == ()
    (note,) = customs_notes(dollars, FROM_US)
    assert note.startswith("declared in USD: whether IOSS applies, up to EUR 150.00, depends on the day's rate")
    assert note.endswith(", and there is no IOSS number")
    assert "no IOSS number" not in customs_notes(dollars, replace(FROM_US, ioss="IM0401234567"))[0]
    mixed = _order(BERLIN, GAME, replace(GAME, sku="DICE", value=Money(20_00, "USD")))
    assert worth(mixed) is None


def test_great_britain_wants_a_vat_number() -> None:
    london = _order(_at("GB", "SW1A 1AA"))
    (note,) = customs_notes(london, FROM_DE)
    assert note.startswith("to Great Britain without a British VAT number")
    assert customs_notes(london, replace(FROM_DE, uk_vat="GB123456789")) == ()
    assert customs_notes(london, WarehousePolicy(ships_from="GB")) == ()
    assert customs_notes(london, replace(FROM_DE, import_vat="receiver")) == ()
