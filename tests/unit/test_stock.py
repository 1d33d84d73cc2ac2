"""The ledger by hand: what each verb moves, what is refused, and every number opened to what it is the sum of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from data.dispatch.allocate import allocate
from data.exports.stock import export_stock
from data.model import Done, InputError, StaleError
from data.policy import WarehouseSettings, save_warehouse
from data.stock.adjust import Counted, adjust, count, damage, receive, repair, transfer, write_off
from data.stock.count_file import read_counts
from data.stock.counted import list_differences, record_counted
from data.stock.levels import NUMBERS, list_levels, read_level
from data.stock.movements import Cursor, Movement, all_movements, open_number
from data.stock.products import add_product
from data.stock.restock import restock
from data.store.undo import undo
from data.store.workspace import Workspace
from tests.conftest import MakeOrder, MakeShipment

Numbers = tuple[int, int, int, int]


@pytest.fixture
def shelf(workspace: Workspace) -> Workspace:
    """A workspace with GAME (20 received at EU1), DICE (never counted) and the warehouses EU1 and US1."""
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", ("*",)))
    save_warehouse(workspace.folder, WarehouseSettings("US1", "Harbor", ("US",)))
    workspace.reload_policy()
    add_product(workspace, "GAME", {"title": "Lighthouse"})
    add_product(workspace, "DICE")
    receive(workspace, "EU1", "GAME", 20, reference="DN-7")
    return workspace


@pytest.fixture
def allocated(shelf: Workspace, make_order: MakeOrder, campaign: int) -> Workspace:
    """The same with 15 of GAME and 3 of DICE allocated at EU1 to three orders."""
    for _ in range(3):
        make_order(lines=(("GAME", 5), ("DICE", 1)))
    allocate(shelf, campaign_id=campaign)
    return shelf


def numbers(ws: Workspace, sku: str = "GAME", warehouse: str = "EU1") -> Numbers:
    """Return on hand, allocated, available, damaged."""
    level = read_level(ws.store, warehouse, sku)
    assert level.available == level.on_hand - level.allocated
    return level.on_hand, level.allocated, level.available, level.damaged


def test_each_verb_moves_what_it_says_and_is_undone(allocated: Workspace) -> None:
    ws = allocated
    verbs: list[tuple[Callable[[], Done], Numbers, str]] = [
        (lambda: receive(ws, "EU1", "GAME", 10), (30, 15, 15, 0), "receive 10 of GAME at EU1"),
        (lambda: adjust(ws, "EU1", "GAME", -4, "lost"), (26, 15, 11, 0), "adjust GAME at EU1 by -4: lost"),
        (lambda: damage(ws, "EU1", "GAME", 3, "wet"), (23, 15, 8, 3), "3 of GAME at EU1 are damaged: wet"),
        (lambda: repair(ws, "EU1", "GAME", 1), (24, 15, 9, 2), "repair 1 of GAME at EU1"),
        (lambda: write_off(ws, "EU1", "GAME", 2, "pulp"), (24, 15, 9, 0), "write off 2 damaged of GAME at EU1: pulp"),
        (
            lambda: write_off(ws, "EU1", "GAME", 1, "gift", state="on_hand"),
            (23, 15, 8, 0),
            "write off 1 of GAME at EU1: gift",
        ),
        (lambda: transfer(ws, "EU1", "US1", "GAME", 6), (17, 15, 2, 0), "transfer 6 of GAME from EU1 to US1"),
        (lambda: count(ws, [Counted("EU1", "GAME", 16)]), (16, 15, 1, 0), "count 16 of GAME at EU1"),
    ]
    acts: list[int] = []
    for verb, after, words in verbs:
        done = verb()
        assert (done.words, done.refused, numbers(ws)) == (words, (), after)
        acts.append(done.act or 0)
    assert numbers(ws, warehouse="US1") == (6, 0, 6, 0)
    for act in reversed(acts):
        undo(ws.store, ws.actor, act)
    assert numbers(ws) == (20, 15, 5, 0)
    assert not read_level(ws.store, "US1", "GAME").counted


def test_what_would_go_below_zero_is_refused_says_why_and_goes_when_it_is_forced(allocated: Workspace) -> None:
    ws = allocated
    for verb, reason in (
        (partial(adjust, ws, "EU1", "GAME", -6, "x"), "only 5 are available: 15 of 20 are allocated"),
        (partial(adjust, ws, "EU1", "GAME", -21, "x"), "only 20 are on hand"),
        (partial(damage, ws, "EU1", "GAME", 6, "x"), "only 5 are available"),
        (partial(transfer, ws, "EU1", "US1", "GAME", 6, "x"), "only 5 are available"),
        (partial(count, ws, [Counted("EU1", "GAME", 14)], "x"), "only 5 are available"),
        (partial(repair, ws, "EU1", "GAME", 1, "x"), "only 0 are damaged"),
        (partial(write_off, ws, "EU1", "GAME", 1, "x"), "only 0 are damaged"),
    ):
        refused = verb()
        assert (refused.act, refused.done, refused.words) == (None, (), "nothing was moved")
        assert refused.refused[0].name == "GAME at EU1"
        assert refused.refused[0].reason.startswith(reason)
        assert numbers(ws) == (20, 15, 5, 0)
        forced = verb(force=True)
        assert forced.refused == ()
        assert forced.notes[0].startswith("GAME at EU1 is below zero: ")
        undo(ws.store, ws.actor, forced.act or 0)
    with pytest.raises(InputError, match="what is forced needs a reason"):
        damage(ws, "EU1", "GAME", 6, force=True)


def test_what_was_never_counted_can_only_be_received_or_counted(allocated: Workspace) -> None:
    ws = allocated
    level = read_level(ws.store, "EU1", "DICE")
    assert (level.counted, level.allocated, level.short) == (False, 3, 0)
    for done in (
        adjust(ws, "EU1", "DICE", 5, "x"),
        adjust(ws, "EU1", "DICE", -5, "x"),
        damage(ws, "EU1", "DICE", 1),
        transfer(ws, "EU1", "US1", "DICE", 1),
    ):
        assert done.refused[0].reason == "nobody has counted it there: receive or count it first"
    done = count(ws, [Counted("EU1", "DICE", 0)])
    assert done.notes == ("DICE at EU1 is below zero: available -3",)
    level = read_level(ws.store, "EU1", "DICE")
    assert (level.counted, level.on_hand, level.short) == (True, 0, 3)
    assert [each.sku for each in list_levels(ws.store, short=True)] == ["DICE"]
    assert count(ws, [Counted("EU1", "DICE", 0), Counted("EU1", "GAME", 20)]).words == "all is as it was counted"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda ws: receive(ws, "EU1", "GAME", 0), "a quantity is"),
        (lambda ws: receive(ws, "EU1", "GAME", 10_000_001), "a quantity is"),
        (lambda ws: receive(ws, "EU1", "NONE", 1), "no product NONE"),
        (lambda ws: receive(ws, "XX9", "GAME", 1), r"no warehouse XX9 \(there are: EU1, US1\)"),
        (lambda ws: receive(ws, "EU1", "PDF", 1), "takes no parcel"),
        (lambda ws: receive(ws, "EU1", "BOX", 1), "is a kit: its stock is that of its parts DICE, GAME"),
        (lambda ws: receive(ws, "EU1", "GAME", 1, reference="a\x1b[2J"), "one line"),
        (lambda ws: adjust(ws, "EU1", "GAME", 1, " "), "needs a reason"),
        (lambda ws: adjust(ws, "EU1", "GAME", 0, "x"), "a quantity is"),
        (lambda ws: write_off(ws, "EU1", "GAME", 1, ""), "needs a reason"),
        (lambda ws: write_off(ws, "EU1", "GAME", 1, "x", state="allocated"), "damaged or on_hand"),
        (lambda ws: transfer(ws, "EU1", "EU1", "GAME", 1), "already"),
        (lambda ws: count(ws, [Counted("EU1", "GAME", 1)] * 2), "stands twice"),
        (lambda ws: restock(ws, "nothing"), "no shipment nothing"),
        (lambda ws: restock(ws, "nothing", quantity=3), "of which SKU"),
        (lambda ws: open_number(ws.store, "EU1", "GAME", "promised"), "no number 'promised'"),
    ],
)
def test_what_cant_be_moved_is_refused_in_words(
    shelf: Workspace, call: Callable[[Workspace], Done], words: str
) -> None:
    add_product(shelf, "PDF", {"physical": False})
    add_product(shelf, "BOX", {"parts": [("GAME", 1), ("DICE", 1)]})
    with pytest.raises(InputError, match=words):
        call(shelf)
    assert shelf.store.value("SELECT count(*) FROM movements") == 1


def test_a_receipt_is_not_undone_once_its_pieces_are_promised_or_gone(allocated: Workspace) -> None:
    ws = allocated
    second = receive(ws, "EU1", "GAME", 10)
    adjust(ws, "EU1", "GAME", -12, "lost")
    with pytest.raises(StaleError, match="has left, is reserved or was moved on"):
        undo(ws.store, ws.actor, second.act or 0)
    assert numbers(ws) == (18, 15, 3, 0)
    broken = damage(ws, "EU1", "GAME", 2)
    write_off(ws, "EU1", "GAME", 1, "pulp")
    with pytest.raises(StaleError, match="was moved on"):
        undo(ws.store, ws.actor, broken.act or 0)


def test_what_comes_back_goes_on_the_shelf_once_as_the_parts_it_left_as(
    shelf: Workspace, make_order: MakeOrder, make_shipment: MakeShipment
) -> None:
    ws = shelf
    count(ws, [Counted("EU1", "DICE", 50)])
    add_product(ws, "BOX", {"parts": [("GAME", 1), ("DICE", 3)]})
    order = make_order(lines=(("BOX", 2), ("GAME", 1)))
    make_shipment(order, state="draft", key="K-1")
    assert restock(ws, "K-1").refused[0].reason == "it is draft: nothing of it has left"
    with ws.write("test", "test") as tx:
        tx.run("UPDATE shipments SET state = 'returned', rev = rev + 1 WHERE key = 'K-1'")
    assert (numbers(ws)[0], numbers(ws, "DICE")[0]) == (17, 44)
    assert restock(ws, "K-1", "GAME", 4).refused[0].reason == "only 3 of GAME are still out"
    assert restock(ws, "K-1", "PDF").refused[0].reason == "nothing of PDF has left with it"
    first = restock(ws, "K-1", "GAME", 1, damaged=True, reason="crushed corner")
    assert first.words == "restock 1 of GAME of K-1: crushed corner"
    assert numbers(ws) == (17, 0, 17, 1)
    restock(ws, "K-1")
    assert (numbers(ws)[0], numbers(ws, "DICE")[0]) == (19, 50)
    assert restock(ws, "K-1").refused[0].reason == "all of it is back already"
    assert all_movements(ws.store, "EU1", "GAME", "damaged")[0].reference == "K-1"
    undo(ws.store, ws.actor, first.act or 0)
    assert restock(ws, "K-1", "GAME", 1, warehouse="US1").refused[0].reason.startswith("nobody has counted it there")


def test_every_number_is_opened_to_the_movements_it_is_the_sum_of_page_by_page(
    allocated: Workspace, make_shipment: MakeShipment
) -> None:
    ws = allocated
    first = ws.store.value("SELECT min(id) FROM orders")
    make_shipment(first, state="shipped", key="K-9")
    damage(ws, "EU1", "GAME", 2, "wet")
    again = receive(ws, "EU1", "GAME", 1)
    undo(ws.store, ws.actor, again.act or 0)
    receive(ws, "EU1", "GAME", 4)
    level = read_level(ws.store, "EU1", "GAME")
    for number in NUMBERS:
        whole = all_movements(ws.store, "EU1", "GAME", number)
        total = level.numbers()[number]
        for each in whole:
            assert each.total == total
            total -= each.quantity
        assert total == 0
        for limit in (1, 2, 3):
            paged: list[Movement] = []
            after: Cursor | None = None
            while True:
                page = open_number(ws.store, "EU1", "GAME", number, limit=limit, after=after)
                paged += page.movements
                after = page.rest
                if after is None:
                    break
                assert len(page.movements) == limit
            assert paged == whole
        assert all_movements(ws.store, "EU1", "GAME", number, 2) == whole[:2]
    told = [(each.reason, each.quantity, each.reference, each.words) for each in all_movements(ws.store, "EU1", "GAME")]
    words = "allocate 3 orders: EU1 3"
    assert told == [
        ("received", 4, "", "receive 4 of GAME at EU1"),
        ("damaged", -2, "", "2 of GAME at EU1 are damaged: wet"),
        ("shipped", -5, "K-9", f"add a shipment of order {first}"),
        ("shipped", 5, "K-9", f"add a shipment of order {first}"),
        ("allocated", -5, "1003", words),
        ("allocated", -5, "1002", words),
        ("allocated", -5, "1001", words),
        ("received", 20, "DN-7", "receive 20 of GAME at EU1"),
    ]
    assert {each.user for each in all_movements(ws.store, "EU1", "GAME")} == {"dana"}


def test_levels_are_listed_by_warehouse_and_words_without_what_never_moved(allocated: Workspace) -> None:
    ws = allocated
    transfer(ws, "EU1", "US1", "GAME", 2)
    assert [(each.warehouse, each.sku) for each in list_levels(ws.store)] == [
        ("EU1", "DICE"),
        ("EU1", "GAME"),
        ("US1", "GAME"),
    ]
    assert [each.warehouse for each in list_levels(ws.store, words="light")] == ["EU1", "US1"]
    assert [each.sku for each in list_levels(ws.store, warehouse="EU1", sku="DICE")] == ["DICE"]
    assert list_levels(ws.store, words="light house none") == []


def test_what_was_counted_comes_as_a_file_and_goes_out_as_one(allocated: Workspace, tmp_path: Path) -> None:
    ws = allocated
    out = export_stock(ws, list_levels(ws.store), tmp_path / "stock.csv")
    assert out.rows == 2
    assert count(ws, read_counts(out.path)).act is None
    path = tmp_path / "counted.csv"
    path.write_text("Warehouse;Item SKU;Counted\nEU1;GAME;19\nEU1;DICE;7\nEU1;NONE;1\nXX9;GAME;1\nUS1;GAME;\n")
    done = count(ws, read_counts(path))
    assert {each.name: each.reason for each in done.refused} == {
        "NONE at EU1": "there is no product NONE",
        "GAME at XX9": "there is no warehouse XX9 (there are: EU1, US1)",
    }
    assert (done.words, numbers(ws)[0], numbers(ws, "DICE")[0]) == ("count 4 SKUs at EU1, XX9", 19, 7)
    path.write_text("sku,qty\nGAME,20\n")
    assert read_counts(path, "US1") == [Counted("US1", "GAME", 20)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sku,title\nGAME,x\n", "needs the columns sku and on hand"),
        ("sku,qty\nGAME,1\n", "no column warehouse"),
        ("sku,warehouse,qty\nGAME,EU1,-1\n", "line 2, on hand: -1 is no whole number"),
        ("sku,warehouse,qty\nGAME,EU1,1.5\n", "on hand: 1.5"),
        ("sku,warehouse,qty\nGAME,EU1,10000001\n", "on hand: 10000001"),
        ("sku,warehouse,qty\nGAME,,1\n", "line 2, warehouse: is empty"),
        ("sku,warehouse,qty\nGAME,EU1,1\nGAME,EU1,1\n", "line 3, sku: GAME stands in .*line 2 too"),
        ("sku,warehouse,qty\n,EU1,1\n", "line 2, sku"),
        ("sku,warehouse,qty\nGAME,EU1\n", "line 2: has 2 cells"),
    ],
)
def test_a_bad_count_file_says_where(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "counted.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_counts(path)


def test_what_a_warehouse_says_it_counts_stands_beside_the_ledger_and_never_in_it(allocated: Workspace) -> None:
    ws = allocated
    assert list_differences(ws.store) == []
    assert record_counted(ws, "EU1", [("GAME", 18, 3), ("OTHER", 7, 7)]) == 2
    found = {each.sku: (each.on_hand, each.counted_on_hand, each.difference) for each in list_differences(ws.store)}
    assert found == {"GAME": (20, 18, -2), "OTHER": (None, 7, None)}
    count(ws, [Counted("EU1", "DICE", 4)])
    record_counted(ws, "EU1", [("GAME", 20, 5)])
    found = {each.sku: (each.on_hand, each.counted_on_hand, each.difference) for each in list_differences(ws.store)}
    assert found == {"DICE": (4, None, None), "GAME": (20, 20, 0)}
    assert list_differences(ws.store, warehouse="US1") == []
    assert numbers(ws) == (20, 15, 5, 0)
