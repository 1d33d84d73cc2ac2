"""`lastcall orders`, `order`, `views`, `export`, `log`, `undo`: the contract that scripts build on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from data.model import HoldKind, Item
from data.orders.holds import hold
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, OpenAs, Ran

Run = Callable[..., "Ran"]


def test_orders_are_listed_as_documents_and_as_rows(lastcall: Run, make_order: MakeOrder) -> None:
    make_order(number="1", name="Zoë \x1b[2J")
    make_order(number="2", holds=["stock"], late=True)
    ran = lastcall("orders", "--json", "--filter", "hold:none", "--limit", "5")
    assert ran.code == 0
    assert [each["number"] for each in ran.json] == ["1"]
    assert set(ran.json[0]) == {
        "id", "number", "kind", "stage", "name", "email", "country", "postcode", "address", "lines", "holds", "locked",
        "late", "warehouse",
    }  # fmt: skip
    assert "\x1b" not in ran.out
    rows = lastcall("orders", "--sort", "number", "--reverse")
    assert rows.out.splitlines()[1].split("\t")[:5] == ["2", "Anna Lindqvist", "DE", "ready", "hold:stock late"]
    assert rows.out.splitlines()[2].split("\t")[1] == "Zoë ␛[2J"
    assert lastcall("orders", "--json", "--filter", "nobody").json == []
    assert lastcall("orders", "--count").out == "2\n"


def test_a_wrong_filter_or_option_is_said_with_its_column(lastcall: Run, make_order: MakeOrder) -> None:
    make_order()
    ran = lastcall("orders", "--filter", "stage:redy")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "filter, column 7: stage can't be redy: did you mean ready?\n"
    assert lastcall("orders", "--sort", "colour").code == 2
    assert "there is no campaign NONE" in lastcall("orders", "--campaign", "NONE").err


def test_verbs_act_on_named_orders_or_a_filter_and_log_and_undo_them(
    lastcall: Run, workspace: Workspace, make_order: MakeOrder, open_as: OpenAs
) -> None:
    for number in ("1", "2", "3"):
        make_order(number=number)
    assert (
        lastcall("order", "hold", "1", "backer2@example.org", "--reason", "recall").out == "hold 2 orders: operator\n"
    )
    refused = lastcall("order", "hold", "--filter", "stage:ready", "--reason", "recall", "--json")
    assert refused.code == 1
    assert refused.json["done"] == [3]
    assert [each["name"] for each in refused.json["refused"]] == ["1", "2"]
    assert lastcall("order", "release", "3", "--kind", "operator").code == 0
    assert lastcall("order", "priority", "3", "--to", "4").code == 0
    assert lastcall("order", "late", "3").out == "1 order: late\n"
    assert lastcall("order", "note", "3", "--text", "look").code == 0
    assert lastcall("order", "hold").code == 2
    assert lastcall("order", "hold", "1", "--filter", "x", "--reason", "r").code == 2

    hold(open_as("mira"), [Item(3, 0)], HoldKind.CLIENT, "asked")
    listed = lastcall("log", "--limit", "3", "--json").json
    assert [each["words"] for each in listed] == ["hold 1 order: client", "note on 1 order", "1 order: late"]
    undone = lastcall("undo", "--yes")
    assert undone.out == "undone: note on 1 order\n"
    assert "insert 1 in notes" in undone.err
    assert lastcall("undo", "--redo", "--yes").code == 0
    third = next(each for each in lastcall("log", "--json").json if each["words"] == "1 order: priority 4")
    shown = lastcall("undo", str(third["id"]), "--yes")
    assert "priority: 0 → 4" in shown.err
    assert (shown.code, shown.out) == (2, "")
    assert "“1 order: late”: undo act" in shown.err
    for words in ("note on 1 order", "1 order: late", "1 order: priority 4"):
        assert lastcall("undo", "--yes").out.endswith(f"{words}\n")
    assert lastcall("undo", "9999", "--yes").code == 2
    assert lastcall("order", "cancel", "3", "--reason", "changed her mind").code == 0
    assert lastcall("orders", "--json", "--filter", "stage:cancelled").json[0]["number"] == "3"


def test_undo_asks_before_it_does(lastcall: Run, make_order: MakeOrder) -> None:
    make_order(number="1")
    lastcall("order", "priority", "1", "--to", "2")
    asked = lastcall("undo")
    assert asked.code == 1
    assert "Take it back?" in asked.err
    assert lastcall("orders", "--filter", "priority:2", "--count").out == "1\n"


def test_one_order_is_shown_with_what_hangs_on_it(lastcall: Run, make_order: MakeOrder) -> None:
    make_order(number="1", holds=["stock"], name="Evil \x1b]0;x\x07")
    lastcall("order", "note", "1", "--text", "line one\nline two")
    text = lastcall("order", "show", "1").out
    assert "\x1b" not in text
    for words in ("hold: stock", "1 × GAME", "Elm Street 5", "[on file]", "line one / line two", "add order 1"):
        assert words in text
    (document,) = lastcall("order", "show", "#1", "--json").json
    assert document["order"]["number"] == "1"
    assert document["holds"][0]["kind"] == "stock"
    assert lastcall("order", "show", "nobody").code == 2


def test_views_are_saved_used_and_deleted(lastcall: Run, make_order: MakeOrder) -> None:
    make_order(number="1", late=True)
    make_order(number="2")
    saved = lastcall("views", "save", "Late", "--filter", "late:yes", "--sort", "name", "--columns", "number,name")
    assert saved.code == 0
    assert lastcall("views", "save", "Bad", "--filter", "late:maybe").code == 2
    (view,) = lastcall("views", "--json").json
    assert (view["name"], view["columns"]) == ("Late", ["number", "name"])
    assert [each["number"] for each in lastcall("orders", "--view", "late", "--json").json] == ["1"]
    assert lastcall("views", "delete", "Late").code == 0
    assert lastcall("views", "--json").json == []


def test_export_writes_where_it_is_told_and_says_where(
    lastcall: Run, workspace: Workspace, make_order: MakeOrder, tmp_path: Path
) -> None:
    make_order(number="1", name="=1+1")
    make_order(number="2", holds=["stock"])
    target = tmp_path / "out.jsonl"
    ran = lastcall("export", "orders", "-o", str(target), "--filter", "hold:none", "--columns", "number,name")
    assert (ran.code, ran.out) == (0, f"{target}\n")
    assert json.loads(target.read_text(encoding="utf-8")) == {"number": "1", "name": "=1+1"}
    again = lastcall("export", "orders", "-o", str(target))
    assert (again.code, again.out) == (2, "")
    document = lastcall("export", "order-lines", "--machine", "--json").json
    assert document["rows"] == 2
    assert Path(document["path"]).parent == workspace.folder / "exports"
    assert "orders" in lastcall("export").out
    assert "addresses, order-lines, orders" in lastcall("export", "nothing").err
