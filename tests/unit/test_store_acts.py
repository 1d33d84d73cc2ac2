"""The one way to write: every change belongs to an act, is journalled, and moves `rev`."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
from sqlite_utils.utils import sqlite3

from data.model import StaleError, StoppedError, WorkspaceError
from data.store.triggers import JOURNALLED
from data.store.undo import log
from data.store.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import MakeOrder, OpenAs


def journal(ws: Workspace) -> list[tuple[str, str, object, object]]:
    return [
        (table, op, json.loads(before or "null"), json.loads(after or "null"))
        for table, op, before, after in ws.store.rows(
            "SELECT tbl, op, before, after FROM journal WHERE act_id = (SELECT max(id) FROM act) ORDER BY id"
        )
    ]


def test_an_update_is_journalled_with_the_changed_columns_only(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order()
    with workspace.write("test.update", "urgent") as tx:
        assert tx.update("orders", order, tx.rows("SELECT rev FROM orders")[0][0], {"priority": 5, "late": 0})
    assert journal(workspace) == [("orders", "update", {"priority": 0}, {"priority": 5})]


def test_an_insert_and_a_delete_are_journalled_with_the_whole_row(workspace: Workspace) -> None:
    with workspace.write("test", "add") as tx:
        product = tx.insert("products", {"sku": "GAME", "title": "Game"})
    ((table, op, before, after),) = journal(workspace)
    assert (table, op, before) == ("products", "insert", None)
    assert isinstance(after, dict)
    assert (after["sku"], after["title"]) == ("GAME", "Game")
    with workspace.write("test", "remove") as tx:
        tx.run("DELETE FROM products WHERE id = ?", (product,))
    ((table, op, before, after),) = journal(workspace)
    assert (table, op, after) == ("products", "delete", None)
    assert isinstance(before, dict)
    assert before["title"] == "Game"


def test_no_journalled_table_takes_a_write_without_an_act(workspace: Workspace, make_order: MakeOrder) -> None:
    make_order(holds=["stock"])
    for table in ("orders", "holds", "products", "backers", "addresses"):
        with pytest.raises(sqlite3.IntegrityError, match="no act is open"), workspace.store.derive() as tx:
            tx.run(f"DELETE FROM {table}")
    with pytest.raises(sqlite3.IntegrityError, match="no act is open"), workspace.store.derive() as tx:
        tx.run("UPDATE orders SET priority = 1, rev = rev + 1")
    with pytest.raises(sqlite3.IntegrityError, match="no act is open"), workspace.store.derive() as tx:
        tx.run("INSERT INTO products(sku) VALUES ('X')")


def test_every_table_of_the_journal_has_its_four_triggers(workspace: Workspace) -> None:
    names = {row[0] for row in workspace.store.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert names >= {f"{table}_{suffix}" for table in JOURNALLED for suffix in ("new", "moved", "gone", "rev")}


def test_a_change_that_forgets_rev_is_refused(workspace: Workspace, make_order: MakeOrder) -> None:
    make_order()
    with pytest.raises(sqlite3.IntegrityError, match="rev must move by one"), workspace.write("test", "x") as tx:
        tx.run("UPDATE orders SET priority = 1")


def test_a_row_that_moved_on_is_left_alone(workspace: Workspace, make_order: MakeOrder) -> None:
    order = make_order()
    rev = workspace.store.value("SELECT rev FROM orders")
    with workspace.write("test", "first") as tx:
        assert tx.update("orders", order, rev, {"priority": 1})
        assert not tx.update("orders", order, rev, {"priority": 2})
    assert workspace.store.one("SELECT priority, rev FROM orders") == (1, rev + 1)


def test_an_act_that_changed_nothing_leaves_no_trace(workspace: Workspace, make_order: MakeOrder) -> None:
    make_order()
    before = workspace.store.value("SELECT count(*) FROM act")
    with workspace.write("test", "nothing") as tx:
        tx.run("UPDATE orders SET priority = 7, rev = rev + 1 WHERE id = -1")
    assert tx.act == 0
    assert workspace.store.value("SELECT count(*) FROM act") == before


def test_an_error_takes_all_of_an_act_back(workspace: Workspace) -> None:
    def half() -> None:
        with workspace.write("test", "half") as tx:
            tx.insert("products", {"sku": "GAME"})
            raise StoppedError("here")

    with pytest.raises(StoppedError):
        half()
    assert workspace.store.value("SELECT count(*) FROM products") == 0
    assert workspace.store.value("SELECT count(*) FROM act") == 0
    assert workspace.store.value("SELECT count(*) FROM open_act") == 0


def test_the_log_says_who_did_what_in_which_program(workspace: Workspace, open_as: OpenAs) -> None:
    with workspace.write("test", "begun") as tx:
        tx.insert("products", {"sku": "A"})
        tx.insert("products", {"sku": "B"})
        tx.words = "add 2 products"
    with open_as("mira", "command line").write("test", "add one") as tx:
        tx.insert("products", {"sku": "C"})
    newest, older = log(workspace.store)
    assert (newest.user, newest.program, newest.words, newest.rows) == ("mira", "command line", "add one", 1)
    assert (older.user, older.at, older.words, older.rows) == ("dana", "2026-11-23T09:00:00Z", "add 2 products", 2)
    assert [each.id for each in log(workspace.store, before=newest.id)] == [older.id]


def test_the_journal_can_not_be_rewritten(workspace: Workspace, make_order: MakeOrder) -> None:
    make_order()
    for sql in ("DELETE FROM journal", "UPDATE journal SET after = NULL", "DELETE FROM act"):
        with pytest.raises(sqlite3.IntegrityError, match="the journal keeps"), workspace.store.derive() as tx:
            tx.run(sql)


def test_a_second_writer_waits_and_is_told_when_it_takes_too_long(workspace: Workspace, open_as: OpenAs) -> None:
    mira = open_as("mira")
    with (
        workspace.write("test", "long") as tx,
        pytest.raises(StaleError, match="another program is writing"),
        mira.store.write(mira.actor, "test", "waits", wait=0.05),
    ):
        raise AssertionError("nobody gets in")
    assert tx.act == 0


def test_each_thread_reads_on_a_connection_of_its_own(workspace: Workspace) -> None:
    seen: list[object] = []

    def look() -> None:
        seen.append((workspace.store.value("SELECT 1"), workspace.store.db is not here))
        workspace.store.close()

    here = workspace.store.db
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [(1, True)]


def test_a_program_left_behind_by_an_upgrade_stops_writing(workspace: Workspace) -> None:
    version = workspace.store.value("PRAGMA user_version")
    workspace.store.db.execute(f"PRAGMA user_version = {version + 1}")
    with pytest.raises(WorkspaceError, match="was upgraded under this program"), workspace.write("test", "late") as tx:
        tx.insert("products", {"sku": "A"})
    assert workspace.store.value("SELECT count(*) FROM products") == 0
