"""The Overview: what needs doing this morning, and where to go for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import getters, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from data.store.watch import Seen
from data.store.workspace import Workspace
from screens.base import BaseScreen
from screens.bindings import bindings_of
from screens.shell import Shell
from screens.verbs import OVERVIEW, VIEWS
from widgets.breadcrumb import Breadcrumb
from widgets.detail import Detail, Section
from widgets.key_hints import Hint, KeyHints
from widgets.prompt_bar import PromptBar
from widgets.status_line import StatusLine

if TYPE_CHECKING:
    from data.desk.overview import Overview

HINTS = [*(Hint(key, title.lower()) for key, (_, title) in VIEWS.items() if key != "0"), Hint("c", "campaign")]
CALM_SECONDS = 1.0
"""Others' work is counted at most this often: at a million orders the counts take a while."""


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

    def compose(self) -> ComposeResult:
        """Lay out the counts and the furniture."""
        yield Breadcrumb()
        yield Detail()
        yield PromptBar(StatusLine())
        yield KeyHints(HINTS, last=Hint("?", "keys"))

    def on_mount(self) -> None:
        """Count."""
        super().on_mount()
        self.detail.focus()
        self.show_crumbs()
        # The screen is painted first: what counts is loaded and asked after that.
        self.call_after_refresh(self.count)

    def show_crumbs(self) -> None:
        """Say which campaign is counted."""
        self.breadcrumb.show([Content(self.shell.campaign_code or "all campaigns"), Content("Overview")])

    @work(exclusive=True, group="count", exit_on_error=False)
    async def count(self) -> None:
        """Count off the UI thread and show it."""
        self.overview, sections = await self.off_thread(_read, self.ws, self.shell.campaign_id)
        self.detail.show(sections, stay=True)

    def others_worked(self, seen: Seen) -> None:
        """Count again, but not for each of many acts."""
        if not self._asked_again:
            self._asked_again = True
            self.set_timer(CALM_SECONDS, self._count_again)

    def _count_again(self) -> None:
        self._asked_again = False
        self.count()

    def campaign_chosen(self, campaign_id: int | None) -> None:
        """Count another campaign."""
        self.show_crumbs()
        self.count()

    def action_fresh(self) -> None:
        """Count again."""
        self.count()

    def action_back(self) -> None:
        """Stay: there is nothing behind the Overview."""


def _read(ws: Workspace, campaign_id: int | None) -> tuple[Overview, Sequence[Section]]:
    """Count, and say it in sections; called in a thread, which also loads what that takes."""
    from data.desk.overview import read_overview
    from screens.columns.overview import overview_sections

    found = read_overview(ws.store, campaign_id)
    return found, overview_sections(found, ws.clock.now())
