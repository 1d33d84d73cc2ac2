"""Five hundred orders to a warehouse of each class, two hundred kills: each order arrives exactly once.

The same with a third of all requests failing, in every way a request can fail.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from data.dispatch.allocate import allocate
from data.dispatch.batches import create_batch
from data.dispatch.preflight import check_batch
from data.dispatch.send import send_batch
from data.model import Item
from data.portals.protocol import Idem
from data.portals.sandbox.faults import AFTER, BEFORE
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.sandbox_http import DUPLICATES
from data.store.workspace import Workspace
from tests.conftest import MakeOrder
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
from tests.unit.test_exactly_once_stateful import run_machine

ORDERS = 500
KILLS = 200
FAULTY = 0.3
"""The share of requests that end badly."""
EXAMPLES, STEPS = 200, 40

pytestmark = pytest.mark.soak
Note = Callable[[str, object], None]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with start(tmp_path / "sandbox.db") as process:
        yield process


@pytest.mark.parametrize("faulty", [0.0, FAULTY], ids=["well", "faulty"])
@pytest.mark.parametrize("duplicates", DUPLICATES)
def test_two_hundred_kills_send_five_hundred_orders_once_each(
    workspace: Workspace,
    campaign: int,
    sandbox: SandboxProcess,
    make_order: MakeOrder,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Note,
    duplicates: str,
    faulty: float,
) -> None:
    for _ in range(ORDERS):
        make_order()
    options: dict[str, object] = {"concurrency": 4, "deadline": 2.0, "max_lag": 1.0 if duplicates == "accept" else 0.2}
    ws = drive(workspace, sandbox, monkeypatch.setenv, options, duplicates)
    batch = make_batch(ws, campaign)
    send_batch(ws, Item(batch, 0), ORDERS, start=False)
    chance = random.Random(7)
    sandbox.control("faults", _rules(faulty))
    for _ in range(KILLS):
        worker = start_worker_process(ws)
        before = _steps(ws, sandbox)
        wait_until(partial(_moved, ws, sandbox, before + chance.randrange(24), worker), "something happened")
        kill(worker)
        assert all(count == 1 for count in creations(sandbox).values())
    sandbox.control("faults", [])
    assert finish(start_worker_process(ws)) == (0, "")
    keys = {row[0] for row in ws.store.rows("SELECT key FROM commands")}
    assert creations(sandbox) == dict.fromkeys(keys, 1)
    assert pushed(ws, batch).accepted == len(keys) == ORDERS
    attempts = ws.store.value("SELECT sum(attempt) FROM commands")
    _note(record_property, str(DUPLICATES[duplicates]), attempts, faulty)
    ws.close()


def test_two_hundred_kills_hand_five_hundred_orders_over_in_files_once_each(
    workspace: Workspace, campaign: int, make_order: MakeOrder, record_property: Note
) -> None:
    drop = FileWarehouse(workspace)
    for _ in range(ORDERS):
        make_order()
    allocate(drop.ws)
    for _ in range(ORDERS // 2):
        made = create_batch(drop.ws, campaign, "EU1", early=True, limit=2).made[0]
        check_batch(drop.ws, Item(made, 0))
        send_batch(drop.ws, Item(made, 0), 2, start=False)
    chance = random.Random(7)
    for _ in range(KILLS):
        worker = start_worker_process(drop.ws)
        before = _acts(drop.ws)
        wait_until(partial(_acted, drop.ws, before + chance.randrange(4), worker), "something happened")
        kill(worker)
        drop.take_away()
        assert all(count == 1 for count in drop.handed.values())
    assert finish(start_worker_process(drop.ws)) == (0, "")
    drop.take_away()
    assert drop.handed == dict.fromkeys(drop.keys(), 1)
    assert len(drop.handed) == ORDERS
    _note(record_property, str(Idem.FILE), drop.ws.store.value("SELECT sum(attempt) FROM commands"), 0.0)
    drop.ws.close()


@pytest.mark.parametrize("idem", Idem)
def test_histories_of_every_class_end_well(idem: Idem, tmp_path: Path, record_property: Note) -> None:
    run_machine(idem, tmp_path, EXAMPLES, STEPS)
    record_property("class", str(idem))
    record_property("histories", EXAMPLES)


def _rules(faulty: float) -> list[dict[str, object]]:
    """Return the faults: every kind as often as the others, and replies that take a moment, so that kills strike."""
    kinds = sorted((BEFORE | AFTER) - {"slow"})
    seconds = {"delay_commit": 0.15, "drip": 0.3, "429": 0.5}
    # Of what is left after the kinds before, each takes its part.
    rules: list[dict[str, object]] = [
        {
            "on": "POST /orders",
            "fault": each,
            "probability": (faulty / len(kinds)) / (1 - at * faulty / len(kinds)),
            "seconds": seconds.get(each, 0.0),
        }
        for at, each in enumerate(kinds)
        if faulty
    ]
    return [*rules, {"on": "POST /orders", "fault": "slow", "seconds": 0.1}]


def _note(record_property: Note, idem: str, attempts: int, faulty: float) -> None:
    facts = {"class": idem, "orders": ORDERS, "kill -9": KILLS, "attempts": attempts, "faults": f"{faulty:.0%}"}
    for name, value in {**facts, "created twice": 0}.items():
        record_property(name, value)


def _acts(ws: Workspace) -> int:
    return int(ws.store.value("SELECT coalesce(max(id), 0) FROM act"))


def _acted(ws: Workspace, target: int, worker: subprocess.Popen[str]) -> bool:
    return _acts(ws) >= target or worker.poll() is not None


def _steps(ws: Workspace, sandbox: SandboxProcess) -> int:
    """Count what happened here and there: it only ever grows."""
    return len(creations(sandbox)) + _acts(ws)


def _moved(ws: Workspace, sandbox: SandboxProcess, target: int, worker: subprocess.Popen[str]) -> bool:
    """Tell whether so much has happened, or the worker has left."""
    return _steps(ws, sandbox) >= target or worker.poll() is not None
