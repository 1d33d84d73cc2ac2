"""Brings ids and rows from a source to a table: in worker threads, one at a time, and never what is out of date."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

from widgets.record_marks import IdSet
from widgets.record_rows import RowCache
from widgets.record_source import RowSource, Snapshot, neighbours, pages, take_all, take_first, take_last

Stopped = Callable[[], bool]
Act = Callable[[], None]


class Host(Protocol):
    """What a feed needs of the widget that shows it; all but `on_ui` is called on the UI thread."""

    def run_in_thread(self, work: Callable[[Stopped], None], group: str, exclusive: bool) -> None:
        """Run work in a thread; `exclusive` tells earlier work of the group to stop."""
        ...

    def on_ui(self, act: Act) -> None:
        """Run an act on the UI thread, soon; may be called from any thread."""
        ...

    def list_comes(self) -> None:
        """Hear that other ids are about to take the place of those shown."""
        ...

    def list_came(self, line: int, moved: bool) -> None:
        """Draw other ids, the cursor on this line of the screen; `moved` when it stands on another record."""
        ...

    def list_settled(self) -> None:
        """Hear that the whole list is here."""
        ...

    def rows_came(self, asked: Collection[int]) -> None:
        """Draw the rows of these ids, which are others than before; none when a fetch is over."""
        ...

    def freeze_marks(self, marked: array[int], frozen: IdSet) -> None:
        """Hold a marked snapshot as a set."""
        ...

    def top_line(self) -> int:
        """Return the position of the first row on the screen."""
        ...

    def fail(self, error: Exception) -> None:
        """Say that the source could not answer."""
        ...


class RowFeed(ABC):
    """The ids and rows that a table shows, and the fetching of them."""

    def __init__(self, host: Host) -> None:
        """Start with an empty list."""
        self.ids: array[int] = array("q")
        self.rows = RowCache()
        self.settled = True
        """Whether `ids` is the whole list."""
        self.source: RowSource | None = None
        self.host = host
        self._generation = 0
        self._fetching = False
        self._broken = False
        self._stale: set[int] = set()
        self._changed_in_load: set[int] = set()
        self._changed_in_fetch: set[int] = set()

    @abstractmethod
    def standing(self) -> tuple[int | None, int]:
        """Return the record the cursor belongs on, and its position; read from threads."""

    @abstractmethod
    def take_head(self, head: Snapshot, complete: bool) -> None:
        """Show the first page, which may be all there is."""

    @abstractmethod
    def take_tail(self, tail: Snapshot) -> None:
        """Show the last page."""

    @abstractmethod
    def take_all(self, found: Snapshot, wanted: int | None) -> None:
        """Show the whole list; its position was looked up for the wanted record."""

    def open(self, source: RowSource, quick: bool, marked: array[int] | None) -> None:
        """Take a list; `quick` brings its first page before the rest, `marked` is a snapshot to be frozen first."""
        self._generation += 1
        self.source, self.settled, self._broken = source, False, False
        self._changed_in_load.clear()
        generation = self._generation
        # Taken before the first page is shown in place of the list that has the neighbours.
        stood, stood_at = self.standing()
        around = () if stood is None else neighbours(self.ids, stood_at, stood)

        def load(stopped: Stopped) -> None:
            if marked is not None:
                frozen = IdSet(marked)
                self.host.on_ui(lambda: self.host.freeze_marks(marked, frozen))
            if quick:
                head, complete = take_first(source)
                self._bring(generation, lambda: self.take_head(head, complete))
                if complete:
                    return
            record, position = self.standing()
            if record == stood:
                wanted, position = around, stood_at
            else:
                wanted = () if record is None else neighbours(self.ids, position, record)
            found = take_all(source, lambda: stopped() or generation != self._generation, wanted, position)
            self._bring(generation, lambda: self.take_all(found, record))

        self._run(generation, load, "record-table-ids", exclusive=True)

    def ask_tail(self) -> None:
        """Bring the last page, for as long as the whole list is on its way."""
        source, generation = self.source, self._generation
        if source is not None:

            def load(stopped: Stopped) -> None:
                tail = take_last(source)
                self._bring(generation, lambda: None if self.settled else self.take_tail(tail))

            self._run(generation, load, "record-table-tail", exclusive=True)

    def put(self, found: Snapshot, clear: bool) -> None:
        """Let a snapshot be what is shown; `clear` forgets the rows held."""
        if clear:
            self.rows.clear()
            self._stale.clear()
        self.ids = found.ids
        self._keep(found.rows, found.asked, self._changed_in_load)
        # What is fetched ahead, and what changed meanwhile.
        self.host.rows_came(())

    def changed(self, records: set[int], seen: Iterable[int]) -> bool:
        """Note that rows have changed; those seen stay until they are fetched anew. Tell whether any is seen."""
        visible = records.intersection(seen)
        self.rows.drop(records - visible)
        self._stale |= visible
        self._broken = False
        if self._fetching:
            self._changed_in_fetch |= records
        if not self.settled:
            self._changed_in_load |= records
        return bool(visible)

    def fetch(self, top: int, height: int) -> None:
        """Fetch the pages that a screen of rows lacks, else those above and below it, else those at the ends."""
        source, generation = self.source, self._generation
        if self._fetching or self._broken or source is None:
            return
        wanted = self._lacking(range(top, top + height))
        if self._stale:
            wanted.append(array("q", self._stale))
            self._stale = set()
        if not wanted:
            wanted = self._lacking((*range(top - height, top), *range(top + height, top + 2 * height)))
        if not wanted and self.settled:
            wanted = self._lacking((*range(height), *range(len(self.ids) - height, len(self.ids))))
        if not wanted:
            return
        self._fetching = True
        self._changed_in_fetch.clear()

        def load(stopped: Stopped) -> None:
            try:
                for asked in wanted:
                    rows = source.rows(asked)
                    self._bring(generation, self._taking(asked, rows))
            finally:
                self.host.on_ui(self._fetched)

        self._run(generation, load, "record-table-rows", exclusive=False)

    def _lacking(self, positions: Sequence[int]) -> list[array[int]]:
        lacking = [each for each in positions if 0 <= each < len(self.ids) and self.rows.lacks((self.ids[each],))]
        return pages(self.ids, lacking)

    def _taking(self, asked: Sequence[int], rows: Mapping[int, object]) -> Act:
        def take() -> None:
            before = [self.rows.get(record) for record in asked]
            self._keep(rows, asked, self._changed_in_fetch)
            # A row that is as it was is not painted again.
            other = [record for record, row in zip(asked, before, strict=True) if self.rows.get(record) != row]
            if other:
                self.host.rows_came(other)

        return take

    def _keep(self, rows: Mapping[int, object], asked: Sequence[int], changed: set[int]) -> None:
        """Hold rows that came; those that changed while they were read are shown as they were, and read once more."""
        self.rows.put(rows, asked)
        self._stale |= changed.intersection(asked)

    def _fetched(self) -> None:
        self._fetching = False
        self.host.rows_came(())

    def _bring(self, generation: int, act: Act) -> None:
        """Run an act on the UI thread unless another list has been opened by then."""
        self.host.on_ui(lambda: act() if generation == self._generation else None)

    def _run(self, generation: int, load: Callable[[Stopped], None], group: str, *, exclusive: bool) -> None:
        def guarded(stopped: Stopped) -> None:
            try:
                load(stopped)
            except Exception as error:
                failure = error
                self._bring(generation, lambda: self._fail(failure))

        self.host.run_in_thread(guarded, group, exclusive)

    def _fail(self, error: Exception) -> None:
        """Ask no more until something changes: a table that cannot be read must not try for ever."""
        self._broken = True
        self.host.fail(error)
