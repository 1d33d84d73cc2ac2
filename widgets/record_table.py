"""A record view whose rows can be marked: what the operator acts on by keys."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

from textual.content import Content

from widgets.record_columns import Column
from widgets.record_keys import MARK_BINDINGS
from widgets.record_marks import IdSet, Marks
from widgets.record_source import RowSource
from widgets.record_view import RecordView


class RecordTable(RecordView):
    """Records in rows, with marks that outlive a filter, a sort and a refresh."""

    BINDINGS = MARK_BINDINGS

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
        super().__init__(columns, fixed=fixed, empty=empty, id=id, classes=classes)
        self._marks = Marks()
        self._anchor: int | None = None
        self._mark_all_when_settled = False

    @property
    def marked_count(self) -> int:
        """How many records are marked, an open range not counted."""
        return len(self._marks)

    def marked_ids(self) -> array[int]:
        """Return the marked ids, those outside the present list too; closes an open range."""
        self._close_range()
        return self._marks.ids()

    def selection(self) -> array[int]:
        """Return what a verb acts on: the marked ids, else the one under the cursor, else nothing."""
        marked = self.marked_ids()
        return marked if marked or self.record is None else array("q", [self.record])

    def mark(self, records: Iterable[int]) -> None:
        """Mark records by id."""
        self._marks.add(records)
        self._marks_changed()

    def clear_marks(self) -> bool:
        """Leave an open range, else take every mark away; tell whether there was anything to do."""
        if self._anchor is None and not self._marks:
            return False
        if self._anchor is None:
            self._marks.clear()
        self._anchor = None
        self._marks_changed()
        return True

    def action_mark(self) -> None:
        """Mark or unmark the current record and move down; closes an open range instead where there is one."""
        if self._anchor is not None:
            self._close_range()
        elif self.record is not None:
            (self._marks.remove if self.record in self._marks else self._marks.add)((self.record,))
            self._marks_changed((self.position,))
            self._go(self.position + 1)

    def action_range(self) -> None:
        """Start a range here, or mark from its start to here."""
        if self._anchor is not None:
            self._close_range()
        elif self.record is not None:
            self._anchor = self.position
            self._paint((self.position,))

    def action_mark_all(self) -> None:
        """Mark the whole list in place of other marks; take every mark away where it is marked already."""
        self._anchor = None
        if not self.settled:
            self._mark_all_when_settled = True
            return
        self._mark_all_when_settled = False
        if self._marks.is_all(self.ids):
            self._marks.clear()
            self._marks_changed()
        elif self.ids:
            self._marks.add_all(self.ids)
            self._marks_changed()

    def freeze_marks(self, marked: array[int], frozen: IdSet) -> None:
        """Hold a marked list as a set, so that another list does not change what is marked."""
        self._marks.freeze(marked, frozen)

    def is_marked(self, place: int) -> bool:
        """Tell whether the row at a position is marked or in the open range."""
        if self._anchor is not None and min(self._anchor, self.position) <= place <= max(self._anchor, self.position):
            return True
        return self.ids[place] in self._marks

    def marked_list(self) -> array[int] | None:
        """Return the list that is marked as a whole, or None."""
        return self._marks.to_freeze

    def list_comes(self) -> None:
        """End an open range where it stands, before other ids take the place of those shown."""
        self._close_range()

    def list_settled(self) -> None:
        """Say that the whole list is here, and mark it where that was asked before it came."""
        super().list_settled()
        if self._mark_all_when_settled:
            self.action_mark_all()

    def _open(self, source: RowSource, *, quick: bool, seek: int | None) -> None:
        """Have a list brought; marks stay."""
        self._close_range()
        self._mark_all_when_settled = False
        super()._open(source, quick=quick, seek=seek)

    def _paint_move(self, old: int) -> None:
        """Repaint what a move of the cursor changes: every line it passes while a range is open."""
        low, high = sorted((old, self.position))
        self._paint((old, self.position) if self._anchor is None else range(low, high + 1))

    def _close_range(self) -> None:
        """Mark what an open range spans."""
        if self._anchor is not None:
            low, high = sorted((self._anchor, self.position))
            self._anchor = None
            self._marks.add(self.ids[low : high + 1])
            self._marks_changed(range(low, high + 1))

    def _marks_changed(self, places: Iterable[int] | None = None) -> None:
        """Repaint where marks may have changed, everywhere unless told, and say so."""
        if places is None:
            self.refresh()
        else:
            self._paint(places)
        self.post_message(self.Marked(self, len(self._marks)))
