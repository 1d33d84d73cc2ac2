"""What accepting a change would do, by where the order's parcels are: told before it is done, and done as told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from data.addresses.changes import Change, read_change
from data.addresses.versions import Reads
from data.model import InputError, ShipmentState
from data.policy import Policy, agreed_line


class ConsequenceKind(StrEnum):
    """What accepting comes to."""

    NOTHING_SENT = "nothing_sent"
    DRAFT = "draft"
    OTHER_ZONE = "other_zone"
    REQUEST = "request"
    QUEUE = "queue"
    KEEPS = "keeps"
    """The warehouse has another writing of the same address and keeps it."""
    TOO_LATE = "too_late"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Consequence:
    """What accepting a change would do."""

    kind: ConsequenceKind
    words: str


@dataclass(frozen=True, slots=True)
class Parcelled:
    """One live shipment of the order."""

    id: int
    key: str
    warehouse: str
    warehouse_name: str
    state: ShipmentState
    batch_id: int | None
    batch: int | None
    """Its batch's number."""
    push_open: bool
    """Its push is planned, or its answer is not known."""
    amend_open: bool
    """An amendment is in flight."""
    others: str
    """Numbers of other orders in the same shipment."""

    @property
    def place(self) -> str:
        """Name the warehouse and the batch."""
        return f"batch {self.batch} at {self.warehouse_name}" if self.batch else self.warehouse_name


@dataclass(frozen=True, slots=True)
class Outlook:
    """The order's live shipments by what can still be done about their address."""

    kind: ConsequenceKind
    drafts: tuple[Parcelled, ...]
    """Not sent, or sent back: their address simply follows."""
    in_flight: tuple[Parcelled, ...]
    """A push or an amendment is on its way: to be asked for once its outcome is known."""
    held: tuple[Parcelled, ...]
    """A warehouse has them and has not begun: it can be asked."""
    gone: tuple[Parcelled, ...]
    """Being picked or further."""


_SQL = """
SELECT s.id, s.key, s.warehouse, w.name, s.state, b.id, b.number,
  EXISTS (SELECT 1 FROM commands WHERE shipment_id = s.id AND kind = 'push'
          AND state IN ('planned', 'sending', 'doubtful', 'person')),
  EXISTS (SELECT 1 FROM commands WHERE shipment_id = s.id AND kind = 'amend'
          AND state IN ('planned', 'sending', 'doubtful', 'person')),
  coalesce((SELECT group_concat(number, ', ') FROM orders WHERE id <> :order AND id IN (
    SELECT order_id FROM shipment_lines WHERE shipment_id = s.id)), '')
FROM shipments s JOIN warehouses w ON w.code = s.warehouse LEFT JOIN batches b ON b.id = s.batch_id
WHERE s.id IN (SELECT shipment_id FROM shipment_lines WHERE order_id = :order)
  AND s.state NOT IN ('cancelled', 'returned') ORDER BY s.id
"""
_GONE_WORDS = {
    ShipmentState.PICKING: "being picked at",
    ShipmentState.PACKED: "packed at",
    ShipmentState.PART_SHIPPED: "leaving",
    ShipmentState.SHIPPED: "shipped from",
    ShipmentState.DELIVERED: "delivered from",
}
_AGREED_MATTERS = (ConsequenceKind.REQUEST, ConsequenceKind.QUEUE, ConsequenceKind.TOO_LATE)
_ON_FILE_LEVEL = 1
"""Up to this level a warehouse's copy is not touched: it is another writing of the same address (addresses.md 4.1)."""


def consequence(reads: Reads, change_id: int, policy: Policy | None = None) -> Consequence:
    """Say what accepting a change would do, with `policy` also what is agreed with the warehouse that has the order.

    Raises InputError for a change that is not there.
    """
    change = read_change(reads, change_id)
    if change is None:
        raise InputError(f"there is no change {change_id}")
    seen = outlook(reads, change)
    return Consequence(seen.kind, outlook_words(change, seen, policy))


def outlook(reads: Reads, change: Change) -> Outlook:
    """Sort an order's live shipments by what accepting `change` means for each."""
    drafts: list[Parcelled] = []
    in_flight: list[Parcelled] = []
    held: list[Parcelled] = []
    gone: list[Parcelled] = []
    for each in _shipments(reads, change.order_id):
        if each.state in _GONE_WORDS:
            gone.append(each)
        elif each.push_open or each.amend_open or each.state is ShipmentState.SENDING:
            in_flight.append(each)
        elif each.state in (ShipmentState.DRAFT, ShipmentState.REJECTED):
            drafts.append(each)
        else:
            held.append(each)
    kind = _kind(change, drafts, in_flight, held, gone)
    return Outlook(kind, tuple(drafts), tuple(in_flight), tuple(held), tuple(gone))


