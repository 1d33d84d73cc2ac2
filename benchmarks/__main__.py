"""`make bench`: measures the speed table and writes `docs/benchmarks.md`.

`--orders N` measures at another size than 1,000,000; `--only NAME` measures one part.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.report import Line, machine, say, table

PARTS = ("console", "table", "commands", "imports", "allocating", "sending", "addresses", "review")
PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def main(arguments: list[str]) -> int:
    """Measure and print; return 1 when a promise is not kept."""
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--only", choices=PARTS, action="append")
    options = parser.parse_args(arguments)
    lines: list[Line] = []
    for name in options.only or PARTS:
        say(f"measuring {name} …")
        lines += _measure(name, options.orders)
    page = (
        f"# Benchmarks\n\nMeasured {datetime.now(UTC):%Y-%m-%d} at {options.orders:,} orders by `make bench`: "
        f"{machine()}.\n"
        "Times are medians; every ratio was measured side by side in one run.\n\n" + table(lines) + "\n"
    )
    print(page)
    if not options.only:
        PAGE.write_text(page, encoding="utf-8")
    return 0 if all(line.kept for line in lines) else 1


def _measure(name: str, orders: int) -> list[Line]:
    """Measure one part; one that fails is a promise not kept, and does not take the others with it."""
    try:
        found: list[Line] = importlib.import_module(f"benchmarks.{name}").measure(orders)
    except Exception as error:
        traceback.print_exc()
        return [Line(name, "", f"failed: {type(error).__name__}", "", kept=False)]
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
