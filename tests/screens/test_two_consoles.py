"""Two people at one workspace: each sees the other's work, and the second to decide hears what the first did."""

from __future__ import annotations

import time

from data.store.workspace import Workspace
from screens.orders import OrdersScreen
from tests.conftest import MakeOrder, OpenAs
from tests.screens.console_seat import seated


async def test_each_sees_what_the_other_did_without_a_key_and_new_orders_are_counted(
    make_order: MakeOrder, open_as: OpenAs
) -> None:
    make_order(number="1001")
    make_order(number="1002")
    async with seated(open_as("rob"), OrdersScreen, "1") as rob, seated(open_as("eve"), OrdersScreen, "1") as eve:
        await eve.press("j", "space")
        await rob.press("p")
        await rob.answer("Hold 1 order", "o")
        await rob.answer("why?", "x", "enter")
        began = time.monotonic()
        await eve.until_shown("H:O")
        print(f"seen after {time.monotonic() - began:.2f} s")
        assert eve.screen.table.position == 1
        assert eve.screen.table.marked_count == 1
        await eve.press("p")
        await eve.answer("Hold 1 order", "s")
        await eve.answer("why?", "x", "enter")
        await rob.until_shown("H:S")
        make_order(number="1003")
        await rob.until_said("+1 new")
        await eve.until_said("+1 new")
        assert not any("1003" in line for line in rob.lines)
        await rob.press("f")
        await rob.until_shown("1003")


async def test_the_second_to_decide_is_told_what_the_first_did_and_the_rest_goes_on(
    workspace: Workspace, make_order: MakeOrder, open_as: OpenAs
) -> None:
    make_order(number="1001")
    make_order(number="1002")
    async with seated(open_as("rob"), OrdersScreen, "1") as rob, seated(open_as("eve"), OrdersScreen, "1") as eve:
        # Eve has been asked for her reason when Rob is done: she decides on what she saw.
        await eve.press("asterisk", "p")
        await eve.answer("Hold 2 orders", "s")
        await eve.until_asked("why?")
        await rob.press("exclamation_mark")
        await rob.answer("Priority of 1 order", "enter")
        await rob.until_said("priority")
        words = rob.said.partition("priority")[1]
        await eve.press("x", "enter")
        await eve.until_said("hold 1 order: stock")
        assert "refused 1001: " in eve.said
        assert "rob" in eve.said
        assert words in eve.said.partition("refused")[2]
    held = workspace.store.rows(
        "SELECT o.number, h.kind FROM holds h JOIN orders o ON o.id = h.order_id WHERE h.released_at IS NULL ORDER BY 1"
    )
    assert held == [("1002", "stock")]
