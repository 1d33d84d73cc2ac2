"""Numbered batch files in a folder that a warehouse empties: each is handed over once, whatever dies when.

A batch passes three steps, each durable before the next: its file is written under a hidden name (staged), its
manifest is written, the file gets its name. So after a crash: no manifest, nothing was handed over; manifest and
staged file, the last step is missing and is made up for; manifest alone, it was handed over, even where the warehouse
has taken the file away since.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.files.write import Cell, write_bytes, write_table
from data.model import ADDRESS_FIELDS, InputError
from data.portals.errors import Ambiguous, Conflict, NotSent

COLUMNS = (
    "key",
    "order number",
    "name",
    "company",
    "address1",
    "address2",
    "city",
    "region",
    "postcode",
    "country",
    "phone",
    "email",
    "sku",
    "title",
    "quantity",
)
"""One row for each line of an order, the order's columns repeated."""

Pushes = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one batch file holds; kept when the file is gone."""

    batch: int
    file: str
    sha256: str
    rows: int
    columns: tuple[str, ...]
    numbers: dict[str, str]
    """The order number of each key, in the file's order."""
    bodies: dict[str, str]
    """The SHA-256 of the body each key was rendered from."""

    @property
    def orders(self) -> int:
        """Return how many orders the file holds."""
        return len(self.numbers)


class BatchFiles:
    """The outgoing half of one warehouse's drop folder."""

    def __init__(self, folder: Path, spreadsheet: bool) -> None:
        """Use `folder`; `spreadsheet` defuses formulas for a warehouse that opens the files with Excel."""
        self.folder = folder
        self.manifests = folder / "manifests"
        self._spreadsheet = spreadsheet

    def hand_over(self, number: int, pushes: Pushes) -> tuple[Manifest, bool]:
        """Hand over a batch once; the flag tells whether this call did it.

        Raises Conflict where the number was used with other contents, NotSent where nothing was handed over, and
        Ambiguous where the disk failed after the file had got its name.
        """
        manifest = self.read(number)
        staged = self._staged(number)
        if manifest is None:
            try:
                self.manifests.mkdir(parents=True, exist_ok=True)
                manifest = self._stage(number, pushes, staged)
            except (InputError, OSError) as error:
                raise NotSent(f"batch {number}: not handed over: {error}") from error
        elif not same(manifest, pushes):
            raise Conflict(f"batch {number} was handed over as {manifest.file} with other contents")
        elif not staged.exists():
            return manifest, False
        try:
            os.rename(staged, self.folder / manifest.file)
        except OSError as error:
            raise NotSent(f"batch {number}: not handed over: {error.strerror}") from error
        try:
            _sync(self.folder)
        except OSError as error:
            raise Ambiguous(f"batch {number}: {manifest.file} may not survive a power cut: {error.strerror}") from error
        return manifest, True

    def was_handed_over(self, number: int) -> bool:
        """Tell whether the warehouse could see the file of this batch."""
        return self.read(number) is not None and not self._staged(number).exists()

    def read(self, number: int) -> Manifest | None:
        """Return the manifest of a batch, or None; raises Conflict for a damaged one or for two."""
        found = sorted(self.manifests.glob(f"batch-{number}-*.json"))
        if len(found) > 1:
            raise Conflict(f"batch {number} has several manifests: {', '.join(path.name for path in found)}")
        return _read(found[0]) if found else None

    def all(self) -> list[Manifest]:
        """Return every manifest of what was handed over, the newest batch first."""
        manifests = [_read(path) for path in self.manifests.glob("batch-*-*.json")]
        handed = [each for each in manifests if not self._staged(each.batch).exists()]
        return sorted(handed, key=lambda each: each.batch, reverse=True)

    def _stage(self, number: int, pushes: Pushes, staged: Path) -> Manifest:
        """Write the file under its hidden name and then the manifest; a staged file without manifest is rubbish."""
        staged.unlink(missing_ok=True)
        orders = [(key, json.loads(body)) for key, body in pushes]
        rows = [row for key, order in orders for row in _rows(key, order)]
        written = write_table(staged, COLUMNS, rows, spreadsheet=self._spreadsheet)
        stem = f"batch-{number}-{written.sha256[:12]}"
        manifest = Manifest(
            number,
            f"{stem}.csv",
            written.sha256,
            written.rows,
            COLUMNS,
            {key: order["number"] for key, order in orders},
            {key: _digest(body) for key, body in pushes},
        )
        write_bytes(self.manifests / f"{stem}.json", _manifest_text(manifest))
        return manifest

    def _staged(self, number: int) -> Path:
        return self.folder / f".batch-{number}.staged"


def same(manifest: Manifest, pushes: Pushes) -> bool:
    """Tell whether a batch was made of exactly these keys and bodies, in this order."""
    return list(manifest.bodies.items()) == [(key, _digest(body)) for key, body in pushes]


def same_body(manifest: Manifest, key: str, body: str) -> bool:
    """Tell whether a key was handed over with exactly this body."""
    return manifest.bodies.get(key) == _digest(body)


def _rows(key: str, order: dict[str, Any]) -> list[tuple[Cell, ...]]:
    address = {field: order["address"].get(field, "") for field in ADDRESS_FIELDS}
    front = (key, order["number"], *address.values(), order["email"])
    return [(*front, line["sku"], line["title"], line["quantity"]) for line in order["lines"]]


def _manifest_text(manifest: Manifest) -> bytes:
    document = {
        "batch": manifest.batch,
        "file": manifest.file,
        "sha256": manifest.sha256,
        "orders": manifest.orders,
        "rows": manifest.rows,
        "columns": list(manifest.columns),
        "keys": {
            key: {"number": number, "body_sha256": manifest.bodies[key]} for key, number in manifest.numbers.items()
        },
    }
    return json.dumps(document, indent=1, ensure_ascii=False).encode("utf-8")


def _read(path: Path) -> Manifest:
    try:
        document = json.loads(path.read_bytes())
        keys = document["keys"]
        return Manifest(
            int(document["batch"]),
            str(document["file"]),
            str(document["sha256"]),
            int(document["rows"]),
            tuple(document["columns"]),
            {key: str(each["number"]) for key, each in keys.items()},
            {key: str(each["body_sha256"]) for key, each in keys.items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Conflict(f"{path.name}: this manifest can't be read, so what was handed over is not known") from error


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8")).hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
