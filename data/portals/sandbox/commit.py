"""Durable answers at speed: one thread owns the file, and what arrives together is committed together."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from data.portals.sandbox.book import Connection, open_book

T = TypeVar("T")
_TOGETHER = 256


class GroupCommit:
    """Runs functions on the file, one after the other; each caller gets its result only when it is on the disk."""

    def __init__(self, path: Path) -> None:
        """Open the file in the writing thread; raises what opening raises."""
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._opened: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, args=(path,), name="sandbox-writer", daemon=True)
        self._thread.start()
        failure = self._opened.get()
        if failure is not None:
            raise failure

    async def do(self, job: Callable[[Connection], T]) -> T:
        """Run `job` in a transaction and return its result once it is durable; what it raises undoes it alone."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(job, future, loop))
        return await future

    def close(self) -> None:
        """Finish what is queued, and close the file."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self, path: Path) -> None:
        try:
            connection = open_book(path)
        except BaseException as failure:
            self._opened.put(failure)
            return
        self._opened.put(None)
        more = True
        while more:
            jobs, more = self._gather()
            if jobs:
                _run(connection, jobs)
                jobs[0].loop.call_soon_threadsafe(_answer, jobs)
        connection.close()

    def _gather(self) -> tuple[list[_Job], bool]:
        """Wait for one job and take what else is there; the flag is False when it is time to stop."""
        job = self._jobs.get()
        jobs: list[_Job] = []
        while job is not None:
            jobs.append(job)
            if len(jobs) >= _TOGETHER:
                return jobs, True
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs, True
        return jobs, False


class _Job:
    """One function with whoever waits for it."""

    __slots__ = ("failure", "future", "loop", "result", "run")

    def __init__(
        self, run: Callable[[Connection], Any], future: asyncio.Future[Any], loop: asyncio.AbstractEventLoop
    ) -> None:
        self.run, self.future, self.loop = run, future, loop
        self.result: Any = None
        self.failure: Exception | None = None


def _run(connection: Connection, jobs: list[_Job]) -> None:
    """Run jobs in one transaction, each in a savepoint of its own; a commit that fails is everybody's failure."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        for job in jobs:
            connection.execute("SAVEPOINT job")
            try:
                job.result = job.run(connection)
            except Exception as failure:
                job.failure = failure
                connection.execute("ROLLBACK TO job")
            connection.execute("RELEASE job")
        connection.execute("COMMIT")
    except Exception as failure:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        for job in jobs:
            job.failure = failure


def _answer(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future.cancelled():
            continue
        if job.failure is not None:
            job.future.set_exception(job.failure)
        else:
            job.future.set_result(job.result)
