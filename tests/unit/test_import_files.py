from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.clock import utc_text
from data.desk.forget import forget
from data.intake.imports import ImportResult, import_files
from data.model import InputError, StaleError, StoppedError
from data.orders.stages import derived_sql
from data.stock.items import NameMap
from data.stock.mapping import map_item
from data.store.undo import undo
from data.store.workspace import Workspace

HEADER = """
Backer Number,Backer UID,Backer Name,Email,Shipping Country,Shipping Amount,Reward Title,Backing Minimum,Reward ID,
Bonus Support,Pledge Amount,Pledged At,Fulfillment Status,Pledged Status,Notes,[Addon: 77] Dice Set,Base Game,
Survey Response,Shipping Name,Shipping Address 1,Shipping Address 2,Shipping City,Shipping State,
Shipping Postal Code,Shipping Country Name,Shipping Country Code,Shipping Phone Number,Shipping Delivery Notes
""".replace("\n", "").split(",")
GAME = NameMap(None, "Base Game", (("GAME", 1),))
DICE = NameMap(None, "Dice Set", (("DICE", 1),))
STAGING = ".staging-*"


def pledge(number: int, **changed: str) -> dict[str, str]:
    """One row of a backer report: a paid pledge with an answered survey."""
    row = dict.fromkeys(HEADER, "")
    row |= {
        "Backer Number": str(number),
        "Backer UID": str(900_000 + number),
        "Backer Name": f"Backer {number}",
        "Email": f"b{number}@mail.net",
        "Shipping Country": "DE",
        "Reward Title": "All in",
        "Reward ID": "55",
        "Pledge Amount": "€89.00",
        "Pledged At": "2026/03/28, 10:27",
        "Pledged Status": "collected",
        "Base Game": "1",
        "Survey Response": "2026/05/26, 14:05",
        "Shipping Name": f"Backer {number}",
        "Shipping Address 1": f"Elm Street {number}",
        "Shipping City": "Berlin",
        "Shipping Postal Code": "10115",
        "Shipping Country Name": "Germany",
        "Shipping Country Code": "DE",
        "Shipping Phone Number": "+49 30 901820",
    }
    return row | changed


def unanswered(number: int, **changed: str) -> dict[str, str]:
    blank = {name: "" for name in HEADER if name.startswith("Shipping ") and name != "Shipping Country"}
    return pledge(number, **{**blank, "Survey Response": "", **changed})


class Importer:
    """Writes rows as a file and imports it."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self.workspace, self.folder, self.files = workspace, folder, 0

    def write(self, *rows: dict[str, str], header: list[str] = HEADER) -> Path:
        self.files += 1
        path = self.folder / f"report-{self.files}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, header, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        return path

    def __call__(self, *rows: dict[str, str], **options: Any) -> ImportResult:
        options.setdefault("maps", [GAME, DICE])
        return import_files(self.workspace, [self.write(*rows)], "Ember Isles", **options)


@pytest.fixture
def bring(workspace: Workspace, tmp_path: Path) -> Importer:
    return Importer(workspace, tmp_path)


def counts(result: ImportResult) -> tuple[int, ...]:
    return (result.rows, result.created, result.updated, result.unchanged, result.changes, result.rejected)


def orders(ws: Workspace, columns: str, number: int | None = None) -> list[Any]:
    found = ws.store.rows(
        f"SELECT {columns} FROM orders WHERE number = coalesce(?, number) ORDER BY id", (number and str(number),)
    )
    return [row[0] if len(row) == 1 else row for row in found]


def on_file(ws: Workspace, number: int) -> str:
    return str(
        ws.store.value(
            "SELECT a.line1 FROM orders o JOIN addresses a ON a.id = o.address_id WHERE o.number = ?", (str(number),)
        )
    )


def assert_sound(ws: Workspace) -> None:
    """What the schema's triggers keep for single rows holds after set statements too."""
    assert ws.store.rows("PRAGMA foreign_key_check") == []
    assert [row for row in ws.store.rows(derived_sql()) if row[1] != row[2]] == []
    assert ws.store.rows(
        "SELECT rowid, name, email, number, tracking, address FROM order_search ORDER BY rowid"
    ) == ws.store.rows("SELECT id, name, email, number, tracking, address FROM order_search_source ORDER BY id")
    assert (
        ws.store.rows(
            "SELECT o.id FROM orders o LEFT JOIN addresses a ON a.id = o.address_id"
            " WHERE o.country <> coalesce(a.country, '')"
        )
        == []
    )
    assert (
        ws.store.rows(
            "SELECT id FROM orders o"
            " WHERE units <> (SELECT coalesce(sum(quantity), 0) FROM order_lines WHERE order_id = o.id)"
        )
        == []
    )
    for table in (
        "orders",
        "backers",
        "addresses",
        "order_lines",
        "holds",
        "items",
        "products",
        "imports",
        "campaigns",
    ):
        unjournalled = ws.store.rows(
            f"SELECT id FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM journal_run r WHERE r.tbl = '{table}'"
            f" AND t.id BETWEEN r.first_id AND r.last_id) AND NOT EXISTS"
            f" (SELECT 1 FROM journal j WHERE j.tbl = '{table}' AND j.row_id = t.id)"
        )
        assert unjournalled == [], table
    assert ws.store.value("SELECT count(*) FROM open_act") == 0


