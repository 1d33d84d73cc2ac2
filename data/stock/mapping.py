"""Saying what a name ships: remembered for the files to come, and applied to the orders there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from data.clock import utc_text
from data.model import Done, InputError, Refusal
from data.orders.stages import settle
from data.orders.units import count_units
from data.stock.items import KINDS, NameMap, list_items, propose_skus, read_map
from data.stock.product_checks import Parts, checked_parts
from data.stock.products import ensure_products
from data.store.store import Write
from data.store.workspace import Workspace
from data.text import visible

OPEN_STAGES = "'needs_info', 'ready', 'allocated', 'cancelled'"
"""Stages whose lines may still change: nothing of them is in a batch."""


def map_item(
    ws: Workspace, campaign_id: int, name: str, parts: Sequence[tuple[str, int]], kind: str | None = None
) -> Done:
    """Say what one of a name ships, as (SKU, quantity); several parts are a bundle, none ships nothing.

    Missing products are made. Orders that are not in a batch take it over; the others are refused one by one and keep
    their lines. Raises InputError for a name the campaign does not have (unless `kind` is said, which keeps it for the
    files to come) and for one of several kinds.
    """
    return map_names(ws, campaign_id, [NameMap(kind, name, tuple(parts))])


def map_file(ws: Workspace, campaign_id: int, path: Path) -> Done:
    """Map every name of a file as `map_item` does, in one act; raises InputError as `read_map` and `map_item` do."""
    return map_names(ws, campaign_id, read_map(path))


def make_skus(ws: Workspace, campaign_id: int) -> Done:
    """Make a SKU of every name that is not mapped and map it to one of that; for a person who says so."""
    names = [(each.kind, each.name) for each in list_items(ws.store, campaign_id, unmapped=True)]
    proposed = propose_skus(names, dict(ws.store.rows("SELECT sku, title FROM products")))
    return map_names(ws, campaign_id, [NameMap(kind, name, ((sku, 1),)) for (kind, name), sku in proposed.items()])


def map_names(ws: Workspace, campaign_id: int, names: Iterable[NameMap]) -> Done:
    """Map several names in one act; see `map_item`."""
    wanted = [NameMap(each.kind, each.name, checked_parts(each.parts)) for each in names]
    if len(wanted) == 1:
        words = f"map {wanted[0].name} to {_parts_words(wanted[0].parts)}"
    else:
        words = f"map {len(wanted)} names"
    items: list[int] = []
    refused: dict[int, Refusal] = {}
    with ws.write("product.map", words, campaign=campaign_id) as tx:
        moved: set[int] = set()
        for each in wanted:
            ensure_products(tx, {sku: each.name if len(each.parts) == 1 else sku for sku, _ in each.parts})
            item_id = _find_item(tx, campaign_id, each)
            items.append(item_id)
            lines = _remember(tx, item_id, each.parts, utc_text(ws.clock.now()))
            if lines:
                moved.update(_apply(tx, item_id, each.parts, lines))
                refused.update(_refusals(tx, item_id, each.name, lines))
        count_units(tx, moved)
        settle(tx, moved)
        tx.words = f"{words}: {len(moved)} orders"
    return Done(tx.act or None, tx.words, done=tuple(items), refused=tuple(refused.values()))


def _find_item(tx: Write, campaign_id: int, wanted: NameMap) -> int:
    """Return the item's id, made when its kind was said."""
    if wanted.kind is not None and wanted.kind not in KINDS:
        raise InputError(f"kind {visible(wanted.kind)}: it is one of {', '.join(KINDS)}")
    found = tx.rows(
        "SELECT id, kind FROM items WHERE campaign_id = ? AND name = ? AND kind = coalesce(?, kind)",
        (campaign_id, wanted.name, wanted.kind),
    )
    if len(found) == 1:
        return int(found[0][0])
    if found:
        kinds = " and ".join(sorted(row[1] for row in found))
        raise InputError(f"{visible(wanted.name)} is {kinds}: say which kind")
    if wanted.kind is None:
        raise InputError(f"no file has the name {visible(wanted.name)}: say its kind to map it before it comes")
    return tx.insert("items", {"campaign_id": campaign_id, "kind": wanted.kind, "name": wanted.name})


