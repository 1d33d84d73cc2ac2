"""The protocol every warehouse system is driven through, and what each declares about itself.

Bodies are rendered when a command is planned and kept: what `push` and `amend` send is exactly the text that was
stored, so a second attempt can never differ from the first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from data.model import Address, CommandKind, Money, ShipmentState
from data.portals.notices import Notice
from data.portals.outcomes import (
    Absent,
    AmendResult,
    CancelResult,
    Check,
    FindResult,
    HandedOver,
    HoldResult,
    Page,
    PushResult,
    ReleaseResult,
    RemoteState,
    StockLevel,
    Unsupported,
)

_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
"""Spaces, `+`, slashes and dots in a key have each made some portal's look-up miss it."""


def is_key(text: str) -> bool:
    """Tell whether text can be a shipment's key at every warehouse: 1 to 40 of letters, digits, `_` and `-`."""
    return _KEY.fullmatch(text) is not None


class Idem(StrEnum):
    """What a second push of the same key does."""

    UPSERT = "upsert"
    REJECT_DUPLICATE = "reject_duplicate"
    CLIENT_ID = "client_id"
    NONE = "none"
    FILE = "file"


class Lookup(StrEnum):
    """How far a look-up by our key can be trusted."""

    EXACT = "exact"
    PREFIX = "prefix"
    PAGE_SCAN = "page_scan"
    NONE = "none"


class Scope(StrEnum):
    """What one amendment, hold or cancel applies to."""

    ORDER = "order"
    SHIPMENT = "shipment"


@dataclass(frozen=True, slots=True)
class Caps:
    """What a warehouse system can do, and how it must be treated."""

    idem: Idem
    lookup: Lookup
    deadline: float
    """Seconds one request may take in all."""
    max_lag: float
    """The quiet window: seconds after an attempt's connection is gone (its end, or the death of its worker) in which
    the request may still appear at the warehouse."""
    amend_before: ShipmentState | None
    """The first state at which an address can no longer be amended; None when it never can."""
    cancel_before: ShipmentState | None
    hold_before: ShipmentState | None
    scope: Scope = Scope.ORDER
    verify_after_write: bool = True
    batch_max: int = 1
    """Orders in one request, or rows of orders in one file."""
    per_minute: int = 600
    concurrency: int = 4
    stock: bool = False
    announce: bool = False
    """Takes announcements of inbound shipments."""
    returns: bool = False
    """Takes announcements of parcels that come back."""
    corrections: bool = False
    """Takes changes and cancels of what it has as entries of a later batch (class `file`)."""

    @property
    def never_doubles(self) -> bool:
        """Tell whether the warehouse itself keeps a second push of the same key and bytes from becoming a parcel.

        A portal of class `upsert` does, but overwrites what was changed over there: look up before. One of class `file`
        takes every file it finds.
        """
        return self.idem not in (Idem.NONE, Idem.FILE)


class Action(StrEnum):
    """What an entry of a batch asks for."""

    ADD = "add"
    CHANGE = "change"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Entry:
    """One order in a batch that is handed over whole: it is new there, or corrects what an earlier batch brought.

    `body` is the text of the whole order: as pushed (add), with its new address (change), as last accepted (cancel).
    """

    action: Action
    key: str
    body: str


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    """A product and how many of it are to be sent."""

    sku: str
    title: str
    quantity: int
    weight_g: int | None = None
    """Of one piece."""
    hs_code: str = ""
    origin: str = ""
    """ISO 3166-1 alpha-2."""
    description: str = ""
    """In customs' words."""
    value: Money | None = None
    """Declared for customs, of one piece."""


@dataclass(frozen=True, slots=True)
class ShipmentOrder:
    """What a warehouse is asked to send to one address."""

    key: str
    """The shipment's key, minted once; the warehouse keeps it as our reference."""
    number: str
    """The order's number as the backer knows it."""
    address: Address
    lines: tuple[ShipmentLine, ...]
    email: str = ""
    campaign: str = ""
    late: bool = False
    ordered_at: str = ""
    """UTC text; where the platform told none, when its batch was made."""
    currency: str = ""
    """ISO 4217, of the campaign."""


class Portal(Protocol):
    """One warehouse system. Methods that ask it anything raise `PortalError`; rendering and comparing are pure."""

    @property
    def caps(self) -> Caps:
        """Return what the system can do."""
        ...

    def render_push(self, order: ShipmentOrder) -> str:
        """Return the exact text that `push` will send; raises InputError where the order can't be expressed."""
        ...

    def render_amend(self, address: Address, last: str) -> str:
        """Return the exact text that `amend` will send.

        `last` is the text the warehouse last accepted of this shipment: its push, or the amendment after it.
        """
        ...

    def render_change(self, kind: CommandKind, last: str) -> str:
        """Return the exact text that `cancel`, `hold` or `release` will send, '' where it has no body; `last` as above.

        `kind` is the one of the three.
        """
        ...

    def render_notice(self, notice: Notice) -> str:
        """Return the exact text that `notify` will send; raises InputError where the notice can't be expressed."""
        ...

    def matches(self, body: str, remote: RemoteState) -> list[str]:
        """Compare recipient and lines of a rendered push with what the warehouse holds; returns what differs."""
        ...

    async def push(self, body: str, key: str) -> PushResult:
        """Ask the warehouse to send; a duplicate is compared and answered as `already`, or raised as Conflict."""
        ...

    async def find(self, key: str) -> FindResult:
        """Look up what the warehouse has under a key."""
        ...

    async def amend(self, remote_id: str, key: str, body: str) -> AmendResult:
        """Change the address and read it back; no trusted reply is `Doubtful`, never an exception."""
        ...

    async def cancel(self, remote_id: str, key: str, body: str) -> CancelResult:
        """Ask that nothing more of an order is sent."""
        ...

    async def hold(self, remote_id: str, key: str, body: str) -> HoldResult:
        """Ask the warehouse not to move an order."""
        ...

    async def release(self, remote_id: str, key: str, body: str) -> ReleaseResult:
        """Take our hold off."""
        ...

    async def notify(self, kind: CommandKind, body: str, key: str) -> PushResult | Unsupported:
        """Tell of an inbound shipment (`announce`) or of what comes back (`return`); a duplicate as in `push`."""
        ...

    async def find_notice(self, kind: CommandKind, key: str) -> FindResult:
        """Look up what was announced under a key; its lines are what is expected."""
        ...

    async def poll(self, cursor: str) -> Page:
        """Return what changed since a cursor; the empty cursor is the beginning."""
        ...

    async def stock(self) -> list[StockLevel]:
        """Return what the warehouse counts."""
        ...

    async def test(self) -> list[Check]:
        """Try what can be tried without changing anything; problems are checks that are not ok, not exceptions."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


@runtime_checkable
class BatchPortal(Protocol):
    """A warehouse whose unit is the whole batch (class `file`); `push` of a single order is refused there."""

    async def push_batch(self, number: int, entries: Sequence[Entry]) -> PushResult:
        """Hand over all entries of one numbered batch, or none; the same batch again is `already`.

        Entries that change or cancel need `caps.corrections`; a key stands in a batch once.
        """
        ...

    async def find_batch(self, number: int, entries: Sequence[Entry]) -> HandedOver | Absent:
        """Tell after a crash whether that batch was handed over, even where the warehouse has taken it away.

        Absent is certain. Raises Conflict where the number was handed over with other contents, or where that can't
        be told: then a person asks the warehouse.
        """
        ...
