"""Helpers of the tests that allocate: counted stock, kits, and what `lastcall.toml` says by hand."""

from __future__ import annotations

from data.store.workspace import Workspace
from tests.conftest import ensure_product, ensure_warehouse

AT = "2026-11-23T09:00:00Z"


def count_in(ws: Workspace, warehouse: str, **pieces: int) -> None:
    """Count pieces of SKUs in at a warehouse; from then on its stock of them is limited."""
    with ws.write("test.count", "count") as tx:
        ensure_warehouse(tx, warehouse)
        for sku, quantity in pieces.items():
            ensure_product(tx, sku)
            values = {"sku": sku, "warehouse": warehouse, "state": "on_hand", "quantity": quantity, "reason": "count"}
            tx.insert("movements", values | {"at": AT})


def make_kit(ws: Workspace, kit: str, **parts: int) -> None:
    """Say what a kit is made of."""
    with ws.write("test.kit", "kit") as tx:
        ensure_product(tx, kit)
        for sku, quantity in parts.items():
            ensure_product(tx, sku)
            tx.insert("kit_parts", {"kit": kit, "sku": sku, "quantity": quantity})


def say(ws: Workspace, toml: str) -> None:
    """Add lines to `lastcall.toml`, and let the workspace read it."""
    path = ws.folder / "lastcall.toml"
    path.write_text(path.read_text(encoding="utf-8") + toml, encoding="utf-8")
    ws.reload_policy()


def places(ws: Workspace) -> dict[int, str | None]:
    """Return the warehouse of every order."""
    return dict(ws.store.rows("SELECT id, warehouse FROM orders"))


def left(ws: Workspace) -> dict[tuple[str, str], int]:
    """Return what is left of everything that is counted, by warehouse and SKU."""
    return {
        (warehouse, sku): pieces
        for warehouse, sku, pieces in ws.store.rows(
            "SELECT m.warehouse, m.sku, (SELECT coalesce(sum(iif(v.state = 'on_hand', v.quantity, -v.quantity)), 0)"
            " FROM stock_levels v WHERE v.warehouse = m.warehouse AND v.sku = m.sku"
            " AND v.state IN ('on_hand', 'allocated'))"
            " FROM (SELECT DISTINCT warehouse, sku FROM movements WHERE state = 'on_hand') m"
        )
    }
