"""What allocating every order at once needs of memory, and how long a part of it takes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.report import Line, value_line
from benchmarks.samples import copied_workspace
from data.policy import WarehouseSettings, save_warehouse

_CHILD = """
import json, resource, sys, time
from pathlib import Path
from data.dispatch.allocate import CHUNK, allocate
from data.stock.warehouses import register
from data.store.actor import Actor
from data.store.workspace import Workspace
ws = Workspace(Path(sys.argv[1]), Actor(user="bench", program="benchmark"))
with ws.write("bench.count", "count everything in") as tx:
    register(tx, ws.policy)
    tx.run("INSERT INTO movements(sku, warehouse, state, quantity, reason, at) SELECT p.sku, w.code, 'on_hand', ?,"
           " 'count', '2026-11-23T09:00:00Z' FROM products p, warehouses w", (int(sys.argv[2]),))
start = time.perf_counter()
found = allocate(ws)
print(json.dumps({"seconds": time.perf_counter() - start, "orders": found.orders,
                  "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def measure(orders: int) -> list[Line]:
    """Allocate a campaign over three warehouses that have two games for three orders, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="lastcall-bench-") as name:
        folder = copied_workspace(orders, Path(name) / "workspace")
        for code, countries in (("EU1", ("DE", "FR", "ES", "IT", "GB")), ("JP1", ("JP", "AU")), ("US1", ("*",))):
            save_warehouse(folder, WarehouseSettings(code, code, countries))
        ran = subprocess.run(
            [sys.executable, "-c", _CHILD, str(folder), str(orders * 2 // 9)],
            check=True,
            capture_output=True,
            text=True,
        )
    found = json.loads(ran.stdout)
    each = found["seconds"] / found["orders"] * 10_000
    return [
        value_line(f"memory of allocating {orders:,} orders", 300, found["memory"], "MB"),
        value_line("allocate 10,000 of them: plan, ledger, journal", 3_000, each * 1_000, "ms"),
    ]
