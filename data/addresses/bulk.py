"""Deciding all changes of a filter at once, when their number is what the person saw and typed."""

from __future__ import annotations

from data.addresses.decide import accept
from data.addresses.review import ReviewRows
from data.model import Done, Item, StaleError
from data.store.workspace import Workspace


def accept_filter(ws: Workspace, text: str, campaign_id: int | None, expected: int) -> Done:
    """Accept every waiting change a filter names, such as `label:trivial`.

    Raises StaleError when there are not exactly `expected`: others have decided, or more has come, since they were
    counted. Changes that need a choice of their own are refused one by one.
    """
    ids = ReviewRows(ws.store, text, campaign_id=campaign_id).ids()
    if len(ids) != expected:
        raise StaleError(f"there are {len(ids)} by now, not {expected}: look again")
    return accept(ws, [Item(each, 0) for each in ids])
