"""One change as the verbs need it: what it would alter, on which order, and what is on file there at present."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.addresses.versions import Reads
from data.model import ChangeState, InputError, Item, Label
from data.orders.find import find_orders
from data.store.store import Store
from data.text import visible


@dataclass(frozen=True, slots=True)
class Change:
    """A row of `changes` with the order it is about."""

    id: int
    rev: int
    order_id: int
    number: str
    campaign_id: int
    state: ChangeState
    label: Label
    level: int
    from_id: int | None
    to_id: int
    zone_old: str
    zone_new: str
    late: bool
    stage: str
    """The order's."""
    on_file_id: int | None
    """The version on file at present; another than `from_id` when it has moved since the change was compared."""
    country_old: str
    country_new: str

    @property
    def other_zone(self) -> bool:
        """Tell whether the parcel would go to another country or customs zone than the one on file."""
        return self.from_id is not None and (
            self.level >= 4 or self.zone_old != self.zone_new or self.country_old != self.country_new
        )


_SQL = """
SELECT c.id, c.rev, c.order_id, o.number, o.campaign_id, c.state, c.label, c.level, c.from_id, c.to_id, c.zone_old,
  c.zone_new, c.late, o.stage, o.address_id, coalesce(f.country, ''), t.country
FROM changes c JOIN orders o ON o.id = c.order_id JOIN addresses t ON t.id = c.to_id
LEFT JOIN addresses f ON f.id = c.from_id WHERE c.id = ?
"""


def read_change(reads: Reads, change_id: int) -> Change | None:
    """Return one change, or None where there is none with this id."""
    found = reads.one(_SQL, (change_id,))
    if found is None:
        return None
    row = list(found)
    row[5], row[6], row[12] = ChangeState(row[5]), Label(row[6]), bool(row[12])
    return Change(*row)


def find_changes(store: Store, words: Sequence[str], campaign_id: int | None = None) -> list[Item]:
    """Return the changes a person names: `#12` is the change with that id, anything else names an order.

    An order stands for the change that waits on it, and without one for its faulty address on file, whose item has the
    order's id with a minus before it, as `#-12` names it. Raises InputError naming the word that means nothing, or
    several things.
    """
    return list(dict.fromkeys(_find(store, word.strip(), campaign_id) for word in words))


def _find(store: Store, word: str, campaign_id: int | None) -> Item:
    if word.startswith("#-"):
        (order,) = find_orders(store, [word.replace("-", "", 1)], campaign_id)
        return Item(-order.id, order.rev)
    digits = word.removeprefix("#")
    if word.startswith("#"):
        known = digits.isascii() and digits.isdigit() and len(digits) < 19
        found = store.one("SELECT id, rev FROM changes WHERE id = ?", (int(digits),)) if known else None
        if found is None:
            raise InputError(f"there is no change {visible(word)}")
        return Item(*found)
    (order,) = find_orders(store, [word], campaign_id)
    found = store.one(
        "SELECT id, rev FROM changes WHERE order_id = ? AND state IN ('waiting', 'asked') ORDER BY id DESC LIMIT 1",
        (order.id,),
    )
    if found is None and store.one(
        "SELECT 1 FROM orders o JOIN checked k ON k.address_id = o.address_id"
        " WHERE o.id = ? AND k.errors + k.warnings > 0",
        (order.id,),
    ):
        return Item(-order.id, order.rev)
    if found is None:
        raise InputError(f"order {visible(word)} has no change that waits for a decision")
    return Item(*found)
