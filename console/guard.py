"""The two places where Textual 8.2.8 is overridden: where strips become bytes, and the screen after a crash.

Both reach into what Textual keeps to itself; tests/contracts/test_guard.py and tests/terminal/test_crash_screen.py fail
when it moves.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.segment import Segment
from rich.text import Text
from textual.app import App
from textual.strip import Strip
from textual.worker import WorkerFailed

from data.text import visible_lines, without_hidden

ReturnType = TypeVar("ReturnType")

# A break is dropped and not turned into a space: the strip was measured without it.
_BREAKS = re.compile(r"[\n\r\t]")
_render = Strip.render


def install() -> Callable[[], None]:
    """Let no control, bidirectional or invisible character through where strips become bytes; return what undoes it.

    Every widget should have made its text visible before; this stops what one forgot. Textual's own sequences are made
    after this point. Source of the threat: Textual and Rich pass ESC, C1 and bidirectional overrides on.
    """
    setattr(Strip, "render", _render_guarded)  # noqa: B010  a plain assignment is refused by mypy
    return lambda: setattr(Strip, "render", _render)


def _render_guarded(self: Strip, console: Console) -> str:
    if self._render_cache is None and not all(map(_is_clean, self)):
        cleaned = Strip([_clean(segment) for segment in self])
        self._render_cache = _render(cleaned, console)
    return _render(self, console)


def _is_clean(segment: Segment) -> bool:
    text, style, _ = segment
    return (style is None or style.link is None) and text.isascii() and text.isprintable()


def _clean(segment: Segment) -> Segment:
    text, style, control = segment
    if style is not None and style.link is not None and _clean_text(style.link) != style.link:
        style = style.update_link(None)
    return Segment(_clean_text(text), style, control)


def _clean_text(text: str) -> str:
    return without_hidden(_BREAKS.sub("", text))


class GuardedApp(App[ReturnType]):
    """An app whose crash leaves a clean terminal, tells no secret, and says where its report is.

    Under `NO_COLOR` it must be given a theme of the terminal's own colours (`console.themes.choose_theme`).
    """

    def __init__(self, *, reports: Path, scrub: Callable[[str], str]) -> None:
        """Make the app; crash reports go to the folder `reports`, after `scrub` has taken the secrets out of them."""
        # Textual chooses how it leaves colour out before a theme can be set; left alone it paints black on black.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.animation_level = "none"
        self._reports = reports
        self._scrub = scrub

    def _fatal_error(self) -> None:
        """Say in a few lines what happened, in place of Textual's traceback with the values of every variable."""
        self.bell()
        if not self._exit_renderables:
            error: BaseException | None = self._exception
            if isinstance(error, WorkerFailed):
                error = error.error
            self._exit_renderables.append(Text(crash_words(error, self._reports, self._scrub)))
        self._close_messages_no_wait()


def crash_words(error: BaseException | None, reports: Path, scrub: Callable[[str], str]) -> str:
    """Write a crash report of mode 0600 and return what the person is told; where none can be written, all of it."""
    from importlib.metadata import version

    trace = "".join(traceback.format_exception(error)) if error is not None else "no exception was recorded\n"
    versions = f"lastcall on Python {platform.python_version()}, textual {version('textual')}, {platform.platform()}"
    report = "\n".join(visible_lines(scrub(f"{versions}\n\n{trace}")))
    what = report.rstrip().rsplit("\n", 1)[-1]
    words = f"lastcall has stopped: {what}\nWhat was decided and saved is safe; typing that was not saved is lost.\n"
    path = _write_report(reports, report)
    if path is None:
        return f"{words}No crash report could be written to {reports}; this is what it would have said:\n\n{report}"
    return f"{words}The crash report is in {path}"


def _write_report(folder: Path, report: str) -> Path | None:
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="crash-", suffix=".txt", dir=folder)
        with open(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(report)
        return Path(name)
    return None
