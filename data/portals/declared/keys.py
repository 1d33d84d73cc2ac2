"""Reading the tables of a TOML file key by key; an error names the file, the line and the key."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from data.model import InputError, WorkspaceError
from data.portals.declared.expression import Expression, expression
from data.portals.declared.lines import find_line
from data.portals.declared.template import Template, template
from data.text import visible

T = TypeVar("T")
Tree = Any
"""JSON in whose places of text stand templates."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was read."""

    name: str
    text: str

    def error(self, path: tuple[str, ...], why: str) -> WorkspaceError:
        """Return an error that says where."""
        where = f"{self.name}, line {find_line(self.text, path)}"
        return WorkspaceError(visible(f"{where}: {'.'.join(path)}: {why}" if path else f"{where}: {why}"))


class Keys:
    """One table; a key that nobody asked for is refused at the end."""

    def __init__(self, source: Source, table: Any, path: tuple[str, ...] = ()) -> None:
        """Read `table`, which stands at `path`; raises WorkspaceError where it is something else."""
        self.source, self.path = source, path
        if not isinstance(table, dict):
            raise source.error(path, "must be a section")
        self._table: dict[str, Any] = table
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        """Tell whether a key is given."""
        return key in self._table

    def names(self) -> list[str]:
        """Return all keys in their order."""
        return list(self._table)

    def error(self, key: str, why: str) -> WorkspaceError:
        """Return an error about a key."""
        return self.source.error((*self.path, key), why)

    def section(self, key: str) -> Keys:
        """Return a table in it, an empty one where it is not given."""
        return Keys(self.source, self._get(key, {}), (*self.path, key))

    def optional(self, key: str, read: Callable[[Keys], T]) -> T | None:
        """Read a table in it, whole, where it is given."""
        if key not in self._table:
            return None
        inside = self.section(key)
        made = read(inside)
        inside.refuse_unread()
        return made

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without `default` it must be given."""
        found = self._get(key, default)
        if found is None:
            raise self.error(key, "is missing")
        if not isinstance(found, str):
            raise self.error(key, "must be text")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, nothing where it is not given."""
        found = self._get(key, [])
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise self.error(key, "must be a list of texts")
        return tuple(found)

    def choice(self, key: str, known: Collection[str], default: str | None = None) -> str:
        """Return a text that is one of `known`."""
        found = self.text(key, default)
        if found not in known:
            raise self.error(key, f"is {found!r}; known are {', '.join(known)}")
        return found

    def flag(self, key: str) -> bool:
        """Return true or false; false where it is not given."""
        found = self._get(key, False)
        if not isinstance(found, bool):
            raise self.error(key, "must be true or false")
        return found

    def number(self, key: str, default: float, least: float = 0) -> float:
        """Return a number that is not below `least`."""
        found = self._get(key, default)
        if isinstance(found, bool) or not isinstance(found, int | float) or not found >= least:
            raise self.error(key, f"must be a number of {least:g} or more")
        return float(found)

    def whole(self, key: str, default: int, least: int = 1) -> int:
        """Return a whole number that is not below `least`."""
        found = self.number(key, default, least)
        if found != int(found):
            raise self.error(key, "must be a whole number")
        return int(found)

    def find(self, key: str) -> Expression | None:
        """Return an expression where it is given."""
        if key not in self._table:
            return None
        try:
            return expression(self.text(key))
        except InputError as error:
            raise self.error(key, str(error)) from None

    def expression(self, key: str, default: str | None = None) -> Expression:
        """Return an expression; without `default` it must be given."""
        found = self.find(key)
        if found is None and default is None:
            raise self.error(key, "is missing")
        return found or expression(default or "")

    def tree(self, key: str, known: Collection[str]) -> Tree | None:
        """Return what is given as JSON with templates in the places of its texts, None where it is not given."""
        return self._tree(self._get(key, None), (*self.path, key), known)

    def templates(self, key: str, known: Collection[str]) -> tuple[tuple[str, Template], ...]:
        """Return a table of templates."""
        inside = self.section(key)
        return tuple((name, inside.template(name, known)) for name in inside.names())

    def template(self, key: str, known: Collection[str]) -> Template:
        """Return a template."""
        return self._template(self.text(key), (*self.path, key), known)

    def refuse_unread(self) -> None:
        """Raise WorkspaceError for the first key that nobody asked for."""
        for key in self._table:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise self.error(key, f"there is no such key; known are {known}" if known else "there is no such key")

    def _get(self, key: str, default: Any) -> Any:
        self._asked.add(key)
        return self._table.get(key, default)

    def _tree(self, value: Any, path: tuple[str, ...], known: Collection[str]) -> Tree:
        if isinstance(value, str):
            return self._template(value, path, known)
        if isinstance(value, dict):
            return {name: self._tree(each, (*path, name), known) for name, each in value.items()}
        if isinstance(value, list):
            return [self._tree(each, path, known) for each in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        raise self.source.error(path, "must be text, a number, true or false, a list or a table")

    def _template(self, text: str, path: tuple[str, ...], known: Collection[str]) -> Template:
        try:
            return template(".".join(path), text, known)
        except InputError as error:
            raise self.source.error(path, str(error)) from None
