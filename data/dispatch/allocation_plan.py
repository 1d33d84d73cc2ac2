"""Deciding where orders go, without writing: orders come in the order in which they are served, and take what is left.

A plan is exact for the moment it was made in: whoever writes it makes sure that nothing was written since.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from data.dispatch.allocation_tally import Tally
from data.dispatch.baskets import BASKET_SQL, Basket, Catalogue, Line
from data.dispatch.candidates import Candidate, asked_skus, asks_for_zones, candidates, serves
from data.dispatch.stock_left import Needs, StockLeft
from data.model import Address, Refusal
from data.orders.merged import Reads
from data.orders.split import SPLIT
from data.policy import Policy

PAGE = 2_000
"""Orders read at once, between two looks at whether to stop."""
BACKORDER = "not in stock"
MISSING = "something is missing: its address, its items or its payment"
_MOST_TOGETHER = 6
"""Warehouses among which a split is looked for."""

_ORDERS = f"""
SELECT o.id, o.number, o.country, o.warehouse, o.stage, o.ship_with, CASE
    WHEN o.stage = 'cancelled' OR o.cancel_asked_at IS NOT NULL THEN 'it is cancelled'
    WHEN o.stage = 'needs_info' THEN '{MISSING}'
    WHEN o.stage = 'allocated' AND :warehouse IS NULL THEN 'it has a warehouse: ' || o.warehouse
    WHEN o.stage = 'allocated' AND :warehouse = o.warehouse AND NOT {SPLIT}
      THEN 'it goes to ' || o.warehouse || ' already'
    WHEN o.stage NOT IN ('ready', 'allocated') THEN 'it is in a batch already'
    WHEN EXISTS (SELECT 1 FROM holds h WHERE h.order_id = o.id AND h.released_at IS NULL) THEN 'it is held'
    ELSE '' END, {BASKET_SQL}"""
_PLACE = ", a.line1, a.line2, a.city, a.region, a.postcode, a.country"
_FROM = " FROM json_each(:ids) j CROSS JOIN orders o ON o.id = j.value"
_ADDRESS = " LEFT JOIN addresses a ON a.id = o.address_id"

_Row = tuple[int, str, str, str | None, str, int | None, str, str | None, str]
"""Id, number, country, warehouse, stage, group, what keeps it, basket, zone."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for."""

    policy: Policy
    warehouse: str | None = None
    """Where a person sends the orders, also those that go elsewhere."""


@dataclass(slots=True)
class Plan:
    """What becomes of some orders."""

    moved: list[tuple[int, str]] = field(default_factory=list)
    """Orders, with the warehouse each gets."""
    parts: list[tuple[int, str]] = field(default_factory=list)
    """Lines that go to another warehouse than their order."""
    short: list[tuple[int, str, str]] = field(default_factory=list)
    """Backorders: the order, the warehouse that would have it, and what that lacks."""
    refused: list[Refusal] = field(default_factory=list)
    merged: set[int] = field(default_factory=set)
    """Orders that were decided with one they are merged with, before their turn."""
    tally: Tally = field(default_factory=Tally)
    whole: bool = True
    """Whether it was made to the end."""


