"""Stock on the warehouse's shelves: counted in at the start, promised by orders, taken when an order is packed."""

from __future__ import annotations

import json
from typing import Any

from data.portals.sandbox.book import Connection, setting

UNLIMITED = 1_000_000
"""What there is of a product nobody has counted in, unless the settings say otherwise."""


def count_in(connection: Connection, counts: dict[str, int]) -> None:
    """Set what is on hand of each SKU."""
    connection.executemany(
        "INSERT INTO stock VALUES (?, ?, 0) ON CONFLICT (sku) DO UPDATE SET on_hand = excluded.on_hand",
        counts.items(),
    )


def promise(connection: Connection, lines: list[dict[str, Any]], times: int = 1) -> None:
    """Promise an order's lines, or with `times=-1` take the promise back."""
    on_hand = int(setting(connection, "uncounted", UNLIMITED))
    connection.executemany(
        "INSERT INTO stock VALUES (?, ?, ?) ON CONFLICT (sku) DO UPDATE SET promised = promised + excluded.promised",
        [(line["sku"], on_hand, times * line["quantity"]) for line in lines],
    )


def missing(connection: Connection, lines: list[dict[str, Any]]) -> list[str]:
    """Return the SKUs of which there is not enough on hand to pack these lines."""
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line["sku"]] = wanted.get(line["sku"], 0) + line["quantity"]
    held = dict(
        connection.execute(
            "SELECT sku, on_hand FROM stock WHERE sku IN (SELECT value FROM json_each(?))", (json.dumps(list(wanted)),)
        ).fetchall()
    )
    return sorted(sku for sku, quantity in wanted.items() if held.get(sku, 0) < quantity)


def take(connection: Connection, lines: list[dict[str, Any]]) -> None:
    """Take an order's lines off the shelf, with their promise."""
    connection.executemany(
        "UPDATE stock SET on_hand = on_hand - ?, promised = promised - ? WHERE sku = ?",
        [(line["quantity"], line["quantity"], line["sku"]) for line in lines],
    )


def levels(connection: Connection) -> list[dict[str, Any]]:
    """Return what there is of each SKU."""
    rows = connection.execute("SELECT sku, on_hand, promised FROM stock ORDER BY sku").fetchall()
    return [{"sku": sku, "on_hand": on_hand, "available": on_hand - promised} for sku, on_hand, promised in rows]
