"""What platforms call things, and what each name ships: the map from tier, item and add-on names to SKUs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from anyascii import anyascii

from data.files.columns import Columns
from data.files.read import BadRow, open_tables
from data.model import InputError
from data.stock.product_checks import LONGEST_SKU, Parts, checked_sku
from data.store.store import Store
from data.text import visible

KINDS = ("tier", "item", "addon", "sku")
"""Where a platform uses a name: the pledge's tier, a thing in it, an add-on, a column named by a SKU."""


@dataclass(frozen=True, slots=True)
class Item:
    """A name a platform uses in one campaign."""

    id: int
    campaign_id: int
    campaign: str
    """The campaign's code."""
    kind: str
    name: str
    mapped: bool
    parts: Parts
    orders: int
    """Orders that have it and are not cancelled."""
    quantity: int


@dataclass(frozen=True, slots=True)
class NameMap:
    """What a person says that names ship."""

    kind: str | None
    """None: whatever kind the name is."""
    name: str
    parts: Parts


def list_items(store: Store, campaign_id: int | None = None, *, unmapped: bool = False) -> list[Item]:
    """Return the names of a campaign or of all, with how often they are ordered; `unmapped` keeps the open ones."""
    parts: dict[int, list[tuple[str, int]]] = {}
    for item_id, sku, quantity in store.rows("SELECT item_id, sku, quantity FROM item_parts ORDER BY id"):
        parts.setdefault(item_id, []).append((sku, quantity))
    # The index of unmapped lines answers the usual question without reading the others.
    counted = {
        row[0]: row[1:]
        for row in store.rows(
            "SELECT item_id, count(*), sum(item_quantity) FROM (SELECT l.item_id, l.order_id,"
            " max(l.item_quantity) AS item_quantity FROM order_lines l JOIN orders o ON o.id = l.order_id"
            f" WHERE l.item_id IS NOT NULL {'AND l.sku IS NULL' if unmapped else ''} AND o.stage <> 'cancelled'"
            " GROUP BY l.item_id, l.order_id) GROUP BY item_id"
        )
    }
    return [
        Item(item_id, campaign, code, kind, name, mapped, tuple(parts.get(item_id, ())), *counted.get(item_id, (0, 0)))
        for item_id, campaign, code, kind, name, mapped in (
            (*row[:5], bool(row[5]))
            for row in store.rows(
                "SELECT i.id, i.campaign_id, c.code, i.kind, i.name, i.mapped_at IS NOT NULL FROM items i"
                " JOIN campaigns c ON c.id = i.campaign_id WHERE (:campaign IS NULL OR i.campaign_id = :campaign)"
                f" {'AND i.mapped_at IS NULL' if unmapped else ''} ORDER BY i.campaign_id, i.kind, i.name",
                {"campaign": campaign_id},
            )
        )
    ]


def read_map(path: Path) -> list[NameMap]:
    """Read a file of columns name, sku, quantity and, where a name is of two kinds, kind.

    Rows of the same name are the parts of a bundle; an empty SKU says that the name ships nothing; an empty quantity is
    1. Raises InputError naming file, line and field.
    """
    gathered: dict[tuple[str | None, str], dict[str, int]] = {}
    for table in open_tables([path]):
        columns = Columns(table.header)
        name_at, sku_at = columns.find(["name"]), columns.find(["sku"])
        quantity_at, kind_at = columns.find(["quantity", "qty"]), columns.find(["kind"])
        if name_at is None or sku_at is None:
            raise InputError(f"{table.name}: needs the columns name, sku, quantity")
        for row in table:
            if isinstance(row, BadRow):
                raise InputError(row.words())
            where = f"{table.name}, line {row.line}"
            cells = [cell.strip() for cell in row.cells]
            kind = cells[kind_at] or None if kind_at is not None else None
            if kind is not None and kind not in KINDS:
                raise InputError(f"{where}, kind: {visible(kind)} is none of {', '.join(KINDS)}")
            if not cells[name_at]:
                raise InputError(f"{where}, name: is empty")
            parts = gathered.setdefault((kind, cells[name_at]), {})
            quantity = _quantity(cells[quantity_at] if quantity_at is not None else "", where)
            if sku := cells[sku_at]:
                try:
                    checked_sku(sku)
                except InputError as error:
                    raise InputError(f"{where}, sku: {error}") from error
                if sku in parts:
                    raise InputError(f"{where}, sku: {visible(sku)} stands twice for {visible(cells[name_at])}")
                parts[sku] = quantity
    return [NameMap(kind, name, tuple(parts.items())) for (kind, name), parts in gathered.items()]


def propose_skus(names: Iterable[tuple[str, str]], taken: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Propose a SKU for each (kind, name): the name in Latin capitals and dashes, with a number where that is taken.

    `taken` are the products there are: SKU → title. The same name of two kinds is the same thing and gets one SKU.
    """
    titles = dict(taken)
    proposed: dict[tuple[str, str], str] = {}
    for kind, name in names:
        slug = re.sub(r"[^A-Z0-9]+", "-", anyascii(name).upper()).strip("-")[: LONGEST_SKU - 6].rstrip("-") or "ITEM"
        number, candidate = 1, slug
        while candidate in titles and titles[candidate] != name:
            number += 1
            candidate = f"{slug}-{number}"
        titles[candidate] = name
        proposed[kind, name] = candidate
    return proposed


def _quantity(text: str, where: str) -> int:
    """Read how many of a SKU one of a name ships."""
    if not text:
        return 1
    if not re.fullmatch(r"[0-9]{1,6}", text) or int(text) < 1:
        raise InputError(f"{where}, quantity: {visible(text)} is no whole number above 0")
    return int(text)
