"""One turn of a worker at the database: record what has ended, claim what is due, say how it is going.

Everything here runs in the worker's database thread; a turn is one transaction, so that many commands share a commit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from data.clock import Clock, from_text, utc_text
from data.dispatch.amend import render_command, wanted_addresses
from data.dispatch.cancel import drop_held
from data.dispatch.follow import record_all
from data.dispatch.sender import Answered
from data.model import Address, CommandKind, CommandState, StaleError
from data.outbox.claim import Claimed, claim_again, claim_batch, claim_due, doubtful_due
from data.outbox.recover import recover
from data.portals.protocol import Idem, Portal
from data.store.store import Write
from data.store.workspace import Workspace

Follow = Callable[[Workspace, str], None]
"""Draws what follows in rooms above from the outcomes that were just recorded for a warehouse."""
COMPENSATE = "order cancel"
"""What to use where undo would have to call back what has left."""
_WAIT = 3600.0
"""Seconds a worker waits for another writer to record what a warehouse has answered; then it waits again."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn came back with."""

    claimed: tuple[Claimed, ...] = ()
    recorded: int = 0
    settled: int = 0
    """Of those recorded, how many need nothing more from the worker."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is left to do, and when."""

    stopped: bool
    """A person stopped the warehouse."""
    due: int
    """Planned commands that may go at once."""
    later: str
    """The first instant at which a planned command may go, or ''."""
    doubtful: int
    requests: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """A doubtful command that may be looked up, with the address it asked for."""

    claimed: Claimed
    wanted: Address | None


