"""What a file says of an order that is on file already, and what is to be done about each difference.

Facts that decide nothing (tier, amounts, the platform's status) follow the file always. Lines, payment and
cancellation follow it while the order is in no batch; afterwards a hold tells a person. An address becomes a change.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from data.addresses.propose import CLOSE_THEMSELVES, judge, verdict_values
from data.addresses.versions import COLUMNS, read_address
from data.intake.baskets import Baskets
from data.intake.facts import Facts
from data.intake.on_file import OnFile, OrderOnFile
from data.intake.record import NO_ADDRESS, PledgeRecord
from data.model import Address, AddressSource, Stage
from data.store.store import Store
from data.text import visible

OPEN = (Stage.NEEDS_INFO, Stage.READY, Stage.ALLOCATED)
"""Stages in which nothing of an order is in a batch."""


@dataclass(slots=True)
class Difference:
    """What one row changes of one order."""

    facts: bool = False
    backer: bool = False
    lines: bool = False
    paid: int = 1
    """What the order's `paid` becomes."""
    cancel: bool = False
    pay_hold: str | None = None
    pay_release: bool = False
    client_hold: str | None = None
    first_address: bool = False
    judged: str | None = None
    """JSON of the verdict about a changed address."""
    change: bool = False
    """Whether that leaves a person something to decide."""

    @property
    def order(self) -> bool:
        """Tell whether anything but the address on file differs."""
        return bool(
            self.facts
            or self.backer
            or self.lines
            or self.cancel
            or self.pay_hold
            or self.pay_release
            or self.client_hold
            or self.first_address
            or (self.judged and not self.change)
        )


def differ(
    store: Store, on_file: OnFile, baskets: Baskets, record: PledgeRecord, facts: Facts, found: OrderOnFile
) -> Difference | None:
    """Compare a row with its order; None when everything that is kept of it is the same."""
    made = Difference(paid=found.paid)
    made.facts = facts.order[:-1] != (
        found.number,
        found.tier,
        found.platform_status,
        found.currency,
        "" if found.amount_minor is None else found.amount_minor,
        "" if found.shipping_minor is None else found.shipping_minor,
        found.ordered_at or "",
        found.ordered_at_raw,
        found.answers,
    )
    made.backer = (record.name, record.email, record.backer_number) != (
        found.backer_name,
        found.backer_email,
        found.backer_number,
    )
    words = _status(made, record, found)
    if found.stage != Stage.CANCELLED and not made.cancel:
        if baskets.by_item(record.items) != on_file.quantities(found.order_id):
            if found.stage in OPEN:
                made.lines = True
            else:
                words.append(f"the file says it holds {_goods(record)}")
        _address(store, on_file, made, record, found)
    if words:
        made.client_hold = f"{record.platform}: {'; '.join(words)}"
    return made if made.order or made.change else None


def _status(made: Difference, record: PledgeRecord, found: OrderOnFile) -> list[str]:
    """Judge payment and cancellation; returns what a person must be told."""
    moved = record.status_raw != found.platform_status
    if found.stage == Stage.CANCELLED:
        # A person may have cancelled what the platform still counts; only its own change of mind is news.
        if moved and not record.cancelled:
            return [f"the order is cancelled here, and the file says “{visible(record.status_raw)}”"]
        return []
    if record.cancelled:
        if found.stage in OPEN:
            made.cancel = True
            return []
        return [f"the pledge was dropped (“{visible(record.status_raw)}”)"] if moved else []
    if record.paid is False and found.paid:
        if found.stage not in OPEN:
            return [f"the payment failed (“{visible(record.status_raw)}”)"]
        made.paid = 0
        made.pay_hold = f"pledge status: {visible(record.status_raw)}"
    elif record.paid and not found.paid:
        made.paid = 1
        made.pay_release = True
    return []


def _address(store: Store, on_file: OnFile, made: Difference, record: PledgeRecord, found: OrderOnFile) -> None:
    """Judge the address: nothing when the platform repeats what it said last."""
    if record.address == NO_ADDRESS:
        return
    said = store.one(
        f"SELECT {COLUMNS} FROM addresses WHERE order_id = ? AND source = ? ORDER BY id DESC LIMIT 1",
        (found.order_id, AddressSource.IMPORT),
    )
    if said is not None and Address(*said) == record.address:
        return
    held = read_address(store, found.address_id)
    if (held is None or held.is_empty()) and not on_file.is_locked(found.order_id):
        made.first_address = True
        return
    verdict = judge(held, record.address)
    made.change = verdict.label not in CLOSE_THEMSELVES
    made.judged = json.dumps({"from_id": found.address_id, **verdict_values(verdict)}, ensure_ascii=False)


def _goods(record: PledgeRecord) -> str:
    """Say what a row holds."""
    return ", ".join(f"{quantity} x {visible(name)}" for _, name, quantity in record.items) or "nothing"
