"""Templates: what a file for others has in it. One TOML file each; a workspace's own come before those that ship."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from data.exports.columns import ExportColumn, find_columns
from data.model import InputError
from data.text import visible

Format = Literal["csv", "tsv", "jsonl"]
FORMATS: tuple[Format, ...] = get_args(Format)
PACKAGED = Path(__file__).parent / "templates"
_KEYS = {"title", "columns", "format", "reader", "filter", "sort"}


@dataclass(frozen=True, slots=True)
class Template:
    """What a file has in it."""

    name: str
    title: str
    columns: tuple[ExportColumn, ...]
    format: Format = "csv"
    spreadsheet: bool = True
    """A person opens it in a spreadsheet: formulas are defused. Else a machine reads every cell as it is."""
    filter: str = ""
    """Which orders, where the person does not say."""
    sort: str = "number"

    @property
    def per_line(self) -> bool:
        """The file has a row for each line of an order."""
        return any(column.line for column in self.columns)


def list_templates(folder: Path) -> list[Template]:
    """List the templates by name; `folder` has the workspace's own, which win over those that ship.

    Raises InputError for one that can't be read.
    """
    paths = {path.stem: path for where in (PACKAGED, folder) for path in sorted(where.glob("*.toml"))}
    return [read_template(paths[name]) for name in sorted(paths)]


def find_template(folder: Path, name: str) -> Template:
    """Return the template of this name; raises InputError naming those there are."""
    for where in (folder, PACKAGED):
        path = where / f"{name}.toml"
        if "/" not in name and path.is_file():
            return read_template(path)
    known = sorted({path.stem for where in (PACKAGED, folder) for path in where.glob("*.toml")})
    raise InputError(f"there is no template {visible(name)} (there are: {', '.join(map(visible, known))})")


def screen_template(noun: str, keys: Sequence[str]) -> Template:
    """Return a template of what a screen shows: its columns, in its order."""
    return Template(name=noun, title=noun, columns=find_columns(keys))


def read_template(path: Path) -> Template:
    """Read one template; raises InputError naming file and key."""
    where = visible(path.name)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{where}: {error}") from error
    for key in sorted(document.keys() - _KEYS):
        raise InputError(f"{where}: unknown key {visible(key)}; known are {', '.join(sorted(_KEYS))}")
    form, reader = document.get("format", "csv"), document.get("reader", "spreadsheet")
    if form not in FORMATS:
        raise InputError(f"{where}: format must be one of {', '.join(FORMATS)}")
    if reader not in ("spreadsheet", "machine"):
        raise InputError(f"{where}: reader must be spreadsheet or machine")
    return Template(
        name=path.stem,
        title=_text(where, document, "title", path.stem),
        columns=_columns(where, document.get("columns")),
        format=form,
        spreadsheet=reader == "spreadsheet",
        filter=_text(where, document, "filter", ""),
        sort=_text(where, document, "sort", "number"),
    )


def _columns(where: str, listed: Any) -> tuple[ExportColumn, ...]:
    """Read `columns = ["number", {key = "sku", title = "Item code"}]`."""
    if not isinstance(listed, list) or not listed:
        raise InputError(f"{where}: columns must be a list of column keys")
    found: list[ExportColumn] = []
    for each in listed:
        key, title = (each.get("key"), each.get("title")) if isinstance(each, dict) else (each, None)
        if not isinstance(key, str) or not isinstance(title, str | None):
            raise InputError(f"{where}: a column is a key, or a table with key and title")
        try:
            (column,) = find_columns([key])
        except InputError as error:
            raise InputError(f"{where}: {error}") from error
        found.append(column if title is None else replace(column, title=title))
    return tuple(found)


def _text(where: str, document: dict[str, Any], key: str, default: str) -> str:
    found = document.get(key, default)
    if not isinstance(found, str):
        raise InputError(f"{where}: {key} must be text")
    return found
