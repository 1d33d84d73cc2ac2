"""The queue with the picture of its current row: how the screen is shared, and where the cursor goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.timer import Timer

from data.addresses.detail import ReviewDetail, review_detail
from data.addresses.fault_detail import FaultDetail, fault_detail
from data.addresses.review import ReviewRows
from data.addresses.review_counts import ReviewCounts, review_counts
from data.addresses.review_fields import CHANGE_FIELDS
from data.addresses.review_rows import ReviewRow
from data.model import ChangeState, Item, LastcallError
from data.orders.detail import order_detail
from data.store.watch import Seen
from data.store.workspace import Workspace
from data.text import visible
from screens import review_acts
from screens.columns.address_detail import more_sections
from screens.columns.addresses import attention_words, change_columns, counts_line
from screens.columns.fault_detail import fault_sections
from screens.columns.order_detail import order_sections
from screens.listing import Question
from screens.review_pane import ReviewPane
from screens.shell import Shell
from screens.work import WorkScreen
from widgets.breadcrumb import Breadcrumb
from widgets.key_hints import Hint, KeyHints
from widgets.one_line import OneLine
from widgets.prompt_bar import PromptBar
from widgets.record_columns import Column
from widgets.record_table import RecordTable
from widgets.status_line import StatusLine

FULL_FROM = 160
"""Columns from which the list and the picture stand side by side."""
LIST_HEIGHT, LESS, LEAST = 8, 5, 3
"""Lines of the list with its head: what it has, and what it keeps when the picture needs the room, or all of it."""
COUNT_SECONDS = 0.25
"""The counts on top are read at most so often."""


class ReviewScreen(WorkScreen):
    """A list of changes and faulty addresses above the picture of one."""

    SORTS: ClassVar[Mapping[str, str]] = {
        "level": "what matters",
        "proposed": "age",
        "number": "order",
        "name": "name",
        "country": "to",
        "state": "state",
    }
    FIELDS = CHANGE_FIELDS
    TABLES: ClassVar[frozenset[str]] = frozenset({"changes", "orders", "addresses", "shipments", "holds"})
    NEW_ROWS: ClassVar[str] = "changes"

    review = getters.query_one(ReviewPane)
    counts = getters.query_one("#counts", OneLine)

    def __init__(self, shell: Shell) -> None:
        """Begin with nothing decided."""
        super().__init__(shell)
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (shell.wide_from, "-wide"), (FULL_FROM, "-full")]
        self.turns = review_acts.Turns(self)
        self._counts: ReviewCounts | None = None
        self._attention: Content | None = None
        self._small = False
        """Whether the list has given lines to the picture; it takes them back when that has one to spare."""
        self._known: object = None
        """What the picture was last drawn from."""
        self._counting: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the counts, the queue, and the picture of its current change."""
        yield Breadcrumb()
        yield OneLine(id="counts")
        with Container(id="body"):
            yield RecordTable(self.columns(), empty=Content("nothing waits for a decision"))
            yield ReviewPane(id="review")
        yield PromptBar(StatusLine())
        yield KeyHints(self.hints(), last=Hint(self.shell.key("help"), "keys"))

    # The list and its picture.

    def columns(self) -> Sequence[Column]:
        """Return the queue's columns."""
        return change_columns(self.ws.clock)

    def source(self, question: Question) -> ReviewRows:
        """Return the rows of a question."""
        return ReviewRows(self.ws.store, question.filter, question.sort, question.descending, self.shell.campaign_id)

    @work(exclusive=True, group="detail", exit_on_error=False)
    async def read(self, record: int, stay: bool = False) -> None:
        """Show the picture of a row; where there is room or it was opened, everything about its order below."""
        more = self.opened or not self.has_class("-narrow")
        try:
            detail = await self.off_thread(_read_detail, self.ws, record)
            order = await self.off_thread(order_detail, self.ws.store, detail.order_id) if detail and more else None
        except LastcallError as error:
            self.show_none(str(error))
            return
        if detail is None:
            self.show_none("this is gone")
            return
        if (detail, order) == self._known:
            return
        self._known = (detail, order)
        now = self.ws.clock.now()
        known = fault_sections(detail, now) if isinstance(detail, FaultDetail) else more_sections(detail, now)
        below = [*known, *order_sections(order, now)] if order else []
        self.review.show_review(detail, below, now, stay=stay)
        self.share()

    @property
    def opened(self) -> bool:
        """Whether the picture has the whole screen."""
        return self.has_class("-detail")

    def action_back(self) -> None:
        """Close the detail, else clear the marks, else the filter."""
        opened = self.opened
        super().action_back()
        if opened and self.table.record is not None:
            self.read(self.table.record)

    def show_none(self, words: str) -> None:
        """Say why there is no picture."""
        self._known = None
        self.review.show_none(Content(visible(words)))

    def share(self) -> None:
        """Give the picture the lines it needs where the list can spare them, so that no decision needs scrolling."""
        room = self.query_one("#body").size.height
        needed = self.review.needed
        usual = max(LIST_HEIGHT, room * 2 // 5)
        if self.has_class("-full"):
            self.table.styles.height = "1fr"
        elif needed <= room - usual - self._small:
            self.table.styles.height, self._small = usual, False
        else:
            # Two heights, not as many as there are pictures: the list must not dance under the eye.
            self.table.styles.height = LESS if needed <= room - LESS else max(LEAST, room - needed)
            self._small = True

    def on_resize(self) -> None:
        """Share the other height, and say the counts in the other width."""
        self.call_after_refresh(self.share)
        self.call_after_refresh(self.put_counts)

    @on(RecordTable.Loaded)
    def _listed(self, event: RecordTable.Loaded) -> None:
        """Count what waits once the first rows are there: reading every row of the queue must not hold them up."""
        if not event.total:
            self.show_none("")
        if self._counts is None:
            self.count()

    # What stands on top.

    @work(exclusive=True, group="counts", exit_on_error=False)
    async def count(self) -> None:
        """Count what waits, by what it comes to."""
        self._counts = await self.off_thread(review_counts, self.ws.store, self.shell.campaign_id)
        self._attention = attention_words(self._counts)
        self.put_counts()
        self.show_status()

    def put_counts(self) -> None:
        """Show the counts in the room there is."""
        if self._counts is not None:
            self.counts.put(counts_line(self._counts, self.counts.size.width))

    def house_state(self) -> Content | None:
        """Return what warehouses have answered to changes or have yet to, else how they stand."""
        return self._attention or super().house_state()

    def others_worked(self, seen: Seen) -> None:
        """Show changed rows, and count anew before long."""
        super().others_worked(seen)
        if seen.everything or {"changes", "orders"} & (seen.rows.keys() | seen.added.keys()):
            if self._counting is not None:
                self._counting.stop()
            self._counting = self.set_timer(COUNT_SECONDS, self.count)

    def campaign_chosen(self, campaign_id: int | None) -> None:
        """Show and count another campaign."""
        super().campaign_chosen(campaign_id)
        self.count()

    # What is taken out.

    def reference(self, row: object) -> str:
        """Return the number of the row's order."""
        assert isinstance(row, ReviewRow)
        return row.number

    def copies(self, row: object) -> Mapping[str, tuple[str, str]]:
        """Return what can be copied of a row."""
        assert isinstance(row, ReviewRow)
        found = {
            "n": ("number", row.number),
            "e": ("e-mail", row.email),
            "r": ("requested" if row.kind == "change" else "repair", row.new),
            "o": ("on file", row.old),
        }
        return {key: value for key, value in found.items() if value[1]}

    # Where the cursor goes.

    def current(self) -> ReviewRow | None:
        """Return the row under the cursor, if it has been read."""
        row = self.table.row
        return row if isinstance(row, ReviewRow) else None

    def some_items(self) -> list[Item]:
        """Return what a decision is about: the marked rows, or the current one once it has been read."""
        record = self.table.record
        alone = record is not None and not self.table.marked_count
        if alone and (self.table.row is None or self.turns.has(record or 0)):
            return []
        return super().some_items()

    def is_open(self, row: object) -> bool:
        """Tell whether a row waits for a decision; one whose backer was asked waits for the backer."""
        assert isinstance(row, ReviewRow)
        return row.state == ChangeState.WAITING and not self.turns.has(row.id)

    def advance(self) -> None:
        """Go to the next row that waits; by a query where the rows in between have not been read."""
        for place in range(self.table.position + 1, len(self.table.ids)):
            row = self.table.row_of(self.table.ids[place])
            if row is None:
                self.look_on()
                return
            if self.is_open(row):
                self.table.go_to(self.table.ids[place])
                return

    def leave(self, items: Sequence[Item]) -> None:
        """Go on from rows whose decision begins: the keyboard does not wait for it."""
        self.turns.begin(items)
        on_one = self.table.record in {each.id for each in items}
        self.acted()
        if on_one:
            self.advance()

    def action_skip(self) -> None:
        """Leave the row and go to the next."""
        self.advance()


def _read_detail(ws: Workspace, record: int) -> ReviewDetail | FaultDetail | None:
    """Read a change, or a faulty address on file; called in a thread."""
    if record < 0:
        return fault_detail(ws.store, -record, ws.policy)
    return review_detail(ws.store, record, ws.policy)
