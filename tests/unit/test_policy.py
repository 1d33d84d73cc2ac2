"""`lastcall.toml`: what it may say of warehouses and allocation, what is refused by name, and that writing keeps it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from data.model import WorkspaceError
from data.policy import (
    FILE_NAME,
    TOPICS,
    Agreed,
    AllocationPolicy,
    AllocationRule,
    LabelLimits,
    Policy,
    WarehousePolicy,
    WarehouseSettings,
    agreed_line,
    load_policy,
    save_agreed,
    save_warehouse,
)

FULL = """\
[policy]
stuck_days = 20

[warehouse.EU1]
name = "Cedar Mills"
countries = ["DE", "FR"]
portal = "sandbox"
url = "https://cedar.example"
secret = "env:EU1_TOKEN"
time_zone = "Europe/Berlin"

[warehouse.EU1.options]
per_minute = 120

[warehouse.EU1.label]
chars = 30
charset = "latin-1"

[warehouse.EU1.policy]
ships_from = "DE"
po_box = false
phone = "abroad"
max_lines = 10
max_units = 40
stock = "ignore"
import_vat = "receiver"
ioss = "IM0401234567"
uk_vat = "GB123456789"
eori = "DE1234567890"
priority = 2

[warehouse.EU1.agreement.lost]
agreed = "goods and postage refunded"
channel = "claims@cedar.example"
cut_off = "noon"
who_pays = "the carrier"
evidence = ["photo", "invoice"]
contact = "Ines"
after_days = 15
within_days = 60

[warehouse.US1]
name = "Harbor"

[allocation]
split = "by_warehouse"

[[allocation.rule]]
warehouse = "US1"
zones = ["ES-CN", "US"]