def make_plan(
    reads: Reads,
    asked: Asked,
    ids: Sequence[int],
    stock: StockLeft,
    decided: Iterable[int] = (),
    tell: Callable[[int], None] = lambda orders: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Plan:
    """Decide where each of these orders goes, in their order; takes what it gives from `stock`.

    `decided` are orders that had their turn with one they are merged with. `tell` is called with how many were looked
    at, page by page; once `stopped` says so the plan ends, not whole.
    """
    planner = _Planner(reads, asked, stock, Plan(merged=set(decided)))
    for start in range(0, len(ids), PAGE):
        if stopped():
            planner.plan.whole = False
            break
        page = list(ids[start : start + PAGE])
        planner.page(page)
        tell(len(page))
    return planner.plan


class _Planner:
    """The work of one plan: what was read once, and what is left."""

    def __init__(self, reads: Reads, asked: Asked, stock: StockLeft, plan: Plan) -> None:
        self.reads, self.asked, self.stock, self.plan = reads, asked, stock, plan
        self.catalogue = Catalogue(reads)
        self._asked_skus = asked_skus(asked.policy)
        self._zones = asks_for_zones(asked.policy)
        self._candidates: dict[tuple[str, str, frozenset[str]], tuple[Candidate, ...]] = {}

    def page(self, ids: list[int]) -> None:
        """Decide on one page of orders."""
        rows = self._read(ids)
        groups = {row[5] for row in rows if row[5] is not None}
        partners, fixed = self._groups(groups) if groups else ({}, {})
        every = [*rows, *(row for group in partners.values() for row in group)]
        before = self._reserved([row[0] for row in every if row[4] == "allocated" and not row[6]])
        for row in rows:
            if row[0] in self.plan.merged:
                continue
            if row[6]:
                self._leave([row], row[6])
            elif row[5] is None:
                self._decide([row], None, before)
            else:
                together = [each for each in partners[row[5]] if not each[6]]
                self.plan.merged.update(each[0] for each in together)
                self._decide(together, fixed.get(row[5]), before)

    def _read(self, ids: Sequence[int]) -> list[_Row]:
        given = {"ids": json.dumps(ids), "warehouse": self.asked.warehouse}
        if not self._zones:
            return [(*row, "") for row in self.reads.rows(_ORDERS + _FROM, given)]
        rows = self.reads.rows(_ORDERS + _PLACE + _FROM + _ADDRESS, given)
        return [(*row[:8], _zone(row[8:])) for row in rows]

    def _groups(self, groups: set[int]) -> tuple[dict[int, list[_Row]], dict[int, str]]:
        """Read every order of these groups, and the warehouse that a group has already."""
        members: list[int] = []
        fixed: dict[int, str] = {}
        for order_id, group, warehouse in self.reads.rows(
            "SELECT id, ship_with, warehouse FROM orders WHERE ship_with IN (SELECT value FROM json_each(?))"
            " AND stage <> 'cancelled' ORDER BY warehouse, id",
            (json.dumps(sorted(groups)),),
        ):
            members.append(order_id)
            if warehouse is not None:
                fixed.setdefault(group, warehouse)
        found: dict[int, list[_Row]] = {group: [] for group in groups}
        for row in self._read(sorted(members)):
            if row[5] is not None:
                found[row[5]].append(row)
        return found, fixed

    def _reserved(self, ids: list[int]) -> dict[int, list[tuple[str, Needs]]]:
        """Read what orders that may be moved have reserved."""
        found: dict[int, list[tuple[str, Needs]]] = {}
        if ids:
            for order_id, warehouse, sku, pieces in self.reads.rows(
                "SELECT order_id, warehouse, sku, sum(quantity) FROM order_movements WHERE state = 'allocated'"
                " AND order_id IN (SELECT value FROM json_each(?)) GROUP BY 1, 2, 3",
                (json.dumps(ids),),
            ):
                found.setdefault(order_id, []).append((warehouse, ((sku, pieces),)))
        return found

    def _decide(self, unit: list[_Row], fixed: str | None, before: dict[int, list[tuple[str, Needs]]]) -> None:
        """Find a place for an order, or for those that travel together."""
        country = unit[0][2]
        basket = (
            self.catalogue.basket(unit[0][7]) if len(unit) == 1 else self.catalogue.together(row[7] for row in unit)
        )
        places = self._places(unit[0], basket, fixed)
        if not places:
            to = self.asked.warehouse
            self._leave(unit, f"{to} does not serve {country}" if to else f"no warehouse serves {country}")
            return
        held = [each for row in unit for each in before.get(row[0], ())] if before else []
        for warehouse, needs in held:
            self.stock.put_back(warehouse, needs)
        for place in places:
            if self.stock.has(place, basket.needs):
                self.stock.take(place, basket.needs)
                self.plan.moved += [(row[0], place) for row in unit]
                self.plan.tally.give(place, country, len(unit), basket.units, basket.needs)
                self.plan.tally.orders += len(unit)
                return
        if len(unit) == 1 and basket.lines > 1 and len(places) > 1 and self.asked.policy.allocation.split != "whole":
            lines = self.catalogue.lines(self.reads, unit[0][0])
            parts = split_lines(self.stock, places, lines)
            if parts is not None:
                self._give_parts(unit[0], lines, parts)
                return
        for warehouse, needs in held:
            self.stock.take(warehouse, needs)
        self._backorder(unit, places[0], basket)

    def _places(self, row: _Row, basket: Basket, fixed: str | None) -> list[str]:
        """Return the warehouses to try."""
        country = row[2]
        if self.asked.warehouse is not None:
            settings = self.asked.policy.warehouse(self.asked.warehouse)
            return [settings.code] if serves(settings, country) else []
        if fixed is not None:
            return [fixed]
        key = (country, row[8], basket.skus & self._asked_skus)
        found = self._candidates.get(key)
        if found is None:
            found = self._candidates[key] = candidates(self.asked.policy, *key)
        return [each.warehouse for each in found]

    def _give_parts(self, row: _Row, lines: list[Line], parts: list[str]) -> None:
        """Write down a split: the order goes where its first line goes."""
        self.plan.moved.append((row[0], parts[0]))
        tally = self.plan.tally
        tally.orders += 1
        tally.split += 1
        for warehouse in dict.fromkeys(parts):
            own = [line for line, place in zip(lines, parts, strict=True) if place == warehouse]
            if warehouse != parts[0]:
                self.plan.parts += [(line.id, warehouse) for line in own]
            needs = [each for line in own for each in line.needs]
            tally.give(warehouse, row[2], 1, sum(line.units for line in own), needs)

    def _backorder(self, unit: list[_Row], warehouse: str, basket: Basket) -> None:
        lacks = ", ".join(f"{pieces:,} of {sku}" for sku, pieces in self.stock.lacking(warehouse, basket.needs))
        self.plan.short += [(row[0], warehouse, lacks) for row in unit]
        self.plan.tally.want(warehouse, len(unit), basket.needs)
        self.plan.tally.left[BACKORDER] += len(unit)
        self._refuse(unit, f"{BACKORDER}: {warehouse} lacks {lacks}")

    def _leave(self, unit: list[_Row], reason: str) -> None:
        self.plan.tally.left[reason] += len(unit)
        self._refuse(unit, reason)

    def _refuse(self, unit: list[_Row], reason: str) -> None:
        if len(self.plan.refused) < PAGE:
            self.plan.refused += [Refusal(row[0], row[1], reason) for row in unit]


def split_lines(stock: StockLeft, places: Sequence[str], lines: Sequence[Line]) -> list[str] | None:
    """Return the warehouse of each line, of as few warehouses as can be; takes it from `stock`. None where none can.

    No line is divided. Preferred warehouses come first, also among those that are equally few.
    """
    places = places[:_MOST_TOGETHER]
    for count in range(2, min(len(places), len(lines)) + 1):
        for chosen in combinations(places, count):
            found: list[str] = []
            for line in lines:
                place = next((each for each in chosen if stock.has(each, line.needs)), None)
                if place is None:
                    break
                stock.take(place, line.needs)
                found.append(place)
            if len(found) == len(lines):
                return found
            for place, line in zip(found, lines, strict=False):
                stock.put_back(place, line.needs)
    return None


def zone_of(reads: Reads, order_id: int) -> str:
    """Return the customs zone of an order's address on file."""
    rows = reads.rows(f"SELECT {_PLACE[2:]} FROM orders o{_ADDRESS} WHERE o.id = ?", (order_id,))
    return _zone(rows[0]) if rows else ""


def _zone(address: tuple[Any, ...]) -> str:
    """Return the customs zone of an address; its tables are loaded only where a rule asks for zones."""
    from data.addresses.territories import zone

    line1, line2, city, region, postcode, country = (each or "" for each in address)
    return zone(Address(line1=line1, line2=line2, city=city, region=region, postcode=postcode, country=country))
