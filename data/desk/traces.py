"""Where a person's data lies outside the database: the workspace's own files, and what warehouses were sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from data.store.store import Store
from data.store.workspace import Workspace

FOLDERS = ("imports", "drop", "exports")
_DATABASES = (".db", ".db-wal", ".db-shm")
_BLOCK = 1 << 20
_ENCODINGS = ("utf-8", "utf-16-le", "cp1252")


def files_naming(ws: Workspace, words: Iterable[str]) -> list[str]:
    """Return the files of the workspace that hold one of the words, as paths within it; databases are not read."""
    wanted = sorted({each for each in words if each})
    needles = {each.lower() for word in wanted for each in _encoded(word)}
    if not needles:
        return []
    return [
        str(path.relative_to(ws.folder))
        for folder in FOLDERS
        for path in sorted((ws.folder / folder).rglob("*"))
        if path.is_file() and not path.is_symlink() and path.suffix not in _DATABASES and _holds(path, needles)
    ]


def backups_beside(ws: Workspace) -> list[str]:
    """Return the copies of the database that lie in the workspace: each still has everybody who was in it."""
    return [path.name for path in sorted(ws.folder.glob("*.db")) if path != ws.store.path]


def copies_at_warehouses(store: Store, backers: Iterable[int]) -> list[str]:
    """Return, in words, what of some backers each warehouse was sent and keeps."""
    ids = [*backers]
    marks = ", ".join("?" * len(ids))
    return [
        f"{name} ({code}) was sent {key}"
        for code, name, key in store.rows(
            "SELECT DISTINCT w.code, w.name, c.key FROM shipments s JOIN commands c ON c.shipment_id = s.id"
            f" JOIN warehouses w ON w.code = c.warehouse WHERE s.backer_id IN ({marks}) AND c.attempt > 0"
            " ORDER BY w.code, c.key",
            ids,
        )
    ]


def _encoded(word: str) -> Iterator[bytes]:
    for encoding in _ENCODINGS:
        yield word.encode(encoding, "ignore")


def _holds(path: Path, needles: set[bytes]) -> bool:
    """Tell whether a file holds one of the needles, in any case of ASCII letters, a block at a time."""
    longest = max(len(each) for each in needles)
    kept = b""
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                text = (kept + block).lower()
                if any(each in text for each in needles):
                    return True
                kept = text[-longest:]
    except OSError:
        return False
    return False
