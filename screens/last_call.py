"""The last call from the Overview: give notice, remind who has not answered, lock; each writes the list to mail."""

from __future__ import annotations

from textual.content import Content

from data.addresses.lock import lock_campaign, unlocked_count
from data.addresses.notice import read_hours
from data.desk.last_call import Mailing, notice_campaign
from data.desk.remind import remind
from data.model import InputError, LastcallError
from data.orders.campaigns import Campaign, list_campaigns
from data.text import visible
from screens.base import BaseScreen
from screens.choices import choose
from widgets.clipboard import copy
from widgets.prompts import ConfirmCount, Text


async def last_call(screen: BaseScreen) -> None:
    """Ask what is to be done about the campaign that is shown, and do it."""
    try:
        campaign = await screen.off_thread(_campaign, screen)
        if campaign.locked_at:
            screen.say(f"{campaign.code} is locked since {campaign.locked_at[:16].replace('T', ' ')} UTC")
            return
        steps = {"n": "notice", "r": "remind", "l": "lock at once"}
        chosen = await screen.prompt.ask(choose(f"Last call of {campaign.code}:", steps))
        if chosen == "n":
            await _notice(screen, campaign)
        elif chosen == "r":
            found = await screen.off_thread(remind, screen.ws, campaign.id)
            await _tell(screen, found.mailing)
        elif chosen == "l":
            await _lock(screen, campaign)
    except LastcallError as error:
        screen.complain(error)


async def _notice(screen: BaseScreen, campaign: Campaign) -> None:
    answer = await screen.prompt.ask(Text(Content("Addresses lock after"), value="48h"))
    if answer:
        await _tell(screen, await screen.off_thread(notice_campaign, screen.ws, campaign.id, read_hours(answer)))


async def _lock(screen: BaseScreen, campaign: Campaign) -> None:
    count = await screen.off_thread(unlocked_count, screen.ws.store, campaign.id)
    question = Content(f"Lock {count:,} addresses of {visible(campaign.code)}? What comes later is late.")
    if await screen.prompt.ask(ConfirmCount(question, count=count, verb="lock")) is not None:
        await screen.do(lock_campaign, campaign.id)


async def _tell(screen: BaseScreen, mailing: Mailing) -> None:
    """Say what was recorded and where the list is."""
    await screen.tell(mailing.done)
    if not mailing.path:
        screen.say(f"{mailing.done.words}: nobody to write to")
        return
    copy(screen.app, mailing.path, screen.shell.clipboard)
    counts = ", ".join(f"{count:,} {reason}" for reason, count in mailing.reasons.items())
    screen.say(f"{mailing.done.words}; {counts} in {mailing.path} (path copied)  u undo")


def _campaign(screen: BaseScreen) -> Campaign:
    """Return the campaign that is shown, or the only one; raises InputError where several are."""
    campaigns = list_campaigns(screen.ws.store)
    shown = [each for each in campaigns if screen.shell.campaign_id in (None, each.id)]
    if len(shown) != 1:
        raise InputError("choose one campaign first: c")
    return shown[0]
