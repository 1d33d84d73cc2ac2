"""Which warehouse systems there are: a system is one module and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.clock import Clock
from data.model import InputError, WorkspaceError
from data.policy import WarehouseSettings
from data.portals.protocol import Portal

if TYPE_CHECKING:
    from data.portals.delivery import Delivery
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
    from data.portals.layout_toml import DEFAULT, find_layout

    kinds = {"layout": str, "spreadsheet": bool, "batch_max": int, "settle": float}
    remote = {"deliver": str, "known_hosts": str, "key": str, "receive": str, "archive": str, "remove_read": bool}
    options = _options(settings, kinds | remote)
    given = {name: options.pop(name) for name in remote if name in options}
    try:
        layout = find_layout(folder, options.pop("layout", DEFAULT))
    except InputError as error:
        raise WorkspaceError(f"warehouse.{settings.code}.options.layout: {error}") from error
    if options.pop("spreadsheet", False):
        marked = "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding
        layout = replace(layout, formula_guard=True, encoding=marked)
    drop = folder / "drop" / settings.code
    delivery = _sftp(settings, folder, clock, drop, given) if given else None
    return FileDrop(drop, clock, layout=layout, delivery=delivery, time_zone=settings.time_zone, **options)


def _sftp(settings: WarehouseSettings, folder: Path, clock: Clock, drop: Path, given: dict[str, Any]) -> Delivery:
    """Return the delivery to a warehouse's SFTP server; nothing is connected, and the client's library not loaded."""
    from data.portals.sftp import SftpDelivery
    from data.portals.sftp_server import read_server

    where = f"warehouse.{settings.code}.options"
    for name in ("deliver", "known_hosts"):
        if not given.get(name):
            raise WorkspaceError(f"{where}.{name}: delivery by SFTP needs it")
    server = read_server(f"{where}.deliver", given["deliver"], folder / given["known_hosts"])
    key = folder / Path(given["key"]).expanduser() if given.get("key") else None
    server = replace(server, key=key, secret=secret_of(settings, folder) if settings.secret else None)
    if key is None and server.secret is None:
        raise WorkspaceError(f"{where}: delivery by SFTP needs a key, or the warehouse a secret (the password)")
    return SftpDelivery(
        server,
        drop,
        clock,
        receive=given.get("receive", ""),
        archive=given.get("archive", ""),
        remove_read=given.get("remove_read", False),
    )


def secret_of(settings: WarehouseSettings, folder: Path) -> Callable[[], Secret]:
    """Return a function that reads a warehouse's secret, for the worker to call on its first request."""

    def read() -> Secret:
        from data.portals.secrets import read_secret

        return read_secret(settings.secret, folder)

    return read


_KINDS: dict[str, _Make] = {"sandbox": _sandbox, "file": _file}


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
