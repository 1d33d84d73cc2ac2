"""Handing files over by SFTP, each once: what was begun is written down here before the server is asked.

A file is sent under a name of its own that ends in `.part`, measured there, and renamed. The rename alone makes it
visible, and only one rename of a part can succeed, however often it is asked for; so after a lost reply the same part
is renamed again, never a second one. Where part and file are both gone the warehouse may have taken the file: if it
leaves no trace (`archive`), a person asks.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from data.clock import Clock
from data.model import LastcallError
from data.portals.batch_files import ListFile
from data.portals.errors import Ambiguous, Conflict, NotSent
from data.portals.outcomes import Check
from data.portals.sftp_fetch import LARGEST, fetch_tables, join
from data.portals.sftp_notes import Note, Notes, Step, drop, size_of
from data.portals.sftp_server import SftpServer, connected, is_answer, step
from data.text import visible

if TYPE_CHECKING:
    from asyncssh import SFTPClient


class SftpDelivery:
    """A folder on another machine; implements `Delivery`."""

    def __init__(
        self,
        server: SftpServer,
        folder: Path,
        clock: Clock,
        *,
        receive: str = "",
        archive: str = "",
        remove_read: bool = False,
    ) -> None:
        """Deliver to `server`; `folder` is the warehouse's own on this machine, where notes are kept.

        `receive` is the server's folder of tables for us ('' = they come otherwise), from which they are removed once
        they are here where `remove_read` says so; `archive` is the folder into which the warehouse puts what it took.
        """
        self._server = server
        self._notes = Notes(folder / "manifests")
        self._clock = clock
        self._receive = receive
        self._archive = archive
        self._remove_read = remove_read

    async def deliver(self, staged: Path, file: ListFile) -> None:
        """Send, measure, rename, note; goes on where an earlier attempt stopped."""
        note = self._notes.read(file)
        if note is None or note.step is not Step.DELIVERED:
            async with connected(self._server) as client:
                await self._deliver(client, staged, file, note)
        drop(staged)

    async def is_delivered(self, staged: Path, file: ListFile) -> bool:
        """Ask the server, unless our note says so."""
        note = self._notes.read(file)
        if note is None or note.step is not Step.DELIVERED:
            async with connected(self._server) as client, step(f"{file.file}: can't be looked up"):
                if not await self._is_there(client, file, note, size_of(staged)):
                    return False
            self._notes.write(file, Step.DELIVERED, note.part if note else "")
        drop(staged)
        return True

    async def fetch(self, folder: Path, settle: float) -> list[str]:
        """Bring the tables that wait on the server."""
        if not self._receive:
            return []
        latest = self._clock.now().timestamp() - settle
        async with (
            connected(self._server) as client,
            step(f"tables of {self._server.host} can't be read", size=LARGEST),
        ):
            return await fetch_tables(client, self._receive, folder, latest, remove=self._remove_read)

    async def test(self) -> list[Check]:
        """Connect and look at the folders."""
        name = f"SFTP to {self._server.host}"
        wanted = [each for each in (self._server.path, self._receive, self._archive) if each]
        try:
            async with connected(self._server) as client, step("folders can't be looked at"):
                missing = [each for each in wanted if not await client.isdir(each)]
        except LastcallError as error:
            return [Check(name, False, str(error))]
        words = f"there is no folder {', '.join(missing)}" if missing else f"folders {', '.join(wanted)} are there"
        return [Check(name, not missing, words)]

    async def _deliver(self, client: SFTPClient, staged: Path, file: ListFile, note: Note | None) -> None:
        async with step(f"{file.file}: not handed over", size=size_of(staged)):
            if await self._is_there(client, file, note, size_of(staged)):
                self._notes.write(file, Step.DELIVERED, note.part if note else "")
                return
            if note is None or note.step is not Step.RENAMING:
                note = await self._send(client, staged, file, note)
        await self._rename(client, file, note, size_of(staged))
        self._notes.write(file, Step.DELIVERED, note.part)

    async def _send(self, client: SFTPClient, staged: Path, file: ListFile, earlier: Note | None) -> Note:
        """Send a part, whole, and write down that it is about to be renamed."""
        if earlier is not None:
            await self._remove(client, earlier.part)
        part = f"{join(self._server.path, file.file)}.{secrets.token_hex(4)}.part"
        self._notes.write(file, Step.UPLOADING, part)
        await client.put(str(staged), part)
        arrived = await self._size(client, part)
        if arrived != size_of(staged):
            raise NotSent(f"{file.file}: {arrived} of {size_of(staged)} bytes arrived")
        self._notes.write(file, Step.RENAMING, part)
        return Note(Step.RENAMING, part)

    async def _rename(self, client: SFTPClient, file: ListFile, note: Note, size: int) -> None:
        """Give a part its name; raises Ambiguous where no reply comes, NotSent where the server won't."""
        final = join(self._server.path, file.file)
        async with step(f"{file.file}: whether it was handed over is not known", Ambiguous):
            for rename in (client.posix_rename, client.rename):
                try:
                    return await rename(note.part, final)
                except Exception as error:
                    if not is_answer(error):
                        raise
                    words = visible(str(error))
                # It says no: to an extension it does not have, or because an earlier rename has succeeded meanwhile.
                if await self._is_there(client, file, note, size):
                    return
            raise NotSent(f"{file.file}: {self._server.host} does not give it its name: {words}")

    async def _is_there(self, client: SFTPClient, file: ListFile, note: Note | None, size: int) -> bool:
        """Tell whether the warehouse got a file, by its name, which its contents give it.

        Raises Conflict where it was about to be renamed and nothing is left that tells.
        """
        final = join(self._server.path, file.file)
        archived = join(self._archive, file.file) if self._archive else ""
        part = note.part if note is not None and note.step is Step.RENAMING else ""
        # The name is looked at again last: a rename asked for earlier may be done just now.
        for place in (final, archived, part, final):
            found = await self._size(client, place) if place else None
            if found is not None and found != size:
                raise Conflict(f"{place} has {found} bytes at {self._server.host}, not {size}: ask the warehouse")
            if found is not None:
                return place != part
        if not part:
            return False
        raise Conflict(
            f"{file.file} was being handed over and is not at {self._server.host} any more: ask the warehouse"
            " whether it has taken it"
        )

    async def _size(self, client: SFTPClient, path: str) -> int | None:
        """Return a file's size, or None where there is none."""
        from asyncssh import SFTPNoSuchFile

        try:
            return (await client.stat(path)).size
        except SFTPNoSuchFile:
            return None

    async def _remove(self, client: SFTPClient, path: str) -> None:
        """Remove what an attempt left behind that broke off; it does not matter where the server won't."""
        try:
            await client.remove(path)
        except Exception as error:
            if not is_answer(error):
                raise
