"""Layouts read from TOML: those that ship stand in `layouts/`, a workspace's own in its `templates/layouts/`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast, get_args

from data.files.write import Quote
from data.model import InputError
from data.portals.layout import (
    DELIMITERS,
    ENCODINGS,
    NEWLINES,
    Column,
    Correcting,
    Corrections,
    Layout,
    Rows,
    unencodable,
)
from data.portals.layout_source import LayoutSource, read_source
from data.portals.order_values import LINE_PATHS, ORDER_PATHS
from data.portals.protocol import Action
from data.portals.return_toml import read_returns
from data.portals.text_template import TextTemplate, read_template
from data.text import visible

PACKAGED = Path(__file__).parent / "layouts"
OWN = Path("templates") / "layouts"
"""Where a workspace keeps its own."""
DEFAULT = "lastcall"

KEYS = frozenset((
    "base", "title", "rows", "encoding", "delimiter", "newline", "quote", "extension", "formula_guard", "max_rows",
    "longest_number", "continuation", "item", "join", "skus", "columns", "values", "corrections", "returns",
))  # fmt: skip
_COLUMN_KEYS = frozenset(("header", "value", "width", "required", "sku_header"))


def list_layouts(workspace: Path) -> list[Layout]:
    """List the layouts by name, a workspace's own before those that ship; raises InputError for one that is wrong."""
    paths = {path.stem: path for where in (PACKAGED, workspace / OWN) for path in where.glob("*.toml")}
    return [read_layout(paths[name], workspace) for name in sorted(paths)]


def find_layout(workspace: Path, name: str) -> Layout:
    """Return the layout of this name; raises InputError naming those there are, and for one that is wrong."""
    return read_layout(_path_of(workspace, name), workspace)


def read_layout(path: Path, workspace: Path) -> Layout:
    """Read one layout with what it takes from its base; raises InputError naming file, line and key."""
    source = read_source(path)
    if "base" in source.document:
        source = _on_base(source, path, workspace)
    document = source.document
    source.known("", document, KEYS)
    rows = Rows(source.choice_of("", document, "rows", "line", tuple(Rows)))
    item = _template(source, "item", document["item"], LINE_PATHS, ()) if "item" in document else None
    columns = _columns(source, _valued(source, document), rows, item=item is not None)
    delimiter = source.choice_of("", document, "delimiter", ",", tuple(DELIMITERS))
    layout = Layout(
        name=path.stem,
        title=source.text_of("", document, "title", path.stem),
        columns=columns,
        rows=rows,
        encoding=source.choice_of("", document, "encoding", "utf-8", ENCODINGS),
        delimiter=DELIMITERS[delimiter],
        newline=NEWLINES[source.choice_of("", document, "newline", "crlf", tuple(NEWLINES))],
        quote=cast("Quote", source.choice_of("", document, "quote", "minimal", get_args(Quote))),
        extension=source.choice_of("", document, "extension", "csv", ("csv", "tsv", "txt")),
        formula_guard=source.flag_of("", document, "formula_guard"),
        max_rows=source.whole_of("", document, "max_rows"),
        longest_number=source.whole_of("", document, "longest_number"),
        continuation=frozenset(source.texts_of("", document, "continuation")),
        item=item,
        join=source.text_of("", document, "join", ", "),
        skus=source.texts_of("", document, "skus"),
        corrections=_corrections(source, document),
        returns=read_returns(source, document),
    )
    _check(source, layout)
    return layout


def _path_of(workspace: Path, name: str) -> Path:
    for where in (workspace / OWN, PACKAGED):
        path = where / f"{name}.toml"
        if "/" not in name and path.is_file():
            return path
    known = sorted({path.stem for where in (workspace / OWN, PACKAGED) for path in where.glob("*.toml")})
    raise InputError(f"there is no layout {visible(name)} (there are: {', '.join(map(visible, known))})")


def _on_base(source: LayoutSource, path: Path, workspace: Path) -> LayoutSource:
    """Return a source with the keys of its base, which its own replace; a layout may change the packaged one it is
    named after."""
    name = source.text_of("", source.document, "base")
    base = PACKAGED / f"{name}.toml" if name == path.stem else _path_of(workspace, name)
    if not base.is_file():
        raise source.error("base", f"there is no layout {visible(name)}")
    document = read_source(base).document
    if "base" in document:
        raise source.error("base", f"{visible(name)} has a base itself; take that one")
    own = {key: value for key, value in source.document.items() if key != "base"}
    return replace(source, document=document | own)


