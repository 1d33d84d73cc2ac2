"""Opening the console: is there a terminal that can show it, and a workspace to show?"""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

from console.output import narrate
from console.settings import load_settings

if TYPE_CHECKING:
    from console.session import Session


def open_console(session: Session, mouse: bool = True) -> int:
    """Run the console until the person leaves it; return the exit code.

    Raises WorkspaceError when there is no workspace or the settings can't be used.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        narrate("the console needs a terminal; `lastcall --help` lists what works without one")
        return 2
    if os.environ.get("TERM", "dumb") == "dumb":
        narrate("this terminal (TERM=dumb) can't show the console; every verb is a command too: `lastcall --help`")
        return 2
    settings = load_settings()
    # Textual reads these when it is imported.
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    # Little of what is loaded from here on is garbage; looking for it takes a tenth of the time to the first screen.
    gc.disable()
    from console import guard, keymap

    if problems := keymap.check_keymap(settings.keys):
        for problem in problems:
            narrate(f"settings: {problem}")
        return 2
    workspace = session.open("console")
    guard.install()
    from console.app import ConsoleApp

    app = ConsoleApp(workspace, settings)
    # Without the default action a closed SSH line would leave a console that spins on a dead terminal.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    app.run(mouse=mouse and settings.mouse)
    if app.problem is not None:
        raise app.problem
    if app.return_code:
        return app.return_code
    return 0
