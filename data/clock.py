"""The one clock: every reading of the time goes through a `Clock`, so that tests and the demo can drive it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


class Clock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)

    def boot_ns(self) -> int:
        """Return nanoseconds since this machine started; it never jumps, whatever the wall clock does."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic_ns()

    def boot_id(self) -> str:
        """Name the present start of this machine; readings of `boot_ns` compare only within one."""
        try:
            return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        except OSError:
            return "unknown"


class HeldClock(Clock):
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        """Hold at `start`, which must be aware."""
        self._now = start.astimezone(UTC)
        self._ns = 0

    def now(self) -> datetime:
        """Return the held instant."""
        return self._now

    def boot_ns(self) -> int:
        """Return nanoseconds moved since the start."""
        return self._ns

    def boot_id(self) -> str:
        """Name the one start this clock knows."""
        return "held"

    def move(self, by: timedelta) -> None:
        """Move forward."""
        self._now += by
        self._ns += int(by.total_seconds() * 1e9)


def utc_text(instant: datetime) -> str:
    """Write an aware instant as the database keeps it: UTC, whole seconds, `2026-11-23T04:05:06Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_text(text: str) -> datetime:
    """Read what `utc_text` wrote; raises ValueError for anything else."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def ago(then: datetime, now: datetime) -> str:
    """Say how long ago in the shortest words a column has room for: `now`, `5m`, `3h`, `2d`, `7w`."""
    seconds = int((now - then).total_seconds())
    if seconds < 60:
        return "now"
    for size, unit in ((604800 * 2, "w"), (86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // (604800 if unit == 'w' else size)}{unit}"
    raise AssertionError("unreachable")
