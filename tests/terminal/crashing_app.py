"""A console that crashes when a key is pressed, with a secret in its hands; run in a pseudo-terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

sys.path.insert(0, str(Path(__file__).parents[2]))

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from console.guard import GuardedApp

TOKEN = "tok-4711-canary"


class CrashingApp(GuardedApp[None]):
    """`x` crashes in a handler, `w` in a worker."""

    BINDINGS: ClassVar[list[BindingType]] = [("x", "crash", "Crash"), ("w", "crash_worker", "Crash in a worker")]

    def compose(self) -> ComposeResult:
        yield Static("ready to crash")

    def action_crash(self) -> None:
        secret = TOKEN
        raise ValueError(f"[/not markup] \x1b]0;title\x07 said {secret}")

    def action_crash_worker(self) -> None:
        self.run_worker(self.action_crash, thread=True)


if __name__ == "__main__":
    app = CrashingApp(reports=Path(sys.argv[1]), scrub=lambda text: text.replace(TOKEN, "***"))
    app.run(mouse=False)
    sys.exit(app.return_code)
