"""Tables that a warehouse leaves on its SFTP server, brought into the folder where tables are read."""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from data.portals.incoming_files import SUFFIXES
from data.portals.sftp_server import is_answer
from data.store.sharing import make_folders, open_file
from data.text import has_hidden, visible

if TYPE_CHECKING:
    from asyncssh import SFTPClient, SFTPName

LARGEST = 64 << 20
"""Bytes of one table."""
_LONGEST_NAME = 200
"""Bytes."""
_KNOWN = ".fetched.json"


def join(folder: str, name: str) -> str:
    """Return the path of a name in a folder of the server."""
    return f"{folder.rstrip('/')}/{name}" if folder != "." else name


async def fetch_tables(client: SFTPClient, remote: str, folder: Path, latest: float, *, remove: bool) -> list[str]:
    """Bring every table of a server's folder that is new or has changed, and was left alone since `latest` (seconds).

    A table is here whole before it is taken note of, and before it is removed over there, where `remove` says so.
    Returns what could not be brought, a line each; raises what the client raises.
    """
    known = _read_known(folder)
    seen: dict[str, list[int]] = {}
    problems: list[str] = []
    for entry in sorted(await client.readdir(remote), key=lambda each: str(each.filename)):
        name = str(entry.filename)
        if not name.lower().endswith(SUFFIXES) or name.startswith("."):
            continue
        size, changed = int(entry.attrs.size or 0), int(entry.attrs.mtime or 0)
        if why := _why_not(name, entry, size):
            problems.append(f"{visible(name)}: was not fetched: {why}")
            continue
        if known.get(name) == [size, changed]:
            seen[name] = [size, changed]
            continue
        content = await _read(client, join(remote, name), size) if changed <= latest else None
        if content is None:
            continue
        _keep(folder, name, content, changed)
        seen[name] = [size, changed]
        _write_known(folder, known | seen)
        if remove and (why := await _remove(client, join(remote, name))):
            problems.append(f"{visible(name)}: was fetched, and can't be removed: {why}")
    _write_known(folder, seen)
    return problems


def _why_not(name: str, entry: SFTPName, size: int) -> str:
    """Return why something of that name is no table to bring, or nothing."""
    if "/" in name or has_hidden(name) or len(os.fsencode(name)) > _LONGEST_NAME:
        return "its name can't be used here"
    if entry.attrs.permissions is not None and not stat.S_ISREG(entry.attrs.permissions):
        return "it is no file"
    return f"it has more than {LARGEST >> 20} MiB" if size > LARGEST else ""


async def _remove(client: SFTPClient, path: str) -> str:
    """Remove a table over there; returns why the server won't, or nothing."""
    try:
        await client.remove(path)
    except Exception as error:
        if not is_answer(error):
            raise
        return visible(str(error))
    return ""


async def _read(client: SFTPClient, path: str, size: int) -> bytes | None:
    """Return the contents of a table; None where it is still being written over there."""
    async with client.open(path, "rb") as source:
        content: object = await source.read(size + 1)
    if not isinstance(content, bytes) or len(content) != size:
        return None
    return content if (await client.stat(path)).size == size else None


def _keep(folder: Path, name: str, content: bytes, changed: int) -> None:
    """Put a table into the folder, whole, with the time it has over there."""
    partial = folder / f".{name}.part"
    with open(open_file(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.utime(partial, (changed, changed))
    target = folder / name
    if os.path.lexists(target):
        # An earlier one of the same name is not read yet: neither may be lost.
        target = folder / f"{Path(name).stem}-{changed}{Path(name).suffix}"
    os.replace(partial, target)


def _read_known(folder: Path) -> dict[str, list[int]]:
    """Return size and time of what was brought into a folder, which is made.

    Where that is lost, tables are brought again, and read again.
    """
    make_folders(folder)
    with suppress(OSError, ValueError):
        found = json.loads((folder / _KNOWN).read_bytes())
        if isinstance(found, dict):
            return found
    return {}


def _write_known(folder: Path, known: dict[str, list[int]]) -> None:
    partial = folder / f"{_KNOWN}.part"
    partial.write_text(json.dumps(known), encoding="utf-8")
    os.replace(partial, folder / _KNOWN)
