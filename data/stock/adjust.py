"""What people do to the ledger by hand: receive, count, adjust, damage, repair, write off, transfer.

Each is one act of movements that add up with those that orders make. What would take a number below zero is refused,
unless it is forced with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.model import Done, InputError, Refusal
from data.stock.levels import read_level
from data.stock.moving import MOST, Outcome, Step, Task, carry_out, checked_quantity, checked_warehouse, stocked_product
from data.store.store import Write
from data.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Counted:
    """What somebody found on a shelf."""

    warehouse: str
    sku: str
    on_hand: int
    """Good pieces, promised ones included."""


def receive(ws: Workspace, warehouse: str, sku: str, quantity: int, *, reference: str = "", reason: str = "") -> Done:
    """Take pieces in: they are on hand. `reference` names the delivery. Raises InputError as `carry_out`."""
    step = Step(warehouse, "on_hand", checked_quantity(quantity), reference.strip())
    words = f"receive {quantity:,} of {sku} at {warehouse}"
    task = Task(sku, "received", (step,), opens=True)
    return _one(ws, "stock.receive", words, task, reason, reference=reference)


def count(ws: Workspace, counts: Sequence[Counted], reason: str = "", *, force: bool = False) -> Done:
    """Set what is on hand to what was counted, by a movement of the difference; what is so already stays as it is.

    Refused one by one are counts that leave less than is allocated, unless forced with a reason, and those of what
    there is not. Raises InputError for a SKU that stands twice for a warehouse, and as `carry_out`.
    """
    if len({(each.warehouse, each.sku) for each in counts}) < len(counts):
        raise InputError("a SKU stands twice for the same warehouse: say once how many there are")

    def tasks(tx: Write) -> list[Outcome]:
        return [task for each in counts if (task := _counted(tx, each)) is not None]

    if len(counts) == 1:
        words = f"count {counts[0].on_hand:,} of {counts[0].sku} at {counts[0].warehouse}"
    else:
        words = f"count {len(counts):,} SKUs at {', '.join(sorted({each.warehouse for each in counts}))}"
    done = carry_out(ws, "stock.count", words, tasks, why=reason, force=force)
    if not done.done and not done.refused:
        return Done(None, "all is as it was counted")
    return done


def adjust(ws: Workspace, warehouse: str, sku: str, by: int, reason: str, *, force: bool = False) -> Done:
    """Correct what is on hand by more (above 0) or less; raises InputError without a reason, and as `carry_out`."""
    if not reason.strip():
        raise InputError("a correction needs a reason: whoever finds it must know why")
    checked_quantity(abs(by))
    words = f"adjust {sku} at {warehouse} by {by:+,}"
    return _one(ws, "stock.adjust", words, Task(sku, "adjusted", (Step(warehouse, "on_hand", by),)), reason, force)


def damage(ws: Workspace, warehouse: str, sku: str, quantity: int, reason: str = "", *, force: bool = False) -> Done:
    """Say that pieces on hand are damaged: nobody may promise them. Raises InputError as `carry_out`."""
    steps = (
        Step(warehouse, "on_hand", -checked_quantity(quantity)),
        Step(warehouse, "damaged", quantity),
    )
    words = f"{quantity:,} of {sku} at {warehouse} are damaged"
    return _one(ws, "stock.damage", words, Task(sku, "damaged", steps), reason, force)


def repair(ws: Workspace, warehouse: str, sku: str, quantity: int, reason: str = "", *, force: bool = False) -> Done:
    """Put damaged pieces back on the shelf as good ones; raises InputError as `carry_out`."""
    steps = (
        Step(warehouse, "damaged", -checked_quantity(quantity)),
        Step(warehouse, "on_hand", quantity),
    )
    words = f"repair {quantity:,} of {sku} at {warehouse}"
    return _one(ws, "stock.repair", words, Task(sku, "repaired", steps), reason, force)


def write_off(
    ws: Workspace,
    warehouse: str,
    sku: str,
    quantity: int,
    reason: str,
    *,
    state: str = "damaged",
    force: bool = False,
) -> Done:
    """Take damaged pieces (or with `state` on_hand: good ones) out of the ledger for ever.

    Raises InputError without a reason, for another state, and as `carry_out`.
    """
    if not reason.strip():
        raise InputError("what is written off needs a reason: the books will ask")
    if state not in ("damaged", "on_hand"):
        raise InputError("what is written off is damaged or on_hand")
    words = f"write off {quantity:,} {'damaged ' if state == 'damaged' else ''}of {sku} at {warehouse}"
    task = Task(sku, "written off", (Step(warehouse, state, -checked_quantity(quantity)),))
    return _one(ws, "stock.writeoff", words, task, reason, force)


def transfer(
    ws: Workspace, source: str, target: str, sku: str, quantity: int, reason: str = "", *, force: bool = False
) -> Done:
    """Move pieces on hand from one warehouse to another, in one act; raises InputError as `carry_out`."""
    if source == target:
        raise InputError(f"{source} is where they are already")
    steps = (
        Step(source, "on_hand", -checked_quantity(quantity), f"to {target}"),
        Step(target, "on_hand", quantity, f"from {source}"),
    )
    words = f"transfer {quantity:,} of {sku} from {source} to {target}"
    return _one(ws, "stock.transfer", words, Task(sku, "transferred", steps, opens=True), reason, force)


def _one(
    ws: Workspace, verb: str, words: str, task: Task, reason: str, force: bool = False, reference: str = ""
) -> Done:
    """Carry out one task whose warehouses are there."""

    def tasks(tx: Write) -> list[Outcome]:
        for step in task.steps:
            checked_warehouse(tx, step.warehouse)
        return [task]

    return carry_out(ws, verb, words, tasks, why=reason, force=force, reference=reference)


def _counted(tx: Write, counted: Counted) -> Outcome | None:
    """Return the movement that makes the ledger say what was counted, or None where it says so."""
    try:
        stocked_product(tx, counted.sku)
        checked_warehouse(tx, counted.warehouse)
        if not 0 <= counted.on_hand <= MOST:
            raise InputError(f"what was counted is a whole number from 0 to {MOST:,}")
    except InputError as error:
        return Refusal(0, f"{counted.sku} at {counted.warehouse}", str(error))
    level = read_level(tx, counted.warehouse, counted.sku)
    difference = counted.on_hand - level.on_hand
    if level.counted and not difference:
        return None
    step = Step(counted.warehouse, "on_hand", difference)
    return Task(counted.sku, "counted", (step,), opens=True)
