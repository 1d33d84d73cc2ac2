"""Tables that a file warehouse sends back, as its layout describes them: acknowledgements first, tracking later."""

from __future__ import annotations

import asyncio
import csv
import os
from datetime import timedelta

import pytest

from data.desk.poll import poll_warehouse
from data.desk.verify import verify
from data.dispatch.send import send_batch
from data.dispatch.worker import run_worker
from data.model import Item, ShipmentState
from data.policy import WarehouseSettings, save_warehouse
from data.portals.file_drop import FileDrop
from data.portals.registry import portal_for
from data.portals.tracking_words import LISTED, TRACKED
from data.store.workspace import Workspace
from tests.conftest import MakeOrder
from tests.sending import make_batch

LAYOUT = """
base = "missing-ink"

[[returns]]
glob = "ack*.csv"
key = "Order ID"
listed = "accepted"

[[returns]]
glob = "tracking-*.txt"
key = ["Order ID", "Our ref"]
tracking = "Parcel"
carrier = "By"
date = "Out on"
date_format = "%d/%m/%Y"
status = "State"
on_unknown_key = "ignore"
encoding = "latin-1"
[returns.statuses]
"In the bag" = "picking"
"Gone" = "shipped"
"Geht nicht" = "blocked"
"""


@pytest.fixture
def ws(workspace: Workspace) -> Workspace:
    folder = workspace.folder / "templates" / "layouts"
    folder.mkdir(parents=True)
    (folder / "cedar.toml").write_text(LAYOUT, encoding="utf-8")
    settings = WarehouseSettings("EU1", "Cedar", time_zone="America/Chicago", options={"layout": "cedar"})
    save_warehouse(workspace.folder, settings)
    workspace.reload_policy()
    return workspace


def portal_of(ws: Workspace) -> FileDrop:
    portal = portal_for(ws.policy.warehouse("EU1"), ws.folder, ws.clock)
    assert isinstance(portal, FileDrop)
    return portal


def come_in(ws: Workspace, name: str, text: str, encoding: str = "utf-8") -> None:
    folder = ws.folder / "drop" / "EU1" / "in"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding=encoding)
    when = (ws.clock.now() - timedelta(minutes=1)).timestamp()
    os.utime(folder / name, (when, when))


def send(ws: Workspace, campaign: int, make_order: MakeOrder, count: int = 3) -> tuple[int, list[str]]:
    for _ in range(count):
        make_order()
    batch = make_batch(ws, campaign)
    send_batch(ws, Item(batch, 0), count, start=False)
    assert run_worker(ws, "EU1", say=print) == 0
    return batch, [row[0] for row in ws.store.rows("SELECT key FROM shipments ORDER BY id")]


def state(ws: Workspace, batch: int) -> str:
    return str(ws.store.value("SELECT state FROM batches WHERE id = ?", (batch,)))


async def poll(ws: Workspace) -> list[str]:
    return (await poll_warehouse(ws, portal_of(ws), "EU1")).problems


def test_a_batch_is_acknowledged_when_every_order_of_it_is(ws: Workspace, campaign: int, make_order: MakeOrder) -> None:
    batch, keys = send(ws, campaign, make_order)
    assert state(ws, batch) == "sent"
    come_in(ws, "ack-1.csv", f"Order ID,Line\n{keys[0]},1\n{keys[1]},2\nSTRANGER,3\n")
    first, second = asyncio.run(poll(ws))
    assert first == "ack-1.csv, line 4, key: nothing was handed over under it"
    assert "1 rows were not used" in second
    (kept,) = (ws.folder / "drop" / "EU1" / "in" / "quarantine").iterdir()
    assert [row[:1] for row in csv.reader(kept.read_text("utf-8-sig").splitlines())] == [["line"], ["4"]]
    assert state(ws, batch) == "sent"
    assert ws.store.rows("SELECT raw_status, state FROM shipments ORDER BY id") == [
        (LISTED, "accepted"),
        (LISTED, "accepted"),
        ("", "accepted"),
    ]
    come_in(ws, "ack-2.csv", f"Order ID,Line\n{keys[2]},1\n")
    assert asyncio.run(poll(ws)) == []
    assert state(ws, batch) == "acknowledged"
    come_in(
        ws,
        "tracking-1.txt",
        "Our ref|Parcel|By|Out on|State\n"
        f"{keys[0]}|00340434161094|Kühne|03/11/2026|Gone\n{keys[1]}||||In the bag\n"
        f"SOMEBODY-ELSES|1|Kühne|03/11/2026|Gone\n{keys[2]}|9|Kühne||\n",
        encoding="latin-1",
    )
    assert asyncio.run(poll(ws)) == []
    assert ws.store.rows("SELECT state, raw_status, shipped_at FROM shipments ORDER BY id")[:2] == [
        ("shipped", "Gone", "2026-11-03T06:00:00Z"),
        ("picking", "In the bag", None),
    ]
    assert ws.store.rows("SELECT tracking_number, carrier, raw_at FROM parcels ORDER BY id") == [
        ("00340434161094", "Kühne", "03/11/2026"),
        ("9", "Kühne", ""),
    ]
    assert state(ws, batch) == "acknowledged"
    come_in(ws, "tracking-2.txt", f"Our ref|Parcel|By|Out on|State\n{keys[1]}|8|Kühne|04/11/2026|Gone\n")
    assert asyncio.run(poll(ws)) == []
    assert state(ws, batch) == "complete"
    assert verify(ws.store).findings == ()


def test_a_table_with_tracking_numbers_alone_acknowledges_too(
    ws: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    batch, keys = send(ws, campaign, make_order, 1)
    come_in(ws, "any-name.csv", f"reference,tracking number\n{keys[0]},T1\n")
    assert asyncio.run(poll(ws)) == []
    assert state(ws, batch) == "complete"
    assert ws.store.value("SELECT raw_status FROM shipments") == TRACKED


async def test_a_table_of_a_known_kind_that_lacks_its_columns_is_refused_with_their_names(ws: Workspace) -> None:
    come_in(ws, "tracking-9.txt", "Ref|Parcel|State\nK1|1|Gone\n")
    page = await portal_of(ws).poll("")
    assert page.problems == ("tracking-9.txt: has no column for our key or the order's number (Order ID, Our ref)",)
    await portal_of(ws).poll(page.cursor)
    assert (ws.folder / "drop" / "EU1" / "in" / "refused" / "tracking-9.txt").exists()


def test_a_word_that_only_this_warehouse_uses_raises_what_it_means(
    ws: Workspace, campaign: int, make_order: MakeOrder
) -> None:
    _, keys = send(ws, campaign, make_order, 1)
    come_in(ws, "tracking-1.txt", f"Our ref|Parcel|State\n{keys[0]}||GEHT-NICHT\n")
    assert asyncio.run(poll(ws)) == []
    assert ws.store.one("SELECT state, raw_status, problem FROM shipments") == (
        ShipmentState.BLOCKED,
        "GEHT-NICHT",
        "GEHT-NICHT",
    )
