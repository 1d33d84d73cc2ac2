"""Products as files: messy ones are read, bad ones named cell by cell, and what is written reads back the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.dispatch.allocate import allocate
from data.exports.products import export_products
from data.model import InputError, Money, StaleError
from data.policy import WarehouseSettings, save_warehouse
from data.stock.product_cells import parts_text, read_amount, read_parts, read_size
from data.stock.product_checks import LONGEST_SKU
from data.stock.product_import import ProductImport, import_products
from data.stock.products import Product, add_product, find_product, list_products
from data.store.undo import undo
from data.store.workspace import Workspace, init_workspace
from data.text import has_hidden
from tests.conftest import MakeOrder

MESSY = "\n".join(
    (
        "\ufeffItem SKU;Product Name;Weight (kg);Length cm;HS Code;Country of Origin;"
        "Declared Value (EUR);value usd;Parts;Colour",
        "GAME; Lighthouse ;1,85;30;9504.90;cn;32,00;USD 35;;red",
        "",
        '"DICE-2";"Dice; brass";210 g;;950490;CN;9;10.5;;',
        '"=""0042""";\'=Art book;;;;;;;;',
        'BOX;Everything;;;;;;;"2xDICE-2 + GAME";',
        ";;;;;;;;;",
    )
)


def bring(ws: Workspace, path: Path, text: str, *, dry_run: bool = False) -> ProductImport:
    path.write_text(text, encoding="utf-8")
    return import_products(ws, [path], dry_run=dry_run)


def told(ws: Workspace) -> list[Product]:
    """Return the products without what differs from workspace to workspace."""
    return [replace(each, id=0, rev=0) for each in list_products(ws.store)]


def test_a_messy_file_is_read_and_the_same_again_changes_nothing(workspace: Workspace, tmp_path: Path) -> None:
    dry = bring(workspace, tmp_path / "p.csv", MESSY, dry_run=True)
    assert (dry.added, dry.done.act, list_products(workspace.store)) == (4, None, [])
    assert workspace.store.value("SELECT count(*) FROM act") == 0
    first = bring(workspace, tmp_path / "p.csv", MESSY)
    assert (first.added, first.changed, first.changes) == (4, 0, dry.changes)
    assert first.done.notes == ("columns not used: Colour",)
    game = find_product(workspace.store, "GAME")
    assert (game.title, game.weight_g, game.length_mm, game.hs_code, game.origin) == (
        "Lighthouse", 1850, 300, "950490", "CN",
    )  # fmt: skip
    assert game.values == (Money(3200, "EUR"), Money(3500, "USD"))
    assert find_product(workspace.store, "DICE-2").weight_g == 210
    assert find_product(workspace.store, "0042").title == "=Art book"
    assert find_product(workspace.store, "BOX").parts == (("DICE-2", 2), ("GAME", 1))
    again = bring(workspace, tmp_path / "p.csv", MESSY)
    assert (again.added, again.changed, again.same, again.done.act) == (0, 0, 4, None)
    undo(workspace.store, workspace.actor, first.done.act or 0)
    assert list_products(workspace.store) == []


def test_a_file_changes_what_it_says_and_a_dash_takes_away(workspace: Workspace, tmp_path: Path) -> None:
    bring(workspace, tmp_path / "p.csv", MESSY)
    text = "sku,title,hs code,weight,value EUR,parts,spare\nGAME,,-,-,-,,\nBOX,Kit,,,,-,yes\nNEW,New,,,,,no\n"
    found = bring(workspace, tmp_path / "q.csv", text)
    assert (found.added, found.changed) == (1, 2)
    game, box = find_product(workspace.store, "GAME"), find_product(workspace.store, "BOX")
    assert (game.title, game.hs_code, game.weight_g, game.values) == ("Lighthouse", "", None, (Money(3500, "USD"),))
    assert (box.title, box.parts, box.spare) == ("Kit", (), True)
    assert {(each.sku, each.field): (each.before, each.after) for each in found.changes} == {
        ("GAME", "hs_code"): ("950490", ""),
        ("GAME", "weight_g"): ("1850", ""),
        ("GAME", "values"): ("EUR 32.00, USD 35.00", "USD 35.00"),
        ("BOX", "title"): ("Everything", "Kit"),
        ("BOX", "spare"): ("no", "yes"),
        ("BOX", "parts"): ("2xDICE-2 + 1xGAME", ""),
        ("NEW", "new"): ("", "New"),
    }


