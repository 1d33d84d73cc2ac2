"""Dispatch: the warehouses, the batches for them, and what became of each when it was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from data.desk.overview import WarehouseLine, read_warehouses
from data.dispatch.ask import ask
from data.dispatch.batch_detail import batch_detail
from data.dispatch.batch_fields import BATCH_FIELDS
from data.dispatch.batch_preflight import read_preflight
from data.dispatch.batch_rows import BatchRow, BatchRows
from data.dispatch.preflight import check_batch
from data.dispatch.send import send_batch
from data.dispatch.stop import resume_warehouse, retry_batches, stop_warehouse
from data.model import Done, Item
from data.orders.chosen import counted
from data.store.workspace import Workspace
from data.text import visible
from screens.batch_acts import approve, decide, make_batch, make_delta, show_proof
from screens.bindings import bindings_of
from screens.columns.agreement import agreement_section
from screens.columns.batch_detail import batch_sections
from screens.columns.batches import batch_columns, warehouse_lines
from screens.listing import Question
from screens.verbs import DISPATCH
from screens.work import WorkScreen
from widgets.breadcrumb import Breadcrumb
from widgets.detail import Detail, Section
from widgets.key_hints import Hint, KeyHints
from widgets.prompt_bar import PromptBar
from widgets.prompts import ConfirmCount
from widgets.record_columns import Column
from widgets.record_table import RecordTable
from widgets.status_line import StatusLine


class DispatchScreen(WorkScreen):
    """Batches under their warehouses."""

    VIEW = DISPATCH
    CSS_PATH: ClassVar[list[str | PurePath]] = ["listing.tcss", "dispatch.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(DISPATCH)
    SORTS: ClassVar[Mapping[str, str]] = {"number": "number", "state": "state", "warehouse": "warehouse"}
    FIELDS = BATCH_FIELDS
    TABLES: ClassVar[frozenset[str]] = frozenset({"batches", "shipments", "commands"})
    NEW_ROWS: ClassVar[str] = "batches"
    NEWEST_FIRST = True

    _proved: tuple[int, int] | None = None
    """Id and revision of the batch whose proof was shown and can be approved."""

    def compose(self) -> ComposeResult:
        """Lay out the warehouses over the batches."""
        yield Breadcrumb()
        yield Static(id="warehouses", markup=False)
        with Horizontal(id="body"):
            yield RecordTable(self.columns())
            yield Detail()
        yield PromptBar(StatusLine())
        yield KeyHints(self.hints(), last=Hint(self.shell.key("help"), "keys"))

    def on_mount(self) -> None:
        """Show how the warehouses stand."""
        self.look()

    def columns(self) -> Sequence[Column]:
        """Return the batch list's columns."""
        return batch_columns(self.ws.clock.now())

    def source(self, question: Question) -> BatchRows:
        """Return the batches of a question."""
        return BatchRows(self.ws.store, question.filter, question.sort, question.descending, self.shell.campaign_id)

    def read_detail(self, record: int) -> Sequence[Section]:
        """Return everything about one batch, and what is agreed with its warehouse."""
        found = batch_detail(self.ws.store, record)
        if found is None:
            return [Section(None, [Content("this batch is gone")])]
        agreed = agreement_section(self.ws.policy, found.batch.warehouse)
        sections = batch_sections(found, read_preflight(self.ws, found.batch))
        return [*sections, *([agreed] if agreed else [])]

    def reference(self, row: object) -> str:
        """Return a batch's number."""
        assert isinstance(row, BatchRow)
        return str(row.number)

    def copies(self, row: object) -> Mapping[str, tuple[str, str]]:
        """Return what can be copied of a batch."""
        assert isinstance(row, BatchRow)
        return {
            "n": ("number", str(row.number)),
            "f": ("filter of its orders", f"batch:{row.number}"),
            "w": ("warehouse", row.warehouse),
        }

    def is_open(self, row: object) -> bool:
        """Tell whether a batch waits for a person."""
        assert isinstance(row, BatchRow)
        return row.state in ("draft", "ready") or bool(row.person or row.rejected)

    @work(exclusive=True, group="look", exit_on_error=False)
    async def look(self) -> None:
        """Show how the warehouses stand."""
        self.show_warehouses(await self.off_thread(read_warehouses, self.ws.store))

    def show_warehouses(self, lines: Sequence[WarehouseLine]) -> None:
        """Show warehouses, with the progress of their workers, which is in no journal."""
        now = self.ws.clock.now()
        shown = [each for line in lines for each in warehouse_lines(line, now)]
        empty = [Content("no warehouse yet: lastcall warehouse add CODE …")]
        self.query_one("#warehouses", Static).update(Content("\n").join(shown or empty))
        self.table.refresh_rows(self.table.seen())

    def house_seen(self, lines: Sequence[WarehouseLine]) -> None:
        """Follow the workers."""
        super().house_seen(lines)
        self.show_warehouses(lines)
        row = self.current()
        if row is not None and row.state == "sending":
            self.read_again()

    # Verbs.

    def current(self) -> BatchRow | None:
        """Return the batch under the cursor, if it has been read."""
        row = self.table.row
        return row if isinstance(row, BatchRow) else None

    def chosen(self) -> BatchRow | None:
        """Return the batch under the cursor, and say so where there is none."""
        row = self.current()
        if row is None:
            self.say(f"no batch here: {self.shell.key('batch.create')} makes one of what is allocated")
        return row

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_batch_create(self) -> None:
        """Make a batch for a warehouse of everything allocated to it."""
        await make_batch(self)

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_batch_delta(self) -> None:
        """Make a batch of what has come about since the one under the cursor."""
        if row := self.chosen():
            await make_delta(self, row)

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_batch_approve(self) -> None:
        """Show the proof sheet of a batch; once more, as it was shown: approve it."""
        row = self.chosen()
        if row is None:
            return
        if self._proved == (row.id, row.rev):
            await approve(self, row)
            self.read_again()
            self._proved = None
        else:
            self._proved = (row.id, row.rev) if await show_proof(self, row) else None

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_command_retry(self) -> None:
        """Decide what of the batch waits for a person, one after the other, or try the rest at once."""
        if row := self.chosen():
            await decide(self, row)

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_batch_check(self) -> None:
        """Check a batch against its warehouse's rules."""
        row = self.chosen()
        if row is not None and await self.do(_check, Item(row.id, row.rev)):
            self.read(row.id)

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_batch_send(self) -> None:
        """Send a batch after the number of its orders was typed."""
        row = self.chosen()
        if row is None:
            return
        if row.state == "draft":
            self.say(f"batch {row.number} is not checked: {self.shell.key('batch.check')} checks it first")
            return
        if row.state != "ready":
            self.say(f"batch {row.number} is {row.state}: it was sent before")
            return
        question = Content(f"Send {counted(row.size, 'order')} to {visible(row.warehouse)}?")
        typed = await self.prompt.ask(ConfirmCount(question, count=row.size, verb="send"))
        if typed is not None:
            await self.do(send_batch, Item(row.id, row.rev), typed)

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_worker_stop(self) -> None:
        """Stop sending to the batch's warehouse, or go on."""
        row = self.chosen()
        if row is None:
            return
        lines = await self.off_thread(read_warehouses, self.ws.store)
        stopped = any(each.stopped for each in lines if each.code == row.warehouse)
        await self.do(resume_warehouse if stopped else stop_warehouse, row.warehouse)
        self.look()

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_batch_retry_all(self) -> None:
        """Put everything of the marked batches that was rejected into reach again."""
        if items := self.some_items():
            await self.do(retry_batches, items)

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_sync(self) -> None:
        """Ask the warehouses what happened."""
        codes = [each.code for each in self.ws.policy.warehouses]
        requests = await self.off_thread(ask, self.ws, codes, "poll")
        if requests:
            notes = "".join(f"  ! {each.warehouse}: {each.note}" for each in requests if each.note)
            self.say(f"asked {counted(len(requests), 'warehouse')}; the answer shows above{notes}")
        else:
            self.say("no warehouse to ask: lastcall warehouse add CODE …")


def _check(ws: Workspace, batch: Item) -> Done:
    """Check a batch as a verb: what was done and refused, and what concerns the batch as a whole."""
    found = check_batch(ws, batch)
    return replace(found.done, notes=tuple(each.words for each in found.cautions if not each.order_id))
