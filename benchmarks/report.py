"""One line of the speed table: what was promised, what was measured, and against what."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One promise."""

    what: str
    limit: str
    """`1.5x`, `80 MB`, `600`."""
    measured: str
    against: str
    kept: bool


def ratio_line(what: str, limit: float, measured: float, floor: float, against: str) -> Line:
    """Make the line of a promise that is a ratio of two times in seconds."""
    ratio = measured / floor
    return Line(what, f"{limit:g}x", f"{ratio:.2f}x ({measured:.3f} s / {floor:.3f} s)", against, kept=ratio <= limit)


def value_line(what: str, limit: float, measured: float, unit: str, against: str = "") -> Line:
    """Make the line of a promise that is a value."""
    return Line(what, f"{limit:,g} {unit}", f"{measured:,.0f} {unit}", against, kept=measured <= limit)


def median_seconds(act: Callable[[], object], runs: int = 5) -> float:
    """Run `act` several times and return the median of its wall seconds."""
    times: list[float] = []
    for _ in range(runs):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def process_seconds(arguments: Sequence[str], runs: int = 7) -> float:
    """Run a program to its end several times and return the median of its wall seconds."""
    return median_seconds(lambda: subprocess.run(arguments, check=True, capture_output=True), runs)


def side_by_side(first: Callable[[], float], second: Callable[[], float], runs: int = 7) -> tuple[float, float]:
    """Take two measurements in turns, each once beforehand for nothing, and return the median of each."""
    first(), second()
    pairs = [(first(), second()) for _ in range(runs)]
    return statistics.median(one for one, _ in pairs), statistics.median(other for _, other in pairs)


def worst(pairs: dict[str, tuple[float, float]]) -> str:
    """Return the name of the pair whose first value is largest beside its second."""
    return max(pairs, key=lambda name: pairs[name][0] / pairs[name][1])


def machine() -> str:
    """Describe this machine without naming it."""
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"SQLite {_sqlite_version()}"
    )


def _sqlite_version() -> str:
    from sqlite_utils.utils import sqlite3

    return str(sqlite3.sqlite_version)


def table(lines: Sequence[Line]) -> str:
    """Return the lines as a Markdown table."""
    rows = ["| what | at most | measured | against | kept |", "| --- | --- | --- | --- | --- |"]
    rows += [
        f"| {line.what} | {line.limit} | {line.measured} | {line.against} | {'yes' if line.kept else '**no**'} |"
        for line in lines
    ]
    return "\n".join(rows)


def say(text: str) -> None:
    """Tell the person what is being measured."""
    print(text, file=sys.stderr, flush=True)
