"""The pane a row of the queue is decided by: its picture first, then what else is known, as wide as there is room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from data.addresses.detail import ReviewDetail
from data.addresses.fault_detail import FaultDetail
from screens.columns.address_detail import picture_lines
from screens.columns.fault_detail import fault_lines
from widgets.detail import Section
from widgets.field_diff import FieldDiff


class ReviewPane(FieldDiff):
    """Shows one change, or one faulty address on file."""

    def __init__(self, *, id: str | None = None) -> None:
        """Make an empty pane."""
        super().__init__(id=id)
        self.shown: ReviewDetail | FaultDetail | None = None
        self.needed = 0
        """Lines from the top that a decision needs to see."""

    @property
    def record(self) -> int | None:
        """The id of the row that is shown."""
        return self.shown.id if self.shown is not None else None

    def show_review(
        self, detail: ReviewDetail | FaultDetail, more: Sequence[Section], now: datetime, *, stay: bool = False
    ) -> None:
        """Show another row."""
        below = [line for each in more for line in (Content(""), *_titled(each))]

        def draw(width: int) -> list[Content]:
            if isinstance(detail, FaultDetail):
                picture = fault_lines(detail, width, now)
            else:
                picture = picture_lines(detail, width, now)
            self.needed = len(picture)
            # Of one height whatever it shows: a pane whose height changes is drawn whole, over the wire too.
            spare = [Content("")] * (self.size.height - len(picture)) if not below else []
            return [*picture, *below, *spare]

        self.shown = detail
        self.show_picture(draw, stay=stay)

    def show_none(self, words: Content) -> None:
        """Say why there is nothing to show."""
        self.shown, self.needed = None, 1
        self.show_picture(lambda _width: [words])


def _titled(section: Section) -> Sequence[Content]:
    return [*([section.title.stylize("bold")] if section.title is not None else []), *section.lines]
