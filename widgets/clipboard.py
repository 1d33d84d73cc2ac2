"""Copies through the terminal (OSC 52), which reaches the person's own machine over SSH, and to a file beside."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

from textual.app import App

FILE = "last-copy.txt"


def copy(app: App[Any], text: str, folder: Path) -> Path | None:
    """Copy text and keep it in `folder` as `last-copy.txt` of mode 0600; return the file, or None without one.

    Whether the terminal takes OSC 52 is not known, so tell the person both: tmux needs `set -g set-clipboard on`. The
    caller makes the text safe to paste: a line feed in it would run in a shell. The write is short and to the person's
    own folder, so it may be made on the UI thread.
    """
    app.copy_to_clipboard(text)
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".copy-", dir=folder)
        try:
            with open(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
                file.write(text)
            os.replace(name, folder / FILE)
        except OSError:
            os.unlink(name)
            raise
        return folder / FILE
    return None
