"""`python -m data.addresses.check_process`: the check of every address in a process of its own.

Judging a million addresses is twenty minutes of one core and needs the tables of every country: inside a console, each
key would wait its turn behind it.
"""

from __future__ import annotations

import argparse
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from data.addresses.check_run import count_unchecked, run_checks
from data.model import LastcallError, StaleError
from data.store.actor import Actor
from data.store.workspace import Workspace

_PACKAGES = Path(__file__).parents[2]
_NICENESS = 10
"""So much lower is its priority than that of consoles and workers."""
_LOOK_SECONDS = 0.1
"""How often it is asked whether to stop."""
_REFUSED = 3
"""Its exit code when the workspace was busy, or could not be used; the reason is on standard error."""


def check_apart(ws: Workspace, stopped: Callable[[], bool], progress: Callable[[int, int], None]) -> None:
    """Check every address version that has no verdict, as `run_checks` does, and return when that is over.

    Starts no process where there is nothing to check. The process ends when it is stopped, and soon after its starter
    has died; either way each slice is written whole or not at all. Raises StaleError when the workspace is busy,
    RuntimeError with the end of its traceback when the process failed.
    """
    if not count_unchecked(ws):
        return
    arguments = ["-m", "data.addresses.check_process", str(ws.folder.resolve()), ws.actor.user, ws.actor.origin]
    # In a session of its own: what the terminal sends to the console's processes must not stop it inside a write.
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=_PACKAGES,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in _lines(process.stdout, stopped):
            done, total = map(int, line.split())
            progress(done, total)
        if stopped():
            process.terminate()
        said = process.stderr.read().decode(errors="replace").strip()
    if process.returncode == _REFUSED:
        raise StaleError(said)
    if process.returncode > 0:
        raise RuntimeError(f"the check of addresses failed: {said[-500:]}")


def _lines(pipe: IO[bytes], stopped: Callable[[], bool]) -> Iterator[bytes]:
    """Yield the lines that come, to their end or until it is stopped."""
    got = b""
    while not stopped():
        if select.select([pipe], [], [], _LOOK_SECONDS)[0]:
            piece = os.read(pipe.fileno(), 4096)
            if not piece:
                return
            *lines, got = (got + piece).split(b"\n")
            yield from lines


def main(arguments: list[str]) -> int:
    """Check, and print `done total` for each slice; a starter who is gone ends it."""
    parser = argparse.ArgumentParser(prog="python -m data.addresses.check_process")
    parser.add_argument("folder", type=Path)
    parser.add_argument("user")
    parser.add_argument("origin")
    given = parser.parse_args(arguments)
    os.nice(_NICENESS)
    try:
        ws = Workspace(given.folder, Actor(given.user, "upkeep", origin=given.origin))
        run_checks(ws, progress=lambda done, total: print(done, total, flush=True))
    except BrokenPipeError:
        # What is left of the buffer has no reader either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except LastcallError as error:
        print(error, file=sys.stderr)
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
