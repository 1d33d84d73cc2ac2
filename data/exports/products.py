"""Products as a file that `lastcall product import` reads back the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from data.exports.columns import Value
from data.exports.export import Exported, free_path, write_cells
from data.stock.product_cells import parts_text
from data.stock.products import Product, list_products
from data.store.workspace import Workspace

_COLUMNS = (
    ("sku", "sku"),
    ("title", "title"),
    ("physical", "physical"),
    ("spare", "spare"),
    ("weight_g", "weight g"),
    ("length_mm", "length mm"),
    ("width_mm", "width mm"),
    ("height_mm", "height mm"),
    ("hs_code", "hs code"),
    ("origin", "origin"),
    ("description", "customs description"),
)


def export_products(ws: Workspace, target: Path | None = None, words: str = "") -> Exported:
    """Write the products whose SKU or title has the words to a CSV, a column for each currency that has a value.

    `target` defaults to a name with the time in `exports/`. Formulas are defused; reading takes that back. Raises
    InputError when the file is there already or can't be written.
    """
    found = list_products(ws.store, words)
    currencies = sorted({each.currency for product in found for each in product.values})
    columns = (*_COLUMNS, *((f"value_{code}", f"value {code}") for code in currencies), ("parts", "parts"))
    return write_cells(target or free_path(ws, "products", "csv"), columns, _cells(found, currencies), "csv")


def _cells(products: Sequence[Product], currencies: Sequence[str]) -> Iterator[list[Value]]:
    for each in products:
        values = {money.currency: money.digits() for money in each.values}
        row: list[Value] = [getattr(each, key) for key, _ in _COLUMNS]
        yield [*row, *(values.get(code, "") for code in currencies), parts_text(each.parts)]
