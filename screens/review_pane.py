"""The pane a change is decided by: its picture first, then whatever else is known, as wide as the screen allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from data.addresses.detail import ReviewDetail
from screens.columns.address_detail import picture_lines
from widgets.detail import Section
from widgets.field_diff import FieldDiff


class ReviewPane(FieldDiff):
    """Shows one change."""

    def __init__(self, *, id: str | None = None) -> None:
        """Make an empty pane."""
        super().__init__(id=id)
        self.shown: ReviewDetail | None = None
        self.needed = 0
        """Lines from the top that a decision needs to see."""

    def show_review(self, detail: ReviewDetail, more: Sequence[Section], now: datetime, *, stay: bool = False) -> None:
        """Show another change."""
        below = [line for each in more for line in (Content(""), *_titled(each))]

        def draw(width: int) -> list[Content]:
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
