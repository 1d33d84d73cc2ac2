"""Starting a worker where none runs: a process of its own session, which a closed SSH line does not reach."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from data.dispatch.lock import holder
from data.model import WorkspaceError
from data.store.backup import RESTORED_MARK
from data.store.sharing import open_file
from data.store.workspace import Workspace

_PACKAGES = Path(__file__).parents[2]
WITHOUT_SECRET = ("file",)
"""Portals that need no secret."""


def start_worker(ws: Workspace, code: str) -> str:
    """Start `lastcall worker CODE` unless one runs; return nothing, or what the person should know.

    What is planned stays planned where it can't be started. Whoever plans commits first and then calls this: a worker
    that is about to leave looks once more after it has given its lock back.
    """
    run = ws.path("run")
    if words := why_not(ws, code):
        return words
    if holder(run, code) is not None:
        return ""
    log = open_file(run / f"{code}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "console", "--workspace", str(ws.folder.resolve()), "worker", code],
            cwd=_PACKAGES,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            close_fds=True,
        )
    except OSError as error:
        return f"the worker for {code} could not be started: {error.strerror}; what is planned stays planned"
    finally:
        os.close(log)
    # It outlives this process; until then somebody must take note when it ends.
    threading.Thread(target=process.wait, name=f"worker {code}", daemon=True).start()
    return ""


def why_not(ws: Workspace, code: str) -> str:
    """Say why this person can't start a worker for a warehouse, or nothing; the secret itself is not read."""
    stays = "what is planned stays planned"
    if (ws.folder / "run" / RESTORED_MARK).exists():
        return f"the workspace was restored from a backup: {stays} until `lastcall reconcile`"
    try:
        settings = ws.policy.warehouse(code)
    except WorkspaceError as error:
        return f"{error}; {stays}"
    if settings.portal in WITHOUT_SECRET:
        return ""
    kind, _, name = settings.secret.partition(":")
    if kind == "env" and name not in os.environ:
        return f"you can't start the worker for {code}: the environment has no {name}; {stays}"
    if kind == "file" and not os.access(ws.folder / Path(name).expanduser(), os.R_OK):
        return f"you can't start the worker for {code}: its secret can't be read; {stays}"
    if kind not in ("env", "file"):
        return f"the warehouse {code} has no secret in lastcall.toml; {stays}"
    return ""
