"""The app: composition only. Which screens there are, how they look, and whose work they hear of."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import PurePath
from typing import Any, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.signal import Signal
from textual.worker import Worker, WorkerState

from console import __version__
from console.background import keep_up, listen
from console.errors import log_error
from console.guard import GuardedApp
from console.keymap import named_keys
from console.palette import VerbProvider
from console.settings import Settings
from console.themes import THEMES, choose_theme, use_theme
from data.model import WorkspaceError
from data.policy import Policy
from data.store.workspace import Workspace
from screens.base import BaseScreen
from screens.bindings import app_bindings
from screens.messages import Checking, HouseSeen, OthersWorked, WentWrong
from screens.shell import Shell
from screens.too_small import TooSmall
from screens.verbs import OVERVIEW, VIEWS

LEAST_WIDTH, LEAST_HEIGHT = 60, 16
"""Cells below which nothing is shown but that there are too few."""


def without_secrets(policy: Policy, environ: Mapping[str, str], text: str) -> str:
    """Take the values of the variables that hold warehouses' secrets out of a text."""
    names = [each.secret.removeprefix("env:") for each in policy.warehouses if each.secret.startswith("env:")]
    for value in filter(None, map(environ.get, names)):
        text = text.replace(value, "***")
    return text


class ConsoleApp(GuardedApp[None]):
    """The operator console."""

    TITLE = f"lastcall {__version__}"
    # The first screen's own sheet is read with the app's: each that comes later makes Textual read all of them again.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["console.tcss", "../screens/overview.tcss"]
    DEFAULT_MODE = OVERVIEW
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {VerbProvider}
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        *app_bindings(),
        Binding("ctrl+l", "redraw", "Draw anew", show=False),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, system=True),
    ]

    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        """Take an open workspace and the person's settings."""
        super().__init__(reports=workspace.path("run"), scrub=partial(without_secrets, workspace.policy, os.environ))
        use_theme(self, choose_theme(settings.theme or None, os.environ))
        keys = named_keys(settings.keys)
        self.set_keymap(keys)
        self.shell = Shell(
            ws=workspace,
            others=Signal(self, "others worked"),
            mine=Signal(self, "this console worked"),
            campaign=Signal(self, "campaign chosen"),
            house=Signal(self, "warehouses were read"),
            checking=Signal(self, "addresses are checked"),
            clipboard=workspace.path("run"),
            report=self._report,
            wide_from=settings.wide_from,
            keys=keys,
        )
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (settings.wide_from, "-wide")]
        self.problem: WorkspaceError | None = None
        """Why the database can't be used, where it can't."""
        self._last_view = OVERVIEW
        self._leaving = threading.Event()
        for screen, _ in VIEWS.values():
            self.add_mode(screen, self._factory(screen))

    def on_mount(self) -> None:
        """Begin to listen to a line that is cut, and let what goes on behind the screens wait for the first of them."""
        # The first refresh paints the screen without its widgets.
        self.call_after_refresh(self.call_after_refresh, self._begin_background)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGHUP, signal.SIGTERM):
            # In tests the loop is not in the main thread.
            with contextlib.suppress(ValueError, RuntimeError):
                loop.add_signal_handler(name, self.exit)

    def _begin_background(self) -> None:
        """Begin what goes on behind the screens."""
        # What is loaded by now stays to the end: the collector, which `console.start` held back, never looks at it.
        gc.freeze()
        gc.enable()
        for chore in (listen, keep_up):
            work = partial(chore, self.shell.ws, self._leaving, self.post_message)
            self.run_worker(work, name=chore.__name__, thread=True, group="background", exit_on_error=False)

    def on_unmount(self) -> None:
        """Stop listening."""
        self._leaving.set()

    def on_others_worked(self, message: OthersWorked) -> None:
        """Tell every open screen what others did."""
        self.shell.others.publish(message.seen)

    def on_house_seen(self, message: HouseSeen) -> None:
        """Tell every open screen how the warehouses stand."""
        self.shell.warehouses = message.lines
        self.shell.house.publish(message.lines)

    def on_checking(self, message: Checking) -> None:
        """Tell how far the check of addresses has come."""
        self.shell.checking.publish(message)

    def on_went_wrong(self, message: WentWrong) -> None:
        """Show and keep what failed behind the screens; a database that can't be used ends the console."""
        if message.where == listen.__name__ and isinstance(message.error, WorkspaceError):
            self.problem = message.error
            self.exit(return_code=2)
            return
        self._report(message.error, message.where)
        if isinstance(self.screen, BaseScreen):
            self.screen.show_failure(message.error)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Let no failure vanish."""
        if event.state is WorkerState.ERROR and event.worker.error is not None and event.worker.group != "report":
            self.post_message(WentWrong(event.worker.error, event.worker.name))

    def on_resize(self, event: Resize) -> None:
        """Say that the terminal is too small while it is."""
        small = event.size.width < LEAST_WIDTH or event.size.height < LEAST_HEIGHT
        if small and not isinstance(self.screen, TooSmall):
            self.push_screen(TooSmall(Content(f"terminal too small: lastcall needs {LEAST_WIDTH}x{LEAST_HEIGHT}")))
        elif not small and isinstance(self.screen, TooSmall):
            self.pop_screen()

    async def action_view(self, name: str) -> None:
        """Go to a screen; it is as it was left."""
        if name != self.current_mode:
            self._last_view = self.current_mode
            await self.switch_mode(name)

    async def action_view_last(self) -> None:
        """Go to the screen before."""
        await self.action_view(self._last_view)

    async def action_view_orders(self) -> None:
        """Go to Orders."""
        await self.action_view("orders")

    async def action_view_addresses(self) -> None:
        """Go to Addresses."""
        await self.action_view("addresses")

    async def action_view_dispatch(self) -> None:
        """Go to Dispatch."""
        await self.action_view("dispatch")

    async def action_view_issues(self) -> None:
        """Go to Issues."""
        await self.action_view("issues")

    async def action_view_overview(self) -> None:
        """Go to the Overview."""
        await self.action_view("overview")

    def action_palette(self) -> None:
        """Open the palette of verbs."""
        self.action_command_palette()

    def action_help(self) -> None:
        """Show the keys of this screen."""
        from screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.current_mode, self.shell.keys))

    def action_redraw(self) -> None:
        """Draw everything anew, after something else wrote on the terminal."""
        self.refresh(layout=True, repaint=True)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Offer the themes and the way out beside the verbs."""
        for theme in THEMES:
            yield SystemCommand(f"Theme {theme}", "Change the colours", partial(setattr, self, "theme", theme))
        yield SystemCommand("Leave", "Close the console", self.action_quit)

    def _factory(self, name: str) -> Callable[[], Screen[Any]]:
        """Return what makes a screen when it is first visited; its module is imported then."""

        def make() -> Screen[Any]:
            from screens.catalogue import make_screen

            return make_screen(name, self.shell)

        return make

    def _report(self, error: BaseException, where: str) -> None:
        """Keep an error in `run/console.log`, off the UI thread."""
        ws = self.shell.ws
        scrub = partial(without_secrets, ws.policy, os.environ)
        work = partial(log_error, ws.path("run"), ws.clock, error, where, scrub)
        self.run_worker(work, thread=True, group="report", exit_on_error=False)
