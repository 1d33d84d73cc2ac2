"""Helpers of the tests that send: a sandbox warehouse, orders ready to go, a worker as a real process."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from data.clock import Clock
from data.dispatch.allocate import allocate
from data.dispatch.batches import create_batch
from data.dispatch.preflight import check_batch
from data.model import Item
from data.outbox.progress import Progress, batch_progress
from data.policy import WarehouseSettings, save_warehouse
from data.portals.sandbox.ledger import ledger
from data.portals.sandbox.process import SandboxProcess
from data.store.actor import Actor
from data.store.workspace import Workspace

SECRET = "LASTCALL_TEST_TOKEN"
ROOT = Path(__file__).parent.parent
PATIENCE = 60.0


def drive(
    workspace: Workspace,
    sandbox: SandboxProcess,
    monkeypatch_env: Callable[[str, str], None],
    options: dict[str, object] | None = None,
    duplicates: str = "refuse",
) -> Workspace:
    """Make EU1 a sandbox warehouse of the workspace, and return the workspace on the machine's own clock.

    `duplicates` is what the warehouse does with a second order under the same reference: its idempotency class.
    """
    monkeypatch_env(SECRET, sandbox.token.reveal())
    sandbox.control("settings", {"duplicates": duplicates})
    options = {"duplicates": duplicates, **(options or {})}
    settings = WarehouseSettings("EU1", "Cedar", ("*",), "sandbox", sandbox.url, f"env:{SECRET}", options=options)
    save_warehouse(workspace.folder, settings)
    return Workspace(workspace.folder, Actor("dana", "console", "dana-1"), Clock())


def make_batch(ws: Workspace, campaign: int, *, early: bool = True, warehouse: str = "EU1") -> int:
    """Allocate what is ready, put it into a checked batch, and return the batch's id."""
    allocate(ws, campaign_id=campaign)
    batch = create_batch(ws, campaign, warehouse, early=early).made[0]
    check_batch(ws, Item(batch, 0))
    return batch


def start_worker_process(ws: Workspace, code: str = "EU1") -> subprocess.Popen[str]:
    """Start `lastcall worker CODE` as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "console", "--workspace", str(ws.folder), "worker", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "error"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a process; return its exit code and what it said."""
    said, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, said


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process as `kill -9` does."""
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE)


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Wait for something to be so."""
    until = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > until:
            raise AssertionError(f"waited in vain until {what}")
        time.sleep(0.005)


def creations(sandbox: SandboxProcess) -> dict[str, int]:
    """Return how often the warehouse created each reference."""
    return {each["reference"]: each["creations"] for each in ledger(sandbox.state)}


def pushed(ws: Workspace, batch: int) -> Progress:
    """Return how the pushes of a batch stand."""
    return batch_progress(ws.store, batch)


class FileWarehouse:
    """A warehouse that takes files: whoever carries them away, and counts each order in them."""

    def __init__(self, workspace: Workspace) -> None:
        """Make EU1 such a warehouse of the workspace."""
        save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar", ("*",)))
        self.ws = Workspace(workspace.folder, Actor("dana", "console", "dana-1"), Clock())
        self.handed: dict[str, int] = {}
        """How often each key was in a file that came."""
        self._folder = workspace.folder / "drop" / "EU1"

    def take_away(self) -> None:
        """Take every file that is there, without a trace."""
        for file in sorted(self._folder.glob("batch-*.csv")):
            keys = {row["key"] for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())}
            for key in keys:
                self.handed[key] = self.handed.get(key, 0) + 1
            file.unlink()

    def reached(self, count: int, worker: subprocess.Popen[str]) -> bool:
        """Tell whether so many batches were handed over in all, or the worker has left."""
        return len(list((self._folder / "manifests").glob("*.json"))) >= count or worker.poll() is not None

    def keys(self) -> set[str]:
        """Return the keys of everything that was to be sent."""
        return {row[0] for row in self.ws.store.rows("SELECT key FROM commands")}
