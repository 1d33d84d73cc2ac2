"""The palette: every verb of the screen by its name, from the registry."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.types import IgnoreReturnCallbackType

from screens.base import BaseScreen
from screens.verbs import MOVES, Verb, shown_key, verbs_of

_SILENT = {verb.id for verb in MOVES} | {"palette", "back", "pane.next"}


class VerbProvider(Provider):
    """Offers the verbs of the screen the palette was opened on."""

    async def discover(self) -> Hits:
        """List every verb before anything is typed."""
        for verb in self._verbs():
            yield DiscoveryHit(Content(self._title(verb)), self._run(verb), text=verb.words, help=verb.help)

    async def search(self, query: str) -> Hits:
        """Find verbs by their words, id and help."""
        matcher = self.matcher(query)
        for verb in self._verbs():
            score = max(matcher.match(verb.words), matcher.match(verb.id), matcher.match(verb.help) / 2)
            if score > 0:
                yield Hit(score, Content(self._title(verb)), self._run(verb), text=verb.words, help=verb.help)

    def _verbs(self) -> list[Verb]:
        return [verb for verb in verbs_of(self.app.current_mode) if verb.id not in _SILENT]

    def _title(self, verb: Verb) -> str:
        key = self.screen.shell.key(verb.id) if isinstance(self.screen, BaseScreen) else shown_key(verb.key)
        return f"{verb.words}  {key}"

    def _run(self, verb: Verb) -> IgnoreReturnCallbackType:
        # A key pressed and a verb chosen take the same way.
        return partial(self.screen.run_action, f"app.{verb.action}" if verb.app else verb.action)
