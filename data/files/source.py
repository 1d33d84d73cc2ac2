"""Where the bytes of a table come from: a file, or a member of a zip as the platforms hand them out."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from data.model import InputError
from data.text import visible

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".tab")
"""Names a zip's members must end with to be read as tables."""

_MOST_MEMBERS = 5_000
_MOST_BYTES = 8 << 30
_BOMB_RATIO = 300
_BOMB_FLOOR = 16 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one table; can be opened any number of times."""

    path: Path
    member: str = ""
    """The member's name inside the zip, or empty for a plain file."""
    size: int = 0
    """Bytes, unpacked."""

    @property
    def name(self) -> str:
        """Return what messages call it, safe to show: `pledges.csv`, or `all.zip/pledges.csv`."""
        return visible(f"{self.path.name}/{self.member}" if self.member else self.path.name)

    @property
    def file_name(self) -> str:
        """Return the bare name of the file or member, as it is."""
        return self.member.rsplit("/", 1)[-1] if self.member else self.path.name

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open for reading; raises InputError when the file is gone, locked away or the zip is damaged."""
        try:
            if not self.member:
                with self.path.open("rb") as stream:
                    yield stream
                return
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as member:
                yield member
        except (OSError, KeyError) as error:
            raise InputError(f"{self.name}: can't be read: {_why(error)}") from error
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
            raise InputError(f"{self.name}: the zip is damaged or protected: {visible(str(error))}") from error


def sources(paths: list[Path]) -> list[Source]:
    """Return the tables of files and zips: files in the order given, a zip's members by name.

    Folders and `__MACOSX` in a zip are passed over. Raises InputError for a missing file, a folder, a zip without a
    table, a workbook, and a zip whose sizes say it is a bomb (more than 300 times its packed size, or 8 GiB).
    """
    found: list[Source] = []
    for path in paths:
        name = visible(path.name)
        try:
            mode = path.stat()
        except OSError as error:
            raise InputError(f"{name}: can't be read: {_why(error)}") from error
        if not stat.S_ISREG(mode.st_mode):
            raise InputError(f"{name}: is not a file")
        if _is_zip(path):
            found.extend(_members(path))
        else:
            found.append(Source(path, "", mode.st_size))
    return found


def _is_zip(path: Path) -> bool:
    """Tell by the first bytes, as names lie."""
    with Source(path).open() as stream:
        return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def _members(path: Path) -> list[Source]:
    """List the tables of one zip."""
    name = visible(path.name)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise InputError(f"{name}: the zip is damaged: {visible(str(error))}") from error
    if any(each.filename in ("xl/workbook.xml", "content.xml") for each in members):
        raise InputError(f"{name}: is a spreadsheet's workbook; save it as CSV (UTF-8) and give that file")
    if len(members) > _MOST_MEMBERS:
        raise InputError(f"{name}: holds {len(members)} files; at most {_MOST_MEMBERS} are read")
    tables = [each for each in members if _is_table(each)]
    if not tables:
        raise InputError(f"{name}: holds no table ({', '.join(TABLE_SUFFIXES)})")
    if sum(each.file_size for each in tables) > _MOST_BYTES:
        raise InputError(f"{name}: unpacks to more than {_MOST_BYTES >> 30} GiB")
    for each in tables:
        if each.file_size > _BOMB_FLOOR and each.file_size > _BOMB_RATIO * max(each.compress_size, 1):
            raise InputError(
                f"{name}/{visible(each.filename)}: unpacks to {each.file_size} bytes: looks like a zip bomb"
            )
    names = [each.filename for each in tables]
    if len(set(names)) != len(names):
        raise InputError(f"{name}: holds two files of the same name")
    return sorted((Source(path, each.filename, each.file_size) for each in tables), key=lambda each: each.member)


def _is_table(member: zipfile.ZipInfo) -> bool:
    """Tell whether a member is a table and not a folder or a Mac's resource fork."""
    parts = member.filename.split("/")
    hidden = "__MACOSX" in parts or parts[-1].startswith(".")
    return not member.is_dir() and not hidden and parts[-1].lower().endswith(TABLE_SUFFIXES)


def _why(error: Exception) -> str:
    """Say an operating system's error without the path it repeats."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return visible(text)
