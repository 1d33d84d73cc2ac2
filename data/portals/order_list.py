"""Orders as the rows of a layout: rendered, measured, and never cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from data.files.formula import defuse
from data.model import InputError
from data.portals.layout import Column, Correcting, Layout, Rows, unencodable
from data.portals.order_body import read_order
from data.portals.order_values import line_values, order_values
from data.portals.protocol import Action, Entry, ShipmentLine, ShipmentOrder
from data.text import has_hidden, visible

Row = tuple[str, ...]
_ANY_BATCH = 999_999
"""The batch's number while it is not known yet; no shorter than one will be."""


@dataclass(frozen=True, slots=True)
class FileTable:
    """What one file holds."""

    label: str
    """What tells it from the others of its batch: `cancel`, `2of3`; '' where it is the only one."""
    header: Row
    rows: tuple[Row, ...]


def check_order(layout: Layout, order: ShipmentOrder) -> None:
    """Raise InputError, naming column and order, where a layout can't carry an order."""
    for action in Action if layout.says_action else (Action.ADD,):
        rows = list(_order_rows(layout, order, action, _ANY_BATCH, _skus(layout, [order])))
    _header(layout, _skus(layout, [order]), with_action=False)
    if layout.max_rows and len(rows) > layout.max_rows:
        raise InputError(f"order {visible(order.number)}: has {len(rows)} rows; a file takes {layout.max_rows}")


def order_tables(layout: Layout, number: int, entries: Sequence[Entry]) -> list[FileTable]:
    """Return the tables of a batch: one, or one for each action, and more where a file takes fewer rows.

    The rows of an order are next to each other and never in two files. Raises InputError as `check_order`, and for
    corrections that the layout has no form for.
    """
    orders = [(entry.action, read_order(entry.body)) for entry in entries]
    correcting = any(action is not Action.ADD for action, _ in orders)
    style = layout.corrections.style
    if correcting and style is Correcting.NONE:
        raise InputError(f"the layout {layout.name} has no form for changes and cancels")
    skus = _skus(layout, [order for _, order in orders])
    with_action = correcting and style is Correcting.COLUMN and not layout.says_action
    apart = correcting and style is Correcting.FILES and not layout.says_action
    header = _header(layout, skus, with_action)
    tables: list[FileTable] = []
    for group in tuple(Action) if apart else (None,):
        blocks: list[list[Row]] = []
        for action, order in orders:
            if group in (None, action):
                front = (layout.corrections.words[action],) if with_action else ()
                blocks.append([front + row for row in _order_rows(layout, order, action, number, skus)])
        files = _filled(blocks, layout.max_rows)
        for at, rows in enumerate(files, 1):
            part = f"{at}of{len(files)}" if len(files) > 1 else ""
            label = "-".join(each for each in (group or "", part) if each)
            tables.append(FileTable(label, header, tuple(rows)))
    if not tables:
        raise InputError("there is no order in it")
    return tables


def _filled(blocks: list[list[Row]], most: int) -> list[list[Row]]:
    """Put the rows of whole orders into as few files as take them."""
    files: list[list[Row]] = []
    for block in blocks:
        if not files or (most and len(files[-1]) + len(block) > most):
            files.append([])
        files[-1] += block
    return files


def _skus(layout: Layout, orders: Sequence[ShipmentOrder]) -> tuple[tuple[str, ShipmentLine], ...]:
    """Return the SKUs that have a column, each with a line that has it."""
    if not layout.is_wide:
        return ()
    found = {line.sku: line for order in orders for line in order.lines}
    named = layout.skus or tuple(sorted(found))
    return tuple((sku, found.get(sku, ShipmentLine(sku, sku, 0))) for sku in named)


