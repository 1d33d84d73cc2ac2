"""The check of addresses in a process of its own: whole slices only, whoever stops or dies."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from data.addresses.check_process import check_apart
from data.addresses.check_run import SLICE, count_unchecked
from data.desk.sample.campaign import SampleCampaign
from data.desk.sample.kickstarter import write_kickstarter
from data.intake.imports import import_files
from data.model import StaleError
from data.store.actor import Actor
from data.store.workspace import Workspace, init_workspace

_ROOT = Path(__file__).parents[2]
_STARTER = """
import os, subprocess, sys
from pathlib import Path

from data.addresses.check_process import check_apart
from data.store.actor import Actor
from data.store.workspace import Workspace

class Told(subprocess.Popen):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        print(self.pid, flush=True)

subprocess.Popen = Told
check_apart(Workspace(Path(sys.argv[1]), Actor("kim", "console")), lambda: False, lambda done, total: os._exit(9))
"""
"""A console that names the process it starts, and dies as soon as it hears of the first progress."""


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    init_workspace(tmp_path / "workspace")
    ws = Workspace(tmp_path / "workspace", Actor("kim", "console"))
    write_kickstarter(tmp_path / "report.csv", SampleCampaign(3 * SLICE))
    import_files(ws, [tmp_path / "report.csv"], "Ember Isles", make_skus=True)
    return ws


def checked(ws: Workspace) -> int:
    return int(ws.store.value("SELECT count(*) FROM checked"))


def test_every_address_is_judged_and_the_progress_is_told(ws: Workspace) -> None:
    total = count_unchecked(ws)
    told: list[tuple[int, int]] = []
    check_apart(ws, lambda: False, lambda done, of: told.append((done, of)))
    assert checked(ws) == total > 2 * SLICE
    assert told[0] == (0, total)
    assert told[-1] == (total, total)
    assert ws.store.value("SELECT count(*) FROM findings") > 0


def test_nothing_to_check_starts_no_process(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    check_apart(ws, lambda: False, lambda done, total: None)
    monkeypatch.setattr(sys, "executable", "/nowhere")
    check_apart(ws, lambda: False, lambda done, total: None)


def test_stopped_it_leaves_whole_slices(ws: Workspace) -> None:
    seen = 0

    def progress(done: int, total: int) -> None:
        nonlocal seen
        seen = done

    before = count_unchecked(ws)
    check_apart(ws, lambda: seen > 0, progress)
    done = checked(ws)
    assert done >= seen == SLICE
    assert done in {SLICE, 2 * SLICE, before}
    check_apart(ws, lambda: False, progress)
    assert checked(ws) == before


def test_it_ends_when_its_starter_is_dead(ws: Workspace) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", _STARTER, str(ws.folder)], cwd=_ROOT, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    try:
        process = os.pidfd_open(int(starter.stdout.readline()))
    except ProcessLookupError:
        process = -1
    assert starter.wait(timeout=60) == 9
    starter.stdout.close()
    if process >= 0:
        assert select.select([process], [], [], 60)[0], "it goes on without its starter"
        os.close(process)
    assert checked(ws) % SLICE == 0 or count_unchecked(ws) == 0


def test_a_workspace_that_can_not_be_used_is_told(ws: Workspace) -> None:
    ws.store.db.execute("PRAGMA user_version = 999")
    with pytest.raises(StaleError, match="newer lastcall"):
        check_apart(ws, lambda: False, lambda done, total: None)
