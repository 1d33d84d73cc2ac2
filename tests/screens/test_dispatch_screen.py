"""Dispatch by keyboard: what is allocated becomes a batch, is checked, sent by its typed count, and followed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from data.clock import Clock
from data.dispatch.allocate import allocate
from data.dispatch.lock import holder
from data.policy import Agreed, WarehouseSettings, save_warehouse
from data.store.actor import Actor
from data.store.workspace import Workspace
from screens.dispatch import DispatchScreen
from tests.conftest import MakeOrder, OpenAs
from tests.screens.console_seat import Seat, seated

Dispatch = Seat[DispatchScreen]


@pytest.fixture
def two_warehouses(workspace: Workspace, make_order: MakeOrder) -> Workspace:
    """Three German and two Japanese orders allocated; one German one is not locked."""
    agreement = {"lost": Agreed("refunded", after_days=15)}
    save_warehouse(workspace.folder, WarehouseSettings("EU1", "Cedar Mills", ("DE",), agreement=agreement))
    save_warehouse(workspace.folder, WarehouseSettings("JP1", "Pine", ("JP",)))
    workspace.reload_policy()
    for country, locked in (("DE", True), ("DE", True), ("DE", False), ("JP", True), ("JP", True)):
        make_order(country=country, locked=locked)
    allocate(workspace)
    return workspace


@pytest.fixture
def hers(two_warehouses: Workspace) -> Iterator[Workspace]:
    """The same workspace on the machine's own clock, as workers have it."""
    ws = Workspace(two_warehouses.folder, Actor("rob", "console", session="rob-1"), Clock())
    yield ws
    ws.close()


def state(seat: Dispatch) -> str:
    """The state of the batch under the cursor, once it is read."""
    row = seat.screen.current()
    return "" if row is None else row.state


def batches(ws: Workspace) -> list[tuple[str, str, bool, int]]:
    rows = ws.store.rows(
        "SELECT warehouse, state, early, (SELECT count(*) FROM shipments s WHERE s.batch_id = b.id)"
        " FROM batches b ORDER BY number"
    )
    return [(row[0], row[1], bool(row[2]), row[3]) for row in rows]


async def test_a_batch_is_made_of_all_that_is_allocated_to_the_warehouse_that_is_chosen(
    two_warehouses: Workspace, open_as: OpenAs
) -> None:
    async with seated(open_as("rob"), DispatchScreen, "3") as seat:
        assert any("EU1" in line and "3 allocated" in line for line in seat.lines)
        await seat.press("a")
        await seat.until_said("no batch here: b makes one")
        await seat.press("b")
        await seat.answer("1 EU1: 3  2 JP1: 2", "2")
        await seat.until_said("create batch 1: 2 orders for JP1")
        await seat.press("b")
        await seat.answer("EU1: 3", "1")
        await seat.answer("EMBER is not locked", "l")
        await seat.until_said("left out 1: its address is not locked")
        await seat.until_shown(">      2 EU1")
        await seat.press("b")
        await seat.answer("EU1: 1", "1")
        await seat.answer("EMBER is not locked", "e")
        await seat.until_said("create batch 3: 1 order for EU1")
        await seat.press("b")
        await seat.until_said("no order waits for a batch")
    assert batches(two_warehouses) == [
        ("JP1", "draft", False, 2),
        ("EU1", "draft", False, 2),
        ("EU1", "draft", True, 1),
    ]


async def test_a_batch_goes_out_only_when_checked_and_its_count_typed_and_shows_what_became_of_it(
    hers: Workspace,
) -> None:
    async with seated(hers, DispatchScreen, "3") as seat:
        await seat.press("b")
        await seat.answer("JP1: 2", "2")
        await seat.until_said("create batch 1")
        await seat.until(lambda: state(seat) != "")
        await seat.press("S")
        await seat.until_said("batch 1 is not checked: a checks it first")
        await seat.press("a")
        await seat.until_said("check batch 1: 2 orders ready")
        await seat.until(lambda: state(seat) == "ready")
        await seat.press("S")
        await seat.answer("Send 2 orders to JP1? type 2 to send", "y", "enter")
        assert "not 2" in seat.screen.prompt.words
        assert batches(hers) == [("JP1", "ready", False, 2)]
        await seat.press("escape", "S")
        await seat.answer("Send 2 orders", "2", "enter")
        await seat.until_said("send batch 1: 2 orders to JP1")
        # The worker is a process of its own; what it does comes in as others' work.
        await seat.until(lambda: state(seat) not in ("", "ready", "sending"))
        await seat.until_shown("2/2")
        await seat.press("S")
        await seat.until_said("it was sent before")
        await seat.until(lambda: holder(hers.path("run"), "JP1") is None)
    (dropped,) = (hers.folder / "drop" / "JP1").glob("batch-*.csv")
    assert dropped.read_text(encoding="utf-8").count("Anna Lindqvist") == 2


async def test_sending_is_stopped_and_gone_on_with_by_one_key_and_every_list_says_so(
    two_warehouses: Workspace, open_as: OpenAs
) -> None:
    async with seated(open_as("rob"), DispatchScreen, "3") as seat:
        await seat.press("b")
        await seat.answer("EU1: 3", "1")
        await seat.answer("not locked", "e")
        await seat.until(lambda: state(seat) != "")
        await seat.press("h")
        await seat.until_said("stop sending to EU1")
        await seat.until_shown("! sending is stopped: h on one of its batches goes on")
        await seat.until(lambda: "EU1 stopped" in seat.lines[0])
        await seat.press("h")
        await seat.until_said("go on sending to EU1")
        await seat.until(lambda: "EU1 stopped" not in seat.lines[0])
        await seat.press("r")
        await seat.until_said("nothing of it waits to be sent")
        await seat.press("R")
        await seat.until_said("nothing of it waits to be sent")
        await seat.press("a")
        await seat.until_said("its first batch; not agreed: late orders")
        await seat.press("enter")
        await seat.until_shown("3 orders for EU1  + ready early")
        await seat.press("G")
        await seat.until_shown("Agreed with Cedar Mills")
        await seat.until_shown("? not agreed: late orders")
        await seat.press("escape", "Y")
        await seat.answer("Copy", "f")
        await seat.until_said("copied filter of its orders: batch:1")