def everything(ws: Workspace) -> dict[str, list[Any]]:
    """All rows of what an import writes."""
    tables = (
        "campaigns",
        "imports",
        "backers",
        "orders",
        "order_lines",
        "addresses",
        "changes",
        "holds",
        "items",
        "act",
    )
    return {table: ws.store.rows(f"SELECT * FROM {table} ORDER BY id") for table in tables}


def test_a_report_becomes_orders_that_are_ready_held_cancelled_or_wait_for_an_answer(
    workspace: Workspace, bring: Importer
) -> None:
    result = bring(
        pledge(1, **{"[Addon: 77] Dice Set": "2", "Notes": "a friend of the house"}),
        unanswered(2),
        pledge(3, **{"Pledged Status": "dropped"}),
        pledge(4, **{"Pledged Status": "errored"}),
        pledge(5, **{"Backer UID": "900001", "Reward ID": "56", "Backer Number": "1"}),
    )
    assert counts(result) == (5, 5, 0, 0, 0, 0)
    assert orders(workspace, "number, stage, paid, amount_minor, currency") == [
        ("1", "ready", 1, 8900, "EUR"),
        ("2", "needs_info", 1, 8900, "EUR"),
        ("3", "cancelled", 0, 8900, "EUR"),
        ("4", "needs_info", 0, 8900, "EUR"),
        ("1", "ready", 1, 8900, "EUR"),
    ]
    assert workspace.store.rows("SELECT order_id, kind, reason FROM holds") == [
        (4, "payment", "pledge status: errored")
    ]
    assert workspace.store.value("SELECT text FROM notes WHERE order_id = 1") == "a friend of the house"
    assert workspace.store.value("SELECT count(*) FROM backers") == 4
    assert workspace.store.rows("SELECT sku, quantity FROM order_lines WHERE order_id = 1 ORDER BY id") == [
        ("DICE", 2),
        ("GAME", 1),
    ]
    assert workspace.store.one("SELECT code, currency, platform FROM campaigns") == ("EMBERISLES", "EUR", "kickstarter")
    assert_sound(workspace)


def test_a_dry_run_counts_and_writes_nothing(workspace: Workspace, bring: Importer) -> None:
    before = everything(workspace)
    result = bring(pledge(1), pledge(2, **{"Pledge Amount": "a lot"}), dry_run=True)
    assert counts(result) == (2, 1, 0, 0, 0, 1)
    assert result.rejects[0].field == "Pledge Amount"
    assert everything(workspace) == before
    assert list(workspace.path("imports").iterdir()) == []


def test_the_same_file_again_changes_nothing_and_leaves_no_act(workspace: Workspace, bring: Importer) -> None:
    rows = [pledge(1), unanswered(2), pledge(3, **{"Pledged Status": "dropped"})]
    bring(*rows)
    before = everything(workspace)
    again = bring(*rows)
    assert counts(again) == (3, 0, 0, 3, 0, 0)
    assert again.act is None
    assert everything(workspace) == before


def test_columns_in_another_order_change_nothing(workspace: Workspace, bring: Importer) -> None:
    bring(pledge(1))
    path = bring.write(pledge(1), header=HEADER[::-1])
    assert counts(import_files(workspace, [path], "Ember Isles")) == (1, 0, 0, 1, 0, 0)


