"""What went wrong behind the screens: one JSON line in `run/console.log`, so that nothing vanishes."""

from __future__ import annotations

import contextlib
import json
import os
import traceback
from collections.abc import Callable
from pathlib import Path

from textual.worker import WorkerFailed

from data.clock import Clock, utc_text

FILE = "console.log"


def log_error(folder: Path, clock: Clock, error: BaseException, where: str, scrub: Callable[[str], str]) -> None:
    """Append an error with its traceback, without secrets; a folder that can't be written is no reason to stop."""
    if isinstance(error, WorkerFailed):
        error = error.error
    entry = {
        "at": utc_text(clock.now()),
        "where": where,
        "error": scrub(repr(error)),
        "trace": scrub("".join(traceback.format_exception(error))),
    }
    with contextlib.suppress(OSError):
        descriptor = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(json.dumps(entry) + "\n")
