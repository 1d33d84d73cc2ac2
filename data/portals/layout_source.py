"""A layout's TOML as it was written, so that what is wrong in it can be named by file, line and key."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.model import InputError
from data.text import visible


@dataclass(frozen=True, slots=True)
class LayoutSource:
    """One file, read."""

    name: str
    text: str
    document: dict[str, Any]

    def error(self, key: str, words: str, *near: str) -> InputError:
        """Return the error for a key; `near` is text that stands on its line where the key alone does not tell it."""
        line = self._line(key.rpartition(".")[2], near)
        where = f"{visible(self.name)}, line {line}" if line else visible(self.name)
        return InputError(f"{where}, {visible(key)}: {words}")

    def known(self, where: str, table: dict[str, Any], keys: frozenset[str]) -> None:
        """Raise InputError for a key that nobody reads."""
        for key in sorted(table.keys() - keys):
            raise self.error(
                f"{where}{key}", f"there is no such key; known are {', '.join(sorted(keys))}", *_texts(where, table)
            )

    def text_of(self, where: str, table: dict[str, Any], key: str, default: str = "") -> str:
        """Return a text."""
        found = table.get(key, default)
        if not isinstance(found, str):
            raise self.error(f"{where}{key}", "must be text", *_texts(where, table))
        return found

    def whole_of(self, where: str, table: dict[str, Any], key: str) -> int:
        """Return a whole number above 0, or 0 where there is none."""
        found = table.get(key, 0)
        if not isinstance(found, int) or isinstance(found, bool) or found < 0 or (key in table and found == 0):
            raise self.error(f"{where}{key}", "must be a whole number above 0", *_texts(where, table))
        return found

    def flag_of(self, where: str, table: dict[str, Any], key: str) -> bool:
        """Return true or false; false where there is nothing."""
        found = table.get(key, False)
        if not isinstance(found, bool):
            raise self.error(f"{where}{key}", "must be true or false", *_texts(where, table))
        return found

    def choice_of(self, where: str, table: dict[str, Any], key: str, default: str, known: tuple[str, ...]) -> str:
        """Return one of the known texts."""
        found = table.get(key, default)
        if found not in known:
            listed = ", ".join(repr(each) if each.strip() != each else each for each in known)
            raise self.error(f"{where}{key}", f"must be one of {listed}", *_texts(where, table))
        return str(found)

    def texts_of(self, where: str, table: dict[str, Any], key: str) -> tuple[str, ...]:
        """Return a list of texts; a single text is a list of one."""
        found = table.get(key, [])
        listed = [found] if isinstance(found, str) else found
        if not isinstance(listed, list) or not all(isinstance(each, str) and each for each in listed):
            raise self.error(f"{where}{key}", "must be a text or a list of texts", *_texts(where, table))
        return tuple(listed)

    def table_of(self, where: str, table: dict[str, Any], key: str) -> dict[str, Any]:
        """Return a section; an empty one where there is none."""
        found = table.get(key, {})
        if not isinstance(found, dict):
            raise self.error(f"{where}{key}", "must be a section")
        return found

    def _line(self, key: str, near: tuple[str, ...]) -> int:
        """Return the line that has the most of the key and the texts, or 0 where none has any."""
        best, at = 0, 0
        for number, line in enumerate(self.text.splitlines(), 1):
            if line.lstrip().startswith("#"):
                continue
            score = 2 * (key in line) + sum(3 for each in near if each and each in line)
            if score > best:
                best, at = score, number
        return at


def read_source(path: Path) -> LayoutSource:
    """Read a TOML file; raises InputError naming file and line."""
    try:
        text = path.read_text(encoding="utf-8")
        return LayoutSource(path.name, text, tomllib.loads(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        words = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"{visible(path.name)}: {visible(words or 'it can not be read')}") from error


def _texts(where: str, table: dict[str, Any]) -> list[str]:
    """Return the texts of a table, by which its line is found; what stands at the top is found by its key."""
    return [each for each in table.values() if isinstance(each, str)] if where else []
