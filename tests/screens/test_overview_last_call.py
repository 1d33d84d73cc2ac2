"""The Overview counts the last calls down, each campaign and segment on a line of its own."""

from __future__ import annotations

from datetime import timedelta

from data.clock import HeldClock
from data.desk.last_call import notice_campaign, notice_segment
from data.desk.remind import remind
from data.model import Item
from data.store.workspace import Workspace
from screens.overview import OverviewScreen
from tests.conftest import MakeOrder
from tests.screens.console_seat import seated


async def test_every_deadline_is_a_line_with_how_its_answers_stand(
    workspace: Workspace, campaign: int, make_order: MakeOrder, clock: HeldClock
) -> None:
    with workspace.write("campaign.add", "add campaign Dice") as tx:
        dice = tx.insert("campaigns", {"code": "DICE", "name": "Dice", "locked_at": "2026-11-01T08:00:00Z"})
    make_order(address=None)
    make_order(campaign_id=dice)
    first = make_order()
    notice_campaign(workspace, campaign, 48)
    notice_segment(workspace, [Item(first, 0)], 24, "country:DE [x]")
    clock.move(timedelta(hours=21))
    remind(workspace, campaign)
    async with seated(workspace, OverviewScreen, "0") as seat:
        await seat.until_shown("Last call")
        await seat.press("end")
        await seat.until_shown("EMBER (country:DE [x]): addresses lock in 3h, 2026-11-24 09:00 UTC")
        await seat.until_shown("EMBER: addresses lock in 27h, 2026-11-25 09:00 UTC")
        await seat.until_shown("1 missing · 0 asked · 1 to confirm · 0 answered")
        await seat.until_shown("1 reminder, the last just now")
        await seat.until_shown("DICE: locked since 2026-11-01 08:00 UTC")
