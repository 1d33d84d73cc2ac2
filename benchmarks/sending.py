"""Sending durably against the same client without a database: same portal module, connections, concurrency, server.

Each side sends the same orders to a fresh sandbox warehouse in a process of its own; the sides take turns, and the
medians are compared. The durable side is the worker's loop: claimed and recorded in transactions that are on the disk.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.report import Line, ratio_line
from data.clock import Clock
from data.dispatch.allocate import allocate
from data.dispatch.batches import create_batch
from data.dispatch.orders_out import read_outgoing
from data.dispatch.preflight import check_batch
from data.dispatch.send import send_batch
from data.dispatch.worker import run_worker
from data.model import Item
from data.outbox.progress import batch_progress
from data.policy import WarehouseSettings, save_warehouse
from data.portals.protocol import Portal
from data.portals.registry import portal_for
from data.portals.sandbox.process import SandboxProcess, start
from data.store.actor import Actor
from data.store.workspace import Workspace, init_workspace

MOST = 10_000
LIMIT = 1.5
"""Times the client without a database."""
_SECRET = "LASTCALL_BENCH_TOKEN"
_AT = "2026-11-23T09:00:00Z"


def measure(orders: int, rounds: int = 3) -> list[Line]:
    """Send orders, at most 10,000, `rounds` times with and without the database."""
    orders = min(orders, MOST)
    durable: list[float] = []
    bare: list[float] = []
    for _ in range(rounds):
        durable.append(_in_sandbox(orders, _send_durably))
        bare.append(_in_sandbox(orders, _send_bare))
    return [
        ratio_line(
            f"send {orders:,} orders, durable",
            LIMIT,
            statistics.median(durable),
            statistics.median(bare),
            "the same client, connections and concurrency without a database",
        )
    ]


def _in_sandbox(orders: int, side: Callable[[Workspace, int], float]) -> float:
    """Run one side on a fresh workspace and a fresh warehouse; return its seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        init_workspace(folder / "workspace")
        with start(folder / "sandbox.db") as sandbox:
            ws = _workspace(folder / "workspace", sandbox)
            batch = _prepare(ws, orders)
            seconds = side(ws, batch)
            ws.close()
        return seconds


def _workspace(folder: Path, sandbox: SandboxProcess) -> Workspace:
    os.environ[_SECRET] = sandbox.token.reveal()
    save_warehouse(folder, WarehouseSettings("EU1", "Sandbox", ("*",), "sandbox", sandbox.url, f"env:{_SECRET}"))
    return Workspace(folder, Actor("bench", "benchmark"), Clock())


def _prepare(ws: Workspace, orders: int) -> int:
    """Put so many orders into a checked batch and return its id."""
    with ws.write("bench.prepare", "prepare") as tx:
        campaign = tx.insert("campaigns", {"code": "BENCH", "name": "Bench"})
        tx.insert("products", {"sku": "GAME", "title": "Game"})
        for each in range(orders):
            backer = tx.insert(
                "backers", {"campaign_id": campaign, "platform": "bench", "uid": str(each), "name": f"Backer {each}"}
            )
            order = tx.insert(
                "orders",
                {
                    "campaign_id": campaign,
                    "backer_id": backer,
                    "kind": "pledge",
                    "source": "bench",
                    "external_id": str(each),
                    "number": str(each),
                    "stage": "ready",
                    "locked_at": _AT,
                },
            )
            address = tx.insert(
                "addresses",
                {
                    "order_id": order,
                    "backer_id": backer,
                    "source": "import",
                    "at": _AT,
                    "name": f"Backer {each}",
                    "line1": f"Elm Street {each}",
                    "city": "Berlin",
                    "postcode": "10115",
                    "country": "DE",
                },
            )
            tx.run("UPDATE orders SET address_id = ?, rev = rev + 1 WHERE id = ?", (address, order))
            tx.insert("order_lines", {"order_id": order, "sku": "GAME", "name": "Game", "quantity": 1})
    allocate(ws)
    batch = create_batch(ws, campaign, "EU1").made[0]
    check_batch(ws, Item(batch, 0))
    return batch


def _send_durably(ws: Workspace, batch: int) -> float:
    count = len(read_outgoing(ws.store, batch))
    send_batch(ws, Item(batch, 0), count, start=False)
    began = time.perf_counter()
    run_worker(ws, "EU1", say=print)
    seconds = time.perf_counter() - began
    if batch_progress(ws.store, batch).accepted != count:
        raise AssertionError("not everything was accepted")
    return seconds


def _send_bare(ws: Workspace, batch: int) -> float:
    portal = portal_for(ws.policy.warehouse("EU1"), ws.folder, ws.clock)
    bodies = [(portal.render_push(each.order), each.order.key) for each in read_outgoing(ws.store, batch)]
    began = time.perf_counter()
    asyncio.run(_push_all(portal, bodies))
    return time.perf_counter() - began


async def _push_all(portal: Portal, bodies: list[tuple[str, str]]) -> None:
    """Push everything with the portal's own concurrency."""
    waiting = iter(bodies)

    async def push() -> None:
        for body, key in waiting:
            await portal.push(body, key)

    await asyncio.gather(*(push() for _ in range(portal.caps.concurrency)))
    await portal.close()
