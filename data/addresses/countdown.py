"""How a last call stands: what counts down, and how many are missing, asked, answered, or have yet to confirm.

Sized for a million orders: what is rare is counted from indexes, and the rest is what remains of one reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.addresses.last_call import BEFORE_SQL, NO_ADDRESS_SQL, OPEN_SQL, UNANSWERED_SQL
from data.store.store import Store

NEVER = "9999"
"""After every instant: where no notice was given nothing has come since."""


@dataclass(frozen=True, slots=True)
class Countdown:
    """One deadline that has yet to come, with its orders that no warehouse was sent yet, each counted once."""

    campaign_id: int
    campaign: str
    """Its code."""
    segment: str
    """Which orders, in words; empty for the whole campaign."""
    notice_at: str | None
    """None where the deadline was set by hand, without a notice."""
    lock_at: str
    missing: int = 0
    """Without an address, or with one that can't be delivered to."""
    confirm: int = 0
    """With an address on file, not locked, of whom nothing came since the notice."""
    asked: int = 0
    """Asked about a change, without an answer."""
    answered: int = 0
    """Of whom an address came since the notice, and is without error."""
    reminders: int = 0
    """Lists made to mail since the notice."""
    reminded_at: str | None = None


def read_countdowns(store: Store, campaign_id: int | None = None) -> tuple[Countdown, ...]:
    """Read every deadline of a campaign, or of all, that has not taken hold yet; the nearest first."""
    given = {"campaign": campaign_id}
    wholes = store.rows(
        "SELECT NULL, id, code, '', lock_notice_at, lock_at FROM campaigns WHERE lock_at IS NOT NULL"
        " AND locked_at IS NULL AND id = coalesce(:campaign, id)",
        given,
    )
    segments = store.rows(
        "SELECT n.id, c.id, c.code, n.segment, n.at, n.lock_at FROM notices n JOIN campaigns c ON c.id = n.campaign_id"
        " WHERE n.locked_at IS NULL AND EXISTS (SELECT 1 FROM orders o WHERE o.notice_id = n.id)"
        " AND c.id = coalesce(:campaign, c.id)",
        given,
    )
    addressed = _addressed(store, [row[1] for row in wholes])
    found = [_counted(store, None, Countdown(*row), addressed[row[0]]) for _, *row in wholes]
    for notice, *row in segments:
        reachable = store.value(f"SELECT count(*) FROM orders o WHERE o.notice_id = ? AND {_REACHABLE}", (notice,))
        found.append(_counted(store, notice, Countdown(*row), reachable))
    return tuple(sorted(found, key=lambda each: (each.lock_at, each.campaign, each.segment)))


_REACHABLE = f"{OPEN_SQL} AND o.locked_at IS NULL AND o.address_id IS NOT NULL"
"""What there is to confirm, before those who answered or who must answer are taken off."""

_COUNTS_SQL = f"""
WITH asked(id) AS (
  SELECT DISTINCT o.id FROM changes c CROSS JOIN orders o ON o.id = c.order_id
  WHERE {UNANSWERED_SQL} AND {{within}} AND {OPEN_SQL}
), wrong(id) AS (
  SELECT o.id FROM checked k CROSS JOIN orders o ON o.address_id = k.address_id
  WHERE k.errors > 0 AND {{within}} AND {OPEN_SQL}
), without(id) AS (
  SELECT o.id FROM orders o INDEXED BY orders_no_address
  WHERE o.campaign_id = :campaign AND {{within}} AND {OPEN_SQL} AND {NO_ADDRESS_SQL}
), answered(id) AS (
  SELECT DISTINCT o.id FROM addresses a CROSS JOIN orders o ON o.id = a.order_id
  WHERE a.id >= :first AND a.at > :notice AND a.source <> 'warehouse' AND {{within}} AND {OPEN_SQL} AND {BEFORE_SQL}
)
SELECT (SELECT count(*) FROM (SELECT id FROM wrong UNION SELECT id FROM without EXCEPT SELECT id FROM asked)),
  (SELECT count(*) FROM asked),
  (SELECT count(*) FROM (SELECT id FROM answered EXCEPT SELECT id FROM wrong EXCEPT SELECT id FROM asked)),
  (SELECT count(*) FROM (SELECT id FROM asked UNION SELECT id FROM wrong UNION SELECT id FROM answered) x
   CROSS JOIN orders o ON o.id = x.id WHERE {_REACHABLE})
"""


def _counted(store: Store, notice: int | None, countdown: Countdown, reachable: int) -> Countdown:
    since = countdown.notice_at or NEVER
    within = "o.campaign_id = :campaign" if notice is None else "o.notice_id = :segment"
    given: dict[str, Any] = {
        "campaign": countdown.campaign_id,
        "segment": notice,
        "notice": since,
        "first": _first_since(store, since),
    }
    missing, asked, answered, settled = store.rows(_COUNTS_SQL.format(within=within), given)[0]
    reminders, reminded_at = store.rows(
        "SELECT count(*), max(at) FROM reminders WHERE campaign_id = :campaign AND at >= :notice"
        " AND (:words = '' OR segment IN ('', :words))",
        given | {"words": countdown.segment},
    )[0]
    return replace(
        countdown,
        missing=missing,
        confirm=reachable - settled,
        asked=asked,
        answered=answered,
        reminders=reminders,
        reminded_at=reminded_at,
    )


def _addressed(store: Store, campaigns: Sequence[int]) -> dict[int, int]:
    """Count the reachable orders of some campaigns in one reading of all orders."""
    if not campaigns:
        return {}
    sums = ", ".join("coalesce(sum(o.campaign_id = ?), 0)" for _ in campaigns)
    row = store.rows(f"SELECT {sums} FROM orders o NOT INDEXED WHERE {_REACHABLE}", list(campaigns))[0]
    return dict(zip(campaigns, row, strict=True))


def _first_since(store: Store, instant: str) -> int:
    """Return an address version's id before which none is later than `instant`.

    Versions are numbered as they come, so a few look-ups find it without an index on their time.
    """
    low, high = 0, int(store.value("SELECT coalesce(max(id), 0) FROM addresses")) + 1
    while low < high:
        middle = (low + high) // 2
        found = store.one("SELECT id, at FROM addresses WHERE id >= ? ORDER BY id LIMIT 1", (middle,))
        if found is None or found[1] > instant:
            high = middle
        else:
            low = int(found[0]) + 1
    return low
