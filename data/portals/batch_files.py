"""Numbered files for a warehouse, with a manifest: staged whole before anything is handed over, whatever dies when.

Three steps, each durable before the next: the files are written under hidden names (staged), their manifest is
written, each file is handed over, which takes its hidden name away. So after a crash: no manifest, nothing was handed
over; a manifest and staged files, the last step is missing for those; a manifest alone, all was handed over, even where
the warehouse has taken the files away since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.files.write import write_bytes, write_table
from data.model import InputError
from data.portals.errors import Conflict, NotSent
from data.portals.layout import Layout
from data.portals.order_list import FileTable
from data.portals.protocol import Action
from data.store.sharing import make_folders

BATCH = "batch"
INCOMING = "in"
"""The folder in which the warehouse's tables come back."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one entry of a manifest is about."""

    number: str
    """The order's number."""
    action: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class ListFile:
    """One file of a manifest."""

    file: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was handed over under one number; kept when the files are gone."""

    series: str
    number: int
    files: tuple[ListFile, ...]
    columns: tuple[str, ...]
    told: dict[str, Told]
    """What each key is told, in the files' order."""

    @property
    def file(self) -> str:
        """Return the name it goes by: its file's, or the first one's."""
        return self.files[0].file

    @property
    def rows(self) -> int:
        """Return the rows of all files."""
        return sum(each.rows for each in self.files)


class BatchFiles:
    """What was ever staged for one warehouse."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, which is made with the first file."""
        self.folder = folder
        self.manifests = folder / "manifests"

    def stage(
        self, series: str, number: int, told: dict[str, Told], layout: Layout, tables: Callable[[], list[FileTable]]
    ) -> Manifest:
        """Write files and manifest of a number once, and return what it has; `layout` says how the tables are written.

        Raises Conflict where the number was used with other contents, NotSent where the disk refuses, or where `tables`
        can't be made as the layout is now.
        """
        found = self.read(series, number)
        if found is not None:
            if list(found.told.items()) != list(told.items()):
                raise Conflict(f"{series} {number} was handed over as {found.file} with other contents")
            return found
        try:
            make_folders(self.manifests)
            make_folders(self.folder / INCOMING)
            for rubbish in self.folder.glob(f".{series}-{number}-*.staged"):
                rubbish.unlink()
            return self._write(series, number, told, layout, tables())
        except (InputError, OSError) as error:
            raise NotSent(f"{series} {number}: not handed over: {error}") from error

    def staged(self, manifest: Manifest) -> list[tuple[Path, ListFile]]:
        """Return what of a manifest was not handed over: where it lies, and what it is to be."""
        places = ((self._staged(manifest, at), each) for at, each in enumerate(manifest.files, 1))
        return [(path, each) for path, each in places if path.exists()]

    def read(self, series: str, number: int) -> Manifest | None:
        """Return the manifest of a number, or None; raises Conflict for a damaged one or for two."""
        found = sorted(self.manifests.glob(f"{series}-{number}-*.json"))
        if len(found) > 1:
            raise Conflict(f"{series} {number} has several manifests: {', '.join(path.name for path in found)}")
        return _read(found[0]) if found else None

    def all(self, series: str = BATCH) -> list[Manifest]:
        """Return every manifest, the newest number first; raises Conflict for a damaged one."""
        manifests = [_read(path) for path in self.manifests.glob(f"{series}-*-*.json")]
        return sorted(manifests, key=lambda each: each.number, reverse=True)

    def latest(self, key: str) -> Manifest | None:
        """Return the newest batch that was handed over and has a key, or None."""
        return next((each for each in self.all() if key in each.told and not self.staged(each)), None)

    def _write(
        self, series: str, number: int, told: dict[str, Told], layout: Layout, tables: Sequence[FileTable]
    ) -> Manifest:
        """Write the files under their hidden names and then the manifest; staged files without one are rubbish."""
        files: list[ListFile] = []
        for at, table in enumerate(tables, 1):
            written = write_table(
                self.folder / f".{series}-{number}-{at}.staged",
                table.header,
                table.rows,
                spreadsheet=False,
                encoding=layout.encoding,
                delimiter=layout.delimiter,
                newline=layout.newline,
                quote=layout.quote,
            )
            name = "-".join(each for each in (series, str(number), table.label, written.sha256[:12]) if each)
            files.append(ListFile(f"{name}.{layout.extension}", written.sha256, written.rows))
        manifest = Manifest(series, number, tuple(files), tables[0].header, told)
        digest = hashlib.sha256("".join(each.sha256 for each in files).encode()).hexdigest()
        mark = files[0].sha256 if len(files) == 1 else digest
        write_bytes(self.manifests / f"{series}-{number}-{mark[:12]}.json", _text(manifest))
        return manifest

    def _staged(self, manifest: Manifest, at: int) -> Path:
        return self.folder / f".{manifest.series}-{manifest.number}-{at}.staged"


def told(number: str, action: Action | str, body: str) -> Told:
    """Return what a manifest keeps of one entry."""
    return Told(number, str(action), hashlib.sha256(body.encode("utf-8")).hexdigest())


def is_told(manifest: Manifest, key: str, body: str) -> bool:
    """Tell whether a key was handed over with exactly this body."""
    return key in manifest.told and manifest.told[key].body_sha256 == told("", "", body).body_sha256


def _text(manifest: Manifest) -> bytes:
    document = {
        "series": manifest.series,
        "number": manifest.number,
        "files": [{"file": each.file, "sha256": each.sha256, "rows": each.rows} for each in manifest.files],
        "entries": len(manifest.told),
        "rows": manifest.rows,
        "columns": list(manifest.columns),
        "keys": {
            key: {"number": each.number, "action": each.action, "body_sha256": each.body_sha256}
            for key, each in manifest.told.items()
        },
    }
    return json.dumps(document, indent=1, ensure_ascii=False).encode("utf-8")


def _read(path: Path) -> Manifest:
    try:
        document = json.loads(path.read_bytes())
        files = [ListFile(str(each["file"]), str(each["sha256"]), int(each["rows"])) for each in document["files"]]
        if not files:
            raise ValueError("a manifest without a file")
        return Manifest(
            str(document["series"]),
            int(document["number"]),
            tuple(files),
            tuple(document["columns"]),
            {
                key: Told(str(each["number"]), str(each["action"]), str(each["body_sha256"]))
                for key, each in document["keys"].items()
            },
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Conflict(f"{path.name}: this manifest can't be read, so what was handed over is not known") from error
