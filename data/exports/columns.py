"""The columns an export can have: how an order, or one line of it, becomes a cell. Keys are those of the screens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from data.model import InputError, Money
from data.orders.rows import Line, OrderRow
from data.text import visible

Value = str | int | bool | None


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column of a file."""

    key: str
    title: str
    cell: Callable[[OrderRow, Line], Value]
    line: bool = False
    """Says something of one line, so that the file has a row for each."""


NO_LINE = Line(None, "", 0)
"""Given where a row stands for a whole order."""


def _amount(row: OrderRow, line: Line) -> str:
    return "" if row.amount_minor is None else Money(row.amount_minor, row.currency).digits()


def _listed(row: OrderRow, line: Line) -> str:
    return ", ".join(f"{each.quantity} × {each.sku or each.name}" for each in row.lines)


def _flags(row: OrderRow, line: Line) -> str:
    marks = (("late", row.late), ("locked", row.locked), ("cancel asked for", row.cancel_asked))
    return ", ".join([*(f"hold: {kind}" for kind in row.holds), *(words for words, on in marks if on)])


_ALL = (
    ExportColumn("id", "ID", lambda row, _: row.id),
    ExportColumn("number", "Number", lambda row, _: row.number),
    ExportColumn("kind", "Kind", lambda row, _: row.kind),
    ExportColumn("stage", "Stage", lambda row, _: row.stage),
    ExportColumn("name", "Name", lambda row, _: row.name),
    ExportColumn("email", "E-mail", lambda row, _: row.email),
    ExportColumn("tier", "Tier", lambda row, _: row.tier),
    ExportColumn("paid", "Paid", lambda row, _: row.paid),
    ExportColumn("amount", "Amount", _amount),
    ExportColumn("currency", "Currency", lambda row, _: row.currency),
    ExportColumn("ordered", "Ordered (UTC)", lambda row, _: row.ordered_at),
    ExportColumn("lines", "Items", _listed),
    ExportColumn("units", "Units", lambda row, _: row.units),
    ExportColumn("flags", "Flags", _flags),
    ExportColumn("holds", "Holds", lambda row, _: ", ".join(row.holds)),
    ExportColumn("locked", "Locked", lambda row, _: row.locked),
    ExportColumn("late", "Late", lambda row, _: row.late),
    ExportColumn("priority", "Priority", lambda row, _: row.priority),
    ExportColumn("warehouse", "Warehouse", lambda row, _: row.warehouse),
    ExportColumn("batch", "Batch", lambda row, _: ", ".join(map(str, row.batches))),
    ExportColumn("carrier", "Carrier", lambda row, _: ", ".join(row.carriers)),
    ExportColumn("tracking", "Tracking number", lambda row, _: ", ".join(row.tracking)),
    ExportColumn("issues", "Open issues", lambda row, _: row.issues),
    ExportColumn("changes", "Address changes to decide", lambda row, _: row.changes),
    ExportColumn("addressee", "Addressee", lambda row, _: row.address.name),
    ExportColumn("company", "Company", lambda row, _: row.address.company),
    ExportColumn("line1", "Address line 1", lambda row, _: row.address.line1),
    ExportColumn("line2", "Address line 2", lambda row, _: row.address.line2),
    ExportColumn("city", "City", lambda row, _: row.address.city),
    ExportColumn("region", "State or region", lambda row, _: row.address.region),
    ExportColumn("postcode", "Postcode", lambda row, _: row.address.postcode),
    ExportColumn("country", "Country", lambda row, _: row.country),
    ExportColumn("phone", "Phone", lambda row, _: row.address.phone),
    ExportColumn("address", "Address", lambda row, _: row.address.one_line()),
    ExportColumn("sku", "SKU", lambda _, line: line.sku, line=True),
    ExportColumn("item", "Item", lambda _, line: line.name, line=True),
    ExportColumn("quantity", "Quantity", lambda _, line: line.quantity, line=True),
)
COLUMNS: dict[str, ExportColumn] = {each.key: each for each in _ALL}


def find_columns(keys: Sequence[str]) -> tuple[ExportColumn, ...]:
    """Return the columns of these keys, in their order; raises InputError for one there is not."""
    for key in keys:
        if key not in COLUMNS:
            near = get_close_matches(key, COLUMNS, 1)
            hint = f"did you mean {near[0]}?" if near else "there are: " + ", ".join(COLUMNS)
            raise InputError(f"there is no column {visible(key)}: {hint}")
    return tuple(COLUMNS[key] for key in keys)
