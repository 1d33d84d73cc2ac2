"""Connections to a warehouse's SFTP server: its host key is known before, the secret is read at the last moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from data.model import WorkspaceError
from data.portals.errors import AuthFailed, NotSent, PortalError
from data.portals.secrets import Secret, read_private_file
from data.text import visible

if TYPE_CHECKING:
    from asyncssh import SFTPClient

PATIENCE = 60.0
"""Seconds for one step: to connect, to look something up, to rename a file."""
SLOWEST = 20_000
"""Bytes a second at which a file may be sent or fetched at worst."""


@dataclass(frozen=True, slots=True)
class SftpServer:
    """Where a warehouse takes files, and how one is let in."""

    host: str
    port: int
    user: str
    path: str
    """The folder; relative to the user's home where it begins with no slash."""
    known_hosts: Path
    """The file that has its host key."""
    key: Path | None = None
    """The private key that is shown."""
    secret: Callable[[], Secret] | None = None
    """The key's passphrase, or without a key the password; read when it is needed."""


def read_server(where: str, url: str, known_hosts: Path) -> SftpServer:
    """Read `sftp://user@host:port/folder`; `/~/` begins at the user's home. Raises WorkspaceError naming `where`."""
    try:
        parts = urlsplit(url)
        port = parts.port or 22
    except ValueError as error:
        raise WorkspaceError(f"{where}: {error}") from error
    if parts.password is not None:
        # The address is not repeated: it has the secret in it.
        raise WorkspaceError(f"{where}: the password does not belong here; name it by the warehouse's secret")
    if parts.scheme != "sftp" or not parts.hostname or not parts.username or parts.query or parts.fragment:
        raise WorkspaceError(f"{where}: write it as sftp://user@host/folder")
    path = unquote(parts.path).rstrip("/") or "/"
    path = path[3:] or "." if path == "/~" or path.startswith("/~/") else path
    return SftpServer(parts.hostname, port, unquote(parts.username), path, known_hosts)


@asynccontextmanager
async def connected(server: SftpServer) -> AsyncIterator[SFTPClient]:
    """Open a connection for some steps.

    Raises WorkspaceError for what is missing on this machine, AuthFailed where the host key is another or we are not
    let in, NotSent where there is no connection. What goes wrong inside comes out as `step` makes of it.
    """
    library = _library()
    if not server.known_hosts.is_file():
        raise WorkspaceError(
            f"{server.known_hosts}: is not there; put the server's host key into it (ssh-keyscan prints it,"
            " the warehouse confirms it)"
        )
    secret = server.secret().reveal() if server.secret else None
    keys = None
    try:
        if server.key is not None:
            keys = [library.import_private_key(read_private_file("key", server.key), secret)]
        known = library.read_known_hosts(str(server.known_hosts))
    except (library.KeyImportError, ValueError) as error:
        raise WorkspaceError(f"SFTP to {server.host}: {visible(str(error))}") from None
    async with step(f"no connection to {server.host}"):
        try:
            connection = await library.connect(
                server.host,
                server.port,
                username=server.user,
                known_hosts=known,
                client_keys=keys,
                password=None if keys else secret,
                config=None,
                agent_path=None,
                keepalive_interval=15,
            )
        except library.HostKeyNotVerifiable as error:
            words = f"the host key of {server.host} is not in {server.known_hosts.name}: nothing was sent"
            raise AuthFailed(words) from error
        except library.PermissionDenied as error:
            raise AuthFailed(f"{server.host} does not let {server.user} in") from error
    try:
        async with step(f"{server.host} gives no files"):
            # Names that are no UTF-8 must not keep the others from being listed.
            client = await connection.start_sftp_client(path_errors="surrogateescape")
        yield client
    finally:
        connection.abort()


@asynccontextmanager
async def step(words: str, failed: type[PortalError] = NotSent, size: int = 0) -> AsyncIterator[None]:
    """Do something over a connection, within the time that `size` bytes may take; raises `failed` where it breaks."""
    library = _library()
    patience = PATIENCE + size / SLOWEST
    try:
        async with asyncio.timeout(patience):
            yield
    except TimeoutError as error:
        raise failed(f"{words}: no answer in {patience:.0f} s") from error
    except (library.Error, OSError) as error:
        raise failed(f"{words}: {visible(str(error) or type(error).__name__)}") from error


def is_answer(error: Exception) -> bool:
    """Tell whether the server itself said no; a lost connection says nothing."""
    library = _library()
    lost = (library.SFTPConnectionLost, library.SFTPNoConnection)
    return isinstance(error, library.SFTPError) and not isinstance(error, lost)


def _library() -> Any:
    """Return the SSH library, which is loaded only where somebody delivers by SFTP."""
    try:
        import asyncssh
    except ImportError as error:
        raise WorkspaceError(
            "delivery by SFTP needs asyncssh: install lastcall with its extra sftp, as in"
            ' pipx install "lastcall[sftp]", or pipx inject lastcall "asyncssh[bcrypt]"'
        ) from error
    return asyncssh
