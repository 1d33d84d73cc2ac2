"""Nothing ships twice and nothing is lost: real workers, killed; the sandbox's own ledger is the witness."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from data.dispatch.allocate import allocate
from data.dispatch.batches import create_batch
from data.dispatch.preflight import check_batch
from data.dispatch.send import send_batch
from data.dispatch.worker import run_worker
from data.model import Item, LastcallError
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.sandbox_http import DUPLICATES
from data.store.workspace import Workspace
from tests.conftest import MakeOrder, OpenAs
from tests.sending import (
    FileWarehouse,
    creations,
    drive,
    finish,
    kill,
    make_batch,
    pushed,
    start_worker_process,
    wait_until,
)

ORDERS = 40
POINTS = 10


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with start(tmp_path / "sandbox.db") as process:
        yield process


@pytest.fixture
def ws(
    workspace: Workspace, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch, make_order: MakeOrder
) -> Iterator[Workspace]:
    for _ in range(ORDERS):
        make_order()
    found = drive(workspace, sandbox, monkeypatch.setenv, {"concurrency": 3})
    yield found
    found.close()


def _send(ws: Workspace, campaign: int) -> int:
    batch = make_batch(ws, campaign)
    send_batch(ws, Item(batch, 0), ORDERS, start=False)
    return batch


def _once_each(ws: Workspace, sandbox: SandboxProcess, batch: int) -> None:
    keys = {row[0] for row in ws.store.rows("SELECT key FROM commands WHERE batch_id = ?", (batch,))}
    assert creations(sandbox) == dict.fromkeys(keys, 1)
    assert len(keys) == ORDERS
    assert pushed(ws, batch).accepted == ORDERS
    stages = ws.store.rows("SELECT DISTINCT stage FROM orders")
    assert stages == [("at_warehouse",)]


def _reached(sandbox: SandboxProcess, target: int, worker: subprocess.Popen[str]) -> bool:
    """Tell whether so many orders were created, or the worker has left."""
    return sum(creations(sandbox).values()) >= target or worker.poll() is not None


@pytest.mark.parametrize("duplicates", DUPLICATES)
def test_a_worker_killed_at_ten_points_sends_each_order_exactly_once_in_every_class(
    workspace: Workspace,
    sandbox: SandboxProcess,
    campaign: int,
    make_order: MakeOrder,
    monkeypatch: pytest.MonkeyPatch,
    duplicates: str,
) -> None:
    for _ in range(ORDERS):
        make_order()
    # Where nothing over there keeps a double out, a request must be given the time it can take on a busy machine.
    options: dict[str, object] = {"concurrency": 3, "max_lag": 1.0 if duplicates == "accept" else 0.2}
    ws = drive(workspace, sandbox, monkeypatch.setenv, options, duplicates)
    batch = _send(ws, campaign)
    faults = [
        {"on": "POST /orders", "fault": "drop_after", "probability": 0.1},
        {"on": "POST /orders", "fault": "drop_before", "probability": 0.1},
        {"on": "POST /orders", "fault": "slow", "seconds": 0.1},
    ]
    sandbox.control("faults", faults)
    for _ in range(POINTS):
        target = sum(creations(sandbox).values()) + 3
        worker = start_worker_process(ws)
        wait_until(partial(_reached, sandbox, target, worker), f"{target} were created")
        assert worker.poll() is None, worker.communicate()
        kill(worker)
        assert all(count == 1 for count in creations(sandbox).values())
    sandbox.control("faults", [])
    assert finish(start_worker_process(ws)) == (0, "")
    _once_each(ws, sandbox, batch)
    ws.close()


def test_a_worker_that_writes_files_and_is_killed_at_ten_points_hands_each_order_over_exactly_once(
    workspace: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    drop = FileWarehouse(workspace)
    for _ in range(ORDERS):
        make_order()
    allocate(drop.ws)
    for _ in range(ORDERS // 4):
        made = create_batch(drop.ws, campaign, "EU1", early=True, limit=4).made[0]
        check_batch(drop.ws, Item(made, 0))
        send_batch(drop.ws, Item(made, 0), 4, start=False)
    for done in range(POINTS):
        worker = start_worker_process(drop.ws)
        wait_until(partial(drop.reached, done + 1, worker), f"{done + 1} files are there")
        kill(worker)
        drop.take_away()
    assert finish(start_worker_process(drop.ws)) == (0, "")
    drop.take_away()
    assert drop.handed == dict.fromkeys(drop.keys(), 1)
    assert len(drop.handed) == ORDERS
    assert drop.ws.store.rows("SELECT DISTINCT stage FROM orders") == [("at_warehouse",)]
    drop.ws.close()


def test_a_worker_killed_between_claim_and_reply_leaves_a_doubt_that_the_next_one_settles(
    ws: Workspace, sandbox: SandboxProcess, campaign: int
) -> None:
    batch = _send(ws, campaign)
    sandbox.control("faults", [{"on": "POST /orders", "fault": "slow", "seconds": 30}])
    worker = start_worker_process(ws)
    wait_until(lambda: sum(creations(sandbox).values()) >= 3, "three are there without an answer")
    kill(worker)
    assert pushed(ws, batch).accepted == 0
    assert pushed(ws, batch).sending >= 3
    sandbox.control("faults", [])
    assert finish(start_worker_process(ws)) == (0, "")
    outcomes = dict(ws.store.rows("SELECT outcome, count(*) FROM attempts GROUP BY outcome"))
    assert outcomes["doubtful"] >= 3
    _once_each(ws, sandbox, batch)


def test_of_two_workers_started_together_one_works_and_the_other_says_so(
    ws: Workspace, sandbox: SandboxProcess, campaign: int
) -> None:
    batch = _send(ws, campaign)
    sandbox.control("faults", [{"on": "POST /orders", "fault": "slow", "seconds": 0.3}])
    both = [start_worker_process(ws), start_worker_process(ws)]
    ends = sorted(finish(each) for each in both)
    assert ends[0] == (0, "")
    assert ends[1][0] == 0
    assert "is at EU1 already" in ends[1][1]
    _once_each(ws, sandbox, batch)


def test_two_people_pressing_send_dispatch_once(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, open_as: OpenAs
) -> None:
    batch = make_batch(ws, campaign)
    seen = Item(batch, ws.store.value("SELECT rev FROM batches WHERE id = ?", (batch,)))
    said: list[str] = []
    both = threading.Barrier(2)

    def press(user: str) -> None:
        mine = open_as(user)
        both.wait()
        try:
            said.append(send_batch(mine, seen, ORDERS, start=False).words)
        except LastcallError as error:
            said.append(str(error))
        mine.close()

    people = [threading.Thread(target=press, args=(user,)) for user in ("dana", "mira")]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert sorted(said) == [
        "batch 1 is sending: what was sent is never changed",
        f"send batch 1: {ORDERS} orders to EU1",
    ]
    assert run_worker(ws, "EU1", say=said.append) == 0
    _once_each(ws, sandbox, batch)


@pytest.mark.parametrize(
    "fault",
    ["drop_before", "drop_after", "reset_after", "500", "500_after", "truncate", "garbage", "other_reference", "429"],
)
def test_whatever_the_warehouse_does_to_a_reply_the_order_arrives_once(
    ws: Workspace, sandbox: SandboxProcess, campaign: int, fault: str
) -> None:
    batch = _send(ws, campaign)
    sandbox.control("faults", [{"on": "POST /orders", "fault": fault, "times": 4, "seconds": 0.5}])
    assert run_worker(ws, "EU1", say=print) == 0
    _once_each(ws, sandbox, batch)


def test_a_request_that_is_worked_after_its_connection_was_lost_is_not_sent_twice(
    ws: Workspace, sandbox: SandboxProcess, campaign: int
) -> None:
    batch = _send(ws, campaign)
    sandbox.control("faults", [{"on": "POST /orders", "fault": "delay_commit", "times": 4, "seconds": 0.15}])
    assert run_worker(ws, "EU1", say=print) == 0
    _once_each(ws, sandbox, batch)
