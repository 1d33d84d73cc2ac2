"""A person who works through the last call by keys, in a pseudo-terminal, and never decides what is not in sight."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyte

from benchmarks.terminal import PATIENCE, Terminal
from data.addresses.check_run import run_checks
from data.addresses.review import ReviewRows
from data.addresses.review_fields import Group
from data.addresses.review_rows import ReviewRow
from data.addresses.updates import UpdateResult, import_updates
from data.desk.sample.campaign import SampleCampaign, SampleOrder
from data.desk.sample.kickstarter import write_kickstarter
from data.intake.imports import import_files
from data.model import ADDRESS_FIELDS, Address
from data.store.store import Store
from data.store.workspace import Workspace

FILTER = "kind:change"
_POLL_SECONDS = 0.005
_REJECTS, _ASKS = 8, 15
"""So often a change is rejected, or its backer asked, instead of accepted."""
_ENTER = "\r"


@dataclass(slots=True)
class Worked:
    """What it took to decide everything that waited."""

    closed: int
    """Changes that had closed themselves: their backers sent what is on file."""
    one_by_one: int = 0
    """Changes decided by a key of their own."""
    keys: int = 0
    """Keys pressed for those, with the ways to the screen and to the filter."""
    at_once: int = 0
    """Changes of notation only, accepted together by their count."""
    keys_at_once: int = 0

    @property
    def per_decision(self) -> float:
        """Return the keys for each change decided on its own; those accepted together would only flatter it."""
        return self.keys / self.one_by_one


def prepare(ws: Workspace, orders: int, updates: int) -> UpdateResult:
    """Import a sample campaign, check its addresses, and import a form that so many backers have answered.

    Two in five of them send what is on file, half of the others write it in other words.
    """
    campaign = SampleCampaign(orders)
    report, form = ws.path("imports") / "report.csv", ws.path("imports") / "form.csv"
    write_kickstarter(report, campaign)
    import_files(ws, [report], "Ember Isles", make_skus=True)
    run_checks(ws)
    with form.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Email", *ADDRESS_FIELDS])
        for order, address in _answers(campaign, updates):
            writer.writerow([order.email, *(getattr(address, name) for name in ADDRESS_FIELDS)])
    return import_updates(ws, [form])


def _answers(campaign: SampleCampaign, updates: int) -> Iterator[tuple[SampleOrder, Address]]:
    """Yield the orders whose backers answer, each with the address they send."""
    later = campaign.updated(changed=1.0, late=0)
    mails = Counter(each.email for each in campaign)
    answered = [each for each in campaign if each.address and mails[each.email] == 1 and each.status == "collected"]
    step = len(answered) / updates
    for number in range(updates):
        order = answered[int(number * step)]
        changed = later.order(order.place).address
        address = order.address if number % 5 < 2 else changed
        assert address is not None
        yield order, address


class Reviewer(Terminal):
    """The console on a screen that can be read, and the keys pressed on it."""

    def __init__(self, ws: Workspace) -> None:
        """Open the console on a workspace."""
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self.screen)
        self.pressed = 0
        super().__init__(["-m", "console", "--workspace", str(ws.folder)], TEXTUAL_DISABLE_KITTY_KEY="1")

    def __enter__(self) -> Reviewer:
        """Sit at the keys while the block runs."""
        return self

    def type(self, keys: str) -> None:
        """Press keys and count them."""
        self.pressed += len(keys)
        self.press(keys)

    def until_seen(self, *words: str) -> None:
        """Wait until one line of the screen has all these words."""
        self._until(lambda line: all(each in line for each in words), words)

    def until_on(self, row: ReviewRow) -> None:
        """Wait until the cursor is on a row."""
        self._until(lambda line: line.startswith("> ") and f" {row.number} " in line, (row.number,))

    def look(self, seconds: float) -> None:
        """Take in what is painted within so many seconds."""
        self._read(seconds)

    def _until(self, true: Callable[[str], bool], words: tuple[str, ...]) -> None:
        while not any(true(line) for line in self.screen.display):
            if not self._read(PATIENCE):
                raise TimeoutError("\n".join([f"{words} did not come:", *self.screen.display]))

    def _read(self, patience: float) -> bool:
        before = len(self._got)
        came = super()._read(patience)
        self._stream.feed(self._got[before:])
        return came


def work_through(ws: Workspace, closed: int) -> Worked:
    """Decide every change that waits by keys: moves and people one by one, notation alone at once by its count."""
    worked = Worked(closed)
    source = ReviewRows(ws.store, FILTER)
    ids = source.ids()
    rows = [row for start in range(0, len(ids), 100) for row in source.rows(ids[start : start + 100]).values()]
    waiting = {row.id: row for row in rows}
    alone = [waiting[each] for each in ids if waiting[each].group != Group.TRIVIAL]
    together = [waiting[each] for each in ids if waiting[each].group == Group.TRIVIAL]
    with Reviewer(ws) as person:
        person.until_seen("? keys")
        person.type("2")
        person.until_seen("> Addresses")
        person.type("/")
        person.settle()
        person.type(f"{FILTER}{_ENTER}")
        person.until_seen("shown", FILTER)
        for number, row in enumerate(alone, 1):
            person.until_on(row)
            _decide(person, ws.store, row, number)
        worked.one_by_one, worked.keys = len(alone), person.pressed
        if together:
            person.until_on(together[0])
            person.type("A")
            person.until_seen(f"type {len(together)} to accept")
            person.type(f"{len(together)}{_ENTER}")
            _wait(lambda: _waiting(ws.store, [each.id for each in together]) == 0, person)
        worked.at_once, worked.keys_at_once = len(together), person.pressed - worked.keys
    return worked


def _decide(person: Reviewer, store: Store, row: ReviewRow, number: int) -> None:
    """Decide one change and wait until it is decided."""
    if number % _ASKS == 0:
        person.type("@")
    elif number % _REJECTS == 0:
        person.type("r")
        person.until_seen("Reject 1 change")
        person.type(_ENTER)
    else:
        person.type("a")
    _wait(lambda: _waiting(store, [row.id]) == 0, person)


def expected(number: int) -> str:
    """Return the state that the key of the change so many in the queue brings about, from 1."""
    return "asked" if number % _ASKS == 0 else "rejected" if number % _REJECTS == 0 else "accepted"


def _waiting(store: Store, changes: list[int]) -> int:
    marks = ", ".join("?" * len(changes))
    return int(store.value(f"SELECT count(*) FROM changes WHERE id IN ({marks}) AND state = 'waiting'", changes))


def _wait(true: Callable[[], bool], person: Reviewer) -> None:
    """Read what the console paints until something has come true in the database."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("\n".join(["a key decided nothing:", *person.screen.display]))
        person.look(_POLL_SECONDS)
