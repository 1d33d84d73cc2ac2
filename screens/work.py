"""What a person does with rows, the same on every screen: copy, export, find the next open one, repeat.

A screen that lists something says what its rows and columns are and answers the verbs of its own.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from textual import work
from textual.content import Content

from data.exports.export import Exported
from data.exports.templates import Format
from data.model import Item
from screens import taking
from screens.listing import ListScreen, Question
from screens.long_work import LongWork
from screens.order_acts import Again
from screens.shell import Shell
from widgets.meter import Meter
from widgets.record_source import PAGE

Result = TypeVar("Result")
TOLD_SECONDS = 0.25
"""How often the progress of long work is looked at."""


class WorkScreen(ListScreen):
    """A list whose rows are worked on."""

    def __init__(self, shell: Shell) -> None:
        """Begin with nothing to repeat."""
        super().__init__(shell)
        self._export_form: Format | None = None
        self.repeated: Callable[[], Coroutine[None, None, object]] | None = None
        """What `.` does: the last verb with the answers it was given."""
        self.long_work: LongWork | None = None
        """What runs at present that takes its time."""

    # What a screen says of its rows.

    def reference(self, row: object) -> str:
        """Return what `y` copies of a row."""
        raise NotImplementedError

    def copies(self, row: object) -> Mapping[str, tuple[str, str]]:
        """Return what `Y` offers of a row: key to (words, text)."""
        raise NotImplementedError

    def is_open(self, row: object) -> bool:
        """Tell whether a row needs a decision: where `n` stops."""
        raise NotImplementedError

    # Taking out.

    def write_out(self, ids: Sequence[int] | None, form: Format, path: Path) -> Exported:
        """Write the rows of some ids, or of the present question, to a file; called in a thread."""
        return taking.write_rows(self.source(self.question), ids, form, path)

    def action_copy(self) -> None:
        """Copy the reference of the current row."""
        if self.table.row is None:
            self.say("nothing to copy: the list is empty")
        else:
            taking.copy_text(self, self.reference(self.table.row), "reference")

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_copy_more(self) -> None:
        """Copy something else of the current row."""
        await taking.copy_more(self)

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_export(self) -> None:
        """Export the marked rows, or else the filter."""
        self._export_form = await taking.export(self, None) or self._export_form

    @work(exclusive=True, group="prompt", exit_on_error=False)
    async def action_export_again(self) -> None:
        """Export once more in the form of the last time."""
        self._export_form = await taking.export(self, self._export_form)

    # Rows that need a decision.

    @work(exclusive=True, group="open", exit_on_error=False)
    async def action_next_open(self) -> None:
        """Go to the next row that needs a decision."""
        await self._go_open(1)

    @work(exclusive=True, group="open", exit_on_error=False)
    async def action_next_open_back(self) -> None:
        """Go to the previous row that needs a decision."""
        await self._go_open(-1)

    async def _go_open(self, step: int) -> None:
        found = await self.off_thread(self._find_open, self.table.ids, self.table.position, step, self.question)
        if found is None:
            self.say("no row further on needs a decision")
        else:
            self.table.go_to(found)

    @work(exclusive=True, group="open", exit_on_error=False)
    async def look_on(self) -> None:
        """Go to the next row that needs a decision, where there is one; what was said last stays."""
        found = await self.off_thread(self._find_open, self.table.ids, self.table.position, 1, self.question)
        if found is not None:
            self.table.go_to(found)

    def _find_open(self, ids: array[int], position: int, step: int, question: Question) -> int | None:
        """Look for the next open row, page by page; called in a thread."""
        source = self.source(question)
        places = range(position + step, len(ids) if step > 0 else -1, step)
        for start in range(0, len(places), PAGE):
            page = [ids[place] for place in places[start : start + PAGE]]
            rows = source.rows(page)
            for each in page:
                if each in rows and self.is_open(rows[each]):
                    return each
        return None

    def action_repeat(self) -> None:
        """Do the last verb again on this row."""
        if self.repeated is None:
            self.say("nothing to repeat yet: a verb that asks for something is repeated with the same answers")
        else:
            self.run_worker(self.repeated(), name="repeat", group="prompt", exclusive=True, exit_on_error=False)

    # What takes its time.

    async def work_long(self, words: str, function: Callable[..., Result], *args: object, **named: object) -> Result:
        """Run a function that takes `progress` and `stopped` in a thread, and show how far it is; Esc stops it."""
        task = self.long_work = LongWork(words)
        watching = self.set_interval(TOLD_SECONDS, self._show_work)
        try:
            return await self.off_thread(function, *args, progress=task.progress, stopped=task.stopped, **named)
        finally:
            # Also where the screen goes away while the thread works.
            task.stop()
            watching.stop()
            self.long_work = None
            for meter in self.query(Meter):
                meter.finish()

    def _show_work(self) -> None:
        if (task := self.long_work) is not None:
            hint = "stopping" if task.stopped() else f"{self.shell.key('back')} stops"
            self.query_one(Meter).show(Content(task.words), task.done, task.total, task.seconds, Content(hint))

    def action_back(self) -> None:
        """Stop what takes its time, else go back as any list does."""
        if self.long_work is not None and not self.long_work.stopped():
            self.long_work.stop()
            self._show_work()
        else:
            super().action_back()

    # What verbs act on.

    def items(self) -> list[Item]:
        """Return the marked rows, or else the current one, each as it was seen."""
        return [Item(each, self._rev(each)) for each in self.table.selection()]

    def _rev(self, record: int) -> int:
        """Return the revision a row was seen in; 0 for one that was marked without being seen."""
        return int(getattr(self.table.row_of(record), "rev", 0))

    def acted(self) -> None:
        """Take the marks away after a verb has used them."""
        self.table.clear_marks()

    def did(self, again: Again | None) -> None:
        """Take the marks away after a verb was done, and keep it for `.`; None when it was not done."""
        if again is not None:
            self.acted()
            self.repeated = partial(self._do_again, again)

    async def _do_again(self, again: Again) -> None:
        if (items := self.some_items()) and await again(items) is not None:
            self.acted()

    def some_items(self) -> list[Item]:
        """Return what a verb acts on, and say so where there is nothing."""
        items = self.items()
        if not items:
            self.say("nothing to act on: the list is empty")
        return items
