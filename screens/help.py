"""The keys of a screen, made from the registry; it scrolls, so that nothing is cut on a small terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen

from screens.verbs import SYSTEM_KEYS, VIEWS, shown_key, verbs_of
from widgets.breadcrumb import Breadcrumb
from widgets.detail import Detail, Section
from widgets.key_hints import Hint, KeyHints

_KEYS_WIDTH = 12


class HelpScreen(Screen[None]):
    """Every key of one screen."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss_help", "Back", show=False),
    ]

    def __init__(self, view: str, keys: Mapping[str, str]) -> None:
        """Show the keys of a view; `keys` are those the person has moved."""
        super().__init__()
        self._view = view
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Lay out the sheet."""
        yield Breadcrumb()
        yield Detail()
        yield KeyHints([Hint("j/k", "scroll")], last=Hint("esc", "back"))

    def on_mount(self) -> None:
        """Fill the sheet."""
        title = dict(VIEWS.values())[self._view]
        self.query_one(Breadcrumb).show([Content(title), Content("Keys")])
        detail = self.query_one(Detail)
        detail.show(help_sections(self._view, self._keys))
        detail.focus()

    def action_dismiss_help(self) -> None:
        """Go back to the screen."""
        self.app.pop_screen()


def help_sections(view: str, keys: Mapping[str, str]) -> list[Section]:
    """Return the keys of a view by group; `keys` are those a person has moved."""
    moved = keys
    groups: dict[str, list[Content]] = {}
    for verb in verbs_of(view):
        shown = " ".join(shown_key(key) for key in (moved.get(verb.id, verb.key), verb.fixed) if key)
        groups.setdefault(verb.group, []).append(_line(shown, verb.help))
    groups["System"] = [_line(key, f"{words}.") for key, words in SYSTEM_KEYS.items()]
    return [Section(Content(group), lines) for group, lines in groups.items()]


def _line(keys: str, words: str) -> Content:
    return Content.assemble((keys.ljust(_KEYS_WIDTH), "bold $accent"), " ", words)
