"""Deciding all of a filter at once, when their number is what the person saw and typed."""

from __future__ import annotations

from collections.abc import Sequence

from data.addresses.decide import accept
from data.addresses.faulty import read_all_faulty
from data.addresses.mending import is_sure
from data.addresses.review import ReviewRows
from data.model import Done, Item, StaleError
from data.store.store import Store
from data.store.workspace import Workspace

_CHUNK = 500


def accept_filter(ws: Workspace, text: str, campaign_id: int | None, expected: int) -> Done:
    """Accept every waiting change a filter names, such as `label:trivial`; faulty addresses are left alone.

    Raises StaleError when there are not exactly `expected`: others have decided, or more has come, since they were
    counted. Changes that need a choice of their own are refused one by one.
    """
    return _accept(ws, ReviewRows(ws.store, f"{text} kind:change".strip(), campaign_id=campaign_id).ids(), expected)


def sure_repairs(store: Store, text: str, campaign_id: int | None, codes: Sequence[str]) -> list[int]:
    """Return the faulty addresses of a filter whose repairs are of exactly these codes and sure, as rows of the queue.

    Sure is what `mending.is_sure` calls so: it may be accepted with others without being looked at.
    """
    asked = " ".join([text, "state:waiting", "kind:finding", *(f"finding:{each}" for each in codes)]).strip()
    ids = ReviewRows(store, asked, campaign_id=campaign_id).ids()
    found: list[int] = []
    for start in range(0, len(ids), _CHUNK):
        faults = read_all_faulty(store, [-each for each in ids[start : start + _CHUNK]])
        for each in ids[start : start + _CHUNK]:
            faulty = faults.get(-each)
            if faulty is None:
                continue
            mending = faulty.mending
            if set(mending.codes) == set(codes) and is_sure(faulty.address, mending):
                found.append(each)
    return found


def accept_repairs(ws: Workspace, text: str, campaign_id: int | None, codes: Sequence[str], expected: int) -> Done:
    """Accept the repairs that `sure_repairs` finds; raises StaleError when there are not exactly `expected`."""
    return _accept(ws, sure_repairs(ws.store, text, campaign_id, codes), expected)


def _accept(ws: Workspace, ids: Sequence[int], expected: int) -> Done:
    if len(ids) != expected:
        raise StaleError(f"there are {len(ids)} by now, not {expected}: look again")
    return accept(ws, [Item(each, 0) for each in ids])