def test_a_changed_address_waits_for_a_decision_and_a_newer_one_supersedes_it(
    workspace: Workspace, bring: Importer
) -> None:
    bring(pledge(1), pledge(2))
    moved = bring(pledge(1, **{"Shipping Address 1": "Oak Road 9"}), pledge(2))
    assert counts(moved) == (2, 0, 0, 1, 1, 0)
    assert on_file(workspace, 1) == "Elm Street 1"
    bring(pledge(1, **{"Shipping Address 1": "Birch Lane 3"}), pledge(2))
    assert workspace.store.rows(
        "SELECT c.state, a.line1, c.label FROM changes c JOIN addresses a ON a.id = c.to_id ORDER BY c.id"
    ) == [("superseded", "Oak Road 9", "material"), ("waiting", "Birch Lane 3", "material")]
    assert on_file(workspace, 1) == "Elm Street 1"
    assert_sound(workspace)


def test_a_file_that_repeats_an_address_does_not_propose_it_again(workspace: Workspace, bring: Importer) -> None:
    bring(pledge(1))
    bring(pledge(1, **{"Shipping Address 1": "Oak Road 9"}))
    again = bring(pledge(1, **{"Shipping Address 1": "Oak Road 9", "Pledge Amount": "€99.00"}))
    assert counts(again) == (1, 0, 1, 0, 0, 0)
    assert workspace.store.value("SELECT count(*) FROM changes") == 1


def test_an_answer_to_a_missing_address_is_taken_at_once(workspace: Workspace, bring: Importer) -> None:
    bring(unanswered(1))
    answered = bring(pledge(1))
    assert counts(answered) == (1, 0, 1, 0, 0, 0)
    assert on_file(workspace, 1) == "Elm Street 1"
    assert orders(workspace, "stage, country") == [("ready", "DE")]
    assert workspace.store.value("SELECT count(*) FROM changes") == 0
    assert_sound(workspace)


def test_no_file_brings_a_forgotten_person_back(workspace: Workspace, bring: Importer) -> None:
    bring(pledge(1, **{"Pledged Status": "dropped"}))
    assert forget(workspace, "b1@mail.net").act
    again = bring(pledge(1, **{"Pledged Status": "dropped", "Shipping Address 1": "Oak Lane 9"}))
    assert counts(again) == (1, 0, 0, 1, 0, 0)
    assert workspace.store.rows("SELECT name, email FROM backers") == [("", "")]


def test_orders_that_come_after_the_lock_or_as_late_are_late(workspace: Workspace, bring: Importer) -> None:
    bring(pledge(1))
    bring(pledge(1), pledge(2), late=True)
    with workspace.write("test.lock", "lock") as tx:
        tx.run("UPDATE campaigns SET locked_at = ?, rev = rev + 1", (utc_text(workspace.clock.now()),))
    bring(pledge(3))
    assert orders(workspace, "number, late") == [("1", 0), ("2", 1), ("3", 1)]


def test_goods_payment_and_cancellation_follow_the_file_while_nothing_is_in_a_batch(
    workspace: Workspace, bring: Importer
) -> None:
    bring(pledge(1), pledge(2), pledge(3, **{"Pledged Status": "errored"}))
    result = bring(
        pledge(1, **{"Base Game": "2", "[Addon: 77] Dice Set": "1"}),
        pledge(2, **{"Pledged Status": "dropped"}),
        pledge(3),
    )
    assert counts(result) == (3, 0, 3, 0, 0, 0)
    assert orders(workspace, "number, stage, paid") == [("1", "ready", 1), ("2", "cancelled", 1), ("3", "ready", 1)]
    assert workspace.store.rows("SELECT sku, quantity FROM order_lines WHERE order_id = 1 ORDER BY id") == [
        ("DICE", 1),
        ("GAME", 2),
    ]
    assert workspace.store.value("SELECT released_at IS NOT NULL FROM holds WHERE kind = 'payment'") == 1
    assert_sound(workspace)


def test_an_order_in_a_batch_is_held_instead_of_changed(
    workspace: Workspace, bring: Importer, make_shipment: Callable[..., int]
) -> None:
    bring(pledge(1), pledge(2), pledge(3))
    for number in (1, 2, 3):
        make_shipment(orders(workspace, "id", number)[0])
    result = bring(
        pledge(1, **{"Base Game": "2"}),
        pledge(2, **{"Pledged Status": "dropped"}),
        pledge(3, **{"Pledged Status": "errored"}),
    )
    assert counts(result) == (3, 0, 3, 0, 0, 0)
    assert orders(workspace, "stage, paid") == [("batched", 1)] * 3
    held = workspace.store.rows("SELECT kind, reason FROM holds ORDER BY order_id")
    assert [kind for kind, _ in held] == ["client"] * 3
    assert [reason.partition(": ")[2] for _, reason in held] == [
        "the file says it holds 2 x Base Game",
        "the pledge was dropped (“dropped”)",
        "the payment failed (“errored”)",
    ]
    assert_sound(workspace)