def _valued(source: LayoutSource, document: dict[str, Any]) -> Any:
    """Return the columns with the values that `[values]` gives some of them by their headers."""
    values = source.table_of("", document, "values")
    columns = document.get("columns")
    if not values or not isinstance(columns, list):
        return columns
    valued = [
        {"header": each[0], "value": each[1]} if isinstance(each, list) and len(each) == 2 else each for each in columns
    ]
    headers = [each.get("header") for each in valued if isinstance(each, dict)]
    for header in values:
        if header not in headers:
            raise source.error(f"values.{header}", "there is no such column")
    return [
        each | {"value": values[each["header"]]} if isinstance(each, dict) and each.get("header") in values else each
        for each in valued
    ]


def _columns(source: LayoutSource, listed: Any, rows: Rows, *, item: bool) -> tuple[Column, ...]:
    """Read `columns = [["order id", "{order.key}"], {header = "city", value = "{addr.city}", width = 35}]`."""
    if not isinstance(listed, list) or not listed:
        raise source.error("columns", "must be a list of [header, value], or of tables with header and value")
    known = ORDER_PATHS if item else ORDER_PATHS - {"order.lines"}
    columns: list[Column] = []
    for number, each in enumerate(listed, 1):
        if isinstance(each, list) and len(each) == 2:
            each = {"header": each[0], "value": each[1]}
        if not isinstance(each, dict):
            raise source.error("columns", f"column {number} must be [header, value], or a table", *_strings(each))
        columns.append(_column(source, each, f"columns[{number}].", known, rows))
    return tuple(columns)


def _column(source: LayoutSource, table: dict[str, Any], where: str, known: frozenset[str], rows: Rows) -> Column:
    source.known(where, table, _COLUMN_KEYS)
    value = source.text_of(where, table, "value")
    skus = source.text_of(where, table, "sku_header")
    header = source.text_of(where, table, "header")
    near = (header, value, skus)
    if bool(skus) == bool(header):
        raise source.error(f"{where}header", "a column has a header, or a sku_header for each SKU", *near)
    if skus and rows is Rows.LINE:
        raise source.error(f"{where}sku_header", 'columns of SKUs need rows = "order"', *near)
    paths = known | LINE_PATHS if skus or rows is Rows.LINE else known
    return Column(
        header=header,
        template=_template(source, f"{where}value", value, paths, near),
        width=source.whole_of(where, table, "width") or None,
        required=source.flag_of(where, table, "required"),
        sku_header=_template(source, f"{where}sku_header", skus, LINE_PATHS, near) if skus else None,
    )


def _template(source: LayoutSource, key: str, text: Any, known: frozenset[str], near: tuple[str, ...]) -> TextTemplate:
    """Read a template that names only what is known."""
    near = near or (str(text),)
    if not isinstance(text, str):
        raise source.error(key, "must be text", *near)
    try:
        template = read_template(text)
    except InputError as error:
        raise source.error(key, str(error), *near) from error
    for path in sorted(template.paths - known):
        if path in LINE_PATHS:
            raise source.error(
                key, f'there is no {path} in a row that stands for an order (rows = "line" has it)', *near
            )
        if path == "order.lines":
            raise source.error(key, 'order.lines needs to be told how a line looks: item = "{line.sku}"', *near)
        group = path.partition(".")[0]
        there = sorted(each for each in known if each.startswith(f"{group}.")) or sorted(known)
        raise source.error(key, f"there is no {visible(path)}; there are {', '.join(there)}", *near)
    return template


def _check(source: LayoutSource, layout: Layout) -> None:
    """Check what only the whole can tell."""
    headers = [column.header for column in layout.columns if column.header]
    for header in headers:
        if headers.count(header) > 1:
            raise source.error("columns", f"two columns are called {visible(header)}", header)
        if unencodable(header, layout.encoding):
            raise source.error("columns", f"{layout.encoding} can't write the header {visible(header)}", header)
    for words in (layout.corrections.header, *layout.corrections.words.values()):
        if unencodable(words, layout.encoding):
            raise source.error("corrections", f"{layout.encoding} can't write {visible(words)}", words)
    for header in sorted(layout.continuation - set(headers)):
        raise source.error("continuation", f"there is no column {visible(header)}", header)
    if layout.continuation and layout.rows is Rows.ORDER:
        raise source.error("continuation", "an order has one row here")
    if sum(column.sku_header is not None for column in layout.columns) > 1:
        raise source.error("sku_header", "only one column can stand for the SKUs")
    if layout.skus and not layout.is_wide:
        raise source.error("skus", "no column has a sku_header")


def _strings(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else [str(value)]


def _corrections(source: LayoutSource, document: dict[str, Any]) -> Corrections:
    """Read `[corrections]`."""
    table = source.table_of("", document, "corrections")
    where = "corrections."
    source.known(where, table, frozenset(("style", "header", *Action)))
    style = Correcting(source.choice_of(where, table, "style", "files", tuple(Correcting)))
    words = {each: source.text_of(where, table, each, each.upper()) for each in Action}
    return Corrections(style, source.text_of(where, table, "header", "action"), words)
