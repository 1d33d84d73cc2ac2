"""A table of records that opens a million of them at once: it holds ids, draws what is seen, and fetches by pages.

The source is asked in worker threads only. Its first page is shown as soon as it is there, the whole list of ids when
that has come; rows not fetched yet show an ellipsis. Cursor and marks are kept by id.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import ClassVar, TypeAlias

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.worker import get_current_worker

from widgets import record_messages
from widgets.record_columns import CURSOR_SIGN, MARK_SIGN, PLACEHOLDER, Column, text_strip
from widgets.record_feed import Act, Stopped
from widgets.record_keys import MOVE_BINDINGS, OPEN_BINDINGS, PLAIN_BINDINGS
from widgets.record_list import RecordList
from widgets.record_marks import IdSet
from widgets.record_painter import RecordPainter, Sort
from widgets.record_rows import Absent
from widgets.record_source import RowSource, find


class RecordView(ScrollView, can_focus=True, inherit_bindings=False):
    """Records in rows, moved through by key; never sorted or filtered here.

    A step over the edge scrolls half a screen, as mutt does: one line at a time would repaint every line each time.
    """

    ALLOW_SELECT = False
    ALLOW_MAXIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = [*MOVE_BINDINGS, *OPEN_BINDINGS, *PLAIN_BINDINGS]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "record-table--header",
        "record-table--cursor",
        "record-table--marked",
        "record-table--quiet",
    }
    DEFAULT_CSS = """
    RecordView {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        background: $background;
        color: $foreground;
        & > .record-table--header { background: $panel; color: $foreground; text-style: bold; }
        & > .record-table--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
        & > .record-table--marked { text-style: bold; }
        & > .record-table--quiet { color: $foreground 60%; }
        &:ansi {
            & > .record-table--header { background: ansi_default; color: ansi_default; text-style: underline; }
            & > .record-table--cursor { background: ansi_default; color: ansi_default; text-style: reverse; }
            & > .record-table--quiet { color: ansi_default; text-style: dim; }
        }
        &:nocolor {
            & > .record-table--header { text-style: underline; }
            & > .record-table--cursor { text-style: reverse; }
            & > .record-table--quiet { text-style: dim; }
        }
    }
    """

    Highlighted: TypeAlias = record_messages.Highlighted
    Opened: TypeAlias = record_messages.Opened
    Marked: TypeAlias = record_messages.Marked
    Loaded: TypeAlias = record_messages.Loaded
    Failed: TypeAlias = record_messages.Failed

    def __init__(
        self,
        columns: Sequence[Column] = (),
        *,
        fixed: int = 1,
        empty: Content | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Make an empty table; the first `fixed` columns stay when the others are scrolled."""
        super().__init__(id=id, classes=classes)
        self.empty = empty or Content("nothing here")
        """What an empty list says."""
        self.added = 0
        """Records that others have added since the list was taken, as told by `note_added`."""
        self._painter = RecordPainter(columns, fixed)
        self._list = RecordList(self)
        self._fetch_asked = False

    # What a screen asks.

    @property
    def settled(self) -> bool:
        """Whether the whole list is here."""
        return self._list.settled

    @property
    def total(self) -> int | None:
        """How many records the list has, or None while that is not known."""
        return len(self.ids) if self.settled else None

    @property
    def ids(self) -> array[int]:
        """The list's ids in order, to be read only; one page of them while `settled` is false."""
        return self._list.ids

    @property
    def position(self) -> int:
        """Where the cursor stands, from 0."""
        return self._list.cursor

    @property
    def record(self) -> int | None:
        """The id under the cursor, or None in an empty list."""
        return self._list.record

    @property
    def row(self) -> object | None:
        """The row under the cursor, or None where it has not been fetched or is gone."""
        return None if self.record is None else self.row_of(self.record)

    def row_of(self, record: int) -> object | None:
        """Return the row of a record, or None where it has not been fetched or is gone."""
        row = self._list.rows.get(record)
        return None if isinstance(row, Absent) else row

    def seen(self) -> array[int]:
        """Return the records that are on the screen."""
        return self._seen()

    # What a screen tells.

    def show(self, source: RowSource, *, sort: Sort | None = None, seek: int | None = None) -> None:
        """Show another list. The cursor goes to `seek`, else stays on its record or the nearest that is there."""
        self._painter.sort = sort
        self._open(source, quick=True, seek=seek)

    def fresh(self) -> None:
        """Take the present list anew, with what others have added; what is shown stays until it is here."""
        if self._list.source is not None:
            self._open(self._list.source, quick=False, seek=None)

    def set_columns(self, columns: Sequence[Column], *, fixed: int = 1) -> None:
        """Show other columns of the same rows."""
        sort, self._painter = self._painter.sort, RecordPainter(columns, fixed)
        self._painter.sort = sort
        self.refresh()

    def refresh_rows(self, changed: Iterable[int]) -> None:
        """Say which rows have changed; those seen are fetched at once, and keep their old text until then."""
        if self._list.changed(set(changed), self._seen()):
            self._ask_rows()

    def note_added(self, count: int) -> None:
        """Say that others have added records, which `fresh` would bring."""
        self.added += count

    def go_to(self, record: int) -> bool:
        """Put the cursor on a record; tell whether the list has it."""
        place = find(self.ids, record, self.position)
        if place is not None:
            self._go(place)
        return place is not None

    # Keys.

    def action_move(self, steps: int) -> None:
        """Move the cursor by rows."""
        self._go(self.position + steps)

    def action_half(self, direction: int) -> None:
        """Move cursor and view by half a screen."""
        self._page(direction * max(1, self._height // 2))

    def action_page(self, direction: int) -> None:
        """Move cursor and view by a screen."""
        self._page(direction * self._height)

    def action_top(self) -> None:
        """Go to the first record."""
        self._list.show_top()
        self._go(0)

    def action_bottom(self) -> None:
        """Go to the last record, by a query of its own while the list is on its way."""
        if self._list.show_bottom():
            self._go(len(self.ids) - 1)

    def action_columns(self, steps: int) -> None:
        """Scroll by a column, where some are hidden."""
        if self._painter.scroll_columns(steps, self._width):
            self.refresh()

    def action_open(self) -> None:
        """Open the current record."""
        if self.record is not None:
            self.post_message(self.Opened(self, self.record))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row clicked; open it on the second click."""
        place = event.y - 1 + self.top_line()
        if event.y > 0 and place < len(self.ids):
            self._go(place)
            if event.chain == 2:
                self.action_open()

    # Moving.

    @property
    def _height(self) -> int:
        """Rows on the screen, under the header."""
        return max(1, self.size.height - 1)

    @property
    def _width(self) -> int:
        """Cells of a line, left of the scrollbar."""
        return self.scrollable_content_region.width

    def _go(self, place: int) -> None:
        """Put the cursor on a position of the list, repainting two lines where it can."""
        old, top, height = self.position, self.top_line(), self._height
        if not self._list.move(place):
            return
        if not top <= self.position < top + height:
            self._scroll_rows(self.position - height // 2 if abs(self.position - old) == 1 else self.position)
        self._paint_move(old)
        self.post_message(self.Highlighted(self, self.record))

    def _page(self, rows: int) -> None:
        """Scroll by rows and take the cursor along; at the end of the list the cursor goes to the very end."""
        self._scroll_rows(self.top_line() + rows)
        self._go(self.position + rows)

    def _scroll_rows(self, top: int) -> None:
        """Let a row be the topmost."""
        self.scroll_to(y=max(0, top), animate=False, force=True)

    # What the feed brings.

    def _open(self, source: RowSource, *, quick: bool, seek: int | None) -> None:
        """Have a list brought; `quick` shows its first page before the rest."""
        self._list.show(source, quick, seek, self.marked_list())

    def run_in_thread(self, work: Callable[[Stopped], None], group: str, exclusive: bool) -> None:
        """Run work in a thread worker of this widget."""

        def run() -> None:
            worker = get_current_worker()
            work(lambda: worker.is_cancelled)

        self.run_worker(run, thread=True, group=group, exclusive=exclusive, exit_on_error=False)

    def on_ui(self, act: Act) -> None:
        """Run an act on the UI thread, by a message."""
        self.post_message(record_messages.Arrived(act))

    def on_record_table_arrived(self, event: record_messages.Arrived) -> None:
        """Take in what a worker brings."""
        event.act()

    def list_comes(self) -> None:
        """Hear that other ids are about to take the place of those shown."""

    def list_came(self, line: int, moved: bool) -> None:
        """Draw other ids, the cursor's line on the screen unmoved where that is possible."""
        self._painter.forget_all()
        self.virtual_size = Size(self._width, len(self.ids) + 1)
        self._scroll_rows(self.position - max(0, min(line, self._height - 1)))
        self.refresh()
        if moved:
            self.post_message(self.Highlighted(self, self.record))

    def list_settled(self) -> None:
        """Say that the whole list is here."""
        self.added = 0
        self.post_message(self.Loaded(self, len(self.ids)))

    def rows_came(self, asked: Collection[int]) -> None:
        """Draw rows that have come; go on fetching when that was all."""
        if not asked:
            self._ask_rows()
            return
        self._painter.forget(asked)
        top = self.top_line()
        self._paint(top + line for line, each in enumerate(self._seen()) if each in asked)
        if self.record in asked:
            self.post_message(self.Highlighted(self, self.record))

    def freeze_marks(self, marked: array[int], frozen: IdSet) -> None:
        """Hold a marked list as a set; nothing is ever marked here."""

    def top_line(self) -> int:
        """Return the position of the first row on the screen."""
        return self.scroll_offset.y

    def fail(self, error: Exception) -> None:
        """Say that the source could not answer."""
        self.refresh()
        self.post_message(self.Failed(self, error))

    # Drawing.

    def render_line(self, y: int) -> Strip:
        """Draw the header, a row, or what stands in for one."""
        width = self._width
        if y == 0:
            return self._painter.header(self._part("header"), width)
        place = y - 1 + self.top_line()
        base, quiet = self.visual_style, self._part("quiet")
        if place >= len(self.ids):
            words = "" if self.ids or y != 1 else self.empty.plain if self.settled else PLACEHOLDER
            return text_strip(words, "  ", quiet, width)
        record, current, marked = self.ids[place], place == self.position, self.is_marked(place)
        row = self._list.rows.get(record)
        if row is Absent.UNKNOWN:
            self._ask_rows()
        if current:
            base = self._part("cursor")
        elif marked:
            base = self._part("marked")
        signs = (CURSOR_SIGN if current else " ") + (MARK_SIGN if marked else " ")
        return self._painter.row(record, row, signs, base, quiet, width, current)

    def _part(self, name: str) -> Style:
        """Return the style of a part; a visual style alone would have lost `reverse`."""
        style = self.get_visual_style(f"record-table--{name}")
        reverse = self.get_component_styles(f"record-table--{name}").text_style.reverse
        return style + Style(reverse=True) if reverse else style

    def is_marked(self, place: int) -> bool:
        """Tell whether the row at a position carries a mark; nothing does here."""
        return False

    def marked_list(self) -> array[int] | None:
        """Return the list that is marked as a whole, or None."""
        return None

    def _paint_move(self, old: int) -> None:
        """Repaint what a move of the cursor within the screen changes."""
        self._paint((old, self.position))

    def _paint(self, places: Iterable[int]) -> None:
        """Repaint the lines of some positions, where they are on the screen."""
        top, height, width = self.top_line(), self._height, self._width
        regions = [Region(0, place - top + 1, width, 1) for place in places if top <= place < top + height]
        if regions:
            self.refresh(*regions)

    def _seen(self) -> array[int]:
        """Return the ids on the screen."""
        top = self.top_line()
        return self.ids[top : top + self._height]

    def _ask_rows(self) -> None:
        """Fetch what the screen lacks, once the present burst of work is over."""
        if not self._fetch_asked:
            self._fetch_asked = True
            self.call_later(self._fetch_rows)

    def _fetch_rows(self) -> None:
        self._fetch_asked = False
        self._list.fetch(self.top_line(), self._height)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Fetch ahead of the way the person goes."""
        super().watch_scroll_y(old_value, new_value)
        self._ask_rows()

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.virtual_size = Size(self._width, len(self.ids) + 1)
        top = self.top_line()
        if not top <= self.position < top + self._height:
            self._scroll_rows(self.position - self._height // 2)

    def notify_style_update(self) -> None:
        """Draw everything anew in another theme."""
        super().notify_style_update()
        self._painter.forget_all()
