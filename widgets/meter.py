"""One line that says how far long work has come: a bar, done of total, how fast, how long still."""

from __future__ import annotations

from textual.content import Content
from textual.timer import Timer

from widgets.one_line import OneLine

_BAR = 20
_FULL, _EMPTY = "█", "░"
_INTERVAL = 0.25
"""Seconds between repaints; four a second is what a slow line bears."""


def meter_line(words: Content, done: int, total: int | None, seconds: float, hint: Content | None = None) -> Content:
    """Return the line after `seconds` of work; without a total it has no bar and no time left."""
    parts = [words]
    rate = done / seconds if seconds > 0 else 0.0
    if total:
        full = min(_BAR, _BAR * done // total)
        bar = Content.assemble((_FULL * full, "$primary"), (_EMPTY * (_BAR - full), "dim"))
        parts += [bar, Content(f"{100 * done // total}%"), Content(f"{done:,}/{total:,}")]
    else:
        parts.append(Content(f"{done:,}"))
    facts: list[Content] = []
    if rate >= 1:
        facts.append(Content(f"{rate:,.0f}/s"))
        if total and done < total:
            facts.append(Content(f"{time_words((total - done) / rate)} left"))
    if hint:
        facts.append(hint)
    return Content(" · ").join([Content(" ").join(parts), *facts])


def time_words(seconds: float) -> str:
    """Return a duration as a person says it: `8 s`, `3 min`, `2 h 05 min`."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


class Meter(OneLine):
    """A meter that repaints at most four times a second, however often it is told; hidden until then."""

    DEFAULT_CSS = "Meter { display: none; } Meter.-working { display: block; }"

    def __init__(self, *, id: str | None = None) -> None:
        """Make a hidden meter."""
        super().__init__(id=id)
        self._next: Content | None = None
        self._timer: Timer | None = None

    def show(self, words: Content, done: int, total: int | None, seconds: float, hint: Content | None = None) -> None:
        """Say how far the work is after `seconds`; `hint` says how to stop it."""
        self.add_class("-working")
        line = meter_line(words, done, total, seconds, hint)
        if self._timer is None:
            self.put(line)
            self._timer = self.set_timer(_INTERVAL, self._catch_up)
        else:
            self._next = line

    def finish(self) -> None:
        """Hide the meter."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._next = None
        self.remove_class("-working")

    def _catch_up(self) -> None:
        """Paint what was said last, and wait again if something was."""
        self._timer = None
        line, self._next = self._next, None
        if line is not None:
            self.put(line)
            self._timer = self.set_timer(_INTERVAL, self._catch_up)
