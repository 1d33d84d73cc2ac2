"""The orders a verb was asked to act on, read inside its transaction: those that are as they were seen, and others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.model import Item, Refusal, Stage
from data.orders.stale import moved_words
from data.store.store import Store, Write


@dataclass(frozen=True, slots=True)
class Chosen:
    """One order as it is when the verb acts."""

    id: int
    rev: int
    campaign_id: int
    backer_id: int
    number: str
    stage: Stage
    warehouse: str | None
    address_id: int | None
    locked: bool


def choose(tx: Write, items: Sequence[Item]) -> tuple[list[Chosen], list[Refusal]]:
    """Return the orders that are as they were seen (each once), and a refusal, with what happened, for each other.

    A `rev` of 0 takes the order as it is.
    """
    chosen: list[Chosen] = []
    refused: list[Refusal] = []
    for item in dict.fromkeys(items):
        found = tx.one(
            "SELECT id, rev, campaign_id, backer_id, number, stage, warehouse, address_id, locked_at IS NOT NULL"
            " FROM orders WHERE id = ?",
            (item.id,),
        )
        if found is None:
            refused.append(Refusal(item.id, f"#{item.id}", "there is no such order any more"))
        elif item.rev not in (0, found[1]):
            by = moved_words(tx, "orders", item.id)
            refused.append(Refusal(item.id, str(found[4]), f"it has moved since you saw it ({by or 'by somebody'})"))
        else:
            order_id, rev, campaign_id, backer_id, number, stage, warehouse, address_id, locked = found
            chosen.append(
                Chosen(order_id, rev, campaign_id, backer_id, number, Stage(stage), warehouse, address_id, bool(locked))
            )
    return chosen, refused


def campaign_of(store: Store, items: Sequence[Item]) -> int | None:
    """Return the campaign of the first order, for the act's line in the log."""
    return None if not items else store.value("SELECT campaign_id FROM orders WHERE id = ?", (items[0].id,))


def counted(number: int, noun: str) -> str:
    """Return `1 order`, `12 orders`, `2 batches`, `3 addresses`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun}{'es' if noun.endswith(('s', 'h', 'x')) else 's'}"
