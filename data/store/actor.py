"""Who is at the keyboard: the real person over SSH and sudo, by the best evidence the machine has."""

from __future__ import annotations

import os
import pwd
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_UNSET_LOGIN = 4294967295


@dataclass(frozen=True, slots=True)
class Actor:
    """One person in one session of one program."""

    user: str
    program: str
    """`console`, `command line`, or `worker CODE`."""
    session: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    origin: str = ""
    """Terminal and SSH client, where there are any."""


def find_actor(program: str, environ: Mapping[str, str] | None = None, claimed: str = "") -> Actor:
    """Name the person behind this process.

    `claimed` comes from a forced command (`lastcall --as alice`) and is kept beside the account it runs under.
    Otherwise the login the kernel remembers wins, then the account that called sudo, then the account
    itself. `LOGNAME` and `USER` are never believed: anyone can set them.
    """
    env = os.environ if environ is None else environ
    account = _account(os.getuid())
    user = f"{claimed} ({account})" if claimed else _login_user() or _sudo_user(env) or account
    origin = " ".join(part for part in (_terminal(), env.get("SSH_CONNECTION", "").partition(" ")[0]) if part)
    return Actor(user=user, program=program, origin=origin)


def _account(uid: int) -> str:
    """Name the account with this number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid{uid}"


def _login_user() -> str:
    """Name the account that logged in, as the kernel's audit keeps it across su and sudo."""
    try:
        uid = int(Path("/proc/self/loginuid").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return ""
    return "" if uid == _UNSET_LOGIN else _account(uid)


def _sudo_user(env: Mapping[str, str]) -> str:
    """Name the account that called sudo; only believed when we run as somebody else than it."""
    text = env.get("SUDO_UID", "")
    return _account(int(text)) if text.isdigit() and os.getuid() == 0 else ""


def _terminal() -> str:
    """Name the terminal on standard input, if there is one."""
    try:
        return os.ttyname(0)
    except OSError:
        return ""
