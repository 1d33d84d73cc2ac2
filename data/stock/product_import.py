"""Bringing product files in: all of it or nothing, in one act; the same file again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from data.model import Done, InputError, LastcallError, Money, StaleError
from data.stock.product_cells import parts_text
from data.stock.product_checks import Parts, checked_values
from data.stock.product_file import ProductFile, ProductRow, read_products
from data.stock.products import Product, change_product, differences, find_product, insert_product, list_products
from data.store.store import Write
from data.store.workspace import Workspace
from data.text import visible


@dataclass(frozen=True, slots=True)
class ProductChange:
    """What an import makes of one value of one product."""

    sku: str
    field: str
    """A column, `values`, `parts`; `new` for the product itself."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ProductImport:
    """What bringing files in did, or with `dry_run` would do."""

    done: Done
    added: int
    changed: int
    same: int
    changes: tuple[ProductChange, ...]


@dataclass(slots=True)
class _Tally:
    added: list[int] = field(default_factory=list)
    changed: set[int] = field(default_factory=set)
    skus: set[str] = field(default_factory=set)
    changes: list[ProductChange] = field(default_factory=list)


class _NotMeantError(Exception):
    """Takes a dry run back."""


def import_products(ws: Workspace, paths: list[Path], *, dry_run: bool = False) -> ProductImport:
    """Add and change the products that files name; an absent column or empty cell leaves a value as it is.

    A dry run does all of it and takes it back before anybody sees it. Raises InputError naming file, line and field;
    StaleError for a kit of which orders are allocated or gone. Nothing is changed then.
    """
    found = read_products(paths)
    tally = _Tally()
    act = 0
    try:
        with ws.write("product.import", "import products") as tx:
            notes = _apply(tx, found, tally)
            tx.words = _words(tally, "import")
            if dry_run:
                raise _NotMeantError
        act = tx.act
    except _NotMeantError:
        pass
    same = len(tally.skus) - len(tally.added) - len(tally.changed)
    done = Done(
        act or None,
        _words(tally, "would import" if dry_run else "import") + (f", {same} as they were" if same else ""),
        done=(*tally.added, *sorted(tally.changed)),
        made=() if dry_run else tuple(tally.added),
        notes=notes,
    )
    return ProductImport(done, len(tally.added), len(tally.changed), same, tuple(tally.changes))


def _apply(tx: Write, found: ProductFile, tally: _Tally) -> tuple[str, ...]:
    """Write everything; parts come last, when every product is there, and what ends being a kit before what begins."""
    there = {each.sku: each for each in list_products(tx)}
    folded = {sku.casefold(): sku for sku in there}
    notes = [f"columns not used: {', '.join(found.unused)}"] if found.unused else []
    for row in found.rows:
        tally.skus.add(row.sku)
        if not row.makes:
            continue
        product = there.get(row.sku)
        if product is None and (alike := folded.get(row.sku.casefold())) is not None:
            notes.append(f"{row.where}: {visible(row.sku)} is made though there is {visible(alike)}")
        _one(tx, row, product, tally)
    for row in sorted(found.rows, key=lambda each: bool(each.parts)):
        if row.parts is not None:
            _parts(tx, row, row.parts, tally)
    return tuple(notes)


def _one(tx: Write, row: ProductRow, product: Product | None, tally: _Tally) -> None:
    """Add or change one product, but for its parts."""
    try:
        if product is None:
            values = checked_values({**row.values, "values": _money((), row.money)})
            tally.added.append(insert_product(tx, row.sku, values))
            tally.changes.append(ProductChange(row.sku, "new", "", str(row.values.get("title", ""))))
            return
        values = dict(row.values)
        if row.money:
            values["values"] = _money(product.values, row.money)
        _change(tx, product, checked_values(differences(product, values)), tally)
    except LastcallError as error:
        raise _at(row, error) from error


def _parts(tx: Write, row: ProductRow, parts: Parts, tally: _Tally) -> None:
    try:
        product = find_product(tx, row.sku)
        _change(tx, product, differences(product, {"parts": parts}), tally)
    except LastcallError as error:
        raise _at(row, error) from error


def _change(tx: Write, product: Product, changed: Mapping[str, object], tally: _Tally) -> None:
    if not changed:
        return
    change_product(tx, product, changed)
    if product.id not in tally.added:
        tally.changed.add(product.id)
    tally.changes += [
        ProductChange(product.sku, name, shown(name, getattr(product, name)), shown(name, value))
        for name, value in changed.items()
    ]


def _money(before: tuple[Money, ...], said: Mapping[str, Money | None]) -> tuple[Money, ...]:
    """Return declared values with what a file says of some currencies."""
    kept = [each for each in before if each.currency not in said]
    return tuple(sorted(kept + [each for each in said.values() if each], key=lambda each: each.currency))


def _at(row: ProductRow, error: LastcallError) -> LastcallError:
    """Return the same error with the row's file and line."""
    kind = StaleError if isinstance(error, StaleError) else InputError
    return kind(f"{row.where}, {error}")


def _words(tally: _Tally, verb: str) -> str:
    return f"{verb} products: {len(tally.added)} new, {len(tally.changed)} changed"


def shown(name: str, value: object) -> str:
    """Say a product's value in a few words."""
    if name == "values":
        return ", ".join(f"{each.currency} {each.digits()}" for each in cast(tuple[Money, ...], value))
    if name == "parts":
        return parts_text(cast(Parts, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
