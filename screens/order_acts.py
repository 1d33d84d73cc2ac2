"""What a person does to orders from any screen that shows them: each asks what it needs, then calls one verb."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from textual.content import Content

from data.addresses.lock import lock, unlock
from data.clock import Clock
from data.issues.verbs import raise_issue
from data.model import HoldKind, InputError, IssueType, Item
from data.orders.holds import hold, release
from data.orders.notes import add_note
from screens.base import BaseScreen
from screens.choices import choice_keys, choose
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


def several(items: Sequence[Item], noun: str = "order") -> str:
    """Say how many rows a verb will act on: `12 orders`."""
    return f"1 {noun}" if len(items) == 1 else f"{len(items):,} {noun}s"


async def hold_or_release(screen: BaseScreen, items: Sequence[Item], held: bool) -> bool:
    """Release orders that are held, else ask for the kind and reason of a hold; tell whether anything was done."""
    if held:
        choices = {"r": "release", **{key: str(kind) for key, kind in HOLDS.items()}}
        title = f"{several(items)}: release, or hold for"
    else:
        choices = {key: str(kind) for key, kind in HOLDS.items()}
        title = f"Hold {several(items)} for"
    chosen = await screen.prompt.ask(choose(title, choices))
    if chosen is None:
        return False
    if chosen == "r":
        return await screen.do(release, items) is not None
    kind = HOLDS[chosen]
    until: datetime | None = None
    if kind is HoldKind.UNTIL:
        until = await ask_date(screen, "Hold until (2026-12-01, 7d)")
        if until is None:
            return False
    reason = await screen.prompt.ask(Text(Content(f"Hold {several(items)} ({kind}), why?")))
    if reason is None:
        return False
    return await screen.do(hold, items, kind, reason, until) is not None


async def lock_or_unlock(screen: BaseScreen, items: Sequence[Item], locked: bool) -> bool:
    """Lock the addresses of orders, or unlock with a reason; tell whether anything was done."""
    if not locked:
        return await screen.do(lock, items) is not None
    reason = await screen.prompt.ask(Text(Content(f"Unlock {several(items)}, why?")))
    return bool(reason) and await screen.do(unlock, items, reason) is not None


async def write_note(screen: BaseScreen, items: Sequence[Item]) -> bool:
    """Write a note on orders; tell whether it was written."""
    text = await screen.prompt.ask(Text(Content(f"Note on {several(items)}")))
    return bool(text) and await screen.do(add_note, items, text) is not None


async def raise_about(screen: BaseScreen, items: Sequence[Item]) -> bool:
    """Raise an issue about orders; tell whether it was raised."""
    names = {str(each): str(each).replace("_", " ") for each in IssueType}
    keys = choice_keys(names)
    chosen = await screen.prompt.ask(choose("Issue", {key: names[name] for key, name in keys.items()}))
    if chosen is None:
        return False
    title = await screen.prompt.ask(Text(Content(f"{names[keys[chosen]]}: what happened?")))
    return bool(title) and await screen.do(raise_issue, items, IssueType(keys[chosen]), title) is not None


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


def read_day(text: str, clock: Clock, zone: ZoneInfo | None = None) -> datetime:
    """Read `2026-12-01` (its first instant in `zone`), `7d` or `3w` from now; raises InputError."""
    text = text.strip().lower()
    if text[:-1].isdigit() and text[-1:] in ("d", "w") and len(text) < 5:
        return clock.now() + timedelta(days=int(text[:-1]) * (7 if text[-1] == "w" else 1))
    try:
        return datetime.combine(date.fromisoformat(text), time(), zone or UTC)
    except ValueError:
        raise InputError(f"{text!r} is not a day: write 2026-12-01, 7d or 3w") from None