class Desk:
    """A worker's seat at the database: every method is one short transaction or one read."""

    def __init__(self, ws: Workspace, code: str, portal: Portal, follow: Follow | None = None) -> None:
        """Work for the warehouse `code`; `follow` is called after a turn that recorded what a person must act on."""
        self._ws = ws
        self._code = code
        self._portal = portal
        self._follow = follow
        self._whole_batches = portal.caps.idem is Idem.FILE
        self._alone = not portal.caps.corrections

    @property
    def clock(self) -> Clock:
        """Return the workspace's clock."""
        return self._ws.clock

    def begin(self, pid: int) -> int:
        """Make doubtful what a dead worker left behind, return how many, and say that this one is there."""
        with self._ws.store.write(
            self._ws.actor, "worker.recover", f"{self._code}: recover", compensate=COMPENSATE, wait=_WAIT
        ) as tx:
            found = recover(tx, self.clock, self._code)
            tx.words = f"{self._code}: {found:,} were being sent when the worker ended"
        self.say(pid=pid, started_at=utc_text(self.clock.now()), done=0, rate=0.0, problem="")
        return found

    def turn(
        self,
        answers: Sequence[Answered],
        absent: Sequence[Claimed],
        want: int,
        say: dict[str, object] | None = None,
    ) -> Turn:
        """Record answers, claim what a look-up found absent, and up to `want` due commands, in one transaction.

        Waits as long as it takes to record. With `say` the worker's progress is written along.
        """
        while True:
            try:
                return self._turn(answers, absent, want, say)
            except StaleError:
                # Another writer has had the database for an hour. What a warehouse has answered is never dropped.
                if not answers:
                    return Turn()

    def doubtful(self, limit: int) -> list[Doubt]:
        """List what may be looked up: the quiet window is over."""
        found = doubtful_due(self._ws.store, self.clock, self._code, self._portal.caps.max_lag, limit)
        amendments = [each for each in found if each.kind is CommandKind.AMEND]
        wanted = wanted_addresses(self._ws.store, amendments) if amendments else {}
        return [Doubt(each, wanted.get(each.id)) for each in found]

    def doubtful_batch(self) -> list[Claimed]:
        """List what is doubtful of the first batch that has something, for a warehouse that takes whole batches."""
        found = doubtful_due(self._ws.store, self.clock, self._code, self._portal.caps.max_lag, 100_000)
        batched = [each for each in found if each.batch_id is not None]
        return sorted((each for each in batched if each.batch_id == batched[0].batch_id), key=lambda each: each.id)

    def batch_number(self, claimed: Claimed) -> int:
        """Return the number of the batch a command belongs to."""
        return int(self._ws.store.value("SELECT number FROM batches WHERE id = ?", (claimed.batch_id,)))

    def outlook(self) -> Outlook:
        """Say what is left to do."""
        store, now = self._ws.store, utc_text(self.clock.now())
        stopped = store.value("SELECT stopped_at FROM warehouses WHERE code = ?", (self._code,)) is not None
        free = (
            "FROM commands c WHERE c.warehouse = :code AND c.state = 'planned' AND (c.kind <> 'push' OR NOT EXISTS"
            " (SELECT 1 FROM shipment_lines l JOIN orders o ON o.id = l.order_id WHERE l.shipment_id = c.shipment_id"
            "  AND (o.cancel_asked_at IS NOT NULL OR EXISTS"
            "   (SELECT 1 FROM holds h WHERE h.order_id = o.id AND h.released_at IS NULL))))"
            " AND (c.kind = 'push' OR c.shipment_id IS NULL"
            "  OR (SELECT remote_id FROM shipments s WHERE s.id = c.shipment_id) <> '')"
        )
        if not self._alone:
            # What corrects an earlier batch goes with the one that carries it.
            free += (
                " AND (c.kind NOT IN ('amend', 'cancel')"
                "  OR EXISTS (SELECT 1 FROM batches b WHERE b.id = c.batch_id AND b.state = 'sending'))"
            )
        given: dict[str, object] = {"code": self._code, "now": now}
        due = store.value(f"SELECT EXISTS (SELECT 1 {free} AND (c.not_before IS NULL OR c.not_before <= :now))", given)
        later = store.value(f"SELECT min(c.not_before) {free} AND c.not_before > :now", given)
        doubtful = store.value(
            "SELECT count(*) FROM commands WHERE warehouse = ? AND state IN ('doubtful', 'sending')", (self._code,)
        )
        requests = store.value("SELECT count(*) FROM requests WHERE warehouse = ? AND done_at IS NULL", (self._code,))
        return Outlook(stopped, int(due), str(later or ""), int(doubtful), int(requests))

    def say(self, **values: object) -> None:
        """Write some columns of the warehouse's `portal_state` row."""
        with self._ws.store.derive(wait=_WAIT) as tx:
            _say(tx, self.clock, self._code, values)

    def open_until(self) -> float:
        """Return for how many more seconds an earlier worker, or this one, paused the portal."""
        text = self._ws.store.value("SELECT open_until FROM portal_state WHERE warehouse = ?", (self._code,))
        return 0.0 if not text else max(0.0, (from_text(text) - self.clock.now()).total_seconds())

    def requests(self) -> list[tuple[int, str]]:
        """List what consoles ask for besides sending: (id, kind)."""
        return [
            (row[0], row[1])
            for row in self._ws.store.rows(
                "SELECT id, kind FROM requests WHERE warehouse = ? AND done_at IS NULL ORDER BY id", (self._code,)
            )
        ]

    def answer_requests(self, ids: Sequence[int], answer: str) -> None:
        """Write the answer to requests."""
        with self._ws.store.derive(wait=_WAIT) as tx:
            for each in ids:
                tx.run(
                    "UPDATE requests SET done_at = ?, answer = ? WHERE id = ? AND done_at IS NULL",
                    (utc_text(self.clock.now()), answer, each),
                )

    def close(self) -> None:
        """Close this thread's connection."""
        self._ws.store.close()

    def _turn(
        self, answers: Sequence[Answered], absent: Sequence[Claimed], want: int, say: dict[str, object] | None
    ) -> Turn:
        with self._ws.store.write(
            self._ws.actor, "worker.turn", f"{self._code}: work", compensate=COMPENSATE, wait=_WAIT
        ) as tx:
            kept = record_all(tx, self.clock, answers)
            claimed = claim_again(tx, self.clock, self._code, absent) if absent else []
            if want > 0 and not (self._whole_batches and claimed):
                claimed += self._claim(tx, want)
            if say is not None:
                _say(tx, self.clock, self._code, say)
            tx.words = _words(self._code, kept, claimed)
        if self._follow is not None and any(map(_needs_a_person, kept)):
            self._follow(self._ws, self._code)
        settled = sum(each.outcome.state not in ("planned", "doubtful") for each in kept)
        return Turn(tuple(claimed), len(kept), settled)

    def _claim(self, tx: Write, want: int) -> list[Claimed]:
        if self._whole_batches:
            others = claim_due(tx, self.clock, self._code, want, self._render, pushes=False, corrections=self._alone)
            if others:
                return others
            drop_held(tx, self._code)
            return claim_batch(tx, self.clock, self._code, self._render)
        return claim_due(tx, self.clock, self._code, want, self._render)

    def _render(self, kind: CommandKind, body: str, last: str) -> str:
        return render_command(self._portal, kind, body, last)


def _needs_a_person(answered: Answered) -> bool:
    """Tell whether a correction was not made."""
    outcome = answered.outcome
    return outcome.claimed.kind is not CommandKind.PUSH and outcome.state in (
        CommandState.REJECTED,
        CommandState.PERSON,
    )


def _say(tx: Write, clock: Clock, code: str, values: dict[str, object]) -> None:
    values = values | {"updated_at": utc_text(clock.now())}
    if "done" in values:
        open_ = tx.one(
            "SELECT count(*) FROM commands WHERE warehouse = ? AND state IN ('planned', 'sending', 'doubtful')", (code,)
        )
        values["total"] = int(str(values["done"])) + (open_[0] if open_ else 0)
    sets = ", ".join(f"{name} = ?" for name in values)
    tx.run("INSERT OR IGNORE INTO portal_state(warehouse) VALUES (?)", (code,))
    tx.run(f"UPDATE portal_state SET {sets} WHERE warehouse = ?", (*values.values(), code))


def _words(code: str, kept: Sequence[Answered], claimed: Sequence[Claimed]) -> str:
    """Say what a turn did: `EU1: 61 accepted, 2 rejected; 64 on their way`."""
    by: dict[str, int] = {}
    for each in kept:
        by[each.outcome.state] = by.get(each.outcome.state, 0) + 1
    parts = [", ".join(f"{count:,} {state}" for state, count in by.items())] if by else []
    parts += [f"{len(claimed):,} on their way"] if claimed else []
    return f"{code}: {'; '.join(parts)}"
