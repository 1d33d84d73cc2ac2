"""`verify` finds what is planted behind the journal's back, and nothing where nothing is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3

from data.clock import HeldClock
from data.desk.poll import poll_warehouse
from data.desk.sample.campaign import SampleCampaign
from data.desk.sample.kickstarter import write_kickstarter
from data.desk.verify import CHECKS, verify
from data.dispatch.allocate import allocate
from data.dispatch.batches import create_batch, named_batch
from data.dispatch.preflight import check_batch
from data.dispatch.send import send_batch
from data.dispatch.worker import run_worker
from data.intake.imports import import_files
from data.issues.verbs import raise_issue, resolve
from data.model import IssueType, Item
from data.policy import WarehouseSettings, save_warehouse
from data.portals.registry import portal_for
from data.stock.adjust import Counted, adjust, count
from data.stock.levels import read_level
from data.stock.restock import restock
from data.store.undo import undo
from data.store.workspace import Workspace
from data.tracking.reconcile import reconcile

Vandal = Callable[..., None]


@pytest.fixture
def busy(workspace: Workspace, tmp_path: Path, clock: HeldClock) -> Workspace:
    """A workspace that a campaign has been through: imported, undone, imported again, sent as a file, delivered."""
    table = tmp_path / "report.csv"
    write_kickstarter(table, SampleCampaign(orders=40, seed=3))
    first = import_files(workspace, [table], "Ember Isles", make_skus=True)
    undo(workspace.store, workspace.actor, first.act or 0)
    import_files(workspace, [table], "Ember Isles", make_skus=True)
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar Mills"))
    workspace.reload_policy()
    allocate(workspace)
    campaign = workspace.store.value("SELECT id FROM campaigns")
    create_batch(workspace, campaign, "EU1", limit=12, early=True)
    checked = check_batch(workspace, named_batch(workspace, 1))
    send_batch(workspace, named_batch(workspace, 1), checked.orders, start=False)
    assert run_worker(workspace, "EU1", say=print) == 0
    keys = [row[0] for row in workspace.store.rows("SELECT key FROM shipments WHERE state = 'accepted' ORDER BY id")]
    incoming = workspace.folder / "drop" / "EU1" / "in"
    incoming.mkdir(parents=True, exist_ok=True)
    rows = [f"{key},JD{at},DHL,{'delivered' if at % 2 else 'exception'}" for at, key in enumerate(keys)]
    (incoming / "tracking.csv").write_text("\n".join(["reference,tracking number,carrier,status", *rows]) + "\n")
    clock.move(timedelta(days=400))
    portal = portal_for(workspace.policy.warehouse("EU1"), workspace.folder, clock)
    asyncio.run(poll_warehouse(workspace, portal, "EU1"))
    shipped = workspace.store.value("SELECT id FROM orders WHERE stage = 'delivered'")
    issue = raise_issue(workspace, [Item(shipped, 0)], IssueType.DAMAGED, "crushed").made[0]
    resolve(workspace, [Item(issue, 0)], "replacement")
    return workspace


@pytest.fixture
def vandal(workspace: Workspace) -> Iterator[Vandal]:
    """Return a function that writes past every rule: no foreign keys, no triggers of the tables it names."""
    opened = sqlite3.connect(workspace.store.path, isolation_level=None)

    def write(sql: str, *tables: str) -> None:
        opened.execute("PRAGMA foreign_keys = OFF")
        kept = [
            row
            for table in tables
            for row in opened.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
            ).fetchall()
        ]
        for name, _ in kept:
            opened.execute(f"DROP TRIGGER {name}")
        assert opened.execute(sql).rowcount != 0
        for _, statement in kept:
            opened.execute(statement)

    yield write
    opened.close()


def findings(ws: Workspace) -> dict[str, str]:
    """Return the first words of each check that found something."""
    found: dict[str, str] = {}
    for each in verify(ws.store).findings:
        found.setdefault(each.check, each.words)
    return found


def test_an_empty_workspace_and_a_busy_one_are_clean(workspace: Workspace, request: pytest.FixtureRequest) -> None:
    assert verify(workspace.store).ok
    busy: Workspace = request.getfixturevalue("busy")
    asked: list[str] = []
    assert verify(busy.store, asked.append).findings == ()
    assert asked == list(CHECKS)
    stages = {row[0] for row in busy.store.rows("SELECT DISTINCT stage FROM orders")}
    assert {"needs_info", "ready", "allocated", "delivered"} <= stages
    accounts = reconcile(busy.store)
    assert sum(each.ordered for each in accounts) == busy.store.value("SELECT sum(units) FROM orders")
    assert not any(each.unexplained for each in accounts)


def test_a_shipment_deleted_behind_our_back_is_found(busy: Workspace, vandal: Vandal) -> None:
    vandal("DELETE FROM shipments WHERE id = 1", "shipments")
    found = findings(busy)
    assert "shipments row 1 is gone, and no act deleted it" in found["rows are what the journal says"]
    assert "refers to a missing shipments" in found["the database is whole"]
    assert "its facts say" in found["stages follow from facts"]
    assert "0 of" in found["every piece is accounted for"]
    assert "about a shipment that is gone" in found["commands stand behind shipments"]


def test_a_quantity_changed_on_an_imported_line_is_found(busy: Workspace, vandal: Vandal) -> None:
    vandal("UPDATE order_lines SET quantity = quantity + 1 WHERE id = (SELECT min(id) FROM order_lines)", "order_lines")
    assert "pieces on its lines" in findings(busy)["lines add up"]


def test_a_quantity_changed_on_a_shipment_is_found(busy: Workspace, vandal: Vandal) -> None:
    vandal("UPDATE shipment_lines SET quantity = quantity + 1 WHERE id = 1", "shipment_lines")
    found = findings(busy)
    assert "shipment_lines row 1: quantity is" in found["rows are what the journal says"]
    assert "are being shipped" in found["nothing ships twice"]
    assert "on a shipment" in found["every piece is accounted for"]


def test_a_stage_that_does_not_follow_is_found(busy: Workspace, vandal: Vandal) -> None:
    vandal("UPDATE orders SET stage = 'shipped' WHERE stage = 'needs_info'", "orders")
    assert "is shipped, but its facts say needs_info" in findings(busy)["stages follow from facts"]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DROP TRIGGER orders_moved", "trigger orders_moved is missing"),
        ("DROP TRIGGER shipment_lines_within", "trigger shipment_lines_within is missing"),
        ("DROP INDEX commands_live", "index commands_live is missing"),
        ("CREATE TRIGGER sly AFTER UPDATE ON orders BEGIN SELECT 1; END", "trigger sly is not one of ours"),
    ],
)
def test_a_rule_taken_away_or_added_is_found(workspace: Workspace, vandal: Vandal, sql: str, words: str) -> None:
    vandal(sql)
    assert findings(workspace)["its rules stand"].startswith(words)


def test_a_rule_changed_under_its_name_is_found(workspace: Workspace, vandal: Vandal) -> None:
    vandal("DROP TRIGGER commands_move")
    vandal("CREATE TRIGGER commands_move BEFORE UPDATE OF state ON commands BEGIN SELECT 1; END")
    assert findings(workspace) == {"its rules stand": "trigger commands_move was changed"}


@pytest.mark.parametrize(
    ("sql", "tables", "check"),
    [
        (
            "DELETE FROM backers WHERE id = (SELECT max(id) FROM backers)",
            ("backers",),
            "rows are what the journal says",
        ),
        ("UPDATE commands SET body = body || ' '", ("commands",), "what was sent is frozen"),
        (
            "UPDATE addresses SET backer_id = backer_id + 1 WHERE id = (SELECT min(id) FROM addresses)",
            ("addresses",),
            "personal data has its owner",
        ),
        ("DELETE FROM order_search WHERE rowid = (SELECT max(id) FROM orders)", (), "everything can be searched"),
        ("DELETE FROM attempts WHERE command_id = 1", (), "commands stand behind shipments"),
        ("UPDATE stock_levels SET quantity = quantity + 1", (), "stock is the sum of its movements"),
        ("DELETE FROM order_movements WHERE id = 1", ("order_movements",), "stock is the sum of its movements"),
        ("DELETE FROM order_movements WHERE id = 1", (), "orders reserve and take what they say"),
        (
            "UPDATE order_lines SET quantity = 9 WHERE id = (SELECT min(l.id) FROM order_lines l"
            " JOIN orders o ON o.id = l.order_id WHERE o.stage = 'allocated')",
            ("order_lines",),
            "orders reserve and take what they say",
        ),
        (
            "INSERT INTO movements(sku, warehouse, state, quantity, reason, at)"
            " SELECT sku, 'EU1', 'damaged', -1, 'adjusted', '' FROM products LIMIT 1",
            ("movements",),
            "rows are what the journal says",
        ),
        (
            "INSERT INTO holds(order_id, kind, reason, placed_at) SELECT max(id), 'client', 'x', 'y' FROM orders",
            ("holds",),
            "rows are what the journal says",
        ),
    ],
)
def test_other_things_done_behind_our_back_are_found(
    busy: Workspace, vandal: Vandal, sql: str, tables: tuple[str, ...], check: str
) -> None:
    vandal(sql, *tables)
    assert check in findings(busy)


def test_a_shelf_with_less_than_nothing_is_found_and_one_that_is_oversold_is_not(busy: Workspace) -> None:
    sku = busy.store.value("SELECT sku FROM stock_levels WHERE state = 'allocated' AND quantity > 0 LIMIT 1")
    count(busy, [Counted("EU1", sku, 0)])
    assert read_level(busy.store, "EU1", sku).short > 0
    assert verify(busy.store).ok
    adjust(busy, "EU1", sku, -2, "a person insists", force=True)
    assert findings(busy) == {
        "no shelf has less than nothing": f"{sku} at EU1: -2 on hand: more has left than was ever there, count it"
    }


def test_what_came_back_more_often_than_it_left_is_found(busy: Workspace) -> None:
    key, sku = busy.store.rows(
        "SELECT s.key, x.sku FROM shipments s JOIN shipment_lines x ON x.shipment_id = s.id"
        " WHERE s.state = 'delivered' ORDER BY s.id LIMIT 1"
    )[0]
    count(busy, [Counted("EU1", sku, 50)])
    restock(busy, key, sku)
    assert verify(busy.store).ok
    with busy.write("test", "once more") as tx:
        tx.run(
            "INSERT INTO movements(sku, warehouse, state, quantity, reason, reference, at)"
            " SELECT sku, warehouse, state, quantity, reason, reference, at FROM movements WHERE reason = 'restocked'"
        )
    assert "of " + sku + " are back on a shelf" in findings(busy)["no shelf has less than nothing"]
