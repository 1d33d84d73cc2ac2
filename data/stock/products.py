"""Products: what can be put into a parcel, and what customs wants to know of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from data.model import Done, InputError, Money, StaleError
from data.orders.stages import settle
from data.stock.kits import parts_of, set_parts
from data.stock.product_checks import COLUMNS, Parts, checked_sku, checked_values
from data.store.store import Store, Write
from data.store.workspace import Workspace
from data.text import visible


@dataclass(frozen=True, slots=True)
class Product:
    """One product."""

    id: int
    rev: int
    sku: str
    title: str
    physical: bool
    """Whether it takes a parcel; an order of other things alone ships nothing."""
    spare: bool
    """It goes out with replacements; nobody has ordered it."""
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    hs_code: str
    """The customs tariff number: 6, 8 or 10 digits."""
    origin: str
    """Where it was made: ISO 3166-1 alpha-2."""
    description: str
    """What it is, in customs' words."""
    values: tuple[Money, ...] = ()
    """Declared for customs, of one piece; one a currency."""
    parts: Parts = ()
    """What is in it, where it is a kit: orders reserve and take these."""


_SELECT = f"SELECT id, rev, sku, {', '.join(COLUMNS)} FROM products"


def list_products(reads: Store | Write, words: str = "", *, spares: bool = False) -> list[Product]:
    """Return the products whose SKU or title has every one of the words, by SKU; `spares` keeps those alone."""
    wanted = words.casefold().split()
    values: dict[str, list[Money]] = {}
    for sku, minor, currency in reads.rows("SELECT sku, minor, currency FROM product_values ORDER BY sku, currency"):
        values.setdefault(sku, []).append(Money(minor, currency))
    parts = parts_of(reads)
    found = [_product(row, values, parts) for row in reads.rows(f"{_SELECT} ORDER BY sku")]
    return [
        each
        for each in found
        if (each.spare or not spares) and all(word in f"{each.sku} {each.title}".casefold() for word in wanted)
    ]


def ordered_quantities(store: Store, campaign_id: int | None = None) -> dict[str, int]:
    """Return how many of each SKU are on orders that are not cancelled; reads every line."""
    return dict(
        store.rows(
            "SELECT l.sku, sum(l.quantity) FROM order_lines l JOIN orders o ON o.id = l.order_id"
            " WHERE l.sku IS NOT NULL AND o.stage <> 'cancelled' AND (:campaign IS NULL OR o.campaign_id = :campaign)"
            " GROUP BY l.sku",
            {"campaign": campaign_id},
        )
    )


def find_product(reads: Store | Write, sku: str) -> Product:
    """Return the product with this SKU; raises InputError when there is none."""
    found = reads.one(f"{_SELECT} WHERE sku = ?", (sku,))
    if found is None:
        raise InputError(f"there is no product {visible(sku)}")
    values = [
        Money(*row)
        for row in reads.rows("SELECT minor, currency FROM product_values WHERE sku = ? ORDER BY currency", (sku,))
    ]
    return _product(found, {sku: values}, parts_of(reads, sku))


def add_product(ws: Workspace, sku: str, values: Mapping[str, object] | None = None) -> Done:
    """Add a product; `values` may have any of `SETTABLE`.

    Raises InputError for a SKU or a value that can't be, and for a SKU that is taken.
    """
    checked = checked_values(values or {})
    with ws.write("product.add", f"add product {sku}") as tx:
        made = insert_product(tx, checked_sku(sku), checked)
    return Done(tx.act, f"add product {sku}", done=(made,), made=(made,))


def set_product(ws: Workspace, product: Product, values: Mapping[str, object]) -> Done:
    """Change some of `SETTABLE`; orders whose only goods turn physical, or stop being so, move to their stage.

    Raises InputError for a value that can't be, StaleError when somebody else changed the product meanwhile, and for
    a kit of which orders are allocated or gone.
    """
    changed = differences(product, checked_values(values))
    if not changed:
        return Done(None, f"product {product.sku} is that already")
    words = f"change product {product.sku}: {', '.join(changed)}"
    with ws.write("product.set", words) as tx:
        change_product(tx, product, changed)
    return Done(tx.act, words, done=(product.id,))


