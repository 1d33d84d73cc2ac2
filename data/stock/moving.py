"""Writing movements: what the verbs of the ledger share, and the rule that no number goes below zero unsaid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from data.clock import utc_text
from data.model import Done, InputError, Refusal
from data.stock.levels import Level, read_level
from data.stock.products import find_product
from data.stock.warehouses import ensure_registered
from data.store.store import Write
from data.store.workspace import Workspace
from data.text import has_hidden, visible

MOST = 10_000_000
"""Pieces in one movement: more is a slip of the finger."""
_LONGEST = 200
_FORCE = "force it with a reason where it is so all the same"


class Step(NamedTuple):
    """One movement to be written."""

    warehouse: str
    state: str
    quantity: int
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """What is moved together or not at all."""

    sku: str
    reason: str
    """As the ledger keeps it: received, counted, adjusted, ..."""
    steps: tuple[Step, ...]
    opens: bool = False
    """It may be the first that is known of the SKU there: a receipt, a count."""

    def name(self) -> str:
        """Return what a refusal calls it."""
        return f"{self.sku} at {self.steps[0].warehouse}"


Outcome = Task | Refusal
"""What is to be done about one SKU, or why nothing is."""


def carry_out(
    ws: Workspace,
    verb: str,
    words: str,
    tasks: Callable[[Write], Sequence[Outcome]],
    *,
    why: str = "",
    force: bool = False,
    reference: str = "",
) -> Done:
    """Carry out tasks as one act; a task that would take a number below zero is refused unless `force` says `why`.

    `done` has the products' ids. A number that is below zero afterwards is told in the notes. Raises InputError for a
    product or warehouse there is not, one that has no stock of its own, and a text that can't be kept.
    """
    for text in (why, reference):
        if len(text) > _LONGEST or has_hidden(text):
            raise InputError(f"a reason or reference is one line of at most {_LONGEST} visible characters")
    if force and not why.strip():
        raise InputError("what is forced needs a reason: whoever finds it must know why")
    ensure_registered(ws)
    done: list[int] = []
    refused: list[Refusal] = []
    notes: list[str] = []
    said = f"{words}: {why.strip()}" if why.strip() else words
    with ws.write(verb, said) as tx:
        for task in tasks(tx):
            if isinstance(task, Refusal):
                refused.append(task)
                continue
            product = stocked_product(tx, task.sku)
            if reason := "" if force else _objection(tx, task):
                refused.append(Refusal(product, task.name(), reason))
                continue
            at = utc_text(ws.clock.now())
            for step in task.steps:
                tx.insert("movements", {"sku": task.sku, "reason": task.reason, "at": at, **step._asdict()})
            done.append(product)
            notes += _below_zero(tx, task)
    return Done(tx.act or None, said if done else "nothing was moved", tuple(done), tuple(refused), notes=tuple(notes))


def stocked_product(tx: Write, sku: str) -> int:
    """Return the id of a product that lies on shelves as itself; raises InputError for a kit and what takes no parcel.

    A kit's pieces are its parts: that is what orders reserve.
    """
    product = find_product(tx, sku)
    if not product.physical:
        raise InputError(f"{visible(sku)} takes no parcel: there is no stock of it")
    if product.parts:
        parts = ", ".join(part for part, _ in product.parts)
        raise InputError(f"{visible(sku)} is a kit: its stock is that of its parts {visible(parts)}")
    return product.id


def checked_quantity(quantity: int) -> int:
    """Return a number of pieces to move; raises InputError for none, less than none, and more than `MOST`."""
    if not 1 <= quantity <= MOST:
        raise InputError(f"a quantity is a whole number from 1 to {MOST:,}")
    return quantity


def checked_warehouse(tx: Write, code: str) -> str:
    """Return the code of a warehouse there is or has been; raises InputError naming those."""
    known = [row[0] for row in tx.rows("SELECT code FROM warehouses ORDER BY code")]
    if code not in known:
        raise InputError(f"there is no warehouse {visible(code)} (there are: {', '.join(known) or 'none'})")
    return code


def _objection(tx: Write, task: Task) -> str:
    """Return what speaks against a task, or nothing: numbers that it would lower to below zero."""
    for warehouse in dict.fromkeys(step.warehouse for step in task.steps):
        level = read_level(tx, warehouse, task.sku)
        change = dict.fromkeys(("on_hand", "damaged", "in_transit"), 0)
        for step in task.steps:
            if step.warehouse == warehouse:
                change[step.state] += step.quantity
        opened = task.opens and change["on_hand"] > 0
        if not level.counted and change["on_hand"] and not opened:
            return "nobody has counted it there: receive or count it first"
        if words := _short_of(level, change):
            return f"{words}; {_FORCE}"
    return ""


def _short_of(level: Level, change: dict[str, int]) -> str:
    if change["damaged"] < 0 and level.damaged + change["damaged"] < 0:
        return f"only {max(level.damaged, 0):,} are damaged"
    if change["in_transit"] < 0 and level.in_transit + change["in_transit"] < 0:
        return f"only {max(level.in_transit, 0):,} are in transit"
    if level.counted and change["on_hand"] < 0:
        if level.on_hand + change["on_hand"] < 0:
            return f"only {max(level.on_hand, 0):,} are on hand"
        if level.available + change["on_hand"] < 0:
            free = max(level.available, 0)
            return f"only {free:,} are available: {level.allocated:,} of {level.on_hand:,} are allocated"
    return ""


def _below_zero(tx: Write, task: Task) -> list[str]:
    """Say which numbers are below zero now."""
    notes: list[str] = []
    for warehouse in dict.fromkeys(step.warehouse for step in task.steps):
        level = read_level(tx, warehouse, task.sku)
        negative = [f"{name.replace('_', ' ')} {value:,}" for name, value in level.numbers().items() if value < 0]
        if level.counted and negative:
            notes.append(f"{task.sku} at {warehouse} is below zero: {', '.join(negative)}")
    return notes
