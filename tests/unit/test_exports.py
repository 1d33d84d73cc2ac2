"""Exports: what is in the file, what a spreadsheet must not run, and what is never written over."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from data.exports.columns import COLUMNS, find_columns
from data.exports.export import cells_text, clipboard_text, export_rows, write_cells
from data.exports.templates import find_template, list_templates, screen_template
from data.model import InputError, StoppedError
from data.orders.rows import OrderRows, order_rows
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_every_packaged_template_writes_every_row(workspace: Workspace, make_order: MakeOrder) -> None:
    make_order(number="1", lines=[("GAME", 2), ("DICE", 1)])
    make_order(number="2", address=None)
    templates = list_templates(workspace.folder / "templates")
    assert [each.name for each in templates] == ["addresses", "order-lines", "orders"]
    counts = {}
    for template in templates:
        exported = export_rows(workspace, template, OrderRows(workspace.store, template.filter))
        assert exported.path.parent == workspace.folder / "exports"
        rows = read_csv(exported.path)
        assert len(rows) == exported.rows
        counts[template.name] = exported.rows
    assert counts == {"addresses": 1, "order-lines": 3, "orders": 2}


def test_an_order_is_written_as_it_is(workspace: Workspace, make_order: MakeOrder) -> None:
    make_order(number="007", name='Jane "JD", Doe', lines=[("GAME", 2)], amount_minor=1205, late=True, currency="JPY")
    exported = export_rows(workspace, find_template(workspace.folder, "orders"), OrderRows(workspace.store))
    (row,) = read_csv(exported.path)
    assert (row["Number"], row["Name"], row["Items"]) == ("007", 'Jane "JD", Doe', "2 × GAME")
    assert (row["Amount"], row["Currency"], row["Late"], row["Locked"]) == ("1205", "JPY", "yes", "no")
    assert (row["Country"], row["Postcode"]) == ("DE", "10115")


def test_formulas_are_defused_for_spreadsheets_and_left_alone_for_machines(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    make_order(name="=cmd|' /C calc'!A0")
    template = find_template(workspace.folder, "orders")
    rows = OrderRows(workspace.store)
    assert read_csv(export_rows(workspace, template, rows).path)[0]["Name"] == "'=cmd|' /C calc'!A0"
    machine = export_rows(workspace, template, rows, machine=True)
    assert read_csv(machine.path)[0]["Name"] == "=cmd|' /C calc'!A0"
    assert not machine.path.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = export_rows(workspace, template, rows, form="jsonl").path.read_text(encoding="utf-8").splitlines()
    document = json.loads(lines[0])
    assert document["name"] == "=cmd|' /C calc'!A0"
    assert (document["late"], document["units"]) == (False, 1)


def test_the_marked_rows_go_out_in_their_order_with_the_screens_columns(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    ids = [make_order(number=str(number)) for number in range(5)]
    exported = export_rows(
        workspace, screen_template("orders", ["number", "flags"]), [ids[3], ids[1], 10**6], form="tsv"
    )
    assert exported.rows == 2
    assert exported.path.read_bytes() == "\ufeffNumber\tFlags\r\n3\t\r\n1\t\r\n".encode()


def test_a_file_is_never_written_over(workspace: Workspace, make_order: MakeOrder, tmp_path: Path) -> None:
    make_order()
    template = find_template(workspace.folder, "orders")
    first = export_rows(workspace, template, OrderRows(workspace.store))
    second = export_rows(workspace, template, OrderRows(workspace.store))
    assert first.path != second.path
    target = tmp_path / "mine.csv"
    target.write_text("precious", encoding="utf-8")
    with pytest.raises(InputError, match="never written over"):
        export_rows(workspace, template, OrderRows(workspace.store), target)
    assert target.read_text(encoding="utf-8") == "precious"


def test_a_stopped_export_leaves_nothing(workspace: Workspace, make_order: MakeOrder) -> None:
    for _ in range(3):
        make_order()
    with pytest.raises(StoppedError):
        export_rows(workspace, find_template(workspace.folder, "orders"), [1, 2, 3], stopped=lambda: True)
    assert list((workspace.folder / "exports").iterdir()) == []


def test_the_clipboard_gets_no_hidden_character_and_no_formula(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order(number="9", name="Eve\x1b]52;c;AA\x07\t\u202eX", email="=1+1")
    rows = order_rows(workspace.store, [order]).values()
    assert clipboard_text(find_columns(["number", "name", "email", "units"]), rows) == "9\tEve]52;c;AA X\t'=1+1\t1"
    assert cells_text([["a", None, 2, True]]) == "a\t\t2\tyes"


def test_any_list_can_be_written(tmp_path: Path) -> None:
    exported = write_cells(tmp_path / "issues.jsonl", [("id", "ID"), ("age", "Age")], [[1, "2d"], [2, None]], "jsonl")
    assert exported.path.read_text(encoding="utf-8") == '{"id":1,"age":"2d"}\n{"id":2,"age":null}\n'


def test_a_workspaces_own_template_comes_first(workspace: Workspace, make_order: MakeOrder) -> None:
    make_order(number="1")
    folder = workspace.folder / "templates"
    (folder / "orders.toml").write_text(
        'title = "Ours"\nformat = "tsv"\nreader = "machine"\ncolumns = ["id", {key = "number", title = "Ref"}]\n',
        encoding="utf-8",
    )
    template = find_template(folder, "orders")
    exported = export_rows(workspace, template, OrderRows(workspace.store))
    assert exported.path.read_bytes() == b"ID\tRef\r\n1\t1\r\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("columns = [", "x.toml"),
        ("columns = []", "columns must be a list"),
        ('columns = ["nmber"]', "did you mean number?"),
        ('columns = ["id"]\nformat = "xls"', "format must be one of"),
        ('columns = ["id"]\nreader = "cat"', "spreadsheet or machine"),
        ('columns = ["id"]\ncolour = "red"', "unknown key colour"),
        ('columns = [{title = "x"}]', "a column is a key"),
        ('columns = ["id"]\nfilter = 3', "filter must be text"),
    ],
)
def test_a_template_that_can_not_be_used_says_where(workspace: Workspace, text: str, words: str) -> None:
    folder = workspace.folder / "templates"
    (folder / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"x\.toml") as caught:
        find_template(folder, "x")
    assert words in str(caught.value)


def test_an_unknown_template_names_those_there_are(workspace: Workspace) -> None:
    for name in ("order", "../orders", ""):
        with pytest.raises(InputError, match="addresses, order-lines, orders"):
            find_template(workspace.folder / "templates", name)


def test_every_column_takes_any_order(workspace: Workspace, make_order: MakeOrder) -> None:
    make_order(address=None, lines=[], amount_minor=None, ordered_at=None)
    exported = export_rows(workspace, screen_template("all", [k for k, c in COLUMNS.items() if not c.line]), [1])
    assert exported.rows == 1
