"""Products and stock from the command line: contracts of `--json`, exit codes, hostile words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from data.policy import WarehouseSettings, save_warehouse
from data.portals.sandbox.process import SandboxProcess, start
from data.store.workspace import Workspace
from tests.conftest import MakeOrder, Ran
from tests.sending import drive

Run = Callable[..., Ran]


@pytest.fixture
def house(workspace: Workspace) -> Workspace:
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", ("*",)))
    workspace.reload_policy()
    return workspace


def test_products_are_added_changed_shown_and_listed(lastcall: Run, house: Workspace) -> None:
    assert lastcall("product", "add", "DICE", "--title", "Dice \x1b[2J").code == 2
    assert lastcall("product", "add", "DICE", "--title", "Dice", "--value", "EUR=9", "--weight", "210").code == 0
    assert lastcall("product", "add", "TOWER", "--spare").code == 0
    assert lastcall("product", "add", "BOX", "--part", "DICE=2", "--part", "TOWER").code == 0
    assert lastcall("product", "set", "DICE", "--value", "USD 10.50", "--length", "110", "--width", "80").code == 0
    assert lastcall("product", "set", "DICE").code == 2
    assert lastcall("product", "set", "DICE", "--value", "9").code == 2
    assert lastcall("product", "set", "BOX", "--no-parts", "--part", "DICE").code == 2
    shown = lastcall("product", "show", "DICE", "--json").json
    assert shown["values"] == [{"minor": 900, "currency": "EUR"}, {"minor": 1050, "currency": "USD"}]
    assert (shown["length_mm"], shown["in_kits"], shown["parts"], shown["stock"]) == (110, ["BOX"], [], [])
    assert lastcall("product", "show", "BOX").out.split("\n")[1:3] == [
        "is         kit",
        "parts      2 x DICE + 1 x TOWER",
    ]
    listed = lastcall("products", "--json").json
    assert {each["sku"]: (each["spare"], each["ordered"]) for each in listed} == {
        "BOX": (False, 0),
        "DICE": (False, 0),
        "TOWER": (True, 0),
    }
    assert lastcall("products", "--spares").out.split("\n")[1].split("\t")[:4] == ["TOWER", "", "0", "spare"]
    assert lastcall("product", "set", "BOX", "--no-parts", "--json").json["words"] == "change product BOX: parts"


def test_product_files_go_in_and_out(lastcall: Run, house: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "goods.csv"
    path.write_text("sku,title,value EUR\nGAME,Game,32.00\nDICE,Dice,x\n")
    bad = lastcall("product", "import", str(path))
    assert (bad.code, bad.out) == (2, "")
    assert bad.err.startswith("goods.csv, line 3, value EUR: x is no amount")
    path.write_text("sku,title,value EUR\nGAME,Game,32.00\n")
    dry = lastcall("product", "import", str(path), "--dry-run")
    assert dry.out == "GAME: new, Game\nwould import products: 1 new, 0 changed\n"
    made = lastcall("product", "import", str(path), "--json").json
    assert (made["added"], made["changed"], made["same"], made["changes"][0]["field"]) == (1, 0, 0, "new")
    out = lastcall("product", "export", "-o", str(tmp_path / "out.csv"), "--json").json
    assert out == {"path": str(tmp_path / "out.csv"), "rows": 1}
    assert lastcall("product", "import", str(tmp_path / "out.csv")).out == (
        "import products: 0 new, 0 changed, 1 as they were\n"
    )


def test_stock_is_moved_listed_and_opened(
    lastcall: Run, house: Workspace, make_order: MakeOrder, tmp_path: Path
) -> None:
    make_order(lines=(("GAME", 3), ("DICE", 1)))
    lastcall("allocate")
    assert lastcall("stock", "receive", "EU1", "GAME", "2", "--reference", "DN-1", "--json").json["words"] == (
        "receive 2 of GAME at EU1"
    )
    (short,) = lastcall("stock", "--short", "--json").json
    assert short == {
        "warehouse": "EU1", "sku": "GAME", "title": "Game", "on_hand": 2, "allocated": 3, "available": -1,
        "damaged": 0, "in_transit": 0, "counted": True, "short": 1,
    }  # fmt: skip
    assert lastcall("stock").out.split("\n")[1] == "EU1\tDICE\tDice\tnot counted\t1\t\t0\t0\t"
    refused = lastcall("stock", "adjust", "EU1", "GAME", "--by", "-1", "--reason", "lost")
    assert (refused.code, refused.out) == (1, "nothing was moved\n")
    assert "refused GAME at EU1: only 0 are available" in refused.err
    assert lastcall("stock", "adjust", "EU1", "GAME", "--by", "-1", "--reason", "lost", "--force").code == 0
    assert lastcall("stock", "receive", "EU1", "GAME", "9").code == 0
    assert lastcall("stock", "damage", "EU1", "GAME", "2").code == 0
    assert lastcall("stock", "repair", "EU1", "GAME", "1").code == 0
    assert lastcall("stock", "writeoff", "EU1", "GAME", "1", "--reason", "pulp").code == 0
    assert lastcall("stock", "transfer", "EU1", "XX9", "GAME", "1").code == 2
    assert lastcall("stock", "restock", "K-0").code == 2
    opened = lastcall("stock", "show", "EU1", "GAME", "--json").json
    assert (opened["available"], opened["number"]) == (6, "available")
    assert sum(each["quantity"] for each in opened["movements"]) == 6
    assert set(opened["movements"][0]) == {
        "at", "state", "quantity", "total", "reason", "reference", "order_id", "act", "user", "words",
    }  # fmt: skip
    lines = lastcall("stock", "show", "EU1", "GAME", "--number", "on_hand", "--limit", "1").out.split("\n")
    assert lines[0] == "GAME at EU1: 9 on hand, 3 allocated, 6 available, 0 damaged, 0 in transit"
    assert lines[2].split("\t")[1:4] == ["repaired", "+1", "9"]
    assert lastcall("stock", "show", "EU1", "NONE").code == 2
    assert lastcall("verify").code == 0


def test_counts_come_from_a_file_or_the_line(lastcall: Run, house: Workspace, tmp_path: Path) -> None:
    lastcall("product", "add", "GAME")
    assert lastcall("stock", "count", "EU1", "GAME", "5").code == 0
    assert lastcall("stock", "export", "-o", str(tmp_path / "s.csv")).code == 0
    assert lastcall("stock", "count", "--file", str(tmp_path / "s.csv")).out == "all is as it was counted\n"
    (tmp_path / "t.csv").write_text("sku,qty\nGAME,6\n")
    assert lastcall("stock", "count", "EU1", "--file", str(tmp_path / "t.csv")).code == 0
    assert lastcall("stock", "--sku", "GAME", "--json").json[0]["on_hand"] == 6
    for arguments in (("stock", "count", "EU1"), ("stock", "count", "EU1", "GAME", "--file", "x")):
        assert lastcall(*arguments).code == 2


def test_a_warehouse_is_asked_what_it_counts(
    lastcall: Run, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox: SandboxProcess = start(tmp_path / "sandbox.db")
    try:
        ws = drive(workspace, sandbox, monkeypatch.setenv)
        sandbox.control("stock", {"GAME": 7})
        ws.close()
        lastcall("product", "add", "GAME")
        lastcall("stock", "count", "EU1", "GAME", "9")
        asked = lastcall("stock", "ask", "--json")
        assert (asked.code, asked.json[0]["words"]) == (0, "1 SKU counted")
    finally:
        sandbox.stop()
    (found,) = lastcall("stock", "--counted", "--json").json
    assert (found["sku"], found["on_hand"], found["counted_on_hand"], found["difference"]) == ("GAME", 9, 7, -2)
    assert lastcall("stock", "--counted").out.split("\n")[1].split("\t")[:5] == ["EU1", "GAME", "9", "7", "-2"]
