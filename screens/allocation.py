"""Allocating from a screen: what it would do is shown, then asked, then done; both can take a while and be stopped."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from data.dispatch.allocate import Allocation, allocate
from data.model import Done, Item, LastcallError
from data.store.watch import Seen
from data.text import visible
from screens.columns.allocation import allocation_question, allocation_sections, nothing_words
from screens.order_acts import Again
from screens.work import WorkScreen
from widgets.prompts import Confirm


async def allocate_orders(screen: WorkScreen, ids: Sequence[int] | None) -> Again | None:
    """Give orders, or all that are ready, to warehouses after asking; return what `.` does again."""
    campaign_id = screen.shell.campaign_id
    found: Allocation = await screen.work_long(
        "planning", allocate, screen.ws, campaign_id=campaign_id, ids=ids, dry_run=True
    )
    if found.stopped:
        screen.say("stopped: nothing was allocated")
        return None
    if not found.orders:
        screen.say(nothing_words(found))
        return None
    if not await _asked(screen, found):
        return None

    async def again(items: Sequence[Item]) -> Done | None:
        return await _write(screen, campaign_id, [each.id for each in items])

    return again if await _write(screen, campaign_id, ids) is not None else None


async def _asked(screen: WorkScreen, found: Allocation) -> bool:
    """Show what would be done in place of the order under the cursor, and ask."""
    opened = not screen.detail.display
    screen.set_class(opened or screen.has_class("-detail"), "-detail")
    screen.detail.show(allocation_sections(found))
    try:
        return bool(await screen.prompt.ask(Confirm(Content(visible(allocation_question(found))))))
    finally:
        if opened:
            screen.remove_class("-detail")
        screen.read_again()


async def _write(screen: WorkScreen, campaign_id: int | None, ids: Sequence[int] | None) -> Done | None:
    """Allocate, say what was done, and let every screen show it; None when it was refused whole."""
    try:
        found: Allocation = await screen.work_long("allocating", allocate, screen.ws, campaign_id=campaign_id, ids=ids)
    except LastcallError as error:
        screen.complain(error)
        return None
    await screen.tell(found.done)
    if len(found.acts) > 1:
        screen.shell.mine.publish(Seen(everything=True))
    return found.done
