"""Where the cursor stands while the list under it changes: on its record, or the nearest that is there."""

from __future__ import annotations

from array import array

from widgets.record_feed import Host, RowFeed
from widgets.record_source import RowSource, Snapshot, find, nearest, neighbours


class RecordList(RowFeed):
    """The list that a table shows and the cursor in it; knows no widget but through `Host`."""

    def __init__(self, host: Host) -> None:
        """Start with an empty list."""
        super().__init__(host)
        self.cursor = 0
        self._seek: int | None = None
        self._quick = False
        self._head: Snapshot | None = None
        self._at_tail = False

    @property
    def record(self) -> int | None:
        """The id under the cursor, or None in an empty list."""
        return self.ids[self.cursor] if self.cursor < len(self.ids) else None

    def show(self, source: RowSource, quick: bool, seek: int | None, marked: array[int] | None) -> None:
        """Take a list; the cursor goes to `seek`, else stays on its record or the nearest one."""
        self._seek = self.record if seek is None else seek
        self._quick, self._at_tail, self._head = quick, False, None
        self.open(source, quick, marked)

    def move(self, place: int) -> bool:
        """Put the cursor on a position; tell whether it stood elsewhere."""
        old, self.cursor = self.cursor, max(0, min(place, len(self.ids) - 1))
        self._seek = None
        return self.cursor != old

    def show_top(self) -> None:
        """Bring back the first page where the last one is shown in place of a list that is on its way."""
        if self._at_tail and self._head is not None:
            self._at_tail = False
            self._install(self._head, 0)

    def show_bottom(self) -> bool:
        """Tell whether the end of the list is here to go to; else have the last page brought."""
        if self._quick and not self.settled:
            self.ask_tail()
            return False
        return True

    def standing(self) -> tuple[int | None, int]:
        """Return the record the cursor belongs on, and its position."""
        return (self.record if self._seek is None else self._seek), self.cursor

    def take_head(self, head: Snapshot, complete: bool) -> None:
        """Show the first page; the cursor goes to the top unless its record is there."""
        seek, place = self._seek, None
        if seek is not None:
            around = neighbours(self.ids, self.cursor, seek) if complete else (seek,)
            place = nearest(head.ids, around, self.cursor)
        if complete or not self._at_tail:
            self._install(head, place or 0, clear=True)
            self._seek = seek if place is None else None
        if complete:
            self._settle()
        else:
            self._head = head

    def take_tail(self, tail: Snapshot) -> None:
        """Show the last page with the cursor on its last row."""
        self._at_tail = True
        self._install(tail, len(tail.ids) - 1)

    def take_all(self, found: Snapshot, wanted: int | None) -> None:
        """Show the whole list, the cursor on the wanted record unless it has been moved off it meanwhile."""
        record = self.standing()[0]
        place = found.position if record == wanted or record is None else find(found.ids, record, self.cursor)
        self._install(found, self.cursor if place is None else place, clear=True)
        self._settle()

    def _install(self, found: Snapshot, place: int, *, clear: bool = False) -> None:
        """Put other ids in place of those shown."""
        self.host.list_comes()
        before, line = self.record, self.cursor - self.host.top_line()
        self.put(found, clear)
        self.cursor = max(0, min(place, len(self.ids) - 1))
        self._seek = None
        self.host.list_came(line, self.record != before or self.record in found.rows)

    def _settle(self) -> None:
        """Say that the list is whole."""
        self.settled = True
        self._at_tail, self._head, self._seek = False, None, None
        self.host.list_settled()
