"""One address on file with findings as a person decides it: what is wrong, what would repair it, what that would do."""

from __future__ import annotations

from dataclasses import dataclass

from data.addresses.consequence import ConsequenceKind, outlook, outlook_words
from data.addresses.detail import Held, Past, read_held, read_past
from data.addresses.faulty import Faulty, read_faulty
from data.addresses.mend import missing_words
from data.addresses.mending import Mending
from data.policy import Policy
from data.store.store import Store


@dataclass(frozen=True, slots=True)
class FaultDetail:
    """Everything a decision on a faulty address needs."""

    faulty: Faulty
    backer: str
    email: str
    source: str
    at: str
    locked_at: str | None
    mending: Mending
    outcome: str
    """What accepting the repairs would do, or why they can't be accepted."""
    can_accept: bool
    too_late: bool
    """Accepting the repairs needs a choice: the parcel is being picked or has left."""
    held: tuple[Held, ...]
    past: tuple[Past, ...]

    @property
    def id(self) -> int:
        """The row's: that of the order, with a minus before it."""
        return -self.faulty.order_id

    @property
    def order_id(self) -> int:
        """The order it is about."""
        return self.faulty.order_id


def fault_detail(store: Store, order_id: int, policy: Policy | None = None) -> FaultDetail | None:
    """Return the address on file of an order with its findings, or None where there is none.

    With `policy`, the outcome says what is agreed with the warehouse.
    """
    faulty = read_faulty(store, order_id)
    row = store.one(
        "SELECT b.name, b.email, a.source, a.at, coalesce(o.locked_at, g.locked_at) FROM orders o"
        " JOIN backers b ON b.id = o.backer_id JOIN campaigns g ON g.id = o.campaign_id"
        " JOIN addresses a ON a.id = o.address_id WHERE o.id = ?",
        (order_id,),
    )
    if faulty is None or row is None:
        return None
    backer, email, source, at, locked_at = row
    mending = faulty.mending
    outcome, can_accept, too_late = faulty.settled, False, False
    if not outcome and not mending.whole:
        outcome = missing_words(mending.missing)
    elif not outcome:
        change = faulty.as_change()
        seen = outlook(store, change)
        outcome, can_accept = outlook_words(change, seen, policy), True
        too_late = seen.kind is ConsequenceKind.TOO_LATE
    return FaultDetail(
        faulty=faulty,
        backer=backer,
        email=email,
        source=source,
        at=at,
        locked_at=locked_at,
        mending=mending,
        outcome=outcome,
        can_accept=can_accept,
        too_late=too_late,
        held=read_held(store, order_id),
        past=read_past(store, order_id),
    )
