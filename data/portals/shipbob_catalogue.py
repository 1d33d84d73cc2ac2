"""Which SKUs ShipBob knows, and its numbers for them.

An order that names a product it does not know makes ShipBob create one: a typing error becomes a product without stock,
and an order in `Exception`. So nothing is sent before every SKU of it was seen there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from data.clock import Clock
from data.portals.errors import FieldError, NotUnderstood, Permanent
from data.portals.outcomes import StockLevel
from data.portals.shipbob_api import Api
from data.text import visible

_MISSED_FOR = 300.0
"""Seconds in which a SKU that was not there is not looked up again: it may be on thousands of orders."""


class Catalogue:
    """What was looked up in one run; a SKU that is known stays known."""

    def __init__(self, api: Api, clock: Clock) -> None:
        """Look up through `api`."""
        self._api, self._clock = api, clock
        self._known: dict[str, int | None] = {}
        self._missed: dict[str, float] = {}
        self._lock = asyncio.Lock()

    async def check(self, skus: Iterable[str]) -> None:
        """Raise Permanent, naming the lines, where ShipBob has no product with a SKU; raises what a look-up raises."""
        unknown = await self.unknown(skus)
        if unknown:
            raise Permanent(
                "ShipBob has no product " + ", ".join(visible(each) for each in unknown) + ": add it there first",
                tuple(FieldError(f"lines.{each}", "ShipBob has no product with this SKU") for each in unknown),
            )

    async def inventory_ids(self, skus: Iterable[str]) -> Mapping[str, int]:
        """Return ShipBob's inventory id of each SKU; raises Permanent naming those that have none."""
        wanted = sorted(set(skus))
        await self.check(wanted)
        without = [each for each in wanted if self._known[each] is None]
        if without:
            raise Permanent(
                f"ShipBob keeps no inventory of {', '.join(visible(each) for each in without)}: is it a bundle?",
                tuple(FieldError(f"lines.{each}", "ShipBob keeps no inventory of this SKU") for each in without),
            )
        return {each: number for each in wanted if (number := self._known[each]) is not None}

    async def unknown(self, skus: Iterable[str]) -> list[str]:
        """Return which of these SKUs ShipBob does not know; raises what a look-up raises."""
        found: list[str] = []
        for sku in sorted(set(skus) - self._known.keys()):
            # One look-up for all senders that meet a SKU at the same time.
            async with self._lock:
                if sku not in self._known and self._may_look_up(sku):
                    await self._look_up(sku)
            if sku not in self._known:
                found.append(sku)
        return found

    def _may_look_up(self, sku: str) -> bool:
        missed = self._missed.get(sku)
        return missed is None or self._clock.boot_ns() / 1e9 - missed >= _MISSED_FOR

    async def _look_up(self, sku: str) -> None:
        """Look for a SKU; the vendor's search may be wider than the SKU, so only the same text counts."""
        for product in await self._api.every("/product", {"SKU": sku, "PageSize": "50"}):
            for variant in product.get("variants") or ():
                if isinstance(variant, dict) and variant.get("sku") == sku:
                    inventory = variant.get("inventory")
                    number = inventory.get("inventory_id") if isinstance(inventory, dict) else None
                    self._known[sku] = self._known.get(sku) or (number if isinstance(number, int) else None)
        if sku not in self._known:
            self._missed[sku] = self._clock.boot_ns() / 1e9


async def stock_levels(api: Api, center: int) -> list[StockLevel]:
    """Return what ShipBob counts, in one fulfilment centre or, with 0, in all of them; raises what a look-up raises."""
    totals: dict[str, tuple[int, int]] = {}
    where = "/inventory-level/locations" if center else "/inventory-level"
    query = {"PageSize": "250"} | ({"LocationId": str(center)} if center else {})
    for item in await api.every(where, query):
        sku = str(item.get("sku") or "")
        if not sku:
            continue
        on_hand, free = totals.get(sku, (0, 0))
        for counted, prefix in _counted(item, center):
            on_hand += _number(counted, f"{prefix}on_hand_quantity", sku)
            free += _number(counted, f"{prefix}fulfillable_quantity", sku)
        totals[sku] = on_hand, free
    return [StockLevel(sku, on_hand, free) for sku, (on_hand, free) in totals.items()]


def _number(counted: dict[str, Any], name: str, sku: str) -> int:
    value = counted.get(name)
    if not isinstance(value, int):
        raise NotUnderstood(f"ShipBob's {name} of {visible(sku)} is not a number")
    return value


def _counted(item: dict[str, Any], center: int) -> list[tuple[dict[str, Any], str]]:
    """Return the parts of an item that count, with what their fields' names begin with."""
    if not center:
        return [(item, "total_")]
    places = item.get("locations")
    return [
        (each, "")
        for each in (places if isinstance(places, list) else ())
        if isinstance(each, dict) and each.get("location_id") == center
    ]
