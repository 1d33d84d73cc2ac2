"""The incoming half of a drop folder: tables that come back, read one at a time, put away only once they are stored."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from data.clock import Clock
from data.files.read import BadRow
from data.files.write import safe_name, write_table
from data.model import InputError
from data.portals.batch_files import BatchFiles, Manifest
from data.portals.errors import Permanent
from data.portals.layout import ReturnTable
from data.portals.outcomes import Page
from data.portals.tracking_file import read_tracking
from data.store.sharing import make_folders
from data.text import visible

SUFFIXES = (".csv", ".tsv", ".txt")
"""What the name of a table ends with."""


class IncomingFiles:
    """The folder a warehouse puts its tables into."""

    def __init__(
        self,
        folder: Path,
        batches: BatchFiles,
        clock: Clock,
        settle: float,
        kinds: Sequence[ReturnTable] = (),
        zone: str = "UTC",
    ) -> None:
        """Read from `folder`, where a file must have been left alone for `settle` seconds.

        `kinds` say what the warehouse's tables look like, `zone` is its time zone.
        """
        self.folder = folder
        self._batches = batches
        self._clock = clock
        self._settle = settle
        self._kinds = kinds
        self._zone = zone

    def put_away(self, cursor: str) -> None:
        """Put the table that a cursor names away, as what it said is safely stored."""
        if cursor:
            self._put_away(_Cursor.read(cursor))

    def read(self, cursor: str) -> Page:
        """Read the next table; the cursor that comes back names it."""
        waiting = self.waiting()
        if not waiting:
            return Page((), cursor)
        path = waiting[0]
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        more = len(waiting) > 1
        try:
            tracking = read_tracking(path, _Keys(self._batches.all()), self._kinds, self._zone)
        except InputError as error:
            return Page((), _Cursor(path.name, digest, "refused").text(), more, (str(error),))
        problems = [bad.words() for bad in tracking.bad]
        if tracking.bad:
            problems.append(self._quarantine(path, digest, tracking.header, tracking.bad))
        return Page(tuple(tracking.states), _Cursor(path.name, digest, "done").text(), more, tuple(problems))

    def waiting(self) -> list[Path]:
        """Return the tables that have come in whole, by name; names that begin with a dot are still on their way."""
        if not self.folder.is_dir():
            return []
        now = self._clock.now().timestamp()
        return sorted(
            path
            for path in self.folder.iterdir()
            if path.suffix.lower() in SUFFIXES
            and not path.name.startswith(".")
            and path.is_file()
            and not path.is_symlink()
            # One that is being written was touched just now; one from the future carries another machine's clock.
            and abs(path.stat().st_mtime - now) >= self._settle
        )

    def _put_away(self, cursor: _Cursor) -> None:
        """Move the file of a cursor, unless another of the same name has come since."""
        path = self.folder / Path(cursor.file).name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != cursor.sha256:
            return
        folder = self.folder / cursor.to
        make_folders(folder)
        target = folder / path.name
        if os.path.lexists(target):
            target = folder / safe_name(path.stem, cursor.sha256[:12], extension=path.suffix)
        os.replace(path, target)

    def _quarantine(self, path: Path, digest: str, header: tuple[str, ...], bad: list[BadRow]) -> str:
        """Write rows that can't be placed into a file of their own, once; returns a line that names it."""
        folder = self.folder / "quarantine"
        make_folders(folder)
        target = folder / safe_name(path.stem[:40], digest[:12], extension="csv")
        if not os.path.lexists(target):
            rows = ((str(row.line), row.reason, *row.cells) for row in bad)
            write_table(target, ("line", "reason", *header), rows, spreadsheet=True)
        return f"{visible(path.name)}: {len(bad)} rows were not used and are in in/quarantine/{target.name}"


class _Keys:
    """Finds the shipments a row of a tracking table can mean."""

    def __init__(self, manifests: list[Manifest]) -> None:
        self._known = {key for each in manifests for key in each.told}
        self._by_number: dict[str, set[str]] = {}
        for each in manifests:
            for key, entry in each.told.items():
                self._by_number.setdefault(entry.number, set()).add(key)

    def __call__(self, key: str, number: str) -> tuple[str, ...]:
        if key:
            return (key,) if key in self._known else tuple(sorted(self._by_number.get(key, ())))
        return tuple(sorted(self._by_number.get(number, ())))


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The file that was last read, as it was, and where it goes once its states are stored."""

    file: str
    sha256: str
    to: str

    def text(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def read(text: str) -> _Cursor:
        try:
            value = json.loads(text)
            return _Cursor(str(value["file"]), str(value["sha256"]), "done" if value["to"] == "done" else "refused")
        except (ValueError, KeyError, TypeError):
            raise Permanent("the cursor of the file drop can't be read") from None
