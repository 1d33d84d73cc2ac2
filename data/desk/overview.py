"""What needs doing this morning: one reading of the whole workspace, for the first screen and `lastcall overview`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from data.addresses.countdown import Countdown, read_countdowns
from data.desk.warehouse_lines import WarehouseLine, read_warehouses
from data.model import HoldKind
from data.store.store import Store

_OPEN_ISSUE = "i.state NOT IN ('resolved', 'closed')"
__all__ = ["Overview", "WarehouseLine", "read_overview", "read_warehouses"]


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts of what needs doing, and how the campaign stands."""

    orders: int
    stages: dict[str, int]
    units: int
    late: int
    held: dict[str, int]
    """Orders held, by kind of hold; an order can be counted under several."""
    changes: dict[str, int]
    """Changes that wait for a decision by what they come to, what matters most first."""
    closed_changes: int
    """Changes that closed themselves because they changed nothing."""
    unmapped: int
    unpaid: int
    batches: dict[str, int]
    person: int
    """Commands that only a person can decide."""
    doubtful: int
    issues: dict[str, int]
    oldest_issue: str | None
    parcels: dict[str, int]
    countdowns: tuple[Countdown, ...]
    """Last calls whose deadline has yet to take hold, the nearest first."""
    locked: dict[str, str]
    """Since when each campaign that is locked is, by its code."""
    warehouses: tuple[WarehouseLine, ...]


def read_overview(store: Store, campaign_id: int | None = None) -> Overview:
    """Read everything the overview shows; at a million orders under a second, so never on the UI thread."""
    campaigns = [row[0] for row in store.rows("SELECT id FROM campaigns ORDER BY id")]
    counting = _Counting(store, campaigns if campaign_id is None else [campaign_id], campaigns)
    stages = counting.stages()
    changes, closed = counting.changes()
    warehouses = read_warehouses(store)
    held = counting.by(
        "holds h", "h.kind", "h.released_at IS NULL", "CROSS JOIN orders o ON o.id = h.order_id", "o.campaign_id"
    )
    return Overview(
        orders=sum(stages.values()),
        stages=stages,
        units=counting.one("SELECT coalesce(sum(o.units), 0) FROM orders o WHERE", "+o.campaign_id"),
        late=sum(
            int(store.value("SELECT count(*) FROM orders WHERE late = 1 AND campaign_id = ?", (each,)))
            for each in counting.scope
        ),
        held=held,
        changes=changes,
        closed_changes=closed,
        unmapped=counting.one("SELECT count(*) FROM items i WHERE i.mapped_at IS NULL AND", "i.campaign_id"),
        unpaid=held.get(HoldKind.PAYMENT, 0),
        batches=counting.by("batches b", "b.state", "TRUE", "", "b.campaign_id"),
        person=sum(each.person for each in warehouses),
        doubtful=sum(each.doubtful - each.person for each in warehouses),
        issues=counting.by("issues i", "i.type", _OPEN_ISSUE, "", "i.campaign_id"),
        oldest_issue=store.value(
            f"SELECT min(i.raised_at) FROM issues i WHERE {_OPEN_ISSUE} AND i.campaign_id IN ({counting.marks})",
            counting.scope,
        ),
        parcels=counting.by(
            "parcels p", "p.status", "TRUE", "JOIN shipments s ON s.id = p.shipment_id", "s.campaign_id"
        ),
        countdowns=read_countdowns(store, campaign_id),
        locked=dict(
            store.rows(
                "SELECT code, locked_at FROM campaigns WHERE locked_at IS NOT NULL AND id = coalesce(?, id)"
                " ORDER BY locked_at, code",
                (campaign_id,),
            )
        ),
        warehouses=warehouses,
    )


class _Counting:
    """Counts within some campaigns; where those are all there are, no row is asked for its campaign."""

    def __init__(self, store: Store, scope: Sequence[int], campaigns: Sequence[int]) -> None:
        self._store = store
        self._all = set(scope) >= set(campaigns)
        self.scope = tuple(scope)
        self.marks = ", ".join("?" * len(scope))

    def stages(self) -> dict[str, int]:
        """Count orders by stage, from the index of each campaign."""
        found: Counter[str] = Counter()
        for each in self.scope:
            found.update(
                dict(
                    self._store.rows(
                        "SELECT stage, count(*) FROM orders WHERE campaign_id = ? GROUP BY campaign_id, stage", (each,)
                    )
                )
            )
        return dict(found)

    def changes(self) -> tuple[dict[str, int], int]:
        """Count changes that wait by what they come to, and those that closed themselves."""
        # The filter language on changes is loaded only where they are counted.
        from data.addresses.review_fields import Group, group_of

        join, where = self._scoped("CROSS JOIN orders o ON o.id = c.order_id", "o.campaign_id")
        found: Counter[Group] = Counter()
        for state, level, label, count in self._store.rows(
            f"SELECT c.state, c.level, c.label, count(*) FROM changes c {join}"
            f" WHERE c.state IN ('waiting', 'asked', 'no_change') AND {where} GROUP BY 1, 2, 3",
            () if self._all else self.scope,
        ):
            found[group_of(state, label, level)] += count
        closed = found.pop(Group.NO_CHANGE, 0)
        return {str(group): found[group] for group in reversed(Group) if group in found}, closed

    def by(self, source: str, column: str, condition: str, join: str, campaign: str) -> dict[str, int]:
        """Count rows of `source` by a column; `join` leads to the column `campaign`."""
        join, where = self._scoped(join, campaign)
        sql = f"SELECT {column}, count(*) FROM {source} {join} WHERE {condition} AND {where} GROUP BY 1"
        return {row[0]: row[1] for row in self._store.rows(sql, () if self._all else self.scope)}

    def one(self, sql: str, campaign: str) -> int:
        """Read one number; the condition on `campaign` is put behind `sql`."""
        return int(self._store.value(f"{sql} {self._scoped('', campaign)[1]}", () if self._all else self.scope))

    def _scoped(self, join: str, campaign: str) -> tuple[str, str]:
        return ("", "TRUE") if self._all else (join, f"{campaign} IN ({self.marks})")