def outlook_words(change: Change, seen: Outlook, policy: Policy | None = None) -> str:
    """Say an outlook in one line, with `policy` also what is agreed with the warehouse that has the order."""
    words = [_main_words(change, seen)]
    if change.other_zone and seen.kind not in (ConsequenceKind.TOO_LATE, ConsequenceKind.CANCELLED):
        paid = change.zone_old or change.country_old
        if seen.kind is not ConsequenceKind.OTHER_ZONE:
            words.append(f"another zone, {paid} → {change.zone_new or change.country_new}")
        words.append(f"shipping was paid for {paid}")
    if seen.gone and seen.kind is not ConsequenceKind.TOO_LATE:
        words.append(f"what is {_gone_words(seen.gone)} goes to the old address")
    if shared := ", ".join(each.others for each in (*seen.drafts, *seen.in_flight, *seen.held) if each.others):
        words.append(f"order {shared} travels in the same shipment")
    if policy is not None and seen.kind in _AGREED_MATTERS:
        codes = dict.fromkeys(each.warehouse for each in (*seen.held, *seen.in_flight, *seen.gone))
        words += [line for code in codes if (line := agreed_line(policy, code, "address_fixes"))]
    return "; ".join(words)


def _shipments(reads: Reads, order_id: int) -> Iterable[Parcelled]:
    for row in reads.rows(_SQL, {"order": order_id}):
        values = list(row)
        values[4], values[7], values[8] = ShipmentState(row[4]), bool(row[7]), bool(row[8])
        yield Parcelled(*values)


def _kind(
    change: Change, drafts: list[Parcelled], in_flight: list[Parcelled], held: list[Parcelled], gone: list[Parcelled]
) -> ConsequenceKind:
    if change.stage == "cancelled":
        return ConsequenceKind.CANCELLED
    if in_flight or held:
        if change.level <= _ON_FILE_LEVEL:
            return ConsequenceKind.KEEPS
        return ConsequenceKind.REQUEST if held else ConsequenceKind.QUEUE
    if gone and not drafts:
        return ConsequenceKind.KEEPS if change.level <= _ON_FILE_LEVEL else ConsequenceKind.TOO_LATE
    if change.other_zone:
        return ConsequenceKind.OTHER_ZONE
    return ConsequenceKind.DRAFT if drafts else ConsequenceKind.NOTHING_SENT


def _main_words(change: Change, seen: Outlook) -> str:
    match seen.kind:
        case ConsequenceKind.CANCELLED:
            return "the order is cancelled"
        case ConsequenceKind.NOTHING_SENT:
            return "nothing is sent yet"
        case ConsequenceKind.DRAFT:
            return f"in draft {_places(seen.drafts)}: its address follows"
        case ConsequenceKind.OTHER_ZONE:
            out = f", out of draft {_places(seen.drafts)}" if seen.drafts else ""
            to = change.zone_new or change.country_new
            return f"another zone, {change.zone_old or change.country_old} → {to}: the order returns to allocation{out}"
        case ConsequenceKind.REQUEST:
            return f"already in {_places(seen.held)}: will be requested there"
        case ConsequenceKind.QUEUE:
            first = seen.in_flight[0]
            what = "an earlier change" if first.amend_open and not first.push_open else "the order"
            return f"{what} is on its way to {_places(seen.in_flight)}: will be requested once that is known"
        case ConsequenceKind.KEEPS:
            places = _places((*seen.held, *seen.in_flight, *seen.gone))
            return f"{places} has the same address in other words: nothing to request"
        case ConsequenceKind.TOO_LATE:
            return f"already {_gone_words(seen.gone)}, too late: choose redirect or return watch"


def _places(shipments: Iterable[Parcelled]) -> str:
    return " and ".join(dict.fromkeys(each.place for each in shipments))


def _gone_words(shipments: Iterable[Parcelled]) -> str:
    return " and ".join(dict.fromkeys(f"{_GONE_WORDS[each.state]} {each.warehouse_name}" for each in shipments))
