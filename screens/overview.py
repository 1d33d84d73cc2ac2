"""The Overview: what needs doing this morning, and where to go for it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import getters, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer

from data.store.watch import Seen
from data.store.workspace import Workspace
from data.text import visible
from screens.base import BaseScreen
from screens.bindings import bindings_of
from screens.columns.house import house_words
from screens.messages import Checking
from screens.shell import Shell
from screens.verbs import OVERVIEW, VIEWS
from widgets.breadcrumb import Breadcrumb
from widgets.detail import Detail, Section
from widgets.key_hints import Hint, KeyHints
from widgets.meter import Meter
from widgets.prompt_bar import PromptBar
from widgets.status_line import StatusLine

if TYPE_CHECKING:
    from data.desk.overview import Overview

CALM_SECONDS = 1.0
"""Others' work is counted at most this often."""
CALM_TIMES = 9
"""And not before this many times what the last count took: at a million orders it takes a while."""


class OverviewScreen(BaseScreen):
    """Counts of what needs doing."""

    CSS_PATH = "overview.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(OVERVIEW)
    detail = getters.query_one(Detail)

    def __init__(self, shell: Shell) -> None:
        """Begin with nothing counted."""
        super().__init__(shell)
        self.overview: Overview | None = None
        self._asked_again = False
        self._counting = False
        self._calm: Timer | None = None
        self._took = 0.0
        """Seconds of the last count."""

    def compose(self) -> ComposeResult:
        """Lay out the counts and the furniture."""
        yield Breadcrumb()
        yield Detail()
        yield Meter()
        yield PromptBar(StatusLine())
        views = [
            Hint(self.shell.key(f"view.{name}"), title.lower()) for name, title in VIEWS.values() if name != OVERVIEW
        ]
        yield KeyHints(
            [*views, Hint(self.shell.key("campaign"), "campaign")], last=Hint(self.shell.key("help"), "keys")
        )

    def on_mount(self) -> None:
        """Count."""
        self.shell.house.subscribe(self, self._house_seen)
        self.shell.checking.subscribe(self, self._checking)
        self.detail.focus()
        self.show_crumbs()
        # The screen is painted first: what counts is loaded and asked after that.
        self.call_after_refresh(self.call_after_refresh, self.count)

    def show_crumbs(self) -> None:
        """Say which campaign is counted, and how the outside world stands."""
        crumbs = [Content(visible(self.shell.campaign_code) or "all campaigns"), Content("Overview")]
        self.breadcrumb.show(crumbs, house_words(self.shell.warehouses, self.ws.clock.now()))

    def on_screen_resume(self) -> None:
        """Say how things stand at present."""
        self.show_crumbs()

    def _house_seen(self, _lines: object) -> None:
        self.show_crumbs()

    def _checking(self, progress: Checking) -> None:
        """Show how far the check of addresses has come."""
        meter = self.query_one(Meter)
        if progress.total:
            meter.show(Content("checking addresses"), progress.done, progress.total, progress.seconds)
        else:
            meter.finish()

    @work(group="count", exit_on_error=False)
    async def count(self) -> None:
        """Count off the UI thread and show it; asked for while it counts, it counts once more afterwards."""
        self._asked_again = True
        if self._counting:
            return
        self._counting = True
        try:
            while self._asked_again:
                self._asked_again = False
                campaign, began = self.shell.campaign_id, time.monotonic()
                found, sections = await self.off_thread(_read, self.ws, campaign)
                self._took = time.monotonic() - began
                if campaign == self.shell.campaign_id:
                    self.overview = found
                    self.detail.show(sections, stay=True)
        finally:
            self._counting = False

    def others_worked(self, seen: Seen) -> None:
        """Count again, but not for each of many acts."""
        if self._calm is None:
            self._calm = self.set_timer(max(CALM_SECONDS, CALM_TIMES * self._took), self._count_again)

    def _count_again(self) -> None:
        self._calm = None
        self.count()

    def campaign_chosen(self, campaign_id: int | None) -> None:
        """Count another campaign."""
        self.show_crumbs()
        self.count()

    def action_fresh(self) -> None:
        """Count again."""
        self.count()

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_last_call(self) -> None:
        """Give notice, remind, or lock."""
        from screens.last_call import last_call

        await last_call(self)

    def action_back(self) -> None:
        """Stay: there is nothing behind the Overview."""


def _read(ws: Workspace, campaign_id: int | None) -> tuple[Overview, Sequence[Section]]:
    """Count, and say it in sections; called in a thread, which also loads what that takes."""
    from data.desk.overview import read_overview
    from screens.columns.overview import overview_sections

    found = read_overview(ws.store, campaign_id)
    return found, overview_sections(found, ws.clock.now())
