"""Which warehouse systems there are: a system is one module and one line here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.clock import Clock
from data.model import WorkspaceError
from data.policy import WarehouseSettings
from data.portals.protocol import Portal

if TYPE_CHECKING:
    from data.portals.secrets import Secret

_Make = Callable[[WarehouseSettings, Path, Clock], Portal]


def portal_for(settings: WarehouseSettings, folder: Path, clock: Clock) -> Portal:
    """Return the portal of a warehouse of the workspace in `folder`.

    Nothing is read or connected: whoever only renders needs no secret, which is read on the first request. Raises
    WorkspaceError for a kind or an option that does not exist, and for an address that is not safe.
    """
    make = _KINDS.get(settings.portal)
    if make is None:
        known = ", ".join(sorted(_KINDS))
        raise WorkspaceError(f"warehouse {settings.code}: there is no portal {settings.portal!r}; known are {known}")
    return make(settings, folder, clock)


def _sandbox(settings: WarehouseSettings, folder: Path, clock: Clock) -> Portal:
    from data.portals.credentials import SecretHeader
    from data.portals.sandbox_http import DUPLICATES, SandboxHttp

    options = _options(
        settings, {"duplicates": str, "deadline": float, "max_lag": float, "concurrency": int, "per_minute": int}
    )
    duplicates = options.pop("duplicates", "refuse")
    if duplicates not in DUPLICATES:
        raise WorkspaceError(f"warehouse.{settings.code}.options.duplicates must be one of {', '.join(DUPLICATES)}")
    credentials = SecretHeader(secret_of(settings, folder))
    return SandboxHttp(settings.url, credentials, clock, idem=DUPLICATES[duplicates], **options)


def _file(settings: WarehouseSettings, folder: Path, clock: Clock) -> Portal:
    from data.portals.file_drop import FileDrop

    options = _options(settings, {"spreadsheet": bool, "batch_max": int, "settle": float})
    return FileDrop(folder / "drop" / settings.code, clock, **options)


def _http(settings: WarehouseSettings, folder: Path, clock: Clock) -> Portal:
    from data.portals.declared.make import make_declared

    return make_declared(settings, folder, clock, secret_of(settings, folder))


def secret_of(settings: WarehouseSettings, folder: Path) -> Callable[[], Secret]:
    """Return a function that reads a warehouse's secret, for the worker to call on its first request."""

    def read() -> Secret:
        from data.portals.secrets import read_secret

        return read_secret(settings.secret, folder)

    return read


_KINDS: dict[str, _Make] = {"sandbox": _sandbox, "file": _file, "http": _http}


def _options(settings: WarehouseSettings, kinds: dict[str, type]) -> dict[str, Any]:
    """Return a warehouse's options, each of its kind; raises WorkspaceError naming the one that is wrong."""
    read: dict[str, Any] = {}
    for name, value in settings.options.items():
        where = f"warehouse.{settings.code}.options.{name}"
        kind = kinds.get(name)
        if kind is None:
            raise WorkspaceError(f"{where}: there is no such option; known are {', '.join(sorted(kinds))}")
        number = kind in (int, float)
        fits = isinstance(value, int | float) and not isinstance(value, bool) if number else isinstance(value, kind)
        if not fits or (number and value < 0) or (kind is int and value != int(value)):
            raise WorkspaceError(f"{where}: {value!r} is not {_KIND_WORDS[kind]}")
        read[name] = kind(value)
    return read


_KIND_WORDS = {int: "a whole number", float: "a number of 0 or more", bool: "true or false", str: "text"}