def insert_product(tx: Write, sku: str, checked: Mapping[str, object]) -> int:
    """Insert a product inside another verb's act and return its id; raises InputError for a SKU that is taken."""
    if tx.one("SELECT 1 FROM products WHERE sku = ?", (sku,)):
        raise InputError(f"there is a product {visible(sku)} already")
    made = tx.insert("products", {"sku": sku, **_columns(checked)})
    _set_beside(tx, sku, checked)
    return made


def change_product(tx: Write, product: Product, changed: Mapping[str, object]) -> None:
    """Change a product inside another verb's act; raises as `set_product`."""
    columns = _columns(changed)
    # Values and parts move the product's revision too: nobody overwrites what they have not seen.
    if not tx.update("products", product.id, product.rev, columns or {"sku": product.sku}):
        raise StaleError(f"somebody else changed product {product.sku} meanwhile: look again")
    if columns.get("physical") == 0 and (
        changed.get("parts", product.parts) or tx.one("SELECT 1 FROM kit_parts WHERE sku = ?", (product.sku,))
    ):
        raise InputError(f"{product.sku} is a kit or part of one: it takes a parcel")
    _set_beside(tx, product.sku, changed)
    if "physical" in columns:
        rows = tx.rows("SELECT DISTINCT order_id FROM order_lines WHERE sku = ?", (product.sku,))
        settle(tx, [row[0] for row in rows])


def differences(product: Product, checked: Mapping[str, object]) -> dict[str, object]:
    """Return those of checked values that a product does not have yet."""
    return {key: value for key, value in checked.items() if value != getattr(product, key)}


def with_values(before: Iterable[Money], said: Iterable[Money]) -> tuple[Money, ...]:
    """Return declared values with some of them said anew, one a currency."""
    return tuple({each.currency: each for each in (*before, *said)}.values())


def ensure_products(tx: Write, titles: Mapping[str, str]) -> list[str]:
    """Insert the products that are missing, of SKU and title, and return those; raises InputError for a bad SKU."""
    made = []
    for sku, title in titles.items():
        if tx.one("SELECT 1 FROM products WHERE sku = ?", (checked_sku(sku),)) is None:
            tx.insert("products", {"sku": sku, "title": title})
            made.append(sku)
    return made


def _columns(values: Mapping[str, object]) -> dict[str, object]:
    """Return what stands in the product's own row, as the table keeps it."""
    kept = {key: values[key] for key in COLUMNS if key in values}
    return {key: int(value) if isinstance(value, bool) else value for key, value in kept.items()}


def _set_beside(tx: Write, sku: str, values: Mapping[str, object]) -> None:
    """Write declared values and parts, which have tables of their own."""
    if "values" in values:
        _set_money(tx, sku, cast(Sequence[Money], values["values"]))
    if "parts" in values:
        set_parts(tx, sku, cast(Parts, values["parts"]))


def _set_money(tx: Write, sku: str, values: Sequence[Money]) -> None:
    before = dict(tx.rows("SELECT currency, minor FROM product_values WHERE sku = ?", (sku,)))
    for currency in before.keys() - {each.currency for each in values}:
        tx.run("DELETE FROM product_values WHERE sku = ? AND currency = ?", (sku, currency))
    for each in values:
        if each.currency not in before:
            tx.insert("product_values", {"sku": sku, "currency": each.currency, "minor": each.minor})
        elif before[each.currency] != each.minor:
            tx.run(
                "UPDATE product_values SET minor = ?, rev = rev + 1 WHERE sku = ? AND currency = ?",
                (each.minor, sku, each.currency),
            )


def _product(row: tuple[Any, ...], values: Mapping[str, Sequence[Money]], parts: Mapping[str, Parts]) -> Product:
    """Make a product of one row of `_SELECT`."""
    found = Product(*row)
    return replace(
        found,
        physical=bool(found.physical),
        spare=bool(found.spare),
        values=tuple(values.get(found.sku, ())),
        parts=parts.get(found.sku, ()),
    )