def test_every_mistake_is_named_with_file_line_and_field_and_nothing_goes_in(
    workspace: Workspace, tmp_path: Path
) -> None:
    text = (
        "sku,weight g,origin,hs,value EUR,value,physical,parts,title\n"
        "A,1.5,CN,,,,,,\n"
        "B,,China,,,,,,\n"
        "C,,,123,,,,,\n"
        'D,,,,"1,234.50",,,,\n'
        "E,,,,USD 3,,,,\n"
        "F,,,,,12,,,\n"
        "G,,,,,,perhaps,,\n"
        "H,,,,,,,2x + A,\n"
        "I,30 mm,,,,,,,\n"
        ",,,,,,,,nameless\n"
        "A,,,,,,,,twice\n"
        "J,,\n"
    )
    with pytest.raises(InputError) as caught:
        bring(workspace, tmp_path / "bad.csv", text)
    lines = str(caught.value).split("\n")
    assert [each.split(":")[0] for each in lines] == [
        "bad.csv, line 2, weight_g",
        "bad.csv, line 3, origin",
        "bad.csv, line 4, hs_code",
        "bad.csv, line 5, value EUR",
        "bad.csv, line 6, value EUR",
        "bad.csv, line 7, value",
        "bad.csv, line 8, physical",
        "bad.csv, line 9, parts",
        "bad.csv, line 10, weight_g",
        "bad.csv, line 11, sku",
        "bad.csv, line 13",
    ]
    assert list_products(workspace.store) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title,weight\nx,1\n", "needs a column sku"),
        ("sku,title\nA,x\nA,y\n", "line 3, sku: A stands in p.csv, line 2 too"),
        ("kit,part,quantity\nBOX,GAME,1\n", "line 2, there is no product BOX"),
        ("kit,part,qty\nA,B,0\nA,B,1\nA,B,2\n", "line 2, quantity: 0 .*\n.*line 4, part: B stands twice in A"),
        ("sku,parts\nA,1xB\nB,1xC\nC,\n", "is a kit|is part of"),
        ("sku,parts\nA,1xA\n", "line 2, parts: A can't be in itself"),
        ("sku,title\nA,bad \u202etitle\n", "line 2, title: it is one line"),
        ('sku,title\nA,"never closed\n', "is never closed"),
        ("sku\n" + "x" * (LONGEST_SKU + 1) + "\n", "line 2, sku"),
    ],
)
def test_what_cant_be_read_or_kept_says_where(workspace: Workspace, tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        bring(workspace, tmp_path / "p.csv", text)
    assert list_products(workspace.store) == []


def test_kits_come_in_a_list_of_their_own_beside_the_products(
    workspace: Workspace, make_order: MakeOrder, campaign: int, tmp_path: Path
) -> None:
    products, kits = tmp_path / "products.csv", tmp_path / "kits.csv"
    products.write_text("sku,title\nBOX,Box\nGAME,Game\nDICE,Dice\n")
    kits.write_text("Kit,Component,Qty\nBOX,GAME,\nBOX,DICE,3\n")
    assert import_products(workspace, [kits, products]).added == 3
    assert find_product(workspace.store, "BOX").parts == (("DICE", 3), ("GAME", 1))
    assert import_products(workspace, [kits, products]).done.act is None
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", ("*",)))
    workspace.reload_policy()
    make_order(lines=(("BOX", 1),))
    allocate(workspace, campaign_id=campaign)
    kits.write_text("kit,part,quantity\nBOX,GAME,2\n")
    products.write_text("sku,title\nGAME,Another\n")
    with pytest.raises(StaleError, match=r"kits\.csv, line 2, BOX: orders with this kit are allocated or gone"):
        import_products(workspace, [products, kits])
    assert find_product(workspace.store, "GAME").title == "Game"


def test_a_sku_that_differs_only_by_its_case_is_told(workspace: Workspace, tmp_path: Path) -> None:
    add_product(workspace, "DICE-2")
    (note,) = bring(workspace, tmp_path / "p.csv", "sku\ndice-2\n").done.notes
    assert note == "p.csv, line 2: dice-2 is made though there is DICE-2"


def test_what_is_written_reads_back_the_same_here_and_in_another_workspace(
    workspace: Workspace, tmp_path: Path
) -> None:
    hostile = ['=cmd|"/c calc"!A1', "+1", "@x", "-", 'it\'s; "quoted" + 1xB', "花 – Ünï", "'=x", "2xDICE", "a,b"]
    for at, text in enumerate(hostile):
        money = [Money(10**at, "EUR"), Money(at + 1, "JPY"), Money(12_345, "KWD")][: at % 4]
        add_product(workspace, text, {"title": text if text != "-" else "dash", "values": money, "spare": at % 2 == 1})
    add_product(workspace, "BOX", {"parts": [(text, at + 1) for at, text in enumerate(hostile)], "weight_g": 5})
    add_product(workspace, "PDF", {"physical": False})
    written = export_products(workspace, tmp_path / "out.csv")
    assert written.rows == len(hostile) + 2
    assert import_products(workspace, [written.path]).done.act is None
    init_workspace(tmp_path / "other")
    other = Workspace(tmp_path / "other", workspace.actor, workspace.clock)
    assert import_products(other, [written.path]).added == len(hostile) + 2
    assert told(other) == told(workspace)
    other.close()
    with pytest.raises(InputError, match="never written over"):
        export_products(workspace, tmp_path / "out.csv")


def test_a_title_that_a_platform_gave_hidden_characters_does_not_stand_in_the_way(
    workspace: Workspace, tmp_path: Path
) -> None:
    with workspace.write("test", "test") as tx:
        tx.insert("products", {"sku": "A", "title": "x\x1b[2J\u202e"})
    written = export_products(workspace)
    assert import_products(workspace, [written.path]).done.act is None


_SKUS = st.text(min_size=1, max_size=LONGEST_SKU).filter(lambda text: text == text.strip() and not has_hidden(text))


@given(st.dictionaries(_SKUS, st.integers(1, 999_999), min_size=1, max_size=5))
def test_parts_read_back_as_they_were_written(parts: dict[str, int]) -> None:
    kept = tuple(sorted(parts.items()))
    assert read_parts(parts_text(kept)) == kept


@given(st.integers(0, 10**11), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_amounts_read_back_as_they_were_written(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    if len(money.digits().split(".")[0]) <= 9:
        assert read_amount(money.digits(), currency) == money


@pytest.mark.parametrize(
    ("cell", "unit", "size"),
    [("1850", "g", 1850), ("1850.0", "g", 1850), ("1,85 kg", "g", 1850), ("0.5", "kg", 500), ("30", "cm", 300),
     ("7 MM", "cm", 7)],
)  # fmt: skip
def test_sizes_are_read_in_the_unit_of_the_column_or_their_own(cell: str, unit: str, size: int) -> None:
    assert read_size(cell, unit) == size


@pytest.mark.parametrize("cell", ["1.850,5", "1e3", "-5", "12 lb", "5 cm", "1,85", "٣", ""])
def test_sizes_that_are_none_are_refused(cell: str) -> None:
    with pytest.raises(InputError):
        read_size(cell, "g")
