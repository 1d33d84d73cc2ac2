"""Making the portals of warehouses that take files; nothing is read from them or connected."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.clock import Clock
from data.model import InputError, WorkspaceError
from data.policy import WarehouseSettings
from data.portals.options import read_options, secret_of
from data.portals.protocol import Portal

if TYPE_CHECKING:
    from data.portals.delivery import Delivery


def make_file(settings: WarehouseSettings, folder: Path, clock: Clock) -> Portal:
    """Return the portal of a warehouse that takes files; raises WorkspaceError naming a wrong option or layout."""
    from data.portals.file_drop import FileDrop
    from data.portals.layout_toml import DEFAULT, find_layout

    kinds = {"layout": str, "spreadsheet": bool, "batch_max": int, "settle": float}
    remote = {"deliver": str, "known_hosts": str, "key": str, "receive": str, "archive": str, "remove_read": bool}
    options = read_options(settings, kinds | remote)
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
