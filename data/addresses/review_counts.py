"""The counts on top of the queue."""

from __future__ import annotations

from dataclasses import dataclass

from data.addresses.fault_fields import OPEN_FAULT_SQL
from data.addresses.review_fields import GROUP_SQL, Group
from data.store.store import Store


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """What lies on top of the queue."""

    groups: dict[Group, int]
    """What waits, by what it comes to; `no_change` counts the changes that closed themselves; warnings are not
    counted."""
    under_way: int
    """Accepted and asked of a warehouse that has yet to confirm."""
    attention: int
    """Answered by a warehouse in a way that a person must see: refused, too late, unsupported, doubtful."""

    @property
    def waiting(self) -> int:
        """Return how many wait for a decision."""
        return sum(count for group, count in self.groups.items() if group is not Group.NO_CHANGE)


def review_counts(store: Store, campaign_id: int | None = None) -> ReviewCounts:
    """Count the changes and the faulty addresses of a campaign, or of all."""
    groups: dict[Group, int] = {each: 0 for each in Group if each is not Group.WARNING}
    scoped = campaign_id is not None
    join = " JOIN orders o ON o.id = c.order_id AND o.campaign_id = ?" if scoped else ""
    parameters = (campaign_id,) if scoped else ()
    for group, count in store.rows(
        f"SELECT {GROUP_SQL}, count(*) FROM changes c{join}"
        " WHERE c.state IN ('waiting', 'asked', 'no_change') GROUP BY 1",
        parameters,
    ):
        groups[Group(group)] = count
    groups[Group.ERROR] = int(
        store.value(
            "SELECT count(*) FROM checked k INDEXED BY checked_errors CROSS JOIN orders o"
            f" ON o.address_id = k.address_id WHERE k.errors > 0 AND {OPEN_FAULT_SQL}"
            " AND o.campaign_id = coalesce(?, o.campaign_id)",
            (campaign_id,),
        )
    )
    under_way, attention = store.rows(
        "SELECT coalesce(sum(c.state IN ('queued', 'requested')), 0),"
        " coalesce(sum(c.state IN ('too_late', 'refused', 'unsupported', 'doubtful')), 0)"
        f" FROM changes c{join}"
        " WHERE c.state IN ('queued', 'requested', 'too_late', 'refused', 'unsupported', 'doubtful')",
        parameters,
    )[0]
    return ReviewCounts(groups, under_way, attention)
