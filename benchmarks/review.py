"""The last call: how many keys half a thousand updates take, and how fast the queue opens when much waits in it."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.report import Line, ratio_line, say
from benchmarks.reviewer import prepare, work_through
from benchmarks.samples import copied_workspace
from benchmarks.terminal import Terminal
from data.addresses.review import ReviewRows
from data.addresses.stored_findings import RULES
from data.store.actor import Actor
from data.store.workspace import Workspace, init_workspace

BACKERS, UPDATES = 6_200, 554
MOST_KEYS = 1.3
MANY, FEW = 50_000, 50
VISITS = 9
"""Consoles of either kind whose queue is opened."""
_CONSOLE_SHOWS = "? keys"


def measure(orders: int) -> list[Line]:
    """Measure what the issue on addresses promises of the review; `orders` bounds how much waits."""
    with tempfile.TemporaryDirectory(prefix="lastcall-bench-", ignore_cleanup_errors=True) as name:
        return [_keys(Path(name) / "keys"), _opening(Path(name), min(MANY, orders))]


def _keys(folder: Path) -> Line:
    say(f"{UPDATES} updates on {BACKERS:,} backers, by keys …")
    init_workspace(folder)
    ws = Workspace(folder, Actor("bench", "benchmark"))
    worked = work_through(ws, prepare(ws, BACKERS, UPDATES).no_change)
    ws.close()
    return Line(
        f"keys for each decision on {UPDATES} updates of {BACKERS:,} backers",
        f"{MOST_KEYS:g}",
        f"{worked.per_decision:.2f} ({worked.keys} keys for {worked.one_by_one} decisions)",
        f"{worked.closed} closed themselves; {worked.at_once} of notation alone took {worked.keys_at_once} keys",
        kept=worked.per_decision <= MOST_KEYS,
    )


def _opening(folder: Path, many: int) -> Line:
    say(f"opening the queue with {many:,} and with {FEW} waiting …")
    # One order in fourteen has no address.
    large, small = (copied_workspace(many * 6 // 5, folder / each) for each in ("large", "small"))
    rows = [_fill(large, many), _fill(small, FEW)]
    seconds: list[list[float]] = [[], []]
    for visit in range(VISITS + 1):
        with ExitStack() as stack:
            consoles = [
                stack.enter_context(Terminal(["-m", "console", "--workspace", str(each)])) for each in (large, small)
            ]
            for each in consoles:
                each.until(_CONSOLE_SHOWS)
                each.settle()
            for at, each in enumerate(consoles):
                each.press("2")
                taken = each.until("> Addresses", rows[at])
                if visit:
                    seconds[at].append(taken)
                each.settle()
    measured, floor = (sorted(each)[len(each) // 2] for each in seconds)
    return ratio_line(f"open the queue with {many:,} waiting", 1.2, measured, floor, f"the same with {FEW} waiting")


def _fill(workspace: Path, waiting: int) -> str:
    """Let so many rows wait in the queue, a fifth of them faulty addresses; return the number of the first row's order.

    Every address counts as checked, so that no check goes on behind what is measured.
    """
    ws = Workspace(workspace, Actor("bench", "benchmark"))
    changes = waiting * 4 // 5
    with ws.write("bench.propose", "let changes wait") as tx:
        tx.run(
            "INSERT INTO changes(order_id, backer_id, source, at, from_id, to_id, state, label, level, fields, reasons)"
            " SELECT id, backer_id, 'backer', ?, address_id, address_id, 'waiting',"
            " iif(id % 4 = 0, 'trivial', 'material'), 1 + id % 4, '[[\"line1\", \"move\", \"\"]]', '[]' FROM orders"
            " WHERE address_id IS NOT NULL AND stage <> 'cancelled' ORDER BY id LIMIT ?",
            (ws.store.value("SELECT max(at) FROM act"), changes),
        )
    with ws.store.derive() as tx:
        tx.run("DELETE FROM checked")
        tx.run("INSERT INTO checked(address_id, errors, warnings, rules) SELECT id, 0, 0, ? FROM addresses", (RULES,))
        tx.run(
            "INSERT INTO findings SELECT address_id, 'postcode', 'postcode_format', 'error', 'is no postcode', NULL"
            " FROM orders WHERE address_id IS NOT NULL AND stage <> 'cancelled'"
            " AND id NOT IN (SELECT order_id FROM changes) ORDER BY id LIMIT ?",
            (waiting - changes,),
        )
        tx.run("UPDATE checked SET errors = 1 WHERE address_id IN (SELECT address_id FROM findings)")
    ws.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    rows = ReviewRows(ws.store)
    assert rows.count() == waiting
    first = rows.first(1)
    number = rows.rows(first)[first[0]].number
    ws.close()
    return f" {number} "