[[allocation.rule]]
warehouse = "EU1"
countries = ["GB"]
skus = ["GAME"]
"""
LOST = Agreed(
    "goods and postage refunded",
    channel="claims@cedar.example",
    cut_off="noon",
    who_pays="the carrier",
    evidence=("photo", "invoice"),
    contact="Ines",
    after_days=15,
    within_days=60,
)


def read(folder: Path, text: str) -> Policy:
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    return load_policy(folder)


def document(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / FILE_NAME).read_text(encoding="utf-8"))


def test_everything_a_warehouse_may_have_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, FULL)
    cedar, harbor = found.warehouses
    assert cedar == WarehouseSettings(
        "EU1",
        "Cedar Mills",
        ("DE", "FR"),
        "sandbox",
        "https://cedar.example",
        "env:EU1_TOKEN",
        "Europe/Berlin",
        {"per_minute": 120},
        LabelLimits(line=30, charset="latin-1"),
        WarehousePolicy(
            "DE", False, "abroad", 10, 40, "ignore", "receiver", "IM0401234567", "GB123456789", "DE1234567890", 2
        ),
        {"lost": LOST},
    )
    assert (harbor.policy, harbor.agreement, harbor.label) == (WarehousePolicy(), {}, None)
    assert set(cedar.open_topics()) == set(TOPICS) - {"lost"}
    assert found.stuck_days == 20
    assert found.allocation == AllocationPolicy(
        "by_warehouse",
        (AllocationRule("US1", zones=("ES-CN", "US")), AllocationRule("EU1", ("GB",), skus=("GAME",))),
    )
    assert read(tmp_path, "").allocation == AllocationPolicy("whole", ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[warehouses.EU1]\n", "unknown section [warehouses]"),
        ("warehouse = 3\n", "[warehouse] must be a section"),
        ("[warehouse.eu1]\n", "1-12 capital letters and digits"),
        ("[warehouse.EU1]\nnmae = 'x'\n", "unknown key 'nmae'"),
        ("[warehouse.EU1]\ncountries = 'DE'\n", "warehouse.EU1.countries must be a list"),
        ("[warehouse.EU1.policy]\nshipsfrom = 'DE'\n", "[warehouse.EU1.policy]: unknown key 'shipsfrom'"),
        ("[warehouse.EU1.policy]\nships_from = 'Germany'\n", "warehouse.EU1.policy.ships_from is 'Germany'"),
        ("[warehouse.EU1.policy]\npo_box = 'no'\n", "warehouse.EU1.policy.po_box must be true or false"),
        ("[warehouse.EU1.policy]\nphone = 'always'\n", "known are optional, abroad, required"),
        ("[warehouse.EU1.policy]\nmax_units = 0\n", "max_units must be a whole number above 0"),
        ("[warehouse.EU1.policy]\nioss = 'IM123'\n", "IM and ten digits"),
        ("[warehouse.EU1.policy]\nuk_vat = '123456789'\n", "GB and nine or twelve digits"),
        ("[warehouse.EU1.policy]\neori = '1'\n", "an EORI"),
        ("[warehouse.EU1.policy]\nstock = true\n", "warehouse.EU1.policy.stock must be text"),
        ("[warehouse.EU1.policy]\nimport_vat = 'us'\n", "known are seller, receiver"),
        ("[warehouse.EU1.policy]\npriority = 1.5\n", "priority must be a whole number"),
        ("[warehouse.EU1.agreement.refunds]\nagreed = 'x'\n", "unknown key 'refunds'; known are address_fixes"),
        ("[warehouse.EU1.agreement.lost]\nchannel = 'x'\n", "agreement.lost.agreed must say what was agreed"),
        ("[warehouse.EU1.agreement.lost]\nagreed = 'x'\nevidence = 'photo'\n", "evidence must be a list"),
        ("[warehouse.EU1.agreement.lost]\nagreed = 'x'\nafter_days = -1\n", "after_days must be a whole number above"),
        ("[warehouse.EU1.agreement]\nlost = 'x'\n", "[warehouse.EU1.agreement.lost] must be a section"),
        ("[allocation]\nsplit = 'always'\n", "allocation.split is 'always'; known are whole, by_warehouse"),
        ("[allocation]\nrules = []\n", "unknown key 'rules'"),
        ("[[allocation.rule]]\nwarehouse = 'EU1'\n", "allocation.rule 1.warehouse is 'EU1'; the warehouses are none"),
        ("[warehouse.A]\n[[allocation.rule]]\nwarehouse = 'A'\ncountries = ['Germany']\n", "rule 1.countries"),
        ("[warehouse.A]\n[[allocation.rule]]\nwarehouse = 'A'\nzones = ['canary islands']\n", "zones like ES-CN"),
        ("[warehouse.A]\n[[allocation.rule]]\nwarehouse = 'A'\nskus = ['']\n", "must be a list of SKUs"),
        ("[warehouse.EU1\n", "lastcall.toml"),
    ],
)
def test_what_can_not_be_is_refused_by_its_key(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(WorkspaceError) as raised:
        read(tmp_path, text)
    assert words in str(raised.value)
    assert str(tmp_path / FILE_NAME) in str(raised.value)


def test_changing_a_warehouse_keeps_what_it_does_not_say(tmp_path: Path) -> None:
    before = read(tmp_path, FULL)
    save_warehouse(tmp_path, WarehouseSettings("EU1", "Cedar Mills II", ("DE",), "sandbox", "https://cedar.example"))
    after = load_policy(tmp_path)
    (cedar, harbor), (old, _) = after.warehouses, before.warehouses
    assert (cedar.name, cedar.countries, cedar.secret) == ("Cedar Mills II", ("DE",), "")
    assert (cedar.label, cedar.policy, cedar.agreement, cedar.options) == (
        old.label,
        old.policy,
        old.agreement,
        old.options,
    )
    assert (harbor, after.allocation, after.stuck_days) == (before.warehouses[1], before.allocation, 20)


def test_a_rule_is_written_over_the_one_in_the_file_and_back_to_its_default_where_that_is_said(tmp_path: Path) -> None:
    read(tmp_path, FULL)
    settings = WarehouseSettings("EU1", "Cedar Mills", portal="file", policy=WarehousePolicy(max_lines=4))
    save_warehouse(tmp_path, settings, rules={"po_box": True}, label={"lines": 2})
    (cedar, _) = load_policy(tmp_path).warehouses
    assert (cedar.policy.max_lines, cedar.policy.po_box, cedar.policy.phone) == (4, True, "abroad")
    assert cedar.label == LabelLimits(lines=2, line=30, charset="latin-1")
    assert cedar.options == {}, "those of another portal mean nothing to this one"


def test_what_is_written_is_read_back_the_same(tmp_path: Path) -> None:
    settings = load_full(tmp_path)
    (tmp_path / FILE_NAME).unlink()
    save_warehouse(tmp_path, settings)
    assert load_policy(tmp_path).warehouses == (settings,)
    save_warehouse(tmp_path, WarehouseSettings("B", "Bare", label=LabelLimits()))
    assert load_policy(tmp_path).warehouse("B").label == LabelLimits()


def load_full(folder: Path) -> WarehouseSettings:
    return read(folder, FULL).warehouse("EU1")


def test_a_topic_is_written_and_taken_back_by_itself(tmp_path: Path) -> None:
    read(tmp_path, FULL)
    save_agreed(tmp_path, "US1", "returns", Agreed("restocked"))
    assert document(tmp_path)["warehouse"]["US1"]["agreement"] == {"returns": {"agreed": "restocked"}}
    save_agreed(tmp_path, "US1", "returns", None)
    save_agreed(tmp_path, "US1", "returns", None)
    assert read(tmp_path, (tmp_path / FILE_NAME).read_text()).warehouses == read(tmp_path, FULL).warehouses
    with pytest.raises(WorkspaceError, match="there is no warehouse JP1"):
        save_agreed(tmp_path, "JP1", "returns", Agreed("x"))


def test_a_file_that_can_not_be_read_is_not_written_over(tmp_path: Path) -> None:
    broken = "[warehouse.EU1]\nname = 3\n"
    (tmp_path / FILE_NAME).write_text(broken)
    with pytest.raises(WorkspaceError, match="name must be text"):
        save_warehouse(tmp_path, WarehouseSettings("US1", "Harbor"))
    (tmp_path / FILE_NAME).write_text(FULL)
    with pytest.raises(WorkspaceError, match="capital letters"):
        save_warehouse(tmp_path, WarehouseSettings("eu 1", "Cedar"))
    assert (tmp_path / FILE_NAME).read_text() == FULL


def test_the_mode_of_the_file_stays(tmp_path: Path) -> None:
    read(tmp_path, FULL)
    (tmp_path / FILE_NAME).chmod(0o660)
    save_warehouse(tmp_path, WarehouseSettings("US1", "Harbor"))
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o660


def test_what_is_agreed_is_one_line_and_so_is_that_nothing_is(tmp_path: Path) -> None:
    policy = read(tmp_path, FULL)
    assert agreed_line(policy, "EU1", "lost") == (
        "lost parcels, agreed with Cedar Mills: goods and postage refunded; by claims@cedar.example; until noon;"
        " after 15 days at the earliest; within 60 days; paid by the carrier; evidence: photo, invoice; contact: Ines"
    )
    assert agreed_line(policy, "US1", "lost") == "lost parcels: not agreed with Harbor"
    assert agreed_line(policy, "GONE", "lost") == ""
    assert agreed_line(policy, None, "lost") == ""
    assert Agreed("one\n  two").line() == "one two"