def _remember(tx: Write, item_id: int, parts: Parts, at: str) -> str:
    """Keep what an item ships; return the condition that its lines `l` meet, or nothing when it shipped just that."""
    before = tx.rows("SELECT sku, quantity FROM item_parts WHERE item_id = ? ORDER BY id", (item_id,))
    mapped = tx.one("SELECT mapped_at FROM items WHERE id = ?", (item_id,))
    if mapped is not None and mapped[0] is not None and tuple(before) == parts:
        return ""
    tx.run("DELETE FROM item_parts WHERE item_id = ?", (item_id,))
    for sku, quantity in parts:
        tx.insert("item_parts", {"item_id": item_id, "sku": sku, "quantity": quantity})
    tx.run("UPDATE items SET mapped_at = ?, rev = rev + 1 WHERE id = ?", (at, item_id))
    # Lines of an unmapped name have an index of their own; mapping a name anew reads every line.
    unmapped = mapped is not None and mapped[0] is None
    return "l.item_id = ? AND l.sku IS NULL" if unmapped else "l.item_id = ?"


def _apply(tx: Write, item_id: int, parts: Parts, lines: str) -> list[int]:
    """Write an item's parts into the lines of the orders that may still change; returns the orders.

    The first part takes the line that is there, further parts get lines of their own.
    """
    tx.run("CREATE TEMP TABLE IF NOT EXISTS mapping (line_id INTEGER PRIMARY KEY, order_id INTEGER)")
    tx.run("DELETE FROM temp.mapping")
    tx.run(
        "INSERT INTO temp.mapping SELECT min(l.id), l.order_id FROM order_lines l JOIN orders o ON o.id = l.order_id"
        f" WHERE {lines} AND o.stage IN ({OPEN_STAGES}) GROUP BY l.order_id",
        (item_id,),
    )
    others = (
        f"{lines} AND l.order_id IN (SELECT order_id FROM temp.mapping)"
        " AND l.id NOT IN (SELECT line_id FROM temp.mapping)"
    )
    # A line that a rejected shipment names stays, with nothing left to ship.
    tx.run(
        f"DELETE FROM order_lines AS l WHERE {others} AND l.id NOT IN (SELECT order_line_id FROM shipment_lines)",
        (item_id,),
    )
    tx.run(f"UPDATE order_lines AS l SET quantity = 0, rev = rev + 1 WHERE {others} AND quantity <> 0", (item_id,))
    sku, quantity = parts[0] if parts else (None, 0)
    tx.run(
        "UPDATE order_lines SET sku = ?, quantity = item_quantity * ?, rev = rev + 1"
        " WHERE id IN (SELECT line_id FROM temp.mapping)",
        (sku, quantity),
    )
    for sku, quantity in parts[1:]:
        tx.run(
            "INSERT INTO order_lines(order_id, sku, name, item_id, item_quantity, quantity)"
            " SELECT l.order_id, ?, l.name, l.item_id, l.item_quantity, l.item_quantity * ?"
            " FROM temp.mapping m JOIN order_lines l ON l.id = m.line_id",
            (sku, quantity),
        )
    return [row[0] for row in tx.rows("SELECT order_id FROM temp.mapping")]


def _refusals(tx: Write, item_id: int, name: str, lines: str) -> dict[int, Refusal]:
    """Name the orders that keep the lines they have because they are in a batch or beyond."""
    return {
        order_id: Refusal(order_id, number, f"is {stage}: keeps what it has for {name}")
        for order_id, number, stage in tx.rows(
            "SELECT DISTINCT o.id, o.number, o.stage FROM order_lines l JOIN orders o ON o.id = l.order_id"
            f" WHERE {lines} AND o.stage NOT IN ({OPEN_STAGES}) ORDER BY o.id",
            (item_id,),
        )
    }


def _parts_words(parts: Parts) -> str:
    """Say parts in a few words."""
    named = " + ".join(f"{quantity} x {sku}" for sku, quantity in parts)
    return named or "nothing to ship"
