"""What is done to batches from the keyboard that takes more than one question."""

from __future__ import annotations

from textual.content import Content

from data.dispatch.approve import approve_batch
from data.dispatch.batch_rows import BatchRow, CommandRow, commands_of
from data.dispatch.batches import create_batch
from data.dispatch.delta import create_delta_since, read_delta
from data.dispatch.person import SEND_AGAIN, confirm_command, send_again
from data.dispatch.proof import proof, proof_text
from data.dispatch.stop import retry_batches
from data.dispatch.waiting import waiting_for_batch
from data.model import Item, LastcallError
from data.text import visible
from screens.choices import choose
from screens.columns.batch_detail import proof_sections
from screens.work import WorkScreen
from widgets.prompts import Confirm, Text

_MOST = 9
"""Warehouses that can be chosen by one digit."""


async def make_batch(screen: WorkScreen) -> None:
    """Make a batch for a warehouse of everything allocated to it."""
    waiting = (await screen.off_thread(waiting_for_batch, screen.ws.store, screen.shell.campaign_id))[:_MOST]
    if not waiting:
        screen.say("no order waits for a batch: allocate on Orders first")
        return
    several = len({each.campaign_id for each in waiting}) > 1
    choices = {
        str(at): f"{each.warehouse}: {each.orders:,}{f' of {each.campaign}' if several else ''}"
        for at, each in enumerate(waiting, 1)
    }
    key = await screen.prompt.ask(choose("Batch of all that is allocated to", choices))
    if key is None:
        return
    picked = waiting[int(key) - 1]
    early = False
    if picked.unlocked and not picked.campaign_locked:
        question = f"{picked.campaign} is not locked:"
        ways = {"l": f"leave out {picked.unlocked:,} that can still change", "e": "take them too, early"}
        way = await screen.prompt.ask(choose(question, ways))
        if way is None:
            return
        early = way == "e"
    done = await screen.do(create_batch, picked.campaign_id, picked.warehouse, early=early)
    if done is not None and done.made:
        screen.ask(screen.question, seek=done.made[0])


async def make_delta(screen: WorkScreen, row: BatchRow) -> None:
    """Make a batch of what was added, changed and cancelled since a batch, after showing how much that is."""
    if not row.sent_at:
        screen.say(f"batch {row.number} was not sent: a delta begins at one that was")
        return
    since = await screen.off_thread(read_delta, screen.ws.store, row.number)
    facts = f"{since.added:,} added, {len(since.changed):,} changed, {len(since.cancelled):,} cancelled"
    question = Content(visible(f"Since batch {row.number}: {facts}. Make a delta batch for {row.warehouse}?"))
    if not await screen.prompt.ask(Confirm(question)):
        return
    done = await screen.do(create_delta_since, row.number)
    if done is not None and done.made:
        screen.ask(screen.question, seek=done.made[0])


async def show_proof(screen: WorkScreen, row: BatchRow) -> bool:
    """Show the proof sheet of a batch in place of its detail, to be scrolled; tell whether it can be approved."""
    try:
        sheet = await screen.off_thread(proof, screen.ws, row.number)
    except LastcallError as error:
        screen.complain(error)
        return False
    screen.add_class("-detail")
    screen.detail.show(proof_sections(proof_text(sheet).splitlines()))
    screen.detail.focus()
    ready = row.state == "ready"
    screen.say(
        f"{screen.shell.key('batch.approve')} again approves it" if ready else f"batch {row.number} is {row.state}"
    )
    return ready


async def approve(screen: WorkScreen, row: BatchRow) -> None:
    """Approve a batch whose proof was shown."""
    if await screen.prompt.ask(Confirm(Content(f"Approve batch {row.number} as its proof shows it?"))):
        await screen.do(approve_batch, Item(row.id, row.rev))


async def decide(screen: WorkScreen, row: BatchRow) -> None:
    """Decide what of a batch waits for a person, one after the other until Esc; else try at once what waits."""
    decided = False
    while waiting := await screen.off_thread(commands_of, screen.ws.store, batch_id=row.id, states=["person"], limit=1):
        if not await _decide_one(screen, waiting[0]):
            return
        decided = True
    if not decided:
        await screen.do(retry_batches, [Item(row.id, 0)])


async def _decide_one(screen: WorkScreen, command: CommandRow) -> bool:
    """Decide one command; False when the person leaves, or it was refused."""
    question = f"{command.kind} {command.key}: has the warehouse got it? Type its number, or {SEND_AGAIN}"
    answer = await screen.prompt.ask(Text(Content(visible(question))))
    if not answer:
        return False
    item = Item(command.id, command.rev)
    if answer.strip() != SEND_AGAIN:
        return await screen.do(confirm_command, item, answer) is not None
    reason = await screen.prompt.ask(Text(Content("Why is it sent once more?")))
    return bool(reason) and await screen.do(send_again, item, SEND_AGAIN, reason) is not None
