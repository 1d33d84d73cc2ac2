"""What stands on a terminal that is too small for anything else."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen

from widgets.one_line import OneLine


class TooSmall(ModalScreen[None]):
    """One line; it keeps the keys from what nobody can see."""

    DEFAULT_CSS = "TooSmall { background: $background; layout: vertical; }"

    def __init__(self, words: Content) -> None:
        """Say these words."""
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        """Lay out the line."""
        yield OneLine(most=3)

    def on_mount(self) -> None:
        """Fill the line."""
        self.query_one(OneLine).put(self._words)
