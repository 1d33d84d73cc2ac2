"""Products: what can be put into a parcel, and what customs wants to know of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from data.model import Done, InputError, StaleError
from data.orders.stages import settle
from data.store.store import Store, Write
from data.store.workspace import Workspace
from data.text import visible

LONGEST_SKU = 50
"""Characters; what ShipStation takes."""
SETTABLE = ("title", "physical", "weight_g", "hs_code", "origin", "description")


@dataclass(frozen=True, slots=True)
class Product:
    """One product."""

    id: int
    rev: int
    sku: str
    title: str
    physical: bool
    """Whether it takes a parcel; an order of other things alone ships nothing."""
    weight_g: int | None
    hs_code: str
    """The customs tariff number: 6, 8 or 10 digits."""
    origin: str
    """Where it was made: ISO 3166-1 alpha-2."""
    description: str
    """What it is, in customs' words."""


_COLUMNS = ", ".join(each.name for each in fields(Product))


def list_products(store: Store, words: str = "") -> list[Product]:
    """Return the products whose SKU or title has every one of the words, by SKU."""
    wanted = words.casefold().split()
    found = [_product(row) for row in store.rows(f"SELECT {_COLUMNS} FROM products ORDER BY sku")]
    return [each for each in found if all(word in f"{each.sku} {each.title}".casefold() for word in wanted)]


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


def find_product(store: Store, sku: str) -> Product:
    """Return the product with this SKU; raises InputError when there is none."""
    found = store.one(f"SELECT {_COLUMNS} FROM products WHERE sku = ?", (sku,))
    if found is None:
        raise InputError(f"there is no product {visible(sku)}")
    return _product(found)


def add_product(ws: Workspace, sku: str, values: Mapping[str, object] | None = None) -> Done:
    """Add a product; `values` may have any of `SETTABLE`.

    Raises InputError for a SKU or a value that can't be, and for a SKU that is taken.
    """
    checked = {"sku": checked_sku(sku), **_checked(values or {})}
    with ws.write("product.add", f"add product {sku}") as tx:
        if tx.one("SELECT 1 FROM products WHERE sku = ?", (checked["sku"],)):
            raise InputError(f"there is a product {visible(sku)} already")
        made = tx.insert("products", checked)
    return Done(tx.act, f"add product {sku}", done=(made,), made=(made,))


def set_product(ws: Workspace, product: Product, values: Mapping[str, object]) -> Done:
    """Change some of `SETTABLE`; orders whose only goods turn physical, or stop being so, move to their stage.

    Raises InputError for a value that can't be, StaleError when somebody else changed the product meanwhile.
    """
    changed = {key: value for key, value in _checked(values).items() if value != getattr(product, key)}
    if not changed:
        return Done(None, f"product {product.sku} is that already")
    words = f"change product {product.sku}: {', '.join(changed)}"
    with ws.write("product.set", words) as tx:
        if not tx.update("products", product.id, product.rev, changed):
            raise StaleError(f"somebody else changed product {product.sku} meanwhile: look again")
        if "physical" in changed:
            _settle_orders(tx, product.sku)
    return Done(tx.act, words, done=(product.id,))


def ensure_products(tx: Write, titles: Mapping[str, str]) -> list[str]:
    """Insert the products that are missing, of SKU and title, and return those; raises InputError for a bad SKU."""
    made = []
    for sku, title in titles.items():
        if tx.one("SELECT 1 FROM products WHERE sku = ?", (checked_sku(sku),)) is None:
            tx.insert("products", {"sku": sku, "title": title})
            made.append(sku)
    return made


def checked_sku(sku: str) -> str:
    """Return a SKU that warehouses can take: 1-50 characters without space around them or hidden ones in them.

    Raises InputError for another.
    """
    if not sku or sku != sku.strip() or len(sku) > LONGEST_SKU or visible(sku) != sku:
        raise InputError(f"SKU “{visible(sku)}”: it is 1-{LONGEST_SKU} visible characters without space around them")
    return sku


def _settle_orders(tx: Write, sku: str) -> None:
    """Move the orders that have this product to the stage their facts say."""
    settle(tx, [row[0] for row in tx.rows("SELECT DISTINCT order_id FROM order_lines WHERE sku = ?", (sku,))])


def _checked(values: Mapping[str, object]) -> dict[str, object]:
    """Return values as the table keeps them; raises InputError naming the field."""
    if unknown := values.keys() - set(SETTABLE):
        raise InputError(f"a product has no {', '.join(sorted(unknown))} to set")
    checked = dict(values)
    if "physical" in checked:
        checked["physical"] = int(bool(checked["physical"]))
    weight = checked.get("weight_g")
    if weight is not None and (not isinstance(weight, int) or weight <= 0):
        raise InputError("weight: it is a whole number of grams above 0")
    if (hs_code := str(checked.get("hs_code") or "")) and not re.fullmatch(r"\d{6}|\d{8}|\d{10}", hs_code):
        raise InputError(f"HS code {visible(hs_code)}: it is 6, 8 or 10 digits")
    if (origin := str(checked.get("origin") or "")) and not re.fullmatch(r"[A-Z]{2}", origin):
        raise InputError(f"origin {visible(origin)}: it is a two-letter country code, like CN")
    return checked


def _product(row: tuple[Any, ...]) -> Product:
    """Make a product of one row of `_COLUMNS`."""
    found = Product(*row)
    return replace(found, physical=bool(found.physical))
