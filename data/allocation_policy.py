"""How orders find their warehouse, as `lastcall.toml` says: `[allocation]`, its rules, and what warehouses add."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from data.model import WorkspaceError

SPLITS = ("whole", "by_warehouse")
STOCKS = ("check", "ignore")


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
    """Met by an order that has one of them, by itself or in a kit."""


@dataclass(frozen=True, slots=True)
class AllocationPolicy:
    """What decides before the countries that warehouses name; the first rule that is met counts."""

    split: str = "whole"
    """`whole`: an order leaves one warehouse; `by_warehouse`: its lines may leave several."""
    rules: tuple[AllocationRule, ...] = ()


@dataclass(frozen=True, slots=True)
class WarehousePolicy:
    """What of one warehouse's rules allocation goes by: `[warehouse.CODE.policy]`."""

    stock: str = "check"
    """`check`: it gets no order for which its counted stock is too little; `ignore`: it says itself what it lacks."""
    priority: int = 0
    """Where several warehouses could take an order, the highest is preferred."""


def read_allocation(path: Path, table: Any, warehouses: Collection[str]) -> AllocationPolicy:
    """Read `[allocation]`; raises WorkspaceError naming the key, or a rule for a warehouse that there is not."""
    table = _section(path, table, "allocation", {"split", "rule"})
    rules = table.get("rule", [])
    if not isinstance(rules, list):
        raise WorkspaceError(f"{path}: rules of allocation are written [[allocation.rule]]")
    return AllocationPolicy(
        split=_choice(path, table, "allocation.split", SPLITS),
        rules=tuple(_read_rule(path, at, each, warehouses) for at, each in enumerate(rules, 1)),
    )


def read_warehouse_policy(path: Path, table: Any, where: str) -> WarehousePolicy:
    """Read `[warehouse.CODE.policy]`; raises WorkspaceError naming the key."""
    table = _section(path, table, where, {"stock", "priority"})
    priority = table.get("priority", 0)
    if not isinstance(priority, int) or isinstance(priority, bool):
        raise WorkspaceError(f"{path}: {where}.priority must be a whole number")
    return WarehousePolicy(_choice(path, table, f"{where}.stock", STOCKS), priority)


def _read_rule(path: Path, at: int, table: Any, warehouses: Collection[str]) -> AllocationRule:
    where = f"allocation.rule {at}"
    table = _section(path, table, where, {each.name for each in fields(AllocationRule)})
    warehouse = table.get("warehouse", "")
    if warehouse not in warehouses:
        known = ", ".join(warehouses) or "none"
        raise WorkspaceError(f"{path}: {where}.warehouse is {warehouse!r}; the warehouses are {known}")
    return AllocationRule(
        warehouse=warehouse,
        countries=_texts(path, table, f"{where}.countries", "[A-Z]{2}", "two-letter codes"),
        zones=_texts(path, table, f"{where}.zones", "[A-Z]{2}(?:-[A-Z]+)?", "zones like ES-CN"),
        skus=_texts(path, table, f"{where}.skus", "(?s).+", "SKUs"),
    )


def _section(path: Path, table: Any, where: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise WorkspaceError(f"{path}: [{where}] must be a section")
    for key in table.keys() - known:
        raise WorkspaceError(f"{path}: [{where}]: unknown key {key!r}; known are {', '.join(sorted(known))}")
    return table


def _choice(path: Path, table: dict[str, Any], where: str, known: tuple[str, ...]) -> str:
    found = table.get(where.rpartition(".")[2], known[0])
    if found not in known:
        raise WorkspaceError(f"{path}: {where} is {found!r}; known are {', '.join(known)}")
    return str(found)


def _texts(path: Path, table: dict[str, Any], where: str, pattern: str, words: str) -> tuple[str, ...]:
    found = table.get(where.rpartition(".")[2], [])
    if not isinstance(found, list) or not all(isinstance(each, str) and re.fullmatch(pattern, each) for each in found):
        raise WorkspaceError(f"{path}: {where} must be a list of {words}")
    return tuple(found)
