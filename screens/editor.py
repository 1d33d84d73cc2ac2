"""Longer text in the person's own editor, while the console stands aside."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported


def has_editor(app: App[Any]) -> bool:
    """Tell whether the person has named an editor that can be opened on this terminal."""
    return bool(_editor()) and not app.is_headless and not app.is_web


def edit_text(app: App[Any], folder: Path, title: str) -> str | None:
    """Return what was written in the editor, or None where it could not be opened or ended with an error.

    Lines that begin with `#` are left out. The file is of mode 0600 and gone afterwards. The event loop stands still
    meanwhile: whatever the console painted would land in the editor.
    """
    handle, name = tempfile.mkstemp(prefix="note-", suffix=".txt", dir=folder)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(f"\n# {title}. Lines that begin with # are left out; an empty note is not written.\n")
        with app.suspend():
            ended = subprocess.run([*shlex.split(_editor()), name], check=False)
        if ended.returncode:
            return None
        text = Path(name).read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError, SuspendNotSupported):
        return None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)
    return "\n".join(line for line in text.splitlines() if not line.startswith("#")).strip()


def _editor() -> str:
    return os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
