"""The demonstration: the whole journey, on a warehouse of every kind, and every promise kept at its end."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from console.cli import run
from data.desk.sample.agreements import AGREEMENTS
from data.desk.sample.warehouses import WAREHOUSES
from data.policy import load_policy
from data.portals.sandbox.dialects import known_dialects
from data.portals.sandbox.ledger import ledger


def test_the_journey_ends_well_with_each_order_in_a_warehouse_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "ember"
    code = run(["--workspace", str(folder), "demo", "--headless", "--orders", "200", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (code, told["verify"]) == (0, {"ok": True, "findings": []})
    assert told["orders"] >= 200
    assert told["delivered"] > 20
    arrived: Counter[str] = Counter()
    for each in WAREHOUSES:
        entries = ledger(folder / "run" / f"{each.code}-sandbox.db")
        assert entries, f"nothing was sent to {each.name}"
        assert {entry["creations"] for entry in entries} == {1}
        arrived.update(entry["reference"] for entry in entries)
    assert set(arrived.values()) == {1}
    assert arrived.total() == told["sent"]
    for warehouse in load_policy(folder).warehouses:
        assert warehouse.agreement == AGREEMENTS[warehouse.code]


def test_every_system_that_can_be_played_is() -> None:
    assert {each.dialect for each in WAREHOUSES} == set(known_dialects())
