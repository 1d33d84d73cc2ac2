"""The heart of a worker: claims what is due, sends it with bounded concurrency, records what came of it.

The database has a thread of its own, so that a slow disk holds up no reply and a slow portal no commit. While replies
come in, one transaction after the other records all that have come and claims as many again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from data.dispatch.lookup import SendAgain, look_up, look_up_batch
from data.dispatch.pace import Pace
from data.dispatch.sender import Answered, send_batch, send_one
from data.dispatch.tally import Tally
from data.dispatch.turn import Desk, Doubt, Outlook
from data.model import CommandState
from data.outbox.claim import Claimed
from data.outbox.record import Outcome
from data.portals.protocol import BatchPortal, Idem, Portal

T = TypeVar("T")
Asked = Callable[[str], Awaitable[tuple[bool, str]]]
"""Answers a request of one kind (`poll`, `test`, `stock`, `reconcile`): whether all is well, and words."""

_MOST_OUT = 192
"""Commands claimed ahead at most: a worker that dies leaves so many to be looked up."""
_AHEAD = 0.25
"""Seconds of sending that are claimed ahead."""
_LINGER = 0.15
"""Seconds replies are gathered for one commit."""
_LOOK = 0.2
"""Seconds between two looks for doubtful commands and requests."""
_IDLE = 0.5
_LOOK_AGAIN = 5
"""Seconds after which a look-up that failed is tried again."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How long a worker stays."""

    once: bool = False
    """Do what can be done now, wait for nothing, leave."""
    watch: bool = False
    """Stay, and poll every `poll_seconds`."""
    poll_seconds: float = 300.0


