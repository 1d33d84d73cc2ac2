"""The kernel's lock that makes a worker the only one of its warehouse; it is free the moment its holder is dead."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from data.store.sharing import open_file

_TRIES = 5
_PAUSE = 0.02


class WorkerLock:
    """`run/CODE.lock`; never a lease with a time in it, which a paused process outlives."""

    def __init__(self, run: Path, code: str) -> None:
        """Name the lock of one warehouse; nothing is opened yet."""
        self.path = run / f"{code}.lock"
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Take the lock if nobody has it; raises OSError when its file can't be opened."""
        descriptor = open_file(self.path, os.O_RDWR | os.O_CREAT)
        # Somebody who only looks holds it for microseconds.
        for left in reversed(range(_TRIES)):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not left:
                    os.close(descriptor)
                    return False
                time.sleep(_PAUSE)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        """Return itself; `take` has been asked before."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the lock back."""
        self.release()


def holder(run: Path, code: str) -> str | None:
    """Return the process id of the worker that holds a warehouse's lock, `""` where it does not say, or None."""
    path = run / f"{code}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except PermissionError:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
    finally:
        os.close(descriptor)
    return None
