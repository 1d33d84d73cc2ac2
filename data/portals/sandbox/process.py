"""A sandbox warehouse as a process of its own, started and stopped by whoever needs one."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from data.model import WorkspaceError
from data.portals.sandbox.dialects import NATIVE
from data.portals.secrets import Secret

_TOKEN_NAME = "LASTCALL_SANDBOX_TOKEN"
_ROOT = Path(__file__).parents[3]


class SandboxProcess:
    """A running warehouse; it also stops when the process that started it dies."""

    def __init__(self, process: subprocess.Popen[str], url: str, token: Secret, state: Path) -> None:
        """Keep what `start` made."""
        self._process = process
        self.url = url
        self.token = token
        self.state = state

    @property
    def pid(self) -> int:
        """Return the process's id."""
        return self._process.pid

    def control(self, room: str, body: Any) -> dict[str, Any]:
        """Post to the control room (`clock`, `faults`, `stock`, `fate`, `settings`) and return its answer.

        Raises urllib's HTTPError where it is refused.
        """
        request = urllib.request.Request(
            f"{self.url}/_control/{room}",
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token.reveal()}", "Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as reply:
            answer: dict[str, Any] = json.load(reply)
        return answer

    def stop(self) -> int:
        """Ask it to stop, wait, and return its exit code."""
        self._process.terminate()
        return self._wait()

    def kill(self) -> int:
        """Kill it as a power cut would, and return its exit code."""
        self._process.kill()
        return self._wait()

    def _wait(self) -> int:
        code = self._process.wait(timeout=30)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        return code

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        if self._process.returncode is None:
            self.stop()


def start(
    state: Path,
    *,
    port: int = 0,
    token: Secret | None = None,
    control: bool = True,
    held: bool = True,
    dialect: str = NATIVE,
    limits: bool = True,
) -> SandboxProcess:
    """Start a warehouse on the file `state` and return once it answers; without `token` it gets a fresh one.

    With `held` its clock stands still until the control room moves it; `dialect` is the vendor it speaks like, `limits`
    keeps that vendor's rate limits. Raises WorkspaceError with what the process
    said where it does not come up.
    """
    token = token or Secret(secrets.token_urlsafe(24))
    command = [sys.executable, "-m", "data.portals.sandbox", "--state", str(state.resolve()), "--port", str(port)]
    command += ["--token", f"env:{_TOKEN_NAME}", "--until-input-ends"]
    command += ["--dialect", dialect, *["--control"] * control, *["--held"] * held, *["--no-limits"] * (not limits)]
    process = subprocess.Popen(
        command,
        cwd=_ROOT,
        env=os.environ | {_TOKEN_NAME: token.reveal()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line.startswith("listening on "):
        _, words = process.communicate(timeout=30)
        raise WorkspaceError(f"the sandbox warehouse did not start: {words.strip() or 'it said nothing'}")
    return SandboxProcess(process, line.removeprefix("listening on ").strip(), token, state)
