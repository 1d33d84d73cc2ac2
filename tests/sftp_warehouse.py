"""A warehouse's SFTP server on loopback, whose connection can die at any call."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncssh

from data.clock import HeldClock
from data.model import Address
from data.policy import WarehouseSettings
from data.portals.file_drop import FileDrop
from data.portals.protocol import Action, Entry, ShipmentLine, ShipmentOrder
from data.portals.registry import portal_for

NOW = datetime(2026, 11, 23, 4, 5, 6, tzinfo=UTC)
HOME = Address("Zoë Strüß", "", "Hauptstr. 1", "", "Köln", "", "01234", "DE", "+49 221 1")


class Server:
    """A warehouse's SFTP server, with a trap that cuts the connection at one call."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.trap: tuple[str, int, str] | None = None
        self.late: list[Callable[[], None]] = []
        """Calls whose connection died before they were done, and that are done yet."""
        self.at_last: dict[str, Callable[[], None]] = {}
        """What happens before the next call of a name, once something is late."""
        self.calls: list[str] = []
        self.consumed: list[str] = []
        self.forbidden = False
        """Nothing may be removed."""
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.user_key = asyncssh.generate_private_key("ssh-ed25519")

    def path(self, name: str) -> Path:
        return self.folder / name

    def files(self, name: str = "in") -> list[str]:
        return sorted(each.name for each in (self.folder / name).iterdir())

    def consume(self, how: str) -> None:
        """Take what a warehouse takes: whole files, never parts."""
        for name in self.files():
            if not name.endswith(".part") and how != "leaves":
                self.consumed.append(name)
                if how == "archives":
                    shutil.move(self.folder / "in" / name, self.folder / "done" / name)
                else:
                    (self.folder / "in" / name).unlink()


def sftp_server(server: Server) -> type[asyncssh.SFTPServer]:
    """Return the server's class, with every call counted and one of them trapped."""

    def trapped(name: str) -> Callable[..., Any]:
        real: Callable[..., Any] = getattr(asyncssh.SFTPServer, name)

        def call(self: asyncssh.SFTPServer, *args: Any) -> Any:
            server.calls.append(name)
            if server.late and name in server.at_last:
                server.at_last.pop(name)()
            if name == "remove" and server.forbidden:
                raise asyncssh.SFTPPermissionDenied("not yours")
            hit = server.trap is not None and server.trap[:2] == (name, server.calls.count(name))
            when = server.trap[2] if hit and server.trap else ""
            if when:
                server.trap = None
            if when == "late":
                server.late.append(lambda: real(self, *args))
            if when == "swallow":
                return len(args[2])
            result = None if when in ("before", "late") else real(self, *args)
            if when == "before" and name == "close":
                # What a dead connection had open is closed by any server.
                args[0].close()
            if when:
                self.channel.get_connection().abort()
            return result

        return call

    names = ("open", "write", "close", "stat", "posix_rename", "rename", "remove")

    made = type("Trapped", (asyncssh.SFTPServer,), {name: trapped(name) for name in names})
    made.__init__ = lambda self, chan: asyncssh.SFTPServer.__init__(self, chan, chroot=os.fsencode(server.folder))  # type: ignore[misc]
    return made


class Login(asyncssh.SSHServer):
    """Lets `eu1` in by its key, or by the password "sesame"."""

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("eu1", "sesame")


@asynccontextmanager
async def running(tmp_path: Path) -> AsyncIterator[Server]:
    """Run a server on loopback, with a key and a `known_hosts` for it in `tmp_path`, the workspace."""
    made = Server(tmp_path / "theirs")
    for name in ("in", "out", "done"):
        made.path(name).mkdir(parents=True)
    authorized = asyncssh.import_authorized_keys(made.user_key.export_public_key().decode())
    listener = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Login,
        server_host_keys=[made.host_key],
        authorized_client_keys=authorized,
        sftp_factory=sftp_server(made),
    )
    made.port = listener.get_port()
    write_private(tmp_path / "id", made.user_key.export_private_key())
    (tmp_path / "known_hosts").write_bytes(f"[127.0.0.1]:{made.port} ".encode() + made.host_key.export_public_key())
    yield made
    listener.close()
    await listener.wait_closed()


def write_private(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)


def portal_of(server: Server, secret: str = "", **options: Any) -> FileDrop:
    """Return the portal of a workspace beside the server's folder."""
    given = {"deliver": f"sftp://eu1@127.0.0.1:{server.port}/in", "known_hosts": "known_hosts", "key": "id"} | options
    settings = WarehouseSettings(
        "EU1", "Cedar", secret=secret, options={name: value for name, value in given.items() if value is not None}
    )
    portal = portal_for(settings, server.folder.parent, HeldClock(NOW))
    assert isinstance(portal, FileDrop)
    return portal


def entries(portal: FileDrop, *keys: str) -> list[Entry]:
    lines = (ShipmentLine("GAME", "The game", 1),)
    return [Entry(Action.ADD, key, portal.render_push(ShipmentOrder(key, f"#{key}", HOME, lines))) for key in keys]


def put(server: Server, name: str, text: str, age: float = 60) -> None:
    path = server.path("out") / name
    path.write_text(text, encoding="utf-8")
    when = (NOW - timedelta(seconds=age)).timestamp()
    os.utime(path, (when, when))
