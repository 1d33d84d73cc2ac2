"""One TOML table read key by key, so that every error names the file and the key."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from data.model import WorkspaceError
from data.text import visible


class Keys:
    """One TOML table with its place; every reading raises WorkspaceError naming file and key."""

    def __init__(self, file: str, values: dict[str, Any], where: str = "") -> None:
        """Read from `values`."""
        self._file, self._values, self._where = file, values, where
        self._read: set[str] = set()

    def _get(self, key: str, fits: Callable[[Any], bool], what: str, default: Any = None) -> Any:
        """Return a value of the right kind."""
        self._read.add(key)
        value = self._values.get(key, default)
        if value is None:
            raise self._error(key, "is missing")
        if not fits(value):
            raise self._error(key, f"must be {what}")
        return value

    def _error(self, key: str, reason: str) -> WorkspaceError:
        """Name file and key."""
        return WorkspaceError(f"{self._file}, {self._where}{visible(key)}: {reason}")

    def text(self, key: str, allowed: tuple[str, ...] = (), default: str | None = None) -> str:
        """Return a text that is not empty, one of `allowed` if any are given."""
        value = cast(str, self._get(key, lambda each: isinstance(each, str) and bool(each), "a text", default))
        if allowed and value not in allowed:
            raise self._error(key, f"must be one of {', '.join(allowed)}")
        return value

    def flag(self, key: str) -> bool:
        """Return true or false; false where it is not said."""
        return cast(bool, self._get(key, lambda each: isinstance(each, bool), "true or false", False))

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self._get(key, _is_texts, "a list of texts", None if default is None else list(default))
        return tuple(value)

    def lists(self, key: str, inside: frozenset[str] | None = None) -> list[tuple[str, ...]]:
        """Return a list of lists of texts, each with something in it."""
        value = self._get(
            key,
            lambda each: isinstance(each, list) and bool(each) and all(map(_is_texts, each)),
            "a list of lists of texts",
        )
        for each in value:
            if not each or (inside is not None and not inside.issuperset(each)):
                raise self._error(
                    key, f"“{visible(', '.join(each))}” is not a choice of fields" if inside else "has an empty list"
                )
        return [tuple(each) for each in value]

    def table(self, key: str) -> Keys:
        """Return a table; an empty one where there is none."""
        return Keys(
            self._file, self._get(key, lambda each: isinstance(each, dict), "a table", {}), f"{self._where}{key}."
        )

    def tables(self, key: str) -> list[Keys]:
        """Return a list of tables."""
        fits = "a list of tables"
        value = self._get(
            key, lambda each: isinstance(each, list) and all(isinstance(one, dict) for one in each), fits, []
        )
        return [Keys(self._file, each, f"{self._where}{key}[{number}].") for number, each in enumerate(value)]

    def all_texts(self, allowed: frozenset[str]) -> dict[str, tuple[str, ...]]:
        """Return every key with its list of texts; only `allowed` keys may be there."""
        for key in self._values:
            if key not in allowed:
                raise self._error(key, f"is not a field; the fields are {', '.join(sorted(allowed))}")
        return {key: self.texts(key) for key in self._values}

    def pattern(self, key: str, group: str, *, optional: bool = False) -> re.Pattern[str] | None:
        """Return a regular expression that has the named group."""
        if optional and key not in self._values:
            return None
        try:
            found = re.compile(self.text(key))
        except re.error as error:
            raise self._error(key, f"is not a regular expression: {visible(str(error))}") from error
        if group not in found.groupindex:
            raise self._error(key, f"must have a group (?P<{group}>…)")
        return found

    def refuse_unread(self) -> None:
        """Refuse a key that nothing reads: it is a slip of the pen."""
        for key in self._values:
            if key not in self._read:
                raise self._error(key, "is not a key of a format")


def _is_texts(value: Any) -> bool:
    """Tell a list of texts."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