def test_bad_rows_go_to_a_file_that_can_be_mended_and_imported(workspace: Workspace, bring: Importer) -> None:
    result = bring(pledge(1), pledge(2, **{"Pledge Amount": "a lot"}), pledge(3, **{"Backer UID": ""}))
    assert counts(result) == (3, 1, 0, 0, 0, 2)
    with Path(result.reject_file).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["file"], row["line"], row["field"]) for row in rows] == [
        ("report-1.csv", "3", "Pledge Amount"),
        ("report-1.csv", "4", "Backer UID"),
    ]
    # A phone is no formula when it comes back.
    assert rows[0]["Shipping Phone Number"] == "'+49 30 901820"
    mended = bring.folder / "mended.csv"
    with mended.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerow({**rows[0], "Pledge Amount": "€89.00"})
    assert counts(import_files(workspace, [mended], "Ember Isles")) == (1, 1, 0, 0, 0, 0)
    assert workspace.store.value(
        "SELECT a.phone FROM addresses a JOIN orders o ON o.address_id = a.id WHERE o.number = '2'"
    ) == ("+49 30 901820")
    assert orders(workspace, "stage, answers", 2) == [("ready", "")]


def test_a_pledge_that_stands_twice_counts_once_or_is_refused_on_both_lines(
    workspace: Workspace, bring: Importer
) -> None:
    bring(pledge(9))
    other = {"Pledge Amount": "€1.00"}
    result = bring(
        pledge(1), pledge(1), pledge(2), pledge(2, **other), pledge(3), pledge(9), pledge(9, **other), pledge(4)
    )
    assert counts(result) == (8, 3, 0, 1, 0, 4)
    assert orders(workspace, "id, number") == [(1, "9"), (2, "1"), (3, "3"), (4, "4")]
    assert sorted((each.line, each.reason.partition(" on ")[2]) for each in result.rejects) == [
        (4, "line 5"),
        (5, "line 4"),
        (7, "line 8"),
        (8, "line 7"),
    ]
    with Path(result.reject_file).open(encoding="utf-8-sig", newline="") as stream:
        assert [row["Backer Number"] for row in csv.DictReader(stream)] == ["2", "2", "9", "9"]
    assert_sound(workspace)


def test_unknown_names_come_in_unmapped_and_are_mapped_later_bundles_too(workspace: Workspace, bring: Importer) -> None:
    result = bring(pledge(1, **{"Base Game": "2"}), pledge(2), maps=[])
    assert [(each.kind, each.name, each.orders, each.quantity) for each in result.unknown_names] == [
        ("item", "Base Game", 2, 3)
    ]
    assert orders(workspace, "stage") == ["needs_info", "needs_info"]
    campaign = workspace.store.value("SELECT id FROM campaigns")
    map_item(workspace, campaign, "Base Game", [("GAME", 1), ("DICE", 5)])
    assert orders(workspace, "stage") == ["ready", "ready"]
    assert workspace.store.rows("SELECT sku, quantity FROM order_lines WHERE order_id = 1 ORDER BY id") == [
        ("GAME", 2),
        ("DICE", 10),
    ]
    # The map is remembered for the next file, and a name mapped anew takes its orders along.
    bring(pledge(3), maps=[])
    map_item(workspace, campaign, "Base Game", [("GAME2", 1)])
    assert workspace.store.rows("SELECT order_id, sku, quantity FROM order_lines ORDER BY order_id") == [
        (1, "GAME2", 2),
        (2, "GAME2", 1),
        (3, "GAME2", 1),
    ]
    map_item(workspace, campaign, "Base Game", [])
    assert orders(workspace, "stage, units") == [("needs_info", 0)] * 3
    map_item(workspace, campaign, "Base Game", [("GAME", 1)])
    assert orders(workspace, "stage, units") == [("ready", 2), ("ready", 1), ("ready", 1)]
    assert_sound(workspace)


def test_skus_are_made_up_only_when_asked_for(workspace: Workspace, bring: Importer) -> None:
    bring(pledge(1, **{"[Addon: 77] Dice Set": "1"}), maps=[], make_skus=True)
    assert workspace.store.rows("SELECT sku FROM order_lines ORDER BY id") == [("DICE-SET",), ("BASE-GAME",)]
    assert orders(workspace, "stage") == ["ready"]
    assert_sound(workspace)


