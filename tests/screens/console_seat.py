"""A person before the console: what they press, and what they see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from console.app import ConsoleApp
from console.settings import Settings
from data.store.workspace import Workspace
from screens.base import BaseScreen
from screens.listing import ListScreen

S = TypeVar("S", bound=BaseScreen)
PATIENCE = 20


class Seat(Generic[S]):
    """The console on one screen, and the keyboard before it."""

    def __init__(self, app: ConsoleApp, pilot: Pilot[None], kind: type[S]) -> None:
        self.app, self.pilot, self._kind = app, pilot, kind

    @property
    def screen(self) -> S:
        assert isinstance(self.app.screen, self._kind)
        return self.app.screen

    @property
    def lines(self) -> list[str]:
        """What the terminal shows."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def said(self) -> str:
        return "  ".join(self.screen.status.text)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Give a text to the prompt at once, as a paste does."""
        await self.until(lambda: isinstance(self.app.focused, Input))
        assert self.app.focused is not None
        self.app.focused.post_message(Paste(text))
        await self.pilot.pause()

    async def until(self, true: Callable[[], object]) -> None:
        """Wait for something to come true."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not true():
                    await self.pilot.pause(0.01)
        except TimeoutError:
            raise AssertionError("\n".join(self.lines)) from None

    async def until_said(self, words: str) -> None:
        await self.until(lambda: words in self.said and not self.screen.prompt.asking)

    async def until_asked(self, words: str) -> None:
        await self.until(lambda: self.screen.prompt.asking and words in self.screen.prompt.words)

    async def until_shown(self, words: str) -> None:
        await self.until(lambda: any(words in line for line in self.lines))

    async def answer(self, question: str, *keys: str) -> None:
        """Wait for a question and press its answer."""
        await self.until_asked(question)
        await self.pilot.press(*keys)

    async def write(self, question: str, text: str) -> None:
        """Wait for a question and answer it with a text."""
        await self.until_asked(question)
        await self.type(text)
        await self.pilot.press("enter")

    async def settled(self) -> None:
        """Wait until the list is whole and the row under the cursor is read."""
        screen = self.screen
        assert isinstance(screen, ListScreen)
        await self.until(lambda: screen.table.settled and (screen.table.row is not None or not screen.table.ids))


@asynccontextmanager
async def seated(
    workspace: Workspace,
    kind: type[S],
    key: str,
    size: tuple[int, int] = (80, 24),
    settings: Settings | None = None,
) -> AsyncIterator[Seat[S]]:
    """Open the console and go to a screen by its key."""
    app = ConsoleApp(workspace, settings or Settings())
    async with app.run_test(size=size, notifications=True) as pilot:
        seat = Seat(app, pilot, kind)
        await pilot.press(key)
        await seat.until(lambda: isinstance(app.screen, kind))
        if issubclass(kind, ListScreen):
            await seat.settled()
        yield seat