class Loop:
    """One run of one worker."""

    def __init__(self, desk: Desk, portal: Portal, asked: Asked, habits: Habits) -> None:
        """Prepare; nothing is read before `run`."""
        self._desk, self._portal, self._asked, self._habits = desk, portal, asked, habits
        caps = portal.caps
        self._batches = portal if caps.idem is Idem.FILE and isinstance(portal, BatchPortal) else None
        self._senders = 1 if self._batches else caps.concurrency
        self._target = max(2 * self._senders, min(_MOST_OUT, int(caps.per_minute / 60 * _AHEAD)))
        self._thread = ThreadPoolExecutor(1, "database")
        self._queue: asyncio.Queue[tuple[Claimed, ...]] = asyncio.Queue()
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._finished: list[Answered] = []
        self._absent: list[Claimed] = []
        self._looking: set[int] = set()
        self._serving: set[int] = set()
        self._out = 0
        """Commands claimed and not yet answered."""
        self._more = True
        self._stopping = False
        self.problem = ""
        """Why the worker left its work, in words; '' when it did not."""
        self.told_to_stop = False
        self._failure: BaseException | None = None
        self._turned = self._looked = self._polled = float("-inf")

    def stop_soon(self) -> None:
        """Claim nothing more, finish what is in flight, record it, leave."""
        self.told_to_stop = self._stopping = True
        self._changed.set()

    async def run(self, pid: int) -> None:
        """Work until nothing is left, or for ever with `watch`; on leaving, everything sent is recorded."""
        self._now = asyncio.get_running_loop().time
        self._pace = Pace(self._now, self._portal.caps.per_minute)
        self._tally = Tally(self._desk.clock, self._pace)
        try:
            await self._database(lambda: self._desk.begin(pid))
            self._pace.pause(await self._database(self._desk.open_until))
            senders = [asyncio.create_task(self._send()) for _ in range(self._senders)]
            for each in senders:
                each.add_done_callback(self._ended)
            try:
                await self._work()
            finally:
                for each in senders:
                    each.cancel()
                await asyncio.gather(*senders, return_exceptions=True)
            last = self._progress() | {"pid": None, "rate": 0.0}
            await self._database(lambda: self._desk.say(**last))
        finally:
            await self._portal.close()
            await self._database(self._desk.close)
            self._thread.shutdown()

    async def _work(self) -> None:
        while True:
            if self._failure is not None:
                # The database failed, or we did: what is in flight is for the next worker to look up.
                raise self._failure
            if self._stopping or self._pace.pause_left:
                self._give_back()
            if not self._stopping and self._now() - self._looked >= _LOOK:
                await self._look_around()
            if self._wants_turn():
                await self._turn()
            elif self._out or self._tasks or self._finished:
                await self._nap(_LINGER)
            elif self._stopping:
                return
            else:
                outlook = await self._database(self._desk.outlook)
                if await self._mend():
                    continue
                if self._over(outlook):
                    return
                self._more = bool(outlook.due)
                if not (self._more and self._may_claim() and self._now() - self._turned >= _LOOK):
                    await self._nap(min(_IDLE, max(_LOOK / 2, self._pace.pause_left)))

    def _may_claim(self) -> bool:
        return not (self._stopping or self._pace.pause_left or self._pace.broken)

    def _wants_turn(self) -> bool:
        """Tell whether it is time for a transaction."""
        since = self._now() - self._turned
        if self._finished:
            return since >= _LINGER or not self._out or len(self._finished) >= self._target
        if not self._may_claim():
            return False
        if self._absent:
            return True
        return self._more and self._out < self._target / 2 and (since >= _LINGER or not self._out)

    async def _turn(self) -> None:
        answers, self._finished = self._finished, []
        absent: list[Claimed] = []
        if self._may_claim():
            absent, self._absent = self._absent, []
        want = max(0, self._target - self._out) if self._may_claim() else 0
        say = self._progress() if self._tally.is_due(self._now()) else None
        turn = await self._database(lambda: self._desk.turn(answers, absent, want, say))
        self._turned = self._now()
        self._looking -= {each.outcome.claimed.id for each in answers} | {each.id for each in absent}
        self._tally.count(self._turned, turn.settled)
        self._more = bool(turn.claimed)
        self._out += len(turn.claimed)
        for job in _jobs(turn.claimed, whole=self._batches is not None):
            self._queue.put_nowait(job)

    async def _send(self) -> None:
        """Send one job after the other, for ever."""
        while True:
            job = await self._queue.get()
            await self._pace.slot()
            if self._batches and job[0].batch_id is not None:
                number = await self._database(partial(self._desk.batch_number, job[0]))
                answers = await send_batch(self._batches, number, job)
            else:
                answers = [await send_one(self._portal, job[0])]
            self._out -= len(job)
            self._take(answers)

    def _take(self, answers: list[Answered]) -> None:
        """Keep answers to be recorded, and draw what they mean for the pace."""
        first = answers[0]
        if first.locked_out:
            self.problem = first.outcome.reason
            self._stopping = True
        elif first.pause:
            self._pace.pause(first.pause)
        elif first.failed:
            if self._pace.failed():
                self.problem = first.outcome.reason
        else:
            self._pace.succeeded()
            self.problem = "" if not self._stopping else self.problem
        again = self._desk.clock.now() + timedelta(seconds=_LOOK_AGAIN)
        for each in answers:
            if each.outcome.looked_up and each.outcome.state is CommandState.DOUBTFUL:
                each = replace(each, outcome=replace(each.outcome, not_before=again))
            self._finished.append(each)
        self._changed.set()

    def _give_back(self) -> None:
        """Return what is claimed and not begun to `planned`: not a byte of it has left."""
        while not self._queue.empty():
            job = self._queue.get_nowait()
            self._out -= len(job)
            for each in job:
                state = CommandState.DOUBTFUL if each.doubts else CommandState.PLANNED
                self._finished.append(Answered(Outcome(each, state, "not sent yet")))

    async def _look_around(self) -> None:
        """Begin look-ups that are due and requests that wait."""
        self._looked = self._now()
        if self._pace.pause_left and self._tally.pause_told and not await self._database(self._desk.open_until):
            # A person said: go on at once.
            self._pace.lift()
        if self._may_claim():
            doubts = await self._database(self._doubts)
            if self._batches and doubts and doubts[0].claimed.batch_id is not None:
                self._begin(self._look_up_batch(self._batches, [each.claimed for each in doubts]))
            else:
                for each in doubts:
                    self._begin(self._look_up(each))
            self._looking |= {each.claimed.id for each in doubts}
        waiting = await self._database(self._desk.requests)
        due = self._habits.watch and self._now() - self._polled >= self._habits.poll_seconds
        if due:
            self._polled = self._now()
        kinds: dict[str, list[int]] = {"poll": []} if due and not self._serving else {}
        for request, kind in waiting:
            if request not in self._serving:
                kinds.setdefault(kind, []).append(request)
        for kind, ids in kinds.items():
            self._serving |= set(ids)
            self._begin(self._serve(kind, ids))

    def _doubts(self) -> list[Doubt]:
        """Return the doubtful commands to look up next; whole batches where that is the warehouse's unit."""
        if self._batches:
            batch = [Doubt(each, None) for each in self._desk.doubtful_batch()]
            if batch:
                return [] if self._looking else batch
        room = 4 * self._senders - len(self._looking)
        found = self._desk.doubtful(4 * self._senders + len(self._looking)) if room > 0 else []
        return [each for each in found if each.claimed.id not in self._looking][: max(room, 0)]

    async def _look_up(self, doubt: Doubt) -> None:
        await self._pace.slot()
        found = await look_up(self._portal, doubt.claimed, doubt.wanted)
        if isinstance(found, SendAgain):
            self._pace.succeeded()
            self._absent.append(doubt.claimed)
            self._changed.set()
        else:
            self._take([found])

    async def _look_up_batch(self, portal: BatchPortal, claimed: list[Claimed]) -> None:
        number = await self._database(partial(self._desk.batch_number, claimed[0]))
        found = await look_up_batch(portal, number, claimed)
        if isinstance(found, SendAgain):
            self._absent.extend(claimed)
            self._changed.set()
        else:
            self._take(found)

    async def _serve(self, kind: str, ids: list[int]) -> None:
        """Answer requests of one kind, once for all who asked."""
        try:
            await self._pace.slot()
            well, words = await self._asked(kind)
        except Exception as error:
            well, words = False, str(error) or type(error).__name__
        answer = {"ok": well, "words": words}
        await self._database(lambda: self._desk.answer_requests(ids, json.dumps(answer)))
        self._serving -= set(ids)

    async def _mend(self) -> bool:
        """Try a portal that was down, once its pause is over; True when it was tried."""
        if not self._pace.broken or self._pace.pause_left or self._stopping:
            return False
        bad = [each for each in await self._portal.test() if not each.ok]
        if bad:
            self._pace.open()
            self.problem = f"{bad[0].name}: {bad[0].words}"
        else:
            self._pace.succeeded()
            self.problem = ""
        said = self._progress()
        await self._database(lambda: self._desk.say(**said))
        return True

    def _over(self, outlook: Outlook) -> bool:
        """Tell whether there is nothing to stay for."""
        if self._habits.watch or outlook.requests:
            return False
        if self._habits.once:
            return not (outlook.due and self._may_claim() and not outlook.stopped and self._more)
        if outlook.stopped:
            return True
        return not (outlook.due or outlook.later or outlook.doubtful)

    def _progress(self) -> dict[str, object]:
        return self._tally.columns(self._now(), self.problem)

    def _begin(self, work: Awaitable[None]) -> None:
        async def guarded() -> None:
            await work

        task = asyncio.create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._changed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failure = error

    async def _nap(self, seconds: float) -> None:
        """Wait for something to happen, at most so long."""
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _database(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _jobs(claimed: Sequence[Claimed], *, whole: bool) -> list[tuple[Claimed, ...]]:
    """Return what is sent in one request: each command, or all of a batch where that is the unit."""
    batches: dict[int, list[Claimed]] = {}
    jobs: list[tuple[Claimed, ...]] = []
    for each in claimed:
        if whole and each.batch_id is not None:
            batches.setdefault(each.batch_id, []).append(each)
        else:
            jobs.append((each,))
    return jobs + [tuple(each) for each in batches.values()]
