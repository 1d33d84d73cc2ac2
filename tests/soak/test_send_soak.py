"""Five hundred orders, two hundred random kills: each order arrives exactly once."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from data.dispatch.send import send_batch
from data.model import Item
from data.portals.sandbox.process import SandboxProcess, start
from data.store.workspace import Workspace
from tests.conftest import MakeOrder
from tests.sending import creations, drive, finish, kill, make_batch, pushed, start_worker_process, wait_until

ORDERS = 500
KILLS = 200

pytestmark = pytest.mark.soak


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with start(tmp_path / "sandbox.db") as process:
        yield process


def test_two_hundred_kills_send_five_hundred_orders_once_each(
    workspace: Workspace,
    campaign: int,
    sandbox: SandboxProcess,
    make_order: MakeOrder,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    for _ in range(ORDERS):
        make_order()
    ws = drive(workspace, sandbox, monkeypatch.setenv, {"concurrency": 4})
    batch = make_batch(ws, campaign)
    send_batch(ws, Item(batch, 0), ORDERS, start=False)
    chance = random.Random(7)
    faults = ("drop_after", "drop_before", "reset_after", "500_after", "truncate", "garbage", "delay_commit")
    rules = [{"on": "POST /orders", "fault": each, "probability": 0.03, "seconds": 0.15} for each in faults]
    sandbox.control("faults", [*rules, {"on": "POST /orders", "fault": "slow", "seconds": 0.1}])
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
    for name, value in (("orders", ORDERS), ("kill -9", KILLS), ("attempts", attempts), ("created twice", 0)):
        record_property(name, value)
    ws.close()


def _steps(ws: Workspace, sandbox: SandboxProcess) -> int:
    """Count what happened here and there: it only ever grows."""
    return len(creations(sandbox)) + int(ws.store.value("SELECT coalesce(max(id), 0) FROM act"))


def _moved(ws: Workspace, sandbox: SandboxProcess, target: int, worker: subprocess.Popen[str]) -> bool:
    """Tell whether so much has happened, or the worker has left."""
    return _steps(ws, sandbox) >= target or worker.poll() is not None
