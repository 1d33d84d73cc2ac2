"""Values of `lastcall.toml` by their key, each of its kind; a WorkspaceError names the file and the key."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from data.model import WorkspaceError

Table = Mapping[str, Any]


def section(path: Path, found: Any, where: str) -> dict[str, Any]:
    """Return what must be a section."""
    if not isinstance(found, dict):
        raise WorkspaceError(f"{path}: [{where}] must be a section")
    return found


def only(path: Path, table: Table, where: str, known: Collection[str]) -> None:
    """Refuse keys that mean nothing, naming those that do."""
    for key in table.keys() - set(known):
        raise WorkspaceError(f"{path}: [{where}]: unknown key {key!r}; known are {', '.join(sorted(known))}")


def text(path: Path, table: Table, where: str, default: str = "") -> str:
    """Return a text; `where` ends in its key."""
    found = table.get(_key(where), default)
    if not isinstance(found, str):
        raise WorkspaceError(f"{path}: {where} must be text")
    return found


def matching(path: Path, table: Table, where: str, pattern: str, words: str, default: str = "") -> str:
    """Return a text that is the default or matches a pattern; `words` say what it should be."""
    found = text(path, table, where, default)
    if found != default and not re.fullmatch(pattern, found):
        raise WorkspaceError(f"{path}: {where} is {found!r}: it must be {words}")
    return found


def choice(path: Path, table: Table, where: str, known: Collection[str], default: str) -> str:
    """Return one of some words."""
    found = text(path, table, where, default)
    if found not in known:
        raise WorkspaceError(f"{path}: {where} is {found!r}; known are {', '.join(known)}")
    return found


def texts(path: Path, table: Table, where: str, pattern: str = "(?s:.+)", words: str = "texts") -> tuple[str, ...]:
    """Return a list of texts that each match a pattern; none where the key is absent."""
    found = table.get(_key(where), [])
    if not isinstance(found, list) or not all(isinstance(each, str) and re.fullmatch(pattern, each) for each in found):
        raise WorkspaceError(f"{path}: {where} must be a list of {words}")
    return tuple(found)


def flag(path: Path, table: Table, where: str, default: bool) -> bool:
    """Return true or false."""
    found = table.get(_key(where), default)
    if not isinstance(found, bool):
        raise WorkspaceError(f"{path}: {where} must be true or false")
    return found


def whole(path: Path, table: Table, where: str, default: int) -> int:
    """Return a whole number above 0."""
    found = limit(path, table, where)
    return default if found is None else found


def limit(path: Path, table: Table, where: str) -> int | None:
    """Return a whole number above 0, or None where the key is absent."""
    found = table.get(_key(where))
    if found is not None and (not isinstance(found, int) or isinstance(found, bool) or found < 1):
        raise WorkspaceError(f"{path}: {where} must be a whole number above 0")
    return found


def number(path: Path, table: Table, where: str, default: int = 0) -> int:
    """Return any whole number."""
    found = table.get(_key(where), default)
    if not isinstance(found, int) or isinstance(found, bool):
        raise WorkspaceError(f"{path}: {where} must be a whole number")
    return found


def _key(where: str) -> str:
    return where.rpartition(".")[2]
