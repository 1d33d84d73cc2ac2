"""The last step of handing a file over: into a folder on this machine, or (`sftp.py`) on another."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from data.portals.batch_files import ListFile
from data.portals.errors import Ambiguous, NotSent
from data.portals.outcomes import Check


class Delivery(Protocol):
    """A place from which a warehouse takes files. A file that was handed over has no staged one any more."""

    async def deliver(self, staged: Path, file: ListFile) -> None:
        """Give a staged file its name where the warehouse sees it, once, whatever came of earlier attempts.

        Raises NotSent where it has not got its name, Ambiguous where that is not known, Conflict where only a person
        can find out.
        """
        ...

    async def is_delivered(self, staged: Path, file: ListFile) -> bool:
        """Tell whether an earlier attempt handed a staged file over; raises as `deliver`."""
        ...

    async def fetch(self, folder: Path, settle: float) -> list[str]:
        """Bring tables that wait elsewhere into a folder of ours; returns problems, a line each."""
        ...

    async def test(self) -> list[Check]:
        """Look whether files can be handed over; nothing is changed."""
        ...


class FolderDelivery:
    """A folder of this machine, on the file system of the staged files; implements `Delivery`."""

    def __init__(self, folder: Path) -> None:
        """Hand over into `folder`."""
        self._folder = folder

    async def deliver(self, staged: Path, file: ListFile) -> None:
        """Rename: the file is there whole or not at all."""
        try:
            os.rename(staged, self._folder / file.file)
        except OSError as error:
            raise NotSent(f"{file.file}: not handed over: {error.strerror}") from error
        try:
            sync_folder(self._folder)
        except OSError as error:
            raise Ambiguous(f"{file.file} may not survive a power cut: {error.strerror}") from error

    async def is_delivered(self, staged: Path, file: ListFile) -> bool:
        """Say no: renaming takes the staged file away."""
        return False

    async def fetch(self, folder: Path, settle: float) -> list[str]:
        """Do nothing: the warehouse puts its tables there itself."""
        return []

    async def test(self) -> list[Check]:
        """Look at the folder."""
        folder = self._folder if self._folder.exists() else self._folder.parent
        writable = os.access(folder, os.W_OK | os.X_OK)
        return [Check("batches can be written", writable, "yes" if writable else f"{folder} can't be written")]


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable; raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
