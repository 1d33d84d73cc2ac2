"""How orders find their warehouse: `[allocation]` and its ordered rules, `[[allocation.rule]]`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from data.model import WorkspaceError
from data.policy.keys import choice, only, section, text, texts

SPLITS = ("whole", "by_warehouse")


@dataclass(frozen=True, slots=True)
class AllocationRule:
    """Where orders go that meet every one of its conditions; an empty one is met by each."""

    warehouse: str
    """Its code."""
    countries: tuple[str, ...] = ()
    """ISO 3166-1 alpha-2."""
    zones: tuple[str, ...] = ()
    """Customs and tax zones, as `data/addresses/territories.py` names them: `ES-CN`, `US-PR`."""
    skus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AllocationPolicy:
    """What decides before the countries that warehouses name; the first rule that is met counts."""

    split: str = "whole"
    """`whole`: an order leaves one warehouse; `by_warehouse`: its lines may leave several."""
    rules: tuple[AllocationRule, ...] = ()


def read_allocation(path: Path, found: Any, warehouses: Collection[str]) -> AllocationPolicy:
    """Read `[allocation]`; raises WorkspaceError naming the key, or a rule for a warehouse that there is not."""
    table = section(path, found, "allocation")
    only(path, table, "allocation", ("split", "rule"))
    rules = table.get("rule", [])
    if not isinstance(rules, list):
        raise WorkspaceError(f"{path}: rules of allocation are written [[allocation.rule]]")
    return AllocationPolicy(
        split=choice(path, table, "allocation.split", SPLITS, "whole"),
        rules=tuple(_read_rule(path, at, each, warehouses) for at, each in enumerate(rules, 1)),
    )


def _read_rule(path: Path, at: int, found: Any, warehouses: Collection[str]) -> AllocationRule:
    where = f"allocation.rule {at}"
    table = section(path, found, where)
    only(path, table, where, [each.name for each in fields(AllocationRule)])
    warehouse = text(path, table, f"{where}.warehouse")
    if warehouse not in warehouses:
        known = ", ".join(warehouses) or "none"
        raise WorkspaceError(f"{path}: {where}.warehouse is {warehouse!r}; the warehouses are {known}")
    return AllocationRule(
        warehouse=warehouse,
        countries=texts(path, table, f"{where}.countries", "[A-Z]{2}", "two-letter codes"),
        zones=texts(path, table, f"{where}.zones", "[A-Z]{2}(?:-[A-Z]+)?", "zones like ES-CN"),
        skus=texts(path, table, f"{where}.skus", ".+", "SKUs"),
    )
