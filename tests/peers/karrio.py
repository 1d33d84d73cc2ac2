"""A real Karrio server to test against: installed once from its packages into a cache, started as often as needed.

`python -m tests.peers.karrio` prepares it, and says why where it can't; the tests then skip with the reason. Karrio is
LGPL-3.0 and no part of lastcall: it runs as a process of its own, on SQLite, on 127.0.0.1.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
CONSTRAINTS = Path(__file__).with_name("karrio-constraints.txt")
VERSION = "2026.1.32"
CACHE = ROOT / ".peers" / f"karrio-{VERSION}-py{sys.version_info.major}.{sys.version_info.minor}"
PARTS = ("", "-orders", "-events", "-manager", "-graph", "-pricing")
"""Of its packages; without `pricing` its database can't be made."""
_DATABASE = "karrio.sqlite3"
_INSTALL, _MIGRATE, _START = 1200, 900, 120
"""Seconds that each may take before it counts as failed."""
_MAKE_USER = """
from django.contrib.auth import get_user_model
from karrio.server.user.models import Token
user = get_user_model().objects.create(email="tests@example.org", is_active=True)
print("token:", Token.objects.create(user=user, test_mode=True).key)
"""


class Karrio:
    """A running server with a database of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """Start it in an empty folder and return once it answers; `settings` go into its environment.

        Raises RuntimeError with what it said where it does not come up.
        """
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(CACHE / _DATABASE, folder / _DATABASE)
        self.token = (CACHE / "token").read_text(encoding="ascii").strip()
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._log = (folder / "server.log").open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            [_program(), "runserver", f"127.0.0.1:{port}", "--noreload"],
            cwd=folder,
            env=_environment(folder) | settings,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(timeout=30)
        self._log.close()

    def _wait(self) -> None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        until = time.monotonic() + _START
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with opener.open(f"{self.url}/v1/references", timeout=5):
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"Karrio did not start: {Path(self._log.name).read_text(encoding='utf-8')[-2000:]}")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()


def why_not() -> str:
    """Say why Karrio can't be started here; '' where it can."""
    if (CACHE / "token").exists():
        return ""
    reason = CACHE / "reason"
    return reason.read_text(encoding="utf-8") if reason.exists() else "Karrio is not installed: make test-peers does it"


def prepare() -> str:
    """Install Karrio and make its database, where that is not done; return why it can't be done, or ''."""
    wanted = CONSTRAINTS.read_text(encoding="utf-8")
    stamp = CACHE / "installed"
    (CACHE / "reason").unlink(missing_ok=True)
    try:
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
            shutil.rmtree(CACHE, ignore_errors=True)
            CACHE.mkdir(parents=True)
            print(
                f"installing Karrio {VERSION} into {CACHE.relative_to(ROOT)}: this takes some minutes, once", flush=True
            )
            _run([sys.executable, "-m", "venv", str(CACHE / "venv")], _INSTALL)
            pip = [str(CACHE / "venv" / "bin" / "python"), "-m", "pip", "--retries", "1", "install", "--quiet"]
            packages = [f"karrio-server{part}=={VERSION}" for part in PARTS]
            _run([*pip, "--disable-pip-version-check", "--constraint", str(CONSTRAINTS), *packages], _INSTALL)
            stamp.write_text(wanted, encoding="utf-8")
        if not (CACHE / "token").exists():
            for left in CACHE.glob(f"{_DATABASE}*"):
                # Of one that was interrupted, its journal too: it would be played into the new one.
                left.unlink()
            print("making its database", flush=True)
            _run([_program(), "migrate"], _MIGRATE)
            said = _run([_program(), "shell", "-c", _MAKE_USER], _MIGRATE)
            token = next(line for line in said.splitlines() if line.startswith("token:"))
            (CACHE / "token").write_text(token.removeprefix("token:").strip(), encoding="ascii")
    except (OSError, RuntimeError, StopIteration, subprocess.TimeoutExpired) as error:
        why = f"Karrio {VERSION} can't be had here: {error}"
        CACHE.mkdir(parents=True, exist_ok=True)
        (CACHE / "reason").write_text(why, encoding="utf-8")
        return why
    return ""


def _run(command: list[str], seconds: float) -> str:
    """Run a program in the cache and return what it said; raises RuntimeError with its last lines where it fails."""
    done = subprocess.run(
        command,
        cwd=CACHE,
        env=_environment(CACHE),
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    if done.returncode:
        raise RuntimeError(" | ".join((done.stderr or done.stdout).strip().splitlines()[-3:]))
    return done.stdout


def _environment(folder: Path) -> dict[str, str]:
    """Return what Karrio reads: no other service, no telemetry, everything in one folder."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DJANGO", "VIRTUAL_ENV"))
    }
    return kept | {
        "SECRET_KEY": "of a server that only tests see",
        "DEBUG_MODE": "False",
        "WORK_DIR": str(folder),
        "LOG_DIR": str(folder),
        "DATABASE_NAME": _DATABASE,
        "DATABASE_ENGINE": "sqlite3",
        "ALLOWED_HOSTS": "127.0.0.1",
        "USE_HTTPS": "False",
        "STATIC_ROOT_DIR": str(folder / "static"),
        "WORKER_IMMEDIATE_MODE": "True",
        "USER_RATE_LIMIT": "6000/minute",
        "ANON_RATE_LIMIT": "6000/minute",
    }


def _program() -> str:
    return str(CACHE / "venv" / "bin" / "karrio")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    print(prepare() or f"Karrio {VERSION} is ready")
