"""The warehouse's clock: it can be held, moved, and run faster than the world's."""

from __future__ import annotations

from dataclasses import dataclass

from data.clock import Clock
from data.portals.sandbox.book import Connection, set_setting, setting


@dataclass(slots=True)
class Turning:
    """A clock in seconds since 1970 that goes `speed` times as fast as the machine's, or stands."""

    machine: Clock
    base: float
    running: bool
    speed: float
    _anchor: int = 0

    def __post_init__(self) -> None:
        """Start from here."""
        self._anchor = self.machine.boot_ns()

    def now(self) -> float:
        """Return the warehouse's time."""
        if not self.running:
            return self.base
        return self.base + (self.machine.boot_ns() - self._anchor) / 1e9 * self.speed

    def move(self, seconds: float) -> None:
        """Move forward."""
        self._settle()
        self.base += max(0.0, seconds)

    def put(self, seconds: float) -> None:
        """Put it to an instant, back too: for a warehouse that has lived through nothing yet."""
        self._settle()
        self.base = seconds

    def turn(self, running: bool, speed: float) -> None:
        """Hold it or let it go on from where it is."""
        self._settle()
        self.running, self.speed = running, speed

    def keep(self, connection: Connection) -> None:
        """Store it, so that a server started again goes on from here."""
        for name, value in (("clock", self.now()), ("running", int(self.running)), ("speed", self.speed)):
            set_setting(connection, name, value)

    def _settle(self) -> None:
        self.base = self.now()
        self._anchor = self.machine.boot_ns()


def stored_clock(connection: Connection, machine: Clock, held: bool) -> Turning:
    """Return the clock as it was kept; a file of its own start begins now, at the world's speed or held."""
    return Turning(
        machine,
        float(setting(connection, "clock", machine.now().timestamp())),
        bool(setting(connection, "running", int(not held))),
        float(setting(connection, "speed", 1.0)),
    )
