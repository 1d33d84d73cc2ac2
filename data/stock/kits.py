"""Kits: a SKU that is sold as one and lies on the shelf as its parts. Orders reserve and take the parts."""

from __future__ import annotations

from collections.abc import Mapping

from sqlite_utils.utils import sqlite3

from data.model import InputError, StaleError
from data.stock.product_checks import Parts
from data.store.store import Store, Write
from data.text import visible


def parts_of(reads: Store | Write, kit: str | None = None) -> dict[str, Parts]:
    """Return the parts of every kit, or of one, in the order of their SKUs."""
    found: dict[str, Parts] = {}
    for name, sku, quantity in reads.rows(
        "SELECT kit, sku, quantity FROM kit_parts WHERE kit = coalesce(?, kit) ORDER BY kit, sku", (kit,)
    ):
        found[name] = (*found.get(name, ()), (sku, quantity))
    return found


def kits_with(reads: Store | Write, sku: str) -> tuple[str, ...]:
    """Return the kits that have a product in them."""
    return tuple(row[0] for row in reads.rows("SELECT kit FROM kit_parts WHERE sku = ? ORDER BY kit", (sku,)))


def set_parts(tx: Write, kit: str, parts: Parts) -> None:
    """Make a product a kit of these parts, or with none the plain product that it is.

    Raises InputError for a part that is not there, is a kit or takes no parcel, and for a kit that has stock of its
    own; StaleError when its orders are allocated or gone, which stand on the parts they were given.
    """
    if parts:
        _refuse_kit(tx, kit)
    for sku, _ in parts:
        _refuse_part(tx, kit, sku)
    before: Mapping[str, int] = dict(parts_of(tx, kit).get(kit, ()))
    after = dict(parts)
    try:
        for sku in before.keys() - after.keys():
            tx.run("DELETE FROM kit_parts WHERE kit = ? AND sku = ?", (kit, sku))
        for sku, quantity in parts:
            if sku not in before:
                tx.insert("kit_parts", {"kit": kit, "sku": sku, "quantity": quantity})
            elif before[sku] != quantity:
                tx.run(
                    "UPDATE kit_parts SET quantity = ?, rev = rev + 1 WHERE kit = ? AND sku = ?", (quantity, kit, sku)
                )
    except sqlite3.IntegrityError as error:
        # The database's own rule, in its own words.
        raise StaleError(f"{visible(kit)}: {error}") from error


def _refuse_kit(tx: Write, kit: str) -> None:
    physical = tx.one("SELECT physical FROM products WHERE sku = ?", (kit,))
    if physical is not None and not physical[0]:
        raise InputError(f"parts: {visible(kit)} takes no parcel")
    if inside := kits_with(tx, kit):
        raise InputError(f"parts: {visible(kit)} is part of {visible(inside[0])}: a kit has no kits in it")
    own = tx.one(
        "SELECT warehouse, quantity FROM stock_levels WHERE sku = ? AND state <> 'allocated' AND quantity <> 0 LIMIT 1",
        (kit,),
    )
    if own is not None:
        raise InputError(f"parts: there are {own[1]:,} of {visible(kit)} itself at {own[0]}: count it to 0 first")


def _refuse_part(tx: Write, kit: str, sku: str) -> None:
    found = tx.one("SELECT physical FROM products WHERE sku = ?", (sku,))
    if found is None:
        raise InputError(f"parts: there is no product {visible(sku)}")
    if sku == kit:
        raise InputError(f"parts: {visible(kit)} can't be in itself")
    if not found[0]:
        raise InputError(f"parts: {visible(sku)} takes no parcel")
    if tx.one("SELECT 1 FROM kit_parts WHERE kit = ?", (sku,)):
        raise InputError(f"parts: {visible(sku)} is a kit: a kit has no kits in it, name their parts")
