"""How far each file has come on its way to an SFTP server, written down before the next step is asked for."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from data.portals.batch_files import ListFile
from data.portals.delivery import sync_folder
from data.portals.errors import Conflict
from data.store.sharing import open_file


class Step(StrEnum):
    """What was begun last: while a part is sent nothing is visible yet, from `renaming` on it may be."""

    UPLOADING = "uploading"
    RENAMING = "renaming"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Note:
    """How far one file has come."""

    step: Step
    part: str
    """The name under which it was sent."""


class Notes:
    """The notes of one warehouse's files, beside their manifests."""

    def __init__(self, folder: Path) -> None:
        """Keep notes in `folder`."""
        self._folder = folder

    def read(self, file: ListFile) -> Note | None:
        """Return the note of a file, or None; raises Conflict for a damaged one."""
        path = self._path(file)
        try:
            found = json.loads(path.read_bytes())
            return Note(Step(found["step"]), str(found["part"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Conflict(f"{path.name}: this note can't be read, so what was handed over is not known") from error

    def write(self, file: ListFile, step: Step, part: str) -> None:
        """Write a note so that it outlives a power cut before anything follows from it; raises OSError."""
        path = self._path(file)
        partial = path.with_name(f".{path.name}.new")
        with open(open_file(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as stream:
            stream.write(json.dumps({"step": step, "part": part}).encode())
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, path)
        sync_folder(self._folder)

    def _path(self, file: ListFile) -> Path:
        return self._folder / f"{file.file}.sftp"


def size_of(staged: Path) -> int:
    """Return the bytes of a staged file."""
    return staged.stat().st_size


def drop(staged: Path) -> None:
    """Remove a staged file: its note says that it was delivered."""
    staged.unlink(missing_ok=True)
