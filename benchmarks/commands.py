"""The command line as whole processes: a list beside the import of what it stands on, and the memory of an export."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.report import Line, ratio_line, side_by_side, value_line
from benchmarks.samples import copied_workspace
from benchmarks.terminal import environment

RUNS = 21
MEMORY = 300
"""Megabytes of an export at most."""
FLOOR = ("-c", "import click, sqlite_utils")
_PEAK = """
import json, resource, sys
from console.cli import run
code = run(sys.argv[1:])
print(json.dumps([code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]), file=sys.stderr)
"""


def measure(orders: int) -> list[Line]:
    """Time `lastcall orders --limit 20 --json`, and write every order to a file."""
    with tempfile.TemporaryDirectory(prefix="lastcall-bench-") as name:
        workspace = copied_workspace(orders, Path(name) / "workspace")
        at = ("--workspace", str(workspace))
        listing = ("-m", "console", *at, "orders", "--limit", "20", "--json")
        listed, floor = side_by_side(lambda: _seconds(listing), lambda: _seconds(FLOOR), RUNS)
        written = [_peak((*at, "export", "orders", "-o", str(Path(name) / f"all.{form}"))) for form in ("csv", "jsonl")]
    size = f"{orders:,} orders"
    return [
        ratio_line(
            f"lastcall orders --limit 20 --json with {size}",
            2,
            listed,
            floor,
            "python -c 'import click, sqlite_utils'",
        ),
        value_line(f"memory of an export of {size}", MEMORY, max(written), "MB"),
    ]


def _seconds(arguments: Sequence[str]) -> float:
    """Run Python to its end and return the seconds it took."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment())
    return time.perf_counter() - start


def _peak(arguments: Sequence[str]) -> float:
    """Run a command in a process of its own and return the most megabytes it held."""
    ran = subprocess.run(
        [sys.executable, "-c", _PEAK, *arguments], check=True, capture_output=True, text=True, env=environment()
    )
    code, peak = json.loads(ran.stderr.splitlines()[-1])
    if code:
        raise RuntimeError(ran.stderr)
    return float(peak)
