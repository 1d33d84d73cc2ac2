"""What the threads behind the screens tell the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from data.store.watch import Seen

if TYPE_CHECKING:
    from data.desk.overview import WarehouseLine


@dataclass
class OthersWorked(Message):
    """Somebody else changed the workspace."""

    seen: Seen


@dataclass
class HouseSeen(Message):
    """How the warehouses stand was read."""

    lines: tuple[WarehouseLine, ...]


@dataclass
class Checking(Message):
    """So many addresses of so many have been checked in so many seconds; 0 of 0 when that is over."""

    done: int
    total: int
    seconds: float


@dataclass
class WentWrong(Message):
    """Something failed behind the screens."""

    error: BaseException
    where: str
