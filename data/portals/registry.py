"""Which warehouse systems there are: a system is one module and one line here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from data.clock import Clock
from data.model import WorkspaceError
from data.policy import WarehouseSettings
from data.portals.file_makers import make_file
from data.portals.options import PACE, read_options, secret_of
from data.portals.protocol import Portal
from data.portals.vendor_makers import make_amazon, make_shipbob, make_shipmonk

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

    options = read_options(settings, {"duplicates": str, **PACE})
    duplicates = options.pop("duplicates", "refuse")
    if duplicates not in DUPLICATES:
        raise WorkspaceError(f"warehouse.{settings.code}.options.duplicates must be one of {', '.join(DUPLICATES)}")
    credentials = SecretHeader(secret_of(settings, folder))
    return SandboxHttp(settings.url, credentials, clock, idem=DUPLICATES[duplicates], **options)


def _http(settings: WarehouseSettings, folder: Path, clock: Clock) -> Portal:
    from data.portals.declared.make import make_declared

    return make_declared(settings, folder, clock, secret_of(settings, folder))


_KINDS: dict[str, _Make] = {
    "sandbox": _sandbox,
    "file": make_file,
    "shipbob": make_shipbob,
    "shipmonk": make_shipmonk,
    "amazon": make_amazon,
    "http": _http,
}
