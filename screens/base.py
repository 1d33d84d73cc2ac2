"""What every screen does alike: run a verb off the UI thread, say what it did, take it back, choose the campaign."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from textual import getters, work
from textual.content import Content
from textual.screen import Screen
from textual.worker import Worker, WorkerFailed, WorkerState

from data.model import Done, FilterError, LastcallError
from data.store.watch import Seen, seen_of_act
from data.text import visible
from screens.choices import choose
from screens.shell import Shell
from widgets.breadcrumb import Breadcrumb
from widgets.prompt_bar import PromptBar
from widgets.status_line import StatusLine

Result = TypeVar("Result")


class BaseScreen(Screen[None]):
    """A screen with a breadcrumb above, a status line and a prompt below."""

    prompt = getters.query_one(PromptBar)
    status = getters.query_one(StatusLine)
    breadcrumb = getters.query_one(Breadcrumb)

    def __init__(self, shell: Shell) -> None:
        """Take what the app gives every screen."""
        super().__init__()
        self.shell = shell
        self.ws = shell.ws
        self.last_words: Content | None = None
        """What was said last: what a verb did, or why it did not."""

    def on_mount(self) -> None:
        """Listen to the house. Textual calls this beside the `on_mount` of a subclass, which must not call it too."""
        self.shell.others.subscribe(self, self.others_worked)
        self.shell.mine.subscribe(self, self.others_worked)
        self.shell.campaign.subscribe(self, self.campaign_chosen)

    # What a screen answers in its own way.

    def others_worked(self, seen: Seen) -> None:
        """Take in what was changed elsewhere."""

    def campaign_chosen(self, campaign_id: int | None) -> None:
        """Show another campaign."""

    # What every screen can use.

    async def off_thread(self, function: Callable[..., Result], *args: object, **named: object) -> Result:
        """Run a function of `data` in a thread: nothing of it may block the keyboard."""
        return await asyncio.to_thread(partial(function, *args, **named))

    async def do(self, function: Callable[..., Done], *args: object, **named: object) -> Done | None:
        """Run a verb and say what it did; None when it was refused whole."""
        try:
            done = await self.off_thread(function, self.ws, *args, **named)
        except LastcallError as error:
            self.complain(error)
            return None
        await self.tell(done)
        return done

    async def tell(self, done: Done) -> None:
        """Say what was done and refused, and let every screen show it."""
        text = Content(visible(done.words))
        if done.refused:
            first = done.refused[0]
            more = f" and {len(done.refused) - 1} more" if len(done.refused) > 1 else ""
            text = Content.assemble(
                text, "  ", (f"! refused {visible(first.name)}: {visible(first.reason)}{more}", "$warning")
            )
        for note in done.notes:
            text = Content.assemble(text, "  ", (visible(note), "$warning"))
        if done.act is not None:
            text = Content.assemble(text, ("  u undo", "$foreground 60%"))
            self.shell.mine.publish(await self.off_thread(seen_of_act, self.ws.store, done.act))
        self.speak(text)

    def complain(self, error: LastcallError) -> None:
        """Show an error that a person can mend; it stays until something else is said."""
        column = f"column {error.column + 1}: " if isinstance(error, FilterError) else ""
        self.speak(Content.styled(f"! {column}{visible(str(error))}", "$warning"))

    def show_failure(self, error: BaseException) -> None:
        """Show that something failed for a reason nobody foresaw; its traceback is in `run/console.log`."""
        if isinstance(error, WorkerFailed):
            error = error.error
        words = visible(f"{type(error).__name__}: {error}")
        self.speak(Content.styled(f"! something went wrong: {words}  (more in run/console.log)", "$error"))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Let no failure of a worker vanish."""
        error = event.worker.error
        if isinstance(error, LastcallError):
            self.complain(error)
        elif event.state is WorkerState.ERROR and error is not None:
            self.shell.report(error, f"{type(self).__name__}.{event.worker.name}")
            self.show_failure(error)

    def say(self, text: str) -> None:
        """Say something in the status line."""
        self.speak(Content(visible(text)))

    def speak(self, words: Content) -> None:
        """Show words until something else is said."""
        self.last_words = words
        self.show_status()

    def show_status(self) -> None:
        """Show how things stand, with what was said last."""
        self.put_status(Content(""))

    def put_status(self, words: Content) -> None:
        """Show words at the left and what was said last at the right, which goes first where both do not fit."""
        last = self.last_words
        if last is None or words.cell_length + last.cell_length + 2 <= self.size.width:
            self.status.put(words, last)
        else:
            self.status.put(last)

    @work(exclusive=True, group="verb", exit_on_error=False)
    async def action_undo(self) -> None:
        """Take back the last act of this console."""
        from data.store.undo import last_undoable

        act = await self.off_thread(last_undoable, self.ws.store, self.ws.actor.session)
        if act is None:
            self.say("nothing of this console is left to undo")
            return
        await self._take_back(act.id)

    @work(exclusive=True, group="verb", exit_on_error=False)
    async def action_redo(self) -> None:
        """Take the last undo back."""
        from data.store.undo import last_redoable

        act = await self.off_thread(last_redoable, self.ws.store, self.ws.actor.session)
        if act is None:
            self.say("nothing was undone last")
            return
        await self._take_back(act.id)

    async def _take_back(self, act_id: int) -> None:
        from data.store.undo import undo

        try:
            done = await self.off_thread(undo, self.ws.store, self.ws.actor, act_id)
        except LastcallError as error:
            self.complain(error)
            return
        await self.tell(done)

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_campaign(self) -> None:
        """Choose the campaign the lists show."""
        from data.orders.campaigns import list_campaigns

        campaigns = await self.off_thread(list_campaigns, self.ws.store)
        keys = {"a": "all", **{str(at): each.code for at, each in enumerate(campaigns[:9], 1)}}
        chosen = await self.prompt.ask(choose("Campaign", keys))
        if chosen is None:
            return
        picked = None if chosen == "a" else campaigns[int(chosen) - 1]
        self.shell.campaign_id = picked.id if picked else None
        self.shell.campaign_code = picked.code if picked else ""
        self.shell.campaign.publish(self.shell.campaign_id)
