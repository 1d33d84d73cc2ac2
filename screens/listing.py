"""A list with its detail: what it asks, in which order, under which saved view, and how it hears of others' work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer

from data.desk.overview import WarehouseLine
from data.model import FilterError, LastcallError
from data.orders.filters import Field, parse
from data.orders.views import SavedView, list_views, save_view
from data.store.watch import Seen
from data.text import visible
from screens.base import BaseScreen
from screens.choices import choice_keys, choose
from screens.columns.house import house_words
from screens.shell import Shell
from screens.verbs import VIEWS, verbs_of
from widgets.breadcrumb import Breadcrumb
from widgets.detail import Detail, Section
from widgets.key_hints import Hint, KeyHints
from widgets.meter import Meter
from widgets.prompt_bar import PromptBar
from widgets.prompts import Fault, Filter, Text
from widgets.record_columns import Column
from widgets.record_source import RowSource
from widgets.record_table import RecordTable
from widgets.status_line import Status, StatusLine, status_words

TYPING_SECONDS = 0.15
"""After this long without a key the filter that was typed is asked."""
DETAIL_SECONDS = 0.1
"""After this long on a row its detail is read."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a list shows."""

    filter: str = ""
    sort: str = ""
    descending: bool = False
    view: str = ""
    """Name of the saved view it came from, while it is unchanged."""


