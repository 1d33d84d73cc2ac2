"""What a warehouse's labels take: read from its settings, printed on demand, and held back where it does not fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.addresses.fold import cleaned
from data.addresses.label import fit
from data.dispatch.allocate import allocate
from data.dispatch.batches import create_batch
from data.dispatch.preflight import check_batch
from data.model import Address, Item, WorkspaceError
from data.policy import FILE_NAME, LabelLimits, WarehouseSettings, load_policy, save_warehouse
from data.store.workspace import Workspace
from tests.conftest import HOME

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, Ran

LONG = replace(HOME, line1="Martin Luther King Junior Memorial Boulevard 12", line2="Apartment 12345, Staircase B")
LODZ = replace(HOME, name="Łucja Żak", line1="ulica Piotrkowska 1", city="Łódź", postcode="90-001", country="PL")
TOKYO = replace(HOME, line1="東京都道玄坂 1-2-3", city="渋谷区", region="東京都", postcode="150-0043", country="JP")


def configured(workspace: Workspace, label: str, code: str = "EU1") -> None:
    save_warehouse(workspace.folder, WarehouseSettings(code, "Cedar", ("*",)))
    with (workspace.folder / FILE_NAME).open("a", encoding="utf-8") as stream:
        stream.write(f"\n[warehouse.{code}.label]\n{label}\n")
    workspace.reload_policy()


def test_limits_are_read_from_the_settings_and_survive_a_change_of_the_warehouse(workspace: Workspace) -> None:
    configured(workspace, 'lines = 2\nchars = 30\ncity = 20\ncharset = "latin-1"\nlatin = true\ncountry = 3')
    wanted = LabelLimits(lines=2, line=30, city=20, charset="latin-1", latin=True, country="alpha3")
    assert workspace.policy.warehouse("EU1").label == wanted
    save_warehouse(workspace.folder, replace(workspace.policy.warehouse("EU1"), name="Cedar Mills"))
    again = load_policy(workspace.folder).warehouse("EU1")
    assert (again.name, again.label) == ("Cedar Mills", wanted)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("lines = 0", "warehouse.EU1.label.lines must be a whole number above 0"),
        ('chars = "35"', "warehouse.EU1.label.chars must be a whole number above 0"),
        ('charset = "klingon"', "warehouse.EU1.label.charset is 'klingon'"),
        ('charset = "utf-16"', "warehouse.EU1.label.charset is 'utf-16'"),
        ('charset = "unicode_escape"', "warehouse.EU1.label.charset is 'unicode_escape'"),
        ('charset = "idna"', "warehouse.EU1.label.charset is 'idna'"),
        ('latin = "yes"', "warehouse.EU1.label.latin must be true or false"),
        ("country = 4", "warehouse.EU1.label.country is 4; known are 2, 3, name"),
        ("country = [2]", r"warehouse.EU1.label.country is \[2\]"),
        ("width = 4", r"\[warehouse.EU1.label\]: unknown key 'width'"),
    ],
)
def test_a_limit_that_cannot_be_is_named_by_its_key(workspace: Workspace, label: str, words: str) -> None:
    with pytest.raises(WorkspaceError, match=words):
        configured(workspace, label)


@pytest.mark.parametrize("charset", ["ascii", "latin-1", "cp1252", "iso8859-2", "iso8859-5", "cp1250", "utf-8"])
def test_the_charsets_of_printers_are_known(workspace: Workspace, charset: str) -> None:
    configured(workspace, f'charset = "{charset}"')
    label = workspace.policy.warehouse("EU1").label
    assert label is not None
    assert label.charset == charset


def test_the_command_prints_the_label_within_the_limits_of_the_orders_warehouse(
    workspace: Workspace, lastcall: Callable[..., Ran], make_order: MakeOrder
) -> None:
    configured(workspace, "lines = 5\nchars = 24\ncountry = 3")
    make_order(address=LONG, warehouse="EU1")
    make_order(address=LODZ)
    ran = lastcall("address", "label", "1001")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "order 1001",
        "  Anna Lindqvist",
        "  Martin Luther King",
        "  Junior Memorial",
        "  Boulevard 12",
        "  Apartment 12345,",
        "  Staircase B",
        "  Berlin 10115",
        "  DEU",
    ]
    assert lastcall("address", "label", "1002").out.splitlines()[1] == "  Lucja Zak"
    (native,) = lastcall("address", "label", "1002", "--charset", "iso8859-2", "--country-code", "3", "--json").json
    assert (native["ok"], native["printed"][0], native["country"]) == (True, "Łucja Żak", "POL")


def test_what_does_not_fit_is_named_and_ends_with_1(lastcall: Callable[..., Ran], make_order: MakeOrder) -> None:
    make_order(address=LONG)
    make_order(address=TOKYO)
    ran = lastcall("address", "label", "1001", "--lines", "2", "--chars", "30")
    assert ran.code == 1
    assert "order 1001: line1: needs" in ran.err
    assert "Staircase B" in ran.out
    japanese = lastcall("address", "label", "1002", "--charset", "utf-8", "--latin", "--json")
    assert (japanese.code, japanese.json[0]["ok"]) == (1, False)
    assert "ask the backer" in japanese.json[0]["problems"][0]["message"]
    assert lastcall("address", "label", "1002", "--charset", "utf-8").code == 0
    assert lastcall("address", "label", "1002", "--charset", "zip").code == 2
    assert lastcall("address", "label", "1002", "--warehouse", "NO1").code == 2


def test_a_batch_leaves_out_what_the_warehouses_label_cannot_take_with_a_hold_that_says_why(
    workspace: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    configured(workspace, "lines = 2\nchars = 30")
    make_order(locked=True)
    make_order(locked=True, address=LONG)
    make_order(locked=True, address=LODZ)
    allocate(workspace)
    (batch,) = create_batch(workspace, campaign, "EU1").made
    found = check_batch(workspace, Item(batch, 1))
    assert (found.orders, {each.order_id for each in found.cautions}) == (2, {0})
    ((kind, reason),) = workspace.store.rows("SELECT kind, reason FROM holds")
    assert kind == "address"
    assert reason.startswith("batch 1: the label of EU1: line1: needs ")


TEXT = st.text(max_size=70) | st.text(alphabet="ab1 ,-#éßŁж東ع\u0301\u00ad", max_size=70)


@settings(deadline=None, max_examples=300)
@given(
    st.builds(Address, *(TEXT for _ in fields(Address)[:7]), st.sampled_from(["US", "DE", "JP"]), st.just("")),
    st.integers(min_value=3, max_value=50),
    st.sampled_from(["ascii", "latin-1", "iso8859-5", "utf-8"]),
    st.booleans(),
)
def test_a_label_never_drops_a_character_silently(address: Address, width: int, charset: str, latin: bool) -> None:
    limits = LabelLimits(3, width, width, width, width, width, width, charset, latin)
    label = fit(address, limits)
    named = {each.field for each in label.problems}
    street = {"line1", "line2"} & named
    printed = {
        "name": label.name,
        "company": label.company,
        "city": label.city,
        "region": label.region,
        "postcode": label.postcode,
    }
    for field, text in printed.items():
        assert kept(getattr(address, field), text, charset, latin) or field in named
        assert len(text) <= width or field in named
    assert kept(f"{address.line1} {address.line2}", " ".join(label.lines), charset, latin) or street
    assert (len(label.lines) <= 3 and all(len(each) <= width for each in label.lines)) or street
    if not label.problems:
        "".join(label.printed()).encode(charset)


def kept(given: str, printed: str, charset: str, latin: bool) -> bool:
    """Tell whether every letter and digit is there, in its place: as it is, or as letters or digits of the printer."""
    left = iter(printed)
    for character in cleaned(given):
        if not character.isalnum():
            continue
        as_it_is = fit(Address(name=character), LabelLimits(name=9, charset=charset, latin=latin)).name
        if not as_it_is and character not in "ьъЬЪ":
            return False
        if not all(each in left for each in as_it_is if each.isalnum()):
            return False
    return True
