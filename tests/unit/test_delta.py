"""Delta batches: what was added, changed and cancelled since a batch, for a warehouse that takes whole files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from data.addresses.edit import edit_order
from data.clock import Clock
from data.desk.verify import verify
from data.dispatch.allocate import allocate
from data.dispatch.batches import create_batch, dissolve_batch
from data.dispatch.cancel import cancel_orders
from data.dispatch.delta import create_delta, read_delta, waiting_corrections
from data.dispatch.preflight import check_batch
from data.dispatch.send import count_orders, send_batch
from data.dispatch.told import Answer, tell_answer
from data.dispatch.worker import run_worker
from data.model import Done, InputError, Item
from data.policy import WarehouseSettings, save_warehouse
from data.store.actor import Actor
from data.store.undo import undo
from data.store.workspace import Workspace
from tests.conftest import HOME, MakeOrder, Ran


@pytest.fixture
def ws(workspace: Workspace, make_order: MakeOrder, campaign: int) -> Iterator[Workspace]:
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", ("*",)))
    for _ in range(3):
        make_order(locked=True)
    found = Workspace(workspace.folder, Actor("dana", "console", "dana-1"), Clock())
    allocate(found)
    _send(found, create_batch(found, campaign, "EU1"))
    yield found
    found.close()


def _send(ws: Workspace, made: Done) -> None:
    batch = Item(made.made[0], 0)
    checked = check_batch(ws, batch)
    assert checked.orders == count_orders(ws, [batch])
    send_batch(ws, batch, checked.orders, start=False)
    assert run_worker(ws, "EU1", say=print) == 0


def _seen(ws: Workspace, order: int) -> Item:
    return Item(*ws.store.rows("SELECT id, rev FROM orders WHERE id = ?", (order,))[0])


def _rows(ws: Workspace, number: int) -> list[dict[str, str]]:
    (file,) = (ws.folder / "drop" / "EU1").glob(f"batch-{number}-*.csv")
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def _correct(ws: Workspace) -> None:
    """Move the first order, cancel the second."""
    edit_order(ws, _seen(ws, 1), replace(HOME, line1="Birch Road 8"))
    assert set(cancel_orders(ws, [_seen(ws, 2)], "changed their mind", start=False).notes) == {
        "EU1 is told with the next delta batch",
        "cancels: not agreed with Cedar",
    }


def test_a_delta_batch_tells_what_was_added_changed_and_cancelled(
    ws: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    _correct(ws)
    make_order(locked=True, late=True)
    allocate(ws)
    assert run_worker(ws, "EU1", say=print) == 0
    assert waiting_corrections(ws.store, "EU1") == 2
    found = read_delta(ws.store, 1)
    assert (found.added, [each.number for each in found.changed], [each.number for each in found.cancelled]) == (
        1,
        ["1001"],
        ["1002"],
    )
    _send(ws, create_delta(ws, campaign, "EU1"))
    rows = _rows(ws, 2)
    assert sorted((row["action"], row["order number"], row["address1"]) for row in rows) == [
        ("ADD", "1004", HOME.line1),
        ("CANCEL", "1002", HOME.line1),
        ("CHANGE", "1001", "Birch Road 8"),
    ]
    assert waiting_corrections(ws.store, "EU1") == 0
    assert ws.store.value("SELECT base_id FROM batches WHERE number = 2") == 1
    assert ws.store.rows("SELECT state FROM changes") == [("requested",)]
    assert ws.store.value("SELECT stage FROM orders WHERE id = 2") == "at_warehouse"
    assert create_delta(ws, campaign, "EU1").made == ()
    assert verify(ws.store).findings == ()


def test_what_the_people_there_say_settles_a_correction(ws: Workspace, campaign: int) -> None:
    _correct(ws)
    _send(ws, create_delta(ws, campaign, "EU1"))
    keys = [row[0] for row in ws.store.rows("SELECT key FROM shipments ORDER BY id")]
    with pytest.raises(InputError, match="waits for an answer"):
        tell_answer(ws, keys[2], Answer.DONE)
    tell_answer(ws, keys[0], Answer.DONE, "Jo, on the telephone")
    assert ws.store.rows("SELECT state FROM changes") == [("confirmed",)]
    assert (
        ws.store.value("SELECT a.line1 FROM orders o JOIN addresses a ON a.id = o.address_id WHERE o.id = 1")
        == "Birch Road 8"
    )
    tell_answer(ws, keys[1], Answer.DONE)
    assert ws.store.value("SELECT stage FROM orders WHERE id = 2") == "cancelled"
    with pytest.raises(InputError, match="waits for an answer"):
        tell_answer(ws, keys[1], Answer.DONE)
    assert verify(ws.store).findings == ()


def test_a_cancel_that_came_too_late_is_no_longer_asked_for(ws: Workspace, campaign: int) -> None:
    _correct(ws)
    _send(ws, create_delta(ws, campaign, "EU1"))
    key = ws.store.value("SELECT key FROM shipments WHERE id = 2")
    tell_answer(ws, key, Answer.TOO_LATE)
    assert ws.store.rows("SELECT stage, cancel_asked_at FROM orders WHERE id = 2") == [("at_warehouse", None)]


def test_one_order_is_corrected_once_in_a_batch_and_a_cancel_is_the_last_word(ws: Workspace, campaign: int) -> None:
    edit_order(ws, _seen(ws, 2), replace(HOME, line1="Birch Road 8"))
    cancel_orders(ws, [_seen(ws, 2)], "changed their mind", start=False)
    _send(ws, create_delta(ws, campaign, "EU1"))
    assert [(row["action"], row["order number"]) for row in _rows(ws, 2)] == [("CANCEL", "1002")]


def test_a_draft_sends_nothing_and_given_up_lets_its_corrections_wait(ws: Workspace, campaign: int) -> None:
    _correct(ws)
    made = create_delta(ws, campaign, "EU1")
    assert run_worker(ws, "EU1", say=print) == 0
    assert ws.store.rows("SELECT DISTINCT state FROM commands WHERE kind <> 'push'") == [("planned",)]
    dissolve_batch(ws, Item(made.made[0], 0))
    assert waiting_corrections(ws.store, "EU1") == 2
    again = create_delta(ws, campaign, "EU1")
    assert again.act is not None
    undo(ws.store, ws.actor, again.act)
    assert waiting_corrections(ws.store, "EU1") == 2


def test_a_new_address_that_the_layout_can_not_carry_stays_behind_with_its_reason(ws: Workspace, campaign: int) -> None:
    save_warehouse(ws.folder, WarehouseSettings("EU1", "Cedar", ("*",), options={"layout": "crwn"}))
    ws.reload_policy()
    edit_order(ws, _seen(ws, 1), replace(HOME, line1="Birch Road " + "8" * 300))
    cancel_orders(ws, [_seen(ws, 2)], "changed their mind", start=False)
    checked = check_batch(ws, Item(create_delta(ws, campaign, "EU1").made[0], 0))
    assert checked.orders in (1, 2)
    if checked.orders == 1:
        assert [each.name for each in checked.done.refused] == ["1001"]


def test_a_worker_that_died_with_a_delta_batch_finds_it_again(ws: Workspace, campaign: int, tmp_path: Path) -> None:
    _correct(ws)
    batch = Item(create_delta(ws, campaign, "EU1").made[0], 0)
    send_batch(ws, batch, check_batch(ws, batch).orders, start=False)
    assert run_worker(ws, "EU1", say=print) == 0
    with ws.write("test.died", "as if the worker had died before it recorded") as tx:
        tx.run("DROP TRIGGER commands_move")
        tx.run("UPDATE commands SET state = 'sending', rev = rev + 1 WHERE batch_id = 2")
        tx.run("UPDATE batches SET state = 'sending', rev = rev + 1 WHERE number = 2")
    assert run_worker(ws, "EU1", say=print) == 0
    assert ws.store.rows("SELECT DISTINCT state FROM commands WHERE batch_id = 2") == [("accepted",)]
    assert len(_rows(ws, 2)) == 2


def test_the_command_line_shows_makes_and_answers(ws: Workspace, lastcall: Callable[..., Ran]) -> None:
    _correct(ws)
    shown = lastcall("batch", "delta", "1", "--dry-run", "--json").json
    assert [each["number"] for each in (*shown["changed"], *shown["cancelled"])] == ["1001", "1002"]
    assert lastcall("batch", "delta", "--json").json["number"] == 2
    assert lastcall("batch", "delta", "--json").code == 1
    assert lastcall("batch", "delta", "77").code == 2