def _header(layout: Layout, skus: tuple[tuple[str, ShipmentLine], ...], with_action: bool) -> Row:
    """Return the header; raises InputError where a SKU's column is called like another."""
    header = [layout.corrections.header] if with_action else []
    for column in layout.columns:
        if column.sku_header is None:
            header.append(column.header)
            continue
        for _, line in skus:
            title = column.sku_header.text(line_values(line, 0))
            header.append(finish_cell(layout, title, "the header of SKUs"))
    for each in header:
        if header.count(each) > 1:
            raise InputError(f"two columns would be called {visible(each)}")
    return tuple(header)


def _order_rows(
    layout: Layout, order: ShipmentOrder, action: Action, batch: int, skus: tuple[tuple[str, ShipmentLine], ...]
) -> Iterator[Row]:
    values = order_values(order, batch, layout.corrections.words[action])
    where = f"order {visible(order.number)}"
    lines = [line_values(line, at) for at, line in enumerate(order.lines, 1)]
    if layout.item is not None:
        values["order.lines"] = layout.join.join(layout.item.text(each) for each in lines)
    if layout.rows is Rows.ORDER:
        yield _row(layout, values, where, first=True, quantities=_quantities(layout, order, skus, where))
        return
    for at, each in enumerate(lines):
        yield _row(layout, values | each, where, first=at == 0, quantities=())


def _row(
    layout: Layout, values: dict[str, str], where: str, *, first: bool, quantities: tuple[dict[str, str] | None, ...]
) -> Row:
    cells: list[str] = []
    for column in layout.columns:
        if column.sku_header is not None:
            cells += [
                "" if each is None else _cell(layout, column, values | each, f"{where}, column {each['line.sku']}")
                for each in quantities
            ]
        elif first or not layout.continuation or column.header in layout.continuation:
            cells.append(_cell(layout, column, values, f"{where}, column {column.header}"))
        else:
            cells.append("")
    return tuple(cells)


def _quantities(
    layout: Layout, order: ShipmentOrder, skus: tuple[tuple[str, ShipmentLine], ...], where: str
) -> tuple[dict[str, str] | None, ...]:
    """Return the values of the order's line of each SKU that has a column, None where it has none of it."""
    if not layout.is_wide:
        return ()
    known = {sku for sku, _ in skus}
    mine: dict[str, dict[str, str]] = {}
    for at, line in enumerate(order.lines, 1):
        if line.sku not in known:
            raise InputError(f"{where}: the layout {layout.name} has no column for {visible(line.sku)}")
        if line.sku in mine:
            raise InputError(f"{where}: {visible(line.sku)} stands in it twice")
        mine[line.sku] = line_values(line, at)
    return tuple(mine.get(sku) for sku, _ in skus)


def _cell(layout: Layout, column: Column, values: dict[str, str], where: str) -> str:
    try:
        text = column.template.text(values).strip()
    except InputError as error:
        raise InputError(f"{visible(where)}: {error}") from error
    if column.required and not text:
        raise InputError(f"{visible(where)}: is empty, and this warehouse needs it")
    return finish_cell(layout, text, where, column.width)


def finish_cell(layout: Layout, text: str, where: str, width: int | None = None) -> str:
    """Return a cell as it is written; raises InputError where the warehouse can't take it."""
    cell = defuse(text) if layout.formula_guard else text
    problem = ""
    if has_hidden(cell):
        problem = "holds control or invisible characters"
    elif width and len(cell) > width:
        problem = f"“{visible(cell)}” has {len(cell)} characters; at most {width} are taken"
    elif layout.longest_number and cell.isdigit() and len(cell) > layout.longest_number:
        problem = f"{cell} has {len(cell)} digits; numbers of more than {layout.longest_number} are damaged there"
    elif missing := unencodable(cell, layout.encoding):
        problem = f"{layout.encoding} has no “{visible(missing)}”"
    elif layout.quote == "none" and layout.delimiter in cell:
        problem = "has the character that stands between the cells"
    if problem:
        raise InputError(f"{visible(where)}: {problem}")
    return cell
