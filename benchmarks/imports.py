"""How long an import takes, as a multiple of `sqlite3 .import` of the same file into one bare table, side by side."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.report import Line, ratio_line, value_line
from benchmarks.samples import sample_file
from data.store.actor import Actor
from data.store.workspace import Workspace, init_workspace

_SHELL = shutil.which("sqlite3")
_ROUNDS = 3
_MANY = 200_000
"""Orders beyond which one round is enough."""
_DECISIONS = 500
_CHILD = """
import json, resource, sys, time
from pathlib import Path
from data.intake.imports import import_files
from data.store.actor import Actor
from data.store.workspace import Workspace
ws = Workspace(Path(sys.argv[1]), Actor(user="bench", program="benchmark"))
merging = []
def report(progress):
    if progress.step == "merging":
        merging.append(time.perf_counter())
start = time.perf_counter()
result = import_files(ws, [Path(sys.argv[2])], "Bench", make_skus=True, report=report)
end = time.perf_counter()
print(json.dumps({
    "seconds": end - start, "merge": end - merging[0] if merging else 0.0, "created": result.created,
    "unchanged": result.unchanged, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def measure(orders: int) -> list[Line]:
    """Measure imports of a Kickstarter file: first, again, the lock it holds, its memory, and decisions beside it.

    Times are medians of rounds in which both sides take turns; memory is the peak of a process of its own.
    """
    report = sample_file(orders)
    with tempfile.TemporaryDirectory(prefix="lastcall-bench-") as name:
        folder = Path(name)
        floors: list[float] = []
        firsts: list[dict[str, float]] = []
        agains: list[dict[str, float]] = []
        for number in range(_ROUNDS if orders <= _MANY else 1):
            workspace = folder / f"workspace-{number}"
            init_workspace(workspace)
            floors.append(_floor(folder, report))
            firsts.append(_import(workspace, report))
            floors.append(_floor(folder, report))
            agains.append(_import(workspace, report))
            floors.append(_floor(folder, report))
            shutil.rmtree(workspace)
        idle, busy = _decisions(folder, report)
    floor = median(floors)
    against = "sqlite3 .import of the same file into one bare table" if _SHELL else "csv and executemany into one table"
    held = median(each["merge"] for each in firsts) / firsts[0]["created"] * 10_000
    size = f"{orders:,} orders"
    return [
        ratio_line(f"import {size}", 12, median(each["seconds"] for each in firsts), floor, against),
        ratio_line(f"the same {size} again", 4, median(each["seconds"] for each in agains), floor, against),
        value_line("the merge holds the lock, per 10,000 orders", 500, held * 1_000, "ms"),
        value_line("memory of the import", 300, max(each["memory"] for each in firsts), "MB"),
        ratio_line("a decision by hand during phase 1, p99", 5, busy, idle, "idle"),
    ]


def _floor(folder: Path, report: Path) -> float:
    """Time the file into one bare table, by SQLite's own shell where there is one."""
    path = folder / "floor.db"
    start = time.perf_counter()
    if _SHELL:
        subprocess.run([_SHELL, str(path), ".mode csv", f".import {report} bare"], check=True, capture_output=True)
    else:
        _bare_import(path, report)
    seconds = time.perf_counter() - start
    path.unlink()
    return seconds


def _bare_import(path: Path, report: Path) -> None:
    """Do what the shell's .import does."""
    from sqlite_utils.utils import sqlite3

    connection = sqlite3.connect(str(path), isolation_level=None)
    with report.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        header = next(rows)
        connection.execute(f"CREATE TABLE bare({', '.join(f'c{at} TEXT' for at in range(len(header)))})")
        connection.execute("BEGIN")
        connection.executemany(f"INSERT INTO bare VALUES({', '.join('?' * len(header))})", rows)
        connection.execute("COMMIT")
    connection.close()


def _import(workspace: Path, report: Path) -> dict[str, float]:
    """Import in a process of its own, so that its memory is its own."""
    ran = subprocess.run(
        [sys.executable, "-c", _CHILD, str(workspace), str(report)], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def _decisions(folder: Path, report: Path) -> tuple[float, float]:
    """Return the p99 of decisions on an idle workspace, and on one whose file another process reads and compares."""
    workspace = folder / "decisions"
    init_workspace(workspace)
    ws = Workspace(workspace, Actor(user="bench", program="benchmark"))
    _decide(ws, lambda: False)
    idle = _decide(ws, lambda: False)
    busy: list[float] = []
    while len(busy) < _DECISIONS:
        # A dry run is phase 1 alone.
        running = subprocess.Popen(
            [sys.executable, "-c", _CHILD.replace("make_skus=True", "dry_run=True"), str(workspace), str(report)],
            stdout=subprocess.DEVNULL,
        )
        try:
            while running.poll() is None and not any(workspace.glob("imports/.staging-*/staged.db")):
                time.sleep(0.001)
            busy += _decide(ws, partial(_ended, running))
        finally:
            running.kill()
            running.wait()
    ws.close()
    return _p99(idle), _p99(busy)


def _ended(running: subprocess.Popen[bytes]) -> bool:
    """Tell whether a process has come to its end."""
    return running.poll() is not None


def _decide(ws: Workspace, over: Callable[[], bool]) -> list[float]:
    """Time small acts, each as durable as any."""
    times: list[float] = []
    while len(times) < _DECISIONS and not over():
        start = time.perf_counter()
        with ws.write("bench.decide", "decide") as tx:
            tx.insert(
                "views", {"screen": "bench", "name": f"{time.time_ns()}", "filter": "", "sort": "", "columns": "[]"}
            )
        times.append(time.perf_counter() - start)
    return times


def _p99(times: Sequence[float]) -> float:
    """Return the time that 99 of 100 stay under."""
    return sorted(times)[int(len(times) * 0.99) - 1]
