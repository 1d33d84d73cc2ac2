"""Runs a warehouse until it is told to stop."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from data.clock import Clock
from data.model import WorkspaceError
from data.portals.sandbox.dialects import NATIVE, dialect_for
from data.portals.secrets import Secret


def say_port(port: int) -> None:
    """Print where the warehouse answers, as its first line."""
    print(f"listening on http://127.0.0.1:{port}", flush=True)


def serve(
    state: Path,
    port: int,
    token: Secret,
    control: bool = False,
    *,
    held: bool = False,
    ready: Callable[[int], None] = say_port,
    until_input_ends: bool = False,
    dialect: str = NATIVE,
    limits: bool = True,
) -> None:
    """Serve the warehouse kept in the file `state` on 127.0.0.1 until SIGTERM, SIGINT, or its input ends.

    `port` 0 takes a free one; `ready` is called with the port once it answers. `control` opens the control room, `held`
    makes a warehouse's clock stand still from its beginning; `dialect` is the vendor it speaks like, and `limits` says
    whether it keeps that vendor's rate limits. Raises WorkspaceError where the `sandbox` extra is not installed, the
    port is taken, the dialect is not known, or the file is something else.
    """
    try:
        from data.portals.sandbox.running import run

        spoken = dialect_for(dialect, limits)
    except ModuleNotFoundError as error:
        raise WorkspaceError(
            f'the sandbox warehouse needs {error.name}, which is not installed: pip install ".[sandbox]"'
        ) from None
    try:
        listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    except OSError as error:
        raise WorkspaceError(f"port {port} on 127.0.0.1: {error.strerror}") from None
    with listener:
        # uvicorn stops on a signal and then raises it again: these make that a return instead of a death.
        before = {each: signal.signal(each, _quietly) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            watched = sys.stdin.fileno() if until_input_ends else None
            run(state, listener, token, control, held, ready, watched, Clock(), spoken)
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _quietly(number: int, frame: FrameType | None) -> None:
    """Take a signal that has done its work."""
