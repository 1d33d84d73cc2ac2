"""What a person does to orders from any screen that shows them: each asks what it needs, then calls one verb."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from textual.content import Content

from data.addresses.lock import lock, unlock
from data.addresses.merge_orders import mark_meant, merge_for_shipping, separate
from data.clock import Clock
from data.issues.verbs import raise_issue
from data.model import Done, HoldKind, InputError, IssueType, Item
from data.orders.alike import OPEN, AlikeOrder, alike_orders
from data.orders.chosen import counted
from data.orders.holds import hold, release
from data.orders.notes import add_note
from screens.base import BaseScreen
from screens.choices import choice_keys, choose
from screens.editor import edit_text, has_editor
from widgets.prompts import Text

HOLDS: dict[str, HoldKind] = {
    "a": HoldKind.ADDRESS,
    "p": HoldKind.PAYMENT,
    "s": HoldKind.STOCK,
    "c": HoldKind.CUSTOMS,
    "o": HoldKind.OPERATOR,
    "l": HoldKind.CLIENT,
    "u": HoldKind.UNTIL,
    "d": HoldKind.DUPLICATE,
}


Again = Callable[[Sequence[Item]], Awaitable[Done | None]]
"""A verb with the answers it was given, for other rows."""


def several(items: Sequence[Item], noun: str = "order") -> str:
    """Say how many rows a verb will act on: `12 orders`."""
    return counted(len(items), noun)


async def hold_or_release(screen: BaseScreen, items: Sequence[Item], held: bool) -> Again | None:
    """Release orders that are held, else ask for the kind and reason of a hold; return what `.` does again."""
    if held:
        choices = {"r": "release", **{key: str(kind) for key, kind in HOLDS.items()}}
        title = f"{several(items)}: release, or hold for"
    else:
        choices = {key: str(kind) for key, kind in HOLDS.items()}
        title = f"Hold {several(items)} for"
    chosen = await screen.prompt.ask(choose(title, choices))
    if chosen is None:
        return None
    if chosen == "r":
        return await do_again(screen, items, release)
    kind = HOLDS[chosen]
    until: datetime | None = None
    if kind is HoldKind.UNTIL:
        until = await ask_date(screen, "Hold until (2026-12-01, 7d)")
        if until is None:
            return None
    reason = await screen.prompt.ask(Text(Content(f"Hold {several(items)} ({kind}), why?")))
    if reason is None:
        return None
    return await do_again(screen, items, hold, kind, reason, until)


async def lock_or_unlock(screen: BaseScreen, items: Sequence[Item], locked: bool) -> Again | None:
    """Lock the addresses of orders, or unlock with a reason; return what `.` does again."""
    if not locked:
        return await do_again(screen, items, lock)
    reason = await screen.prompt.ask(Text(Content(f"Unlock {several(items)}, why?")))
    if not reason:
        if reason is not None:
            screen.say("not unlocked: a reason is needed")
        return None
    return await do_again(screen, items, unlock, reason)


async def write_note(screen: BaseScreen, items: Sequence[Item]) -> Again | None:
    """Write a note on orders, in the person's editor where there is one; return what `.` does again."""
    text = await ask_note(screen, f"Note on {several(items)}")
    if text is None:
        return None
    return await do_again(screen, items, add_note, text)


async def ask_note(screen: BaseScreen, title: str) -> str | None:
    """Return the text of a note, from the person's editor where there is one; None, and says so, without any."""
    text = edit_text(screen.app, screen.ws.path("run"), title) if has_editor(screen.app) else None
    if text is None:
        text = await screen.prompt.ask(Text(Content(title)))
    if text is None or not text.strip():
        screen.say("no note was written")
        return None
    return text.strip()


async def raise_about(screen: BaseScreen, items: Sequence[Item]) -> Again | None:
    """Raise an issue about orders; return what `.` does again."""
    names = {str(each): str(each).replace("_", " ") for each in IssueType}
    keys = choice_keys(names)
    question = f"Issue about {several(items)}:"
    chosen = await screen.prompt.ask(choose(question, {key: names[name] for key, name in keys.items()}))
    if chosen is None:
        return None
    title = await screen.prompt.ask(Text(Content(f"{names[keys[chosen]]}: what happened?")))
    if not title:
        return None
    return await do_again(screen, items, raise_issue, IssueType(keys[chosen]), title)


async def merge_or_separate(screen: BaseScreen, items: Sequence[Item]) -> Again | None:
    """Merge orders for shipping, mark them as meant, or separate them; return what `.` does again.

    One order alone brings along those it may double.
    """
    alike = await _alike(screen, items)
    if len(items) == 1 and not alike:
        screen.say("no other order of this person goes to this address; mark those that shall, then merge them")
        return None
    title = f"With {', '.join(f'{each.number} {each.name}' for each in alike)}:" if alike else f"{several(items)}:"
    words = {"y": "merge for shipping", "m": "meant, not shown again", "s": "separate"}
    chosen = await screen.prompt.ask(choose(title, words))
    if chosen is None:
        return None

    async def again(others: Sequence[Item]) -> Done | None:
        found = alike if others is items else await _alike(screen, others)
        possible = [each for each in found if each.state == "possible"]
        match chosen:
            case "y":
                brought = [each for each in possible or found if each.stage in OPEN]
                return await screen.do(merge_for_shipping, [*others, *(Item(each.id, each.rev) for each in brought)])
            case "m":
                return await screen.do(mark_meant, [*others, *(Item(each.id, each.rev) for each in found)])
        return await screen.do(separate, others)

    return again if await again(items) is not None else None


async def _alike(screen: BaseScreen, items: Sequence[Item]) -> tuple[AlikeOrder, ...]:
    """Return what one order may double; several orders were chosen by a person."""
    return await screen.off_thread(alike_orders, screen.ws.store, items[0].id) if len(items) == 1 else ()


async def do_again(
    screen: BaseScreen, items: Sequence[Item], verb: Callable[..., Done], *answers: object, **named: object
) -> Again | None:
    """Do a verb on rows; return it with its answers where it was done."""

    async def again(others: Sequence[Item]) -> Done | None:
        return await screen.do(verb, others, *answers, **named)

    return again if await again(items) is not None else None


async def ask_date(screen: BaseScreen, words: str) -> datetime | None:
    """Ask for a day, as a date or as so many days from now; None when the person leaves or it makes no sense."""
    answer = await screen.prompt.ask(Text(Content(words), value="7d"))
    if answer is None:
        return None
    try:
        return read_day(answer, screen.ws.clock)
    except InputError as error:
        screen.complain(error)
        return None


def read_day(text: str, clock: Clock, zone: tzinfo | None = None) -> datetime:
    """Read `2026-12-01` (its first instant in `zone`), `7d` or `3w` from now; raises InputError."""
    text = text.strip().lower()
    if text[:-1].isdigit() and text[-1:] in ("d", "w") and len(text) < 5:
        return clock.now() + timedelta(days=int(text[:-1]) * (7 if text[-1] == "w" else 1))
    try:
        return datetime.combine(date.fromisoformat(text), time(), zone or UTC)
    except ValueError:
        raise InputError(f"{text!r} is not a day: write 2026-12-01, 7d or 3w") from None
