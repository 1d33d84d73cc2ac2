"""Decisions on changes of address: one after another in the order of the keys, told, and asked about where needed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from textual.content import Content

from data.addresses.accepting import TooLate
from data.addresses.bulk import accept_filter, accept_repairs, sure_repairs
from data.addresses.changes import read_change
from data.addresses.consequence import ConsequenceKind, consequence
from data.addresses.decide import accept, ask
from data.addresses.review import ReviewRows
from data.addresses.review_rows import ReviewRow
from data.model import Done, InputError, Item, Refusal
from data.store.store import Store
from data.store.workspace import Workspace
from data.text import without_hidden
from screens.base import BaseScreen
from screens.choices import choose
from widgets.clipboard import FILE, copy
from widgets.prompts import ConfirmCount

_TOO_LATE = {"d": TooLate.REDIRECT, "w": TooLate.WATCH}
"""Keys that decide nothing on this screen: one typed ahead must not answer."""
_BETWEEN = "\n\n----\n\n"


class Turns:
    """Lets decisions happen one after another, while the cursor is already elsewhere."""

    def __init__(self, screen: BaseScreen) -> None:
        """Start with nothing under way."""
        self._screen = screen
        self._turn = asyncio.Lock()
        self._under_way: set[int] = set()

    def has(self, change_id: int) -> bool:
        """Tell whether the decision on a change is under way."""
        return change_id in self._under_way

    def begin(self, items: Sequence[Item]) -> None:
        """Remember changes whose decision was asked for; `take` forgets them when it is done."""
        self._under_way.update(each.id for each in items)

    async def wait(self) -> None:
        """Wait until what was asked for before is done."""
        async with self._turn:
            return

    async def take(
        self, items: Sequence[Item], verb: Callable[..., Done], *args: object, **named: object
    ) -> Done | None:
        """Decide these in their turn; says what was done and refused. None when it was refused whole."""
        self.begin(items)
        try:
            return await self.run(verb, items, *args, **named)
        finally:
            self._under_way.difference_update(each.id for each in items)

    async def run(self, verb: Callable[..., Done], *args: object, **named: object) -> Done | None:
        """Run a verb in its turn."""
        async with self._turn:
            return await self._screen.do(verb, *args, **named)


async def accept_changes(screen: BaseScreen, turns: Turns, items: Sequence[Item]) -> None:
    """Accept changes and repairs; asks what is to be done about those that are too late."""
    await settle_too_late(screen, turns, await turns.take(items, accept))


async def settle_too_late(screen: BaseScreen, turns: Turns, done: Done | None) -> None:
    """Ask once about the changes that were refused because their parcel is being picked or has left."""
    late = await screen.off_thread(too_late_of, screen.ws.store, done.refused) if done is not None else []
    if late:
        await decide_too_late(screen, turns, late)


async def decide_too_late(screen: BaseScreen, turns: Turns, late: Sequence[tuple[Item, str]]) -> bool:
    """Ask what is done about parcels whose address can't be changed, each with its order's number; then do it."""
    words = f"Order {late[0][1]} is" if len(late) == 1 else f"{len(late):,} are"
    offers = {"d": "redirect at the carrier", "w": "watch for its return"}
    chosen = await screen.prompt.ask(choose(f"{words} too late to change:", offers))
    if chosen is None:
        return False
    return await turns.take([item for item, _number in late], accept, too_late=_TOO_LATE[chosen]) is not None


def too_late_of(store: Store, refused: Sequence[Refusal]) -> list[tuple[Item, str]]:
    """Return what was refused for being too late and for nothing else, as it is at present, with its order's number."""
    found: list[tuple[Item, str]] = []
    for each in refused:
        try:
            seen = consequence(store, each.id)
        except InputError:
            continue
        change = read_change(store, each.id)
        if change is not None and seen.kind is ConsequenceKind.TOO_LATE and seen.words == each.reason:
            found.append((Item(change.id, change.rev), change.number))
    return found


async def accept_all_like(screen: BaseScreen, turns: Turns, filter_text: str, group: str, words: str) -> bool:
    """Accept all of a filter that wait and come to the same, after their count was typed; tell whether it was done."""
    text = f"{filter_text} state:waiting group:{group}".strip()
    campaign = screen.shell.campaign_id
    await turns.wait()
    count = await screen.off_thread(_count, screen.ws.store, text, campaign)
    if not count:
        screen.say(f"nothing else in the filter waits and is {words}")
        return False
    question = Content(f"Accept all {count:,} ({words})?")
    if not await screen.prompt.ask(ConfirmCount(question, count=count, verb="accept")):
        return False
    screen.say(f"accepting {count:,} …")
    done = await turns.run(accept_filter, text, campaign, count)
    await settle_too_late(screen, turns, done)
    return done is not None


async def accept_repairs_like(screen: BaseScreen, turns: Turns, filter_text: str, row: ReviewRow) -> bool:
    """Accept all sure repairs of a filter that are of the same kind as a row's; tell whether it was done."""
    words = ", ".join(each.replace("_", " ") for each in row.codes)
    if not words:
        screen.say("no repair is known for this one: e edits, @ asks the backer")
        return False
    text, campaign = f"{filter_text} group:{row.group}".strip(), screen.shell.campaign_id
    await turns.wait()
    found = await screen.off_thread(sure_repairs, screen.ws.store, text, campaign, row.codes)
    if not found:
        screen.say(f"no repair of this kind ({words}) is sure enough to be accepted unseen: a accepts this one")
        return False
    question = Content(f"Accept all {len(found):,} sure repairs ({words})?")
    if not await screen.prompt.ask(ConfirmCount(question, count=len(found), verb="accept")):
        return False
    screen.say(f"accepting {len(found):,} …")
    done = await turns.run(accept_repairs, text, campaign, row.codes, len(found))
    await settle_too_late(screen, turns, done)
    return done is not None


async def ask_backers(screen: BaseScreen, turns: Turns, items: Sequence[Item]) -> None:
    """Mark rows as asked of their backers, and copy a text to send to each."""
    texts: list[str] = []

    def ask_and_keep(ws: Workspace, items: Sequence[Item]) -> Done:
        done = ask(ws, items)
        texts.extend(done.notes)
        kept = f"the text to send is copied; also in {screen.shell.clipboard / FILE}"
        return replace(done, notes=(kept,) if done.notes else ())

    await turns.take(items, ask_and_keep)
    if texts:
        # A letter keeps its lines; what each of them hides goes.
        letter = "\n".join(without_hidden(line) for line in _BETWEEN.join(texts).split("\n"))
        copy(screen.app, letter, screen.shell.clipboard)


def _count(store: Store, text: str, campaign_id: int | None) -> int:
    return ReviewRows(store, text, campaign_id=campaign_id).count() or 0