class ListScreen(BaseScreen):
    """One list and the detail of its current row."""

    VIEW: ClassVar[str]
    """Its name in the registry."""
    SORTS: ClassVar[Mapping[str, str]]
    """Sort key to title; the first is what it opens with."""
    FIELDS: ClassVar[Mapping[str, Field]]
    """What its filter knows."""
    TABLES: ClassVar[frozenset[str]]
    """Tables of the database whose changes show in its rows."""
    NEWEST_FIRST: ClassVar[bool] = False
    NEW_ROWS: ClassVar[str]
    """The table whose inserted rows are new rows of the list."""

    table = getters.query_one(RecordTable)
    detail = getters.query_one(Detail)

    def __init__(self, shell: Shell) -> None:
        """Begin with everything, in the order the screen opens with."""
        super().__init__(shell)
        self.question = self.everything()
        self._typing: Timer | None = None
        self._reading: Timer | None = None
        self._views: list[SavedView] = []
        self._refused: tuple[str, Fault] | None = None
        """The filter that could not be asked last, and why."""

    def everything(self) -> Question:
        """Return the question the screen opens with."""
        return Question(sort=next(iter(self.SORTS)), descending=self.NEWEST_FIRST)

    # What a list says of itself.

    def columns(self) -> Sequence[Column]:
        """Return the columns; the first stays when the others are scrolled."""
        raise NotImplementedError

    def source(self, question: Question) -> RowSource:
        """Return what answers a question; called in a thread. Raises FilterError."""
        raise NotImplementedError

    def read_detail(self, record: int) -> Sequence[Section]:
        """Return everything about one record; called in a thread."""
        raise NotImplementedError

    # Composition.

    def compose(self) -> ComposeResult:
        """Lay out the list, its detail, and the furniture."""
        yield Breadcrumb()
        with Horizontal(id="body"):
            yield RecordTable(self.columns())
            yield Detail()
        yield Meter()
        yield PromptBar(StatusLine())
        yield KeyHints(self.hints(), last=Hint(self.shell.key("help"), "keys"))

    def hints(self) -> list[Hint]:
        """Return the keys that matter most here."""
        chosen = sorted((each for each in verbs_of(self.VIEW) if each.hint), key=lambda each: each.hint)
        return [Hint(self.shell.key(each.id), each.words.lower()) for each in chosen if each.id != "help"]

    def on_mount(self) -> None:
        """Ask the first question."""
        self.shell.house.subscribe(self, self.house_seen)
        self.table.focus()
        self.ask(self.question)

    def on_resize(self) -> None:
        """Read the detail where the other width has brought it to sight."""
        self.call_after_refresh(self._read_current)

    def on_screen_resume(self) -> None:
        """Say how things stand at present."""
        self.show_status()

    # The question.

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def ask(self, question: Question, seek: int | None = None) -> None:
        """Show another list; a filter that makes no sense leaves the list as it is."""
        try:
            source = await self.off_thread(self.source, question)
        except FilterError as error:
            if self.prompt.asking:
                fault = Fault(Content(visible(str(error))), error.column)
                self._refused = (question.filter, fault)
                self.prompt.show_fault(fault)
            else:
                self.complain(error)
            return
        if question != self.question:
            # What was said of another list would hide how this one stands.
            self.last_words = None
        self.question = question
        self.table.show(source, sort=(question.sort, "↓" if question.descending else "↑"), seek=seek)
        self.show_status()

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_filter(self) -> None:
        """Narrow the list while the person types; Esc goes back to the filter there was."""
        before = self.question
        answer = await self.prompt.ask(
            Filter(Content("/"), value=before.filter, check=self._filter_fault, changed=self._typed)
        )
        if self._typing is not None:
            self._typing.stop()
        # A filter that was typed may still be on its way.
        self.workers.cancel_group(self, "ask")
        wanted = (
            before
            if answer is None or answer.strip() == before.filter
            else replace(before, filter=answer.strip(), view="")
        )
        if wanted != self.question:
            self.ask(wanted)

    def _filter_fault(self, text: str) -> Fault | None:
        """Return what of a filter makes no sense, before it is asked or because asking it was refused."""
        if self._refused is not None and text.strip() == self._refused[0]:
            return self._refused[1]
        try:
            parse(text, self.FIELDS)
        except FilterError as error:
            return Fault(Content(visible(str(error))), error.column)
        return None

    def _typed(self, text: str) -> None:
        if self._typing is not None:
            self._typing.stop()
        question = replace(self.question, filter=text.strip(), view="")
        self._typing = self.set_timer(TYPING_SECONDS, lambda: self.ask(question))

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_sort(self) -> None:
        """Choose the column the list is ordered by."""
        keys = choice_keys(self.SORTS)
        chosen = await self.prompt.ask(choose("Sort by", {key: self.SORTS[name] for key, name in keys.items()}))
        if chosen is not None:
            self.ask(replace(self.question, sort=keys[chosen], view=""))

    def action_sort_reverse(self) -> None:
        """Turn the order round."""
        self.ask(replace(self.question, descending=not self.question.descending, view=""))

    def action_fresh(self) -> None:
        """Read the list anew."""
        self.table.fresh()

    # Saved views.

    def action_view_next(self) -> None:
        """Show the next saved view."""
        self._step_view(1)

    def action_view_previous(self) -> None:
        """Show the previous saved view."""
        self._step_view(-1)

    def _saved(self, view: SavedView) -> Question:
        """Return the question of a saved view; one saved without an order has the screen's own."""
        known = view.sort in self.SORTS
        own = self.everything()
        sort, descending = (view.sort, view.descending) if known else (own.sort, own.descending)
        return Question(view.filter, sort, descending, view.name)

    @work(exclusive=True, group="ask-view", exit_on_error=False)
    async def _step_view(self, step: int) -> None:
        self._views = await self.off_thread(list_views, self.ws.store, self.VIEW)
        questions = [
            self.everything(),
            *(self._saved(each) for each in self._views),
        ]
        if len(questions) == 1:
            self.say(f"no views are saved yet: {self.shell.key('view.save')} saves this one")
            return
        names = [each.view for each in questions]
        at = names.index(self.question.view) if self.question.view in names else 0
        self.ask(questions[(at + step) % len(questions)])

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_view_save(self) -> None:
        """Keep filter, order and columns under a name."""
        name = await self.prompt.ask(Text(Content("Save this view as"), value=self.question.view))
        if name:
            question = self.question
            done = await self.do(save_view, self.VIEW, name, question.filter, question.sort, question.descending)
            if done is not None:
                self.question = replace(question, view=name.strip())
                self.show_status()

    # The ways out, step by step.

    def action_back(self) -> None:
        """Close the detail, else clear the marks, else the filter."""
        if self.has_class("-detail") or self.detail.has_focus:
            self.remove_class("-detail")
            self.table.focus()
        elif not self.table.clear_marks() and self.question.filter:
            self.ask(replace(self.question, filter="", view=""))

    def action_pane_next(self) -> None:
        """Go to the other pane, where both are shown."""
        if self.detail.has_focus:
            self.table.focus()
        elif self.detail.display:
            self.detail.focus()

    @on(RecordTable.Opened)
    def _opened(self, event: RecordTable.Opened) -> None:
        self.add_class("-detail")
        self.read(event.record)
        self.detail.focus()

    @on(RecordTable.Highlighted)
    def _highlighted(self, event: RecordTable.Highlighted) -> None:
        if event.record is not None and self.detail.display:
            if self._reading is not None:
                self._reading.stop()
            record = event.record
            self._reading = self.set_timer(DETAIL_SECONDS, lambda: self.read(record))

    @work(exclusive=True, group="detail", exit_on_error=False)
    async def read(self, record: int, stay: bool = False) -> None:
        """Show the detail of a record."""
        try:
            sections = await self.off_thread(self.read_detail, record)
        except LastcallError as error:
            sections = [Section(None, [Content(visible(str(error)))])]
        self.detail.show(sections, stay=stay)

    @on(RecordTable.Marked)
    @on(RecordTable.Loaded)
    def _counted(self) -> None:
        self.show_status()

    @on(RecordTable.Loaded)
    def _loaded(self) -> None:
        self._read_current()

    def read_again(self) -> None:
        """Show the current row's detail again, where a detail is shown."""
        self._read_current()

    def _read_current(self) -> None:
        if self.table.record is not None and self.detail.display:
            self.read(self.table.record, stay=True)

    @on(RecordTable.Failed)
    def _failed(self, event: RecordTable.Failed) -> None:
        self.complain(LastcallError(str(event.error)))

    # The furniture.

    def show_status(self) -> None:
        """Show how the list stands."""
        question = self.question
        words = status_words(
            Status(
                shown=self.table.total,
                marked=self.table.marked_count,
                added=self.table.added,
                sort=Content(f"{self.SORTS[question.sort]} {'↓' if question.descending else '↑'}"),
                filter=Content(visible(question.filter)) if question.filter else None,
            )
        )
        self.put_status(words)
        crumbs = [Content(self.shell.campaign_code or "all campaigns"), Content(dict(VIEWS.values())[self.VIEW])]
        if question.view:
            crumbs.append(Content(f"“{visible(question.view)}”"))
        self.breadcrumb.show(crumbs, self.house_state())

    def house_state(self) -> Content | None:
        """Return what the top line says at its right: how the outside world stands."""
        return house_words(self.shell.warehouses, self.ws.clock.now())

    def house_seen(self, lines: Sequence[WarehouseLine]) -> None:
        """Show how the outside world stands."""
        self.show_status()

    # News.

    def others_worked(self, seen: Seen) -> None:
        """Show changed rows; new ones are counted and wait for `f`."""
        if not (seen.everything or self.TABLES & seen.rows.keys() or seen.added.get(self.NEW_ROWS)):
            return
        if seen.everything or self.TABLES & seen.rows.keys():
            self.table.refresh_rows(self.table.ids if seen.everything else self.table.seen())
            self._read_current()
        if seen.added.get(self.NEW_ROWS):
            self.table.note_added(seen.added[self.NEW_ROWS])
        self.show_status()

    def campaign_chosen(self, campaign_id: int | None) -> None:
        """Ask the same question of another campaign."""
        self.ask(self.question)
