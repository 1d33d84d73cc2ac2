"""The top line: where the person is at the left, how the outside world stands at the right."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from widgets.one_line import OneLine

_BETWEEN = Content.styled(" > ", "dim")


class Breadcrumb(OneLine):
    """`Ember Isles > Addresses > "changed after lock" (312)` and `synced 2 min ago`."""

    def show(self, crumbs: Sequence[Content], state: Content | None = None) -> None:
        """Show the way here, the widest place first, and the state of the outside world."""
        self.put(_BETWEEN.join(crumbs), state)
