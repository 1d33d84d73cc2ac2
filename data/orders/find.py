"""Orders by what a person calls them: number, `#id`, e-mail, a shipment's key, a tracking number."""

from __future__ import annotations

from collections.abc import Sequence

from data.model import InputError, Item
from data.orders.rows import OrderRow, order_rows
from data.orders.search import has_token, phrase
from data.store.store import Store
from data.text import visible

_NAMED = 5


def find_orders(store: Store, words: Sequence[str], campaign: int | None = None) -> list[Item]:
    """Return the one order each word names, as it is, in the words' order, each once.

    A word is `#` and the order's id, or exactly a number, an e-mail address, a shipment's key or a tracking number.
    Raises InputError for a word that names no order, or several, which it lists.
    """
    found: dict[int, Item] = {}
    for word in words:
        ids = _ids(store, word.strip(), campaign)
        if not ids:
            raise InputError(
                f"no order is called {visible(word)}: give a number, #id, e-mail, shipment key or tracking number"
            )
        if len(ids) > 1:
            raise InputError(_several(store, word, ids))
        rev = store.value("SELECT rev FROM orders WHERE id = ?", (ids[0],))
        found[ids[0]] = Item(ids[0], rev)
    return list(found.values())


def _ids(store: Store, word: str, campaign: int | None) -> list[int]:
    """Return the orders a word names; what names one as a number is not looked up as something else."""
    if word.startswith("#") and word[1:].isascii() and word[1:].isdigit() and len(word) < 19:
        return _scoped(store, "SELECT id FROM orders WHERE id = ?", (int(word[1:]),), campaign)
    if not word or not has_token(word) or "\x00" in word or not word.isprintable():
        return []
    indexed = "SELECT rowid FROM order_search WHERE order_search MATCH ?"
    ways: tuple[tuple[str, tuple[object, ...]], ...] = (
        (
            f"SELECT n.id FROM orders n WHERE n.id IN ({indexed}) AND n.number = ?",
            (f"number : {phrase(word, prefix=False)}", word),
        ),
        (
            f"SELECT n.id FROM orders n JOIN backers b ON b.id = n.backer_id WHERE n.id IN ({indexed})"
            " AND b.email = ? COLLATE NOCASE",
            (f"email : {phrase(word, prefix=False)}", word),
        ),
        (
            "SELECT l.order_id FROM shipments s JOIN shipment_lines l ON l.shipment_id = s.id WHERE s.key IN (?, ?)",
            (word, word.upper()),
        ),
        (
            "SELECT l.order_id FROM parcels p JOIN shipment_lines l ON l.shipment_id = p.shipment_id"
            " WHERE p.tracking_number IN (?, ?)",
            (word, word.upper()),
        ),
    )
    for sql, parameters in ways:
        ids = _scoped(store, sql, parameters, campaign)
        if ids:
            return ids
    return []


def _scoped(store: Store, sql: str, parameters: tuple[object, ...], campaign: int | None) -> list[int]:
    return [
        each
        for (each,) in store.rows(
            f"SELECT id FROM orders WHERE id IN ({sql}) AND campaign_id = coalesce(?, campaign_id) ORDER BY id",
            (*parameters, campaign),
        )
    ]


def _several(store: Store, word: str, ids: list[int]) -> str:
    """Name the orders a word could mean, so that the person can choose one by its id."""
    rows = order_rows(store, ids[:_NAMED])
    listed = "; ".join(_called(rows[each]) for each in ids[:_NAMED])
    more = f"; and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"{visible(word)} names {len(ids)} orders: {listed}{more}"


def _called(row: OrderRow) -> str:
    return f"#{row.id} {visible(row.number)} {visible(row.name)} ({row.kind}, {row.stage})"
