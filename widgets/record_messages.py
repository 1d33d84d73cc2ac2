"""What a record table says to its screen; handled as `on_record_table_opened` or by `@on(RecordTable.Opened)`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from widgets.record_feed import Act

if TYPE_CHECKING:
    from widgets.record_view import RecordView


@dataclass
class Said(Message, namespace="record_table"):
    """What a table says of itself."""

    table: RecordView

    @property
    def control(self) -> RecordView:
        """The table, for selectors."""
        return self.table


@dataclass
class Highlighted(Said, namespace="record_table"):
    """The cursor stands on another record or on none, or the row under it has come or changed."""

    record: int | None


@dataclass
class Opened(Said, namespace="record_table"):
    """Enter was pressed on a record, or it was clicked twice."""

    record: int


@dataclass
class Marked(Said, namespace="record_table"):
    """The marks have changed."""

    count: int


@dataclass
class Loaded(Said, namespace="record_table"):
    """The whole list is here."""

    total: int


@dataclass
class Failed(Said, namespace="record_table"):
    """The source could not answer; what was shown stays. `RecordTable.fresh` tries again."""

    error: Exception


@dataclass
class Arrived(Message, bubble=False, namespace="record_table"):
    """A worker brings something for the UI thread; the table's own affair."""

    act: Act
