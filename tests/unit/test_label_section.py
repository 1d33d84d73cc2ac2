"""The detail of an order shows what its warehouse's label will print, or what does not fit on it."""

from __future__ import annotations

from data.model import Address
from data.policy import LabelLimits, Policy, WarehouseSettings
from screens.columns.label import label_section

HOME = Address(
    name="Zoë Müller", line1="Bürgermeister-Schön-Weg 223", city="Frankfurt (Oder)", postcode="15230", country="DE"
)


def _policy(limits: LabelLimits | None) -> Policy:
    return Policy((WarehouseSettings("EU1", "Cedar Mills", label=limits),))


def _text(limits: LabelLimits, address: Address = HOME) -> list[str]:
    found = label_section(_policy(limits), "EU1", address)
    assert found is not None
    return [line.plain for line in found.lines]


def test_the_label_is_shown_in_its_letters_and_in_the_backers_own() -> None:
    shown = _text(LabelLimits(charset="ascii"))
    assert shown[0] == "Zoe Muller"
    assert "Zoë Müller" in shown


def test_what_does_not_fit_is_named_and_nothing_is_cut() -> None:
    shown = _text(LabelLimits(lines=1, line=10, charset="latin-1"))
    assert any(line.startswith("! line1") for line in shown)


def test_without_limits_a_warehouse_or_an_address_there_is_no_label() -> None:
    assert label_section(_policy(None), "EU1", HOME) is None
    assert label_section(_policy(LabelLimits()), None, HOME) is None
    assert label_section(_policy(LabelLimits()), "EU1", Address()) is None
