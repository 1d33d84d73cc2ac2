"""What a worker makes of a warehouse's answers: refusals, a bad secret, a stop, amendments, cancels, holds."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from data.addresses.decide import accept
from data.addresses.propose import propose
from data.dispatch.batch_rows import BatchRows, commands_of
from data.dispatch.cancel import cancel_orders
from data.dispatch.hold import hold_at_warehouse, release_at_warehouse
from data.dispatch.lock import holder
from data.dispatch.loop import Habits
from data.dispatch.person import SEND_AGAIN, confirm_command, send_again
from data.dispatch.reconcile import reconcile
from data.dispatch.send import send_batch
from data.dispatch.stop import call_off_batch, resume_warehouse, retry_batches, stop_warehouse
from data.dispatch.worker import run_worker
from data.model import Address, AddressSource, InputError, Item, StaleError, WorkspaceError
from data.policy import save_warehouse
from data.portals.registry import portal_for
from data.portals.sandbox.ledger import ledger
from data.portals.sandbox.process import SandboxProcess, start
from data.store.undo import undo
from data.store.workspace import Workspace
from tests.conftest import HOME, MakeOrder
from tests.sending import SECRET, creations, drive, finish, make_batch, pushed, start_worker_process, wait_until


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with start(tmp_path / "sandbox.db") as process:
        yield process


@pytest.fixture
def ws(workspace: Workspace, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    found = drive(workspace, sandbox, monkeypatch.setenv)
    yield found
    found.close()


def _send(ws: Workspace, campaign: int) -> int:
    batch = make_batch(ws, campaign)
    orders = BatchRows(ws.store).rows([batch])[batch].shipments
    send_batch(ws, Item(batch, 0), orders, start=False)
    return batch


def _work(ws: Workspace) -> int:
    return run_worker(ws, "EU1", say=print)


def _order(ws: Workspace, order_id: int) -> tuple[str, str | None]:
    found = ws.store.one("SELECT stage, warehouse FROM orders WHERE id = ?", (order_id,))
    assert found is not None
    return found[0], found[1]


def test_a_rejected_push_brings_its_order_back_held_with_the_reason_and_goes_again_under_its_key(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    bad = make_order(address=replace(HOME, line1="x" * 300))
    good = make_order()
    batch = _send(ws, campaign)
    assert _work(ws) == 0
    assert pushed(ws, batch).rejected == 1
    assert _order(ws, bad) == ("ready", None)
    assert _order(ws, good) == ("at_warehouse", "EU1")
    kind, reason = ws.store.rows("SELECT kind, reason FROM holds WHERE order_id = ?", (bad,))[0]
    assert kind == "address"
    assert "300" in reason
    assert BatchRows(ws.store).rows([batch])[batch].state == "sent"
    with ws.write("test.mend", "mend the address") as tx:
        mended = tx.insert(
            "addresses",
            {
                "order_id": bad,
                "backer_id": 1,
                "source": "operator",
                "at": "2026-11-23T10:00:00Z",
                "name": "Anna",
                "line1": "Elm Street 6",
                "country": "DE",
                "city": "Berlin",
                "postcode": "10115",
            },
        )
        tx.run("UPDATE orders SET address_id = ?, rev = rev + 1 WHERE id = ?", (mended, bad))
        tx.run("UPDATE holds SET released_at = '2026-11-23T10:00:00Z', rev = rev + 1 WHERE order_id = ?", (bad,))
    _send(ws, campaign)
    assert _work(ws) == 0
    assert ws.store.rows(
        "SELECT key, revision, state FROM commands WHERE shipment_id IN (SELECT shipment_id FROM"
        " shipment_lines WHERE order_id = ?) ORDER BY id",
        (bad,),
    ) == [(f"EMBER-{bad:06}-1", 1, "rejected"), (f"EMBER-{bad:06}-1", 2, "accepted")]
    assert set(creations(sandbox).values()) == {1}


def test_a_secret_that_is_not_accepted_stops_the_worker_and_nothing_is_lost(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_order()
    batch = _send(ws, campaign)
    good = sandbox.token.reveal()
    monkeypatch.setenv(SECRET, "wrong")
    said: list[str] = []
    assert run_worker(ws, "EU1", say=said.append) == 1
    assert "the secret is not accepted" in said[0]
    assert pushed(ws, batch).planned == 1
    monkeypatch.delenv(SECRET)
    with pytest.raises(WorkspaceError, match=SECRET):
        _work(ws)
    monkeypatch.setenv(SECRET, good)
    assert _work(ws) == 0
    assert pushed(ws, batch).accepted == 1


def test_a_stopped_warehouse_is_sent_nothing_until_it_is_resumed(
    ws: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    for _ in range(3):
        make_order()
    batch = _send(ws, campaign)
    stop_warehouse(ws, "EU1")
    assert _work(ws) == 0
    assert pushed(ws, batch).planned == 3
    resume_warehouse(ws, "EU1", start=False)
    assert _work(ws) == 0
    assert pushed(ws, batch).accepted == 3


def test_sigterm_lets_a_worker_finish_what_is_in_flight_and_returns_the_rest(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    for _ in range(30):
        make_order()
    batch = _send(ws, campaign)
    sandbox.control("faults", [{"on": "POST /orders", "fault": "slow", "seconds": 0.5}])
    worker = start_worker_process(ws)
    wait_until(lambda: len(creations(sandbox)) >= 8, "eight are in flight")
    worker.send_signal(signal.SIGTERM)
    assert finish(worker) == (0, "")
    at = pushed(ws, batch)
    assert at.accepted == len(creations(sandbox))
    assert at.planned == 30 - at.accepted > 0
    assert (at.sending, at.doubtful) == (0, 0)
    assert holder(ws.path("run"), "EU1") is None


def test_a_duplicate_that_cannot_be_read_is_in_doubt_and_neither_refused_nor_unsent(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    make_order()
    batch = _send(ws, campaign)
    portal = portal_for(ws.policy.warehouse("EU1"), ws.folder, ws.clock)
    asyncio.run(portal.push(*ws.store.rows("SELECT body, key FROM commands")[0]))
    sandbox.control("faults", [{"on": "GET /orders", "fault": "429", "times": 1, "seconds": 0.5}])
    assert _work(ws) == 0
    assert ws.store.rows("SELECT outcome FROM attempts") == [("doubtful",)]
    assert pushed(ws, batch).accepted == 1
    assert list(creations(sandbox).values()) == [1]


def test_a_portal_that_asks_to_wait_is_left_alone_until_then_or_until_a_person_says_go_on(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    make_order()
    batch = _send(ws, campaign)
    sandbox.control("faults", [{"on": "POST /orders", "fault": "429", "times": 1, "seconds": 600}])
    assert run_worker(ws, "EU1", habits=Habits(once=True), say=print) == 0
    assert ws.store.value("SELECT open_until FROM portal_state") is not None
    assert run_worker(ws, "EU1", habits=Habits(once=True), say=print) == 0
    assert pushed(ws, batch).planned == 1
    assert creations(sandbox) == {}
    retry_batches(ws, [Item(batch, 0)], start=False)
    assert _work(ws) == 0
    assert pushed(ws, batch).accepted == 1


def test_an_accepted_address_change_reaches_the_warehouse_and_is_read_back(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    order = make_order()
    _send(ws, campaign)
    assert _work(ws) == 0
    moved = replace(HOME, line1="Birch Lane 9", city="Hamburg", postcode="20095")
    change = _change(ws, order, moved)
    accept(ws, [Item(change, 0)])
    assert _work(ws) == 0
    assert ws.store.value("SELECT state FROM changes WHERE id = ?", (change,)) == "confirmed"
    held = ws.store.one(
        "SELECT a.line1, s.held_address_id = o.address_id FROM shipments s JOIN addresses a ON a.id = s.held_address_id"
        " JOIN orders o ON o.id = ?",
        (order,),
    )
    assert held == ("Birch Lane 9", 1)
    assert ledger(sandbox.state)[0]["address"]["address1"] == "Birch Lane 9"


def test_an_address_change_that_comes_too_late_says_which_address_will_ship(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    order = make_order()
    _send(ws, campaign)
    assert _work(ws) == 0
    sandbox.control("settings", {"uncounted": 1000, "exceptions": 0.0})
    sandbox.control("clock", {"advance": 6.2 * 3600})
    change = _change(ws, order, replace(HOME, line1="Birch Lane 9"))
    accept(ws, [Item(change, 0)])
    assert _work(ws) == 0
    state, answer = ws.store.rows("SELECT state, answer FROM changes WHERE id = ?", (change,))[0]
    assert state == "too_late"
    assert "Elm Street 5" in answer
    assert (
        ws.store.value("SELECT a.line1 FROM shipments s JOIN addresses a ON a.id = s.held_address_id") == "Elm Street 5"
    )


def test_an_amendment_whose_reply_is_lost_is_looked_up_and_not_guessed(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    orders = [make_order() for _ in range(2)]
    _send(ws, campaign)
    assert _work(ws) == 0
    sandbox.control(
        "faults",
        [
            {"on": "PUT /orders/{id}/address", "fault": "drop_after", "times": 1},
            {"on": "PUT /orders/{id}/address", "fault": "drop_before", "times": 1},
        ],
    )
    changes = [_change(ws, each, replace(HOME, line1="Birch Lane 9")) for each in orders]
    accept(ws, [Item(each, 0) for each in changes])
    assert _work(ws) == 0
    assert ws.store.rows("SELECT DISTINCT state FROM changes") == [("confirmed",)]
    assert {each["address"]["address1"] for each in ledger(sandbox.state)} == {"Birch Lane 9"}


def test_cancelling_takes_back_what_is_not_sent_and_asks_for_what_is(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    sent, planned, drafted, ready = (make_order() for _ in range(4))
    with ws.write("test.stay", "keep one out") as tx:
        tx.insert(
            "holds", {"order_id": ready, "kind": "operator", "reason": "later", "placed_at": "2026-11-23T09:00:00Z"}
        )
    batch = _send(ws, campaign)
    cancel_orders(ws, [Item(planned, 0)], "changed their mind", start=False)
    assert _order(ws, planned)[0] == "cancelled"
    assert _work(ws) == 0
    done = cancel_orders(ws, [Item(sent, 0), Item(ready, 0), Item(planned, 0)], "changed their mind", start=False)
    assert [each.reason for each in done.refused] == ["it is cancelled already"]
    assert _order(ws, ready)[0] == "cancelled"
    assert _order(ws, sent)[0] == "at_warehouse"
    assert _work(ws) == 0
    assert _order(ws, sent)[0] == "cancelled"
    by = {each["reference"]: each["status"] for each in ledger(sandbox.state)}
    assert by == {f"EMBER-{sent:06}-1": "CANCELLED", f"EMBER-{drafted:06}-1": "RECEIVED"}
    assert {each.state for each in commands_of(ws.store, batch_id=batch)} == {"accepted", "withdrawn"}


def test_a_hold_is_asked_of_the_warehouse_and_taken_off_again(
    ws: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    order = make_order()
    _send(ws, campaign)
    assert _work(ws) == 0
    hold_at_warehouse(ws, [Item(order, 0)], "wrong print", start=False)
    assert _work(ws) == 0
    assert ws.store.value("SELECT state FROM shipments") == "held"
    release_at_warehouse(ws, [Item(order, 0)], start=False)
    assert _work(ws) == 0
    assert ws.store.value("SELECT state FROM shipments") == "accepted"


def test_an_order_held_after_the_batch_was_sent_waits_and_one_called_off_is_free_again(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    held, other = make_order(), make_order()
    batch = _send(ws, campaign)
    with ws.write("test.hold", "hold") as tx:
        tx.insert("holds", {"order_id": held, "kind": "client", "reason": "ask", "placed_at": "2026-11-23T09:00:00Z"})
    assert _work(ws) == 0
    assert list(creations(sandbox)) == [f"EMBER-{other:06}-1"]
    call_off_batch(ws, Item(batch, 0))
    assert _order(ws, held) == ("allocated", "EU1")
    assert BatchRows(ws.store).rows([batch])[batch].state == "sent"


def test_a_send_can_be_undone_only_while_nothing_was_claimed(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    make_order()
    batch = make_batch(ws, campaign)
    with pytest.raises(InputError, match="has 1 order, not 2"):
        send_batch(ws, Item(batch, 0), 2, start=False)
    first = send_batch(ws, Item(batch, 0), 1, start=False)
    assert first.act is not None
    undo(ws.store, ws.actor, first.act)
    assert BatchRows(ws.store).rows([batch])[batch].state == "ready"
    again = send_batch(ws, Item(batch, 0), 1, start=False)
    assert _work(ws) == 0
    assert again.act is not None
    with pytest.raises(StaleError, match="use order cancel"):
        undo(ws.store, ws.actor, again.act)
    assert list(creations(sandbox).values()) == [1]


def test_what_no_look_up_can_settle_waits_for_a_person_who_sends_it_again_under_a_new_key(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    other = make_order(address=replace(HOME, name="Somebody Else"))
    _send(ws, campaign)
    assert _work(ws) == 0
    with ws.write("test.forget", "as if another had used the key", compensate="none") as tx:
        tx.run("UPDATE shipments SET state = 'rejected', remote_id = '', rev = rev + 1")
        tx.run("UPDATE orders SET stage = 'ready', warehouse = NULL, rev = rev + 1")
        moved = tx.insert(
            "addresses",
            {
                "order_id": other,
                "backer_id": 1,
                "source": "operator",
                "at": "2026-11-23T10:00:00Z",
                "name": "Anna",
                "line1": "Elm Street 7",
                "city": "Berlin",
                "postcode": "10115",
                "country": "DE",
            },
        )
        tx.run("UPDATE orders SET address_id = ?, rev = rev + 1", (moved,))
    batch = _send(ws, campaign)
    assert _work(ws) == 0
    (waiting,) = commands_of(ws.store, batch_id=batch, states=["person"])
    assert "with other contents" in waiting.reason
    item = Item(waiting.id, waiting.rev)
    with pytest.raises(InputError, match="type SEND AGAIN"):
        send_again(ws, item, "yes", "it is another order", start=False)
    send_again(ws, item, SEND_AGAIN, "it is another order", start=False)
    assert _work(ws) == 0
    assert creations(sandbox) == {f"EMBER-{other:06}-1": 1, f"EMBER-{other:06}-2": 1}
    assert _order(ws, other)[0] == "at_warehouse"
    with pytest.raises(StaleError):
        confirm_command(ws, item, "SB0000001")


def test_after_a_restore_no_worker_runs_until_the_warehouses_were_asked(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, make_order: MakeOrder
) -> None:
    for _ in range(3):
        make_order()
    batch = _send(ws, campaign)
    before = ws.folder / "before.db"
    ws.store.db.execute("VACUUM INTO ?", (str(before),))
    assert _work(ws) == 0
    ws.close()
    for name in ("lastcall.db", "lastcall.db-wal", "lastcall.db-shm"):
        (ws.folder / name).unlink(missing_ok=True)
    before.rename(ws.folder / "lastcall.db")
    (ws.path("run") / "restored").write_text("2026-11-23T09:00:00Z\n")
    with pytest.raises(WorkspaceError, match="reconcile"):
        _work(ws)
    (found,) = reconcile(ws)
    assert (found.asked, len(found.there), found.problem) == (3, 3, "")
    assert pushed(ws, batch).accepted == 3
    assert _work(ws) == 0
    assert set(creations(sandbox).values()) == {1}


def test_a_warehouse_that_takes_files_gets_each_batch_as_one_file_without_what_was_held(
    ws: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    save_warehouse(ws.folder, replace(ws.policy.warehouse("EU1"), portal="file", url="", secret="", options={}))
    ws.reload_policy()
    orders = [make_order() for _ in range(4)]
    batch = _send(ws, campaign)
    with ws.write("test.hold", "hold") as tx:
        tx.insert(
            "holds", {"order_id": orders[0], "kind": "client", "reason": "ask", "placed_at": "2026-11-23T09:00:00Z"}
        )
    assert _work(ws) == 0
    (file,) = (ws.folder / "drop" / "EU1").glob("batch-*.csv")
    text = file.read_text(encoding="utf-8")
    assert [f"EMBER-{each:06}-1" in text for each in orders] == [False, True, True, True]
    assert pushed(ws, batch).accepted == 3
    assert _order(ws, orders[0]) == ("allocated", "EU1")
    assert BatchRows(ws.store).rows([batch])[batch].state == "sent"


def _change(ws: Workspace, order: int, address: Address) -> int:
    with ws.write("test.propose", "propose") as tx:
        change = propose(tx, order, address, AddressSource.BACKER)
    assert change is not None
    return change
