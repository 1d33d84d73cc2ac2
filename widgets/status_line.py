"""The only line that counts: how many are shown and marked, in which order, by which filter; and what was done last."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from widgets.one_line import OneLine


@dataclass(frozen=True, slots=True)
class Status:
    """What a list's status line says."""

    shown: int | None = None
    """Records in the list; None while they are being counted."""
    marked: int = 0
    added: int = 0
    """Records that others have added since."""
    sort: Content | None = None
    """The column and its arrow, as `age ↓`."""
    filter: Content | None = None
    last: Content | None = None
    """The last decision in words, with the key that takes it back; stands at the right."""


def status_words(status: Status) -> Content:
    """Return the left text of a status line."""
    parts = [Content("… shown" if status.shown is None else f"{status.shown:,} shown")]
    if status.marked:
        parts.append(Content.styled(f"{status.marked:,} marked", "bold"))
    if status.added:
        parts.append(Content.styled(f"+{status.added:,} new", "$warning"))
    if status.sort:
        parts.append(Content("sort: ") + status.sort)
    if status.filter:
        parts.append(Content("filter: ") + status.filter)
    return Content(" · ").join(parts)


class StatusLine(OneLine):
    """`312 shown · 12 marked · sort: age ↓ · filter: country:DE`, and at the right `accepted 12 addresses · u`."""

    def __init__(self, *, id: str | None = None) -> None:
        """Make an empty line; words that stand alone on it are wrapped, not cut."""
        super().__init__(most=3, id=id)

    def show(self, status: Status) -> None:
        """Show how the list stands."""
        self.put(status_words(status), status.last)
