"""What the orders of a file hold: equal baskets stand once, exploded through the map from names to SKUs."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from data.intake.staging import Staging
from data.model import InputError
from data.stock.items import NameMap, propose_skus
from data.stock.product_checks import Parts, checked_sku
from data.store.store import Store

Items = tuple[tuple[str, str, int], ...]
"""What a record says a backer gets: (kind, name, quantity)."""
_MOST_REMEMBERED = 50_000


@dataclass(slots=True)
class _Name:
    """One name: known to the workspace by `item_id`, or to be made as number `new`."""

    item_id: int | None
    new: int | None
    parts: Parts | None
    """None while nobody has said what it ships."""


@dataclass(frozen=True, slots=True)
class Basket:
    """One set of goods, staged under a number of its own."""

    number: int
    lines: int
    """Lines it explodes into."""
    ships: bool
    """Whether it has a physical line and no name that is not mapped."""


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name that is not mapped, with how often the files have it on new and changed orders."""

    kind: str
    name: str
    orders: int
    quantity: int


class Baskets:
    """The baskets of one import."""

    def __init__(
        self,
        store: Store,
        staging: Staging,
        campaign_id: int | None,
        *,
        maps: Sequence[NameMap] = (),
        make_skus: bool = False,
    ) -> None:
        """Read the campaign's map; `maps` and `make_skus` say what names ship that the campaign does not have yet."""
        self._db = staging.db
        self._maps = {(each.kind, each.name): each.parts for each in maps}
        self._make_skus = make_skus
        self._products: dict[str, str] = {}
        self._physical: dict[str, bool] = {}
        for sku, title, physical in store.rows("SELECT sku, title, physical FROM products"):
            self._products[sku] = title
            self._physical[sku] = bool(physical)
        self._names = _read_names(store, campaign_id)
        self._baskets: dict[Items, Basket] = {}
        self._uses: list[int] = []
        self._new_items = self._new_products = self._new_parts = 0

    def find(self, items: Items) -> Basket:
        """Return the basket of a record's items, staged when it is met first, and count its use."""
        basket = self._baskets.get(items)
        if basket is None:
            if len(self._baskets) >= _MOST_REMEMBERED:
                self._baskets.clear()
            basket = self._baskets[items] = self._stage(items)
        self._uses[basket.number] += 1
        return basket

    def take_back(self, number: int) -> None:
        """Uncount one use of a basket: its row is rejected after all."""
        self._uses[number] -= 1

    def by_item(self, items: Items) -> dict[int | None, int]:
        """Return quantities by the id of the item; a name the workspace does not have is None."""
        return {self._name(kind, name).item_id: quantity for kind, name, quantity in items}

    @property
    def counts(self) -> dict[str, int]:
        """Return how many names, parts of names and products are to be made."""
        return {"items": self._new_items, "parts": self._new_parts, "products": self._new_products}

    def unknown_names(self) -> list[UnknownName]:
        """Return the names without a SKU, most used first."""
        self._db.execute("CREATE TEMP TABLE uses (basket INTEGER PRIMARY KEY, uses INTEGER)")
        self._db.executemany("INSERT INTO temp.uses VALUES (?, ?)", enumerate(self._uses))
        unmapped = {(each.item_id, each.new): key for key, each in self._names.items() if each.parts is None}
        found = []
        for item_id, new, orders, quantity in self._db.execute(
            "SELECT item_id, item_new, sum(uses), sum(uses * item_quantity)"
            " FROM basket_line JOIN temp.uses USING (basket)"
            " WHERE sku IS NULL AND quantity > 0 GROUP BY item_id, item_new HAVING sum(uses) > 0"
        ):
            kind, name = unmapped[item_id, new]
            found.append(UnknownName(kind, name, orders, quantity))
        self._db.execute("DROP TABLE temp.uses")
        return sorted(found, key=lambda each: (-each.orders, each.kind, each.name))

    def _stage(self, items: Items) -> Basket:
        """Explode a basket and stage its lines."""
        number = len(self._uses)
        self._uses.append(0)
        lines: list[tuple[object, ...]] = []
        ships, unmapped = False, False
        for kind, name, quantity in items:
            found = self._name(kind, name)
            head = (name, found.item_id, found.new, quantity)
            if found.parts is None:
                unmapped = True
                lines.append((number, len(lines), None, *head, quantity))
                continue
            for sku, each in found.parts:
                ships = ships or self._physical.get(sku, True)
                lines.append((number, len(lines), sku, *head, quantity * each))
            if not found.parts:
                lines.append((number, len(lines), None, *head, 0))
        self._db.executemany("INSERT INTO basket_line VALUES (?, ?, ?, ?, ?, ?, ?, ?)", lines)
        return Basket(number, len(lines), ships and not unmapped)

    def _name(self, kind: str, name: str) -> _Name:
        """Return a name, staged as a new one when neither the workspace nor the files had it."""
        found = self._names.get((kind, name))
        if found is None:
            parts = self._parts(kind, name)
            found = self._names[kind, name] = _Name(None, self._new_items, parts)
            self._new_items += 1
            self._db.execute("INSERT INTO item VALUES (?, ?, ?, ?)", (found.new, kind, name, int(parts is not None)))
            for sku, quantity in parts or ():
                self._db.execute("INSERT INTO part VALUES (?, ?, ?, ?)", (self._new_parts, found.new, sku, quantity))
                self._new_parts += 1
                self._make_product(sku, name if parts is not None and len(parts) == 1 else sku)
        return found

    def _parts(self, kind: str, name: str) -> Parts | None:
        """Say what a new name ships: by the map given with the files, as the SKU it is, or by one made for it."""
        for key in ((kind, name), (None, name)):
            if key in self._maps:
                return self._maps[key]
        if kind == "sku":
            with contextlib.suppress(InputError):
                return ((checked_sku(name), 1),)
        if self._make_skus:
            return ((propose_skus([(kind, name)], self._products)[kind, name], 1),)
        return None

    def _make_product(self, sku: str, title: str) -> None:
        """Stage a product that is missing."""
        if sku not in self._products:
            self._products[sku] = title
            self._db.execute("INSERT INTO product VALUES (?, ?, ?)", (self._new_products, sku, title))
            self._new_products += 1


def _read_names(store: Store, campaign_id: int | None) -> dict[tuple[str, str], _Name]:
    """Return the names a campaign has and what they ship."""
    parts: dict[int, list[tuple[str, int]]] = {}
    for item_id, sku, quantity in store.rows(
        "SELECT p.item_id, p.sku, p.quantity FROM item_parts p JOIN items i ON i.id = p.item_id"
        " WHERE i.campaign_id = ? ORDER BY p.id",
        (campaign_id,),
    ):
        parts.setdefault(item_id, []).append((sku, quantity))
    return {
        (kind, name): _Name(item_id, None, tuple(parts.get(item_id, ())) if mapped else None)
        for item_id, kind, name, mapped in store.rows(
            "SELECT id, kind, name, mapped_at IS NOT NULL FROM items WHERE campaign_id = ?", (campaign_id,)
        )
    }
