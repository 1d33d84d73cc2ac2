from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from data.desk.sample.campaign import SampleCampaign
from data.desk.sample.kickstarter import write_kickstarter
from data.intake.merging import Merging, merging, who_merges
from data.model import StoppedError
from data.store.backup import integrity_problems
from data.store.workspace import Workspace

ROOT = Path(__file__).parents[2]
ORDERS = 6_000


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.csv"
    write_kickstarter(path, SampleCampaign(ORDERS, seed=5))
    return path


def start(folder: Path, report: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "console", "--workspace", str(folder)),
            *("import", str(report), "--campaign", "Ember Isles", "--make-skus", "--json"),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def is_reading(folder: Path) -> bool:
    return any(folder.glob("imports/.staging-*/staged.db"))


def is_merging(folder: Path) -> bool:
    return (folder / "run" / "merging.json").exists()


def has_written(folder: Path) -> bool:
    """The transaction has spilled into the log, or is being written at its end."""
    log = folder / "lastcall.db-wal"
    return is_merging(folder) and log.exists() and log.stat().st_size > 1 << 20


@pytest.mark.parametrize("moment", [is_reading, is_merging, has_written])
def test_a_killed_import_leaves_nothing_and_the_next_one_works(
    workspace: Workspace, report: Path, moment: Callable[[Path], bool]
) -> None:
    folder = workspace.folder
    workspace.close()
    running = start(folder, report)
    while not moment(folder):
        assert running.poll() is None, running.communicate()
    os.kill(running.pid, signal.SIGKILL)
    running.communicate()

    assert integrity_problems(workspace.store) == []
    tables = ("orders", "backers", "addresses", "order_lines", "items", "campaigns", "imports", "act")
    there = {table: workspace.store.value(f"SELECT count(*) FROM {table}") for table in tables}
    # Where the commit was reached before the kill everything is in, else nothing.
    if moment is is_reading or not there["act"]:
        assert there == dict.fromkeys(tables, 0)
    else:
        assert workspace.store.value("SELECT created FROM imports") == there["orders"]
    assert who_merges(workspace) is None
    assert list(folder.glob("imports/*.csv")) == []
    workspace.close()

    again = start(folder, report)
    out, err = again.communicate()
    assert again.returncode in (0, 1), err
    result = json.loads(out)
    assert there["orders"] + result["created"] == workspace.store.value("SELECT count(*) FROM orders")
    assert result["created"] + result["rejected"] + result["unchanged"] == result["rows"] > ORDERS / 2
    assert not list(folder.glob("imports/.staging-*"))
    assert not is_merging(folder)
    assert integrity_problems(workspace.store) == []


def test_an_interrupt_stops_the_reading_and_leaves_nothing(workspace: Workspace, report: Path) -> None:
    workspace.close()
    running = start(workspace.folder, report)
    while not is_reading(workspace.folder):
        assert running.poll() is None, running.communicate()
    os.kill(running.pid, signal.SIGINT)
    _, err = running.communicate()
    assert (running.returncode, err.decode().strip()) == (1, "stopped: nothing was imported")
    assert workspace.store.value("SELECT count(*) FROM act") == 0
    assert list(workspace.path("imports").iterdir()) == []


def test_a_second_import_sees_who_merges_and_waits_until_it_is_stopped(
    workspace: Workspace, open_as: Callable[[str], Workspace]
) -> None:
    other = open_as("kim")
    waited: list[Merging | None] = []

    def waiting(who: Merging | None) -> bool:
        waited.append(who)
        return len(waited) == 2

    with merging(workspace, 12):
        assert who_merges(other) == Merging("dana", "2026-11-23T09:00:00Z", 12)
        with pytest.raises(StoppedError), merging(other, 3, waiting):
            raise AssertionError("it must wait")
    assert [each.words() for each in waited if each] == [
        "an import of 12 orders by dana is merging since 2026-11-23T09:00:00Z"
    ] * 2
    assert who_merges(other) is None
