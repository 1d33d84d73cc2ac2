"""Secrets by reference: the settings say where a secret is, only the worker reads it, and nothing ever shows it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from secrets import token_urlsafe
from typing import NoReturn

from data.model import WorkspaceError

_LONGEST = 4096


class Secret:
    """A text that does not show itself: not in a traceback, not in a log, not in a pickle."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Keep `value`."""
        self._value = value

    def reveal(self) -> str:
        """Return the secret, to be put into a header at once and kept nowhere."""
        return self._value

    def __repr__(self) -> str:
        """Return three stars."""
        return "***"

    def __reduce__(self) -> NoReturn:
        """Refuse to be written anywhere."""
        raise TypeError("a secret can't be pickled or copied")


def read_secret(reference: str, folder: Path) -> Secret:
    """Read the secret that `env:NAME` or `file:PATH` names; a relative path starts at `folder`.

    A file must be a regular one of this user (or root's) that nobody else may read or write: mode 0600 or 0400.
    Raises WorkspaceError, which names the reference and never any part of the secret.
    """
    kind, _, name = reference.partition(":")
    if kind == "env" and name:
        value = os.environ.get(name)
        if value is None:
            raise WorkspaceError(f"secret {reference}: the environment has no variable {name}")
    elif kind == "file" and name:
        value = read_private_file(f"secret {reference}", folder / Path(name).expanduser())
    else:
        # The text is not repeated: a person may have put the secret itself here.
        raise WorkspaceError("secret: write env:NAME or file:PATH, not the secret itself")
    value = value.strip()
    if not value:
        raise WorkspaceError(f"secret {reference}: it is empty")
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise WorkspaceError(f"secret {reference}: it must be one word of printable ASCII characters")
    return Secret(value)


def read_private_file(what: str, path: Path) -> str:
    """Read a private file of at most 4096 bytes: a regular one of this user (or root's) that nobody else may use.

    The checks are on the open file, so it can't be swapped between check and read. Raises WorkspaceError, which calls
    it `what`.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise WorkspaceError(f"{what}: {path}: {error.strerror}") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise WorkspaceError(f"{what}: {path} is not a regular file")
        if status.st_uid not in (os.geteuid(), 0):
            raise WorkspaceError(f"{what}: {path} belongs to another user")
        if status.st_mode & 0o077:
            mode = stat.S_IMODE(status.st_mode)
            words = f"has mode {mode:04o}, so others on this machine can use it; chmod 600 it"
            raise WorkspaceError(f"{what}: {path} {words}")
        content = os.read(handle, _LONGEST + 1)
    finally:
        os.close(handle)
    if len(content) > _LONGEST:
        raise WorkspaceError(f"{what}: {path} is longer than {_LONGEST} bytes")
    return content.decode("utf-8", "replace")


def ensure_secret_file(path: Path) -> Secret:
    """Return the secret in a private file, which gets a fresh one where it is missing; raises as `read_secret`."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        pass
    except OSError as error:
        raise WorkspaceError(f"{path}: {error.strerror}") from None
    else:
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(f"{token_urlsafe(24)}\n")
    return read_secret(f"file:{path}", Path.cwd())
