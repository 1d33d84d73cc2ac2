"""Files written so that they are whole or not there: never over another file, private, on the disk when it returns."""

from __future__ import annotations

import codecs
import csv
import errno
import hashlib
import io
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal

from data.files.formula import defuse
from data.model import InputError
from data.store.sharing import open_file
from data.text import visible

Cell = str | int | None
Kind = Literal["csv", "tsv"]
Quote = Literal["minimal", "all", "none"]
_QUOTING: dict[Quote, Literal[0, 1, 3]] = {"minimal": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL, "none": csv.QUOTE_NONE}
_BATCH = 500
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is there."""

    path: Path
    sha256: str
    rows: int
    size: int
    """Bytes."""


def safe_name(*parts: str | int, extension: str, longest: int = 60) -> str:
    """Build a file name from our own ids and times: `batch-12_DE01.csv`; anything unsafe becomes `_`.

    Text from outside may be among the parts: no separator, leading dot or dash, control or foreign character survives.
    """
    stem = "_".join(_UNSAFE.sub("_", str(part)) for part in parts if str(part))
    return f"{stem[:longest].strip('._-') or 'file'}.{_UNSAFE.sub('', extension)}"


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears at `path`, complete and synced, when the block ends; nothing appears when it raises.

    It is private, or its folder's group's. Raises InputError when something is there already, links included, or the
    folder refuses.
    """
    name = visible(path.name)
    if os.path.lexists(path):
        raise InputError(f"{name}: is there already; files are never written over")
    temporary = path.with_name(f".{path.name[:80]}.{secrets.token_hex(6)}")
    try:
        handle = open_file(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0))
    except OSError as error:
        raise InputError(f"{name}: can't be written: {error.strerror}") from error
    try:
        with open(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        _publish(temporary, path, name)
        _sync_folder(path.parent)
    except OSError as error:
        raise InputError(f"{name}: can't be written: {error.strerror or error}") from error
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def write_bytes(path: Path, content: bytes) -> Written:
    """Write a body that is ready; raises InputError as `new_file` does."""
    with new_file(path) as stream:
        stream.write(content)
    return Written(path, hashlib.sha256(content).hexdigest(), 0, len(content))


def write_table(
    path: Path,
    header: Sequence[str] | None,
    rows: Iterable[Sequence[Cell]],
    *,
    kind: Kind = "csv",
    spreadsheet: bool,
    encoding: str = "utf-8",
    delimiter: str = "",
    newline: str = "\r\n",
    quote: Quote = "minimal",
) -> Written:
    """Write a table, row by row, RFC 4180 with CRLF unless `delimiter`, `newline` and `quote` say otherwise.

    `spreadsheet` says who reads it: a person's spreadsheet (formulas defused, a byte order mark before UTF-8 so that
    Excel reads it) or a machine (every cell as it is). Raises InputError as `new_file` does, and, naming row and
    column, for a character the encoding does not have; with `quote` none also for a cell that would need quotes.
    """
    encoder = codecs.getincrementalencoder("utf-8-sig" if spreadsheet and encoding == "utf-8" else encoding)()
    with new_file(path) as stream:
        sink = _Sink(stream)
        text = io.StringIO(newline="")
        writer = csv.writer(
            text,
            delimiter=delimiter or ("\t" if kind == "tsv" else ","),
            lineterminator=newline,
            quoting=_QUOTING[quote],
            quotechar=None if quote == "none" else '"',
        )
        counted = 0
        for batch in _batches(rows, header):
            try:
                writer.writerows([_defused(row) for row in batch] if spreadsheet else batch)
            except csv.Error as error:
                raise InputError(f"{visible(path.name)}: a cell has the delimiter or a line end in it") from error
            try:
                sink.write(encoder.encode(text.getvalue()))
            except UnicodeEncodeError as error:
                raise _unwritable(error, path, encoding, header, batch, counted) from error
            counted += len(batch)
            text.seek(0)
            text.truncate()
    return Written(path, sink.hash.hexdigest(), counted - (header is not None), sink.size)


def write_json_lines(path: Path, objects: Iterable[Mapping[str, object]]) -> Written:
    """Write one JSON object a line, UTF-8; raises InputError as `new_file` does."""
    rows = 0
    with new_file(path) as stream:
        sink = _Sink(stream)
        for each in objects:
            sink.write(json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            rows += 1
    return Written(path, sink.hash.hexdigest(), rows, sink.size)


class _Sink:
    """A stream that knows the hash and size of what went into it."""

    def __init__(self, stream: BinaryIO) -> None:
        """Write to `stream`."""
        self._stream = stream
        self.hash = hashlib.sha256()
        self.size = 0

    def write(self, content: bytes) -> None:
        """Write and count."""
        self._stream.write(content)
        self.hash.update(content)
        self.size += len(content)


def _defused(row: Sequence[Cell]) -> list[Cell]:
    """Defuse the text cells; numbers of ours are no formulas."""
    return [defuse(cell) if isinstance(cell, str) else cell for cell in row]


def _batches(rows: Iterable[Sequence[Cell]], header: Sequence[str] | None) -> Iterator[list[Sequence[Cell]]]:
    """Yield a few hundred rows at a time, the header as the first."""
    flowing = iter(rows)
    batch: list[Sequence[Cell]] = [] if header is None else [header]
    batch.extend(islice(flowing, _BATCH))
    while batch:
        yield batch
        batch = list(islice(flowing, _BATCH))


def _unwritable(
    error: UnicodeEncodeError,
    path: Path,
    encoding: str,
    header: Sequence[str] | None,
    batch: list[Sequence[Cell]],
    before: int,
) -> InputError:
    """Name the cell that has a character the encoding does not have."""
    character = error.object[error.start]
    for offset, row in enumerate(batch):
        for position, cell in enumerate(row):
            if isinstance(cell, str) and character in cell:
                column = visible(header[position]) if header and position < len(header) else f"column {position + 1}"
                where = f"row {before + offset + (header is None)}, {column}"
                return InputError(f"{visible(path.name)}, {where}: {encoding} has no “{visible(character)}”")
    raise AssertionError("the character came from a cell")


def _publish(temporary: Path, path: Path, name: str) -> None:
    """Give the finished file its name, only where the name is free."""
    try:
        os.link(temporary, path, follow_symlinks=False)
    except FileExistsError as error:
        raise InputError(f"{name}: is there already; files are never written over") from error
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
            raise
        # A file system without links: reserve the name, then replace the reservation.
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError as taken:
            raise InputError(f"{name}: is there already; files are never written over") from taken
        os.replace(temporary, path)


def _sync_folder(folder: Path) -> None:
    """Make the new name durable; systems that can't open a folder do it themselves."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
