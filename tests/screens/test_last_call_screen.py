"""The last call from the Overview: notice and lock by keys."""

from __future__ import annotations

from data.store.workspace import Workspace
from screens.overview import OverviewScreen
from tests.conftest import MakeOrder
from tests.screens.console_seat import seated

DEADLINE = "SELECT lock_at FROM campaigns"
LOCKED = "SELECT count(*) FROM orders WHERE locked_at IS NOT NULL"


async def test_a_notice_records_the_deadline_and_writes_whom_to_write_to(
    workspace: Workspace, make_order: MakeOrder
) -> None:
    make_order()
    make_order(address=None)
    async with seated(workspace, OverviewScreen, "0") as seat:
        await seat.press("L")
        await seat.answer("Last call of", "n")
        await seat.answer("Addresses lock after", "enter")
        await seat.until_said("path copied")
        (written,) = workspace.path("exports").glob("*.csv")
        assert len(written.read_text(encoding="utf-8-sig").splitlines()) == 3
        assert workspace.store.value(DEADLINE)
        await seat.press("u")
        await seat.until(lambda: workspace.store.value(DEADLINE) is None)


async def test_a_time_that_makes_no_sense_records_nothing(workspace: Workspace, make_order: MakeOrder) -> None:
    make_order()
    async with seated(workspace, OverviewScreen, "0") as seat:
        await seat.press("L")
        await seat.answer("Last call of", "n")
        await seat.write("Addresses lock after", "soon")
        await seat.until_said("write a time like 48h")
        assert workspace.store.value(DEADLINE) is None


async def test_locking_needs_the_count_typed(workspace: Workspace, make_order: MakeOrder) -> None:
    make_order()
    make_order()
    async with seated(workspace, OverviewScreen, "0") as seat:
        await seat.press("L")
        await seat.answer("Last call of", "l")
        await seat.answer("Lock 2 addresses", "1", "enter")
        assert workspace.store.value(LOCKED) == 0
        await seat.press("backspace", "2", "enter")
        await seat.until(lambda: workspace.store.value(LOCKED) == 2)


async def test_with_several_campaigns_one_must_be_chosen(workspace: Workspace, make_order: MakeOrder) -> None:
    make_order()
    with workspace.write("campaign.add", "add campaign Dice") as tx:
        tx.insert("campaigns", {"code": "DICE", "name": "Dice"})
    async with seated(workspace, OverviewScreen, "0") as seat:
        await seat.press("L")
        await seat.until_said("choose one campaign first")
