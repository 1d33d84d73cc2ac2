"""The last line: the few keys that matter here, as many as fit whole, and where to find the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen

from widgets.one_line import OneLine

MOST = 7
"""Hints that a person takes in, and that fit into 80 columns."""
_GAP = "  "


class Hint(NamedTuple):
    """A key as the person reads it, and what it does in a word or two."""

    key: str
    words: str


ALL_KEYS = Hint("?", "all keys")


def hint_line(hints: Sequence[Hint], width: int, last: Hint = ALL_KEYS) -> Content:
    """Return the hints that fit whole into `width` cells, at most `MOST` of them, and always the last one."""
    end = _hint(last)
    line = Content("")
    for hint in hints[:MOST]:
        longer = line + _hint(hint) + _GAP
        if longer.cell_length + end.cell_length > width:
            break
        line = longer
    return line + end


def _hint(hint: Hint) -> Content:
    return Content.assemble((hint.key, "bold $accent"), " ", hint.words)


class KeyHints(OneLine):
    """Shows the bindings that are active and have `show=True`, in the order of the screen; or those it is given."""

    def __init__(self, hints: Sequence[Hint] | None = None, *, last: Hint = ALL_KEYS, id: str | None = None) -> None:
        """Make the line; without `hints` it follows the screen's bindings. `last` is always shown."""
        super().__init__(id=id)
        self._given = hints
        self._last = last

    def give(self, hints: Sequence[Hint] | None) -> None:
        """Show these hints, or follow the screen's bindings again."""
        self._given = hints
        self._fill()

    def on_mount(self) -> None:
        """Follow the screen's bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)
        self._fill()

    def on_unmount(self) -> None:
        """Follow them no longer."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def on_resize(self) -> None:
        """Show as many as fit into the other width."""
        self._fill()

    def _bindings_changed(self, _screen: Screen[object]) -> None:
        if self._given is None:
            self._fill()

    def _fill(self) -> None:
        hints = self._active() if self._given is None else self._given
        self.put(hint_line(hints, self.size.width or 80, self._last))

    def _active(self) -> list[Hint]:
        active = [each.binding for each in self.screen.active_bindings.values() if each.enabled]
        return list(hints_of((each for each in active if each.show), self.app.get_key_display))


def hints_of(bindings: Iterable[Binding], display: Callable[[Binding], str]) -> Iterable[Hint]:
    """Turn bindings into hints, one for each action."""
    seen: set[str] = set()
    for binding in bindings:
        if binding.action not in seen:
            seen.add(binding.action)
            yield Hint(display(binding), binding.description.lower())