def test_a_stopped_import_leaves_nothing(workspace: Workspace, bring: Importer) -> None:
    before = everything(workspace)
    looks = iter([False, True])
    with pytest.raises(StoppedError):
        bring(*(pledge(number) for number in range(1, 1_500)), stopped=lambda: next(looks))
    assert everything(workspace) == before
    assert list(workspace.path("imports").iterdir()) == []


def test_a_merge_refuses_what_has_moved_since_it_was_compared(
    workspace: Workspace, bring: Importer, open_as: Callable[[str], Workspace]
) -> None:
    bring(pledge(1), pledge(2))
    other = open_as("kim")

    def meddle(progress: Any) -> None:
        if progress.step == "merging":
            with other.write("order.test", "change order 1") as tx:
                tx.run("UPDATE orders SET priority = 1, rev = rev + 1 WHERE number = '1'")

    before = everything(workspace)["orders"]
    with pytest.raises(StaleError, match="has moved"):
        bring(pledge(1, **{"Pledge Amount": "€99.00"}), pledge(2), pledge(3), report=meddle)
    assert len(everything(workspace)["orders"]) == len(before)
    # Another order's change is no reason to refuse.
    bring(pledge(1), pledge(2, **{"Pledge Amount": "€99.00"}), pledge(3), report=meddle)
    assert orders(workspace, "number, amount_minor") == [("1", 8900), ("2", 9900), ("3", 8900)]


def test_an_import_is_undone_whole_while_it_is_untouched(workspace: Workspace, bring: Importer) -> None:
    first = bring(pledge(1), unanswered(2), pledge(4, **{"Pledged Status": "errored"}))
    before = everything(workspace)
    second = bring(pledge(1, **{"Base Game": "2"}), pledge(2), pledge(3), pledge(4))
    assert second.act
    assert first.act
    undo(workspace.store, workspace.actor, second.act)
    after = everything(workspace)

    def facts(state: dict[str, list[Any]], table: str) -> list[Any]:
        """Rows without `rev`, which moves on."""
        return [row[:-1] for row in state[table]]

    for table in ("backers", "orders", "order_lines", "addresses", "holds", "items"):
        assert facts(after, table) == facts(before, table), table
    assert_sound(workspace)
    undo(workspace.store, workspace.actor, first.act)
    assert [everything(workspace)[table] for table in ("campaigns", "imports", "orders", "addresses")] == [[]] * 4
    assert workspace.store.value("SELECT count(*) FROM order_search") == 0
    # Ids are never given out twice, so the journal of one order never tells of another.
    bring(pledge(7))
    assert orders(workspace, "id")[0] > 4
    assert_sound(workspace)


def test_an_import_that_others_have_worked_on_is_not_undone(workspace: Workspace, bring: Importer) -> None:
    result = bring(pledge(1))
    assert result.act
    with workspace.write("order.test", "hold order 1") as tx:
        tx.insert("holds", {"order_id": 1, "kind": "operator", "reason": "x", "placed_at": "2026-11-23T09:00:00Z"})
    with pytest.raises(StaleError, match="later work"):
        undo(workspace.store, workspace.actor, result.act)
    assert orders(workspace, "number") == ["1"]


def test_a_backerkit_export_makes_products_of_its_sku_columns(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "bk.csv"
    path.write_text(
        '"Id","Name","Email","Address Name","Address Line 1","Address City","Address State","Address Country",'
        '"Address Postal Code","Pledge Amount","Pledge Status","Survey Answered At",'
        '"Full Address","GAME-01","DICE-02"\r\n'
        '"11","Ana Reis","ana@mail.net","Ana Reis","Rua A 1","Porto","","PT","4000-001","$50.00","collected",'
        '"2026-01-02","Ana Reis\nRua A 1\nPorto","1","2"\r\n'
        '"12","Bo Ek","canceled bo@mail.net","","","","","","","$50.00","collected","","","1",""\r\n',
        encoding="utf-8",
        newline="",
    )
    result = import_files(workspace, [path], "Ember Isles")
    assert (result.format, *counts(result)) == ("backerkit", 2, 2, 0, 0, 0, 0)
    assert orders(workspace, "number, stage") == [("11", "ready"), ("12", "cancelled")]
    assert workspace.store.rows("SELECT sku FROM products ORDER BY sku") == [("DICE-02",), ("GAME-01",)]
    assert_sound(workspace)


def test_a_file_that_is_no_platforms_says_what_it_lacks(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"x\.csv"):
        import_files(workspace, [path], "Ember Isles")
    with pytest.raises(InputError, match="--campaign"):
        import_files(workspace, [path])
