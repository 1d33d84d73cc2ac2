"""What a portal answers: the same few words for every warehouse system, with the warehouse's own words kept beside."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data.model import Address, ParcelStatus, ShipmentState


@dataclass(frozen=True, slots=True)
class RemoteLine:
    """A product and how many of it, as the warehouse holds them."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class RemoteParcel:
    """One parcel; `raw_status` is the carrier's word, `raw_at` its instant, both as they came."""

    carrier: str
    tracking_number: str
    tracking_url: str = ""
    raw_status: str = ""
    raw_at: str = ""
    status: ParcelStatus = ParcelStatus.UNKNOWN
    lines: tuple[RemoteLine, ...] = ()
    """What is inside, where the warehouse says."""


@dataclass(frozen=True, slots=True)
class RemoteState:
    """One order as the warehouse holds it."""

    reference: str
    """Our key, as the warehouse repeats it."""
    remote_id: str
    raw_status: str
    status: ShipmentState | None
    """None when the warehouse's word is not in the portal's table; the raw word is still kept."""
    address: Address | None = None
    lines: tuple[RemoteLine, ...] = ()
    parcels: tuple[RemoteParcel, ...] = ()
    exceptions: tuple[str, ...] = ()
    """What the warehouse complains about, in its words: an address question, no stock, a lost parcel."""
    held: bool = False
    updated_at: str = ""


class Pushed(StrEnum):
    """What a push came to."""

    CREATED = "created"
    ALREADY = "already"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class PushResult:
    """The warehouse confirmed, with its own ids, that it holds what was pushed."""

    outcome: Pushed
    remote_ids: tuple[str, ...]
    state: RemoteState | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The warehouse has exactly one order under the key."""

    remote: RemoteState


@dataclass(frozen=True, slots=True)
class Absent:
    """The warehouse had nothing under the key at `as_of` (UTC text); believed only after the quiet window."""

    as_of: str


@dataclass(frozen=True, slots=True)
class Several:
    """The warehouse has more than one order under the key: a person must look."""

    remotes: tuple[RemoteState, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """The look-up can't tell."""

    reason: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A whole batch was handed over as one file, whether or not the warehouse has taken it away since."""

    file: str
    sha256: str
    orders: int
    rows: int


FindResult = Found | Absent | Several | Unknown


@dataclass(frozen=True, slots=True)
class Applied:
    """The warehouse holds what was asked; `address` is what it was read back as."""

    address: Address


@dataclass(frozen=True, slots=True)
class TooLate:
    """The work has gone too far; `address` is the one that will ship, where it could be read."""

    reason: str
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The warehouse will not do it, though it is not too late; `address` is what it holds."""

    reason: str
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Unsupported:
    """This warehouse's portal has no such request; the agreement says whom to ask instead."""

    reason: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """It was sent and what the warehouse holds is not known, or not what it said; look it up after the quiet window."""

    reason: str
    address: Address | None = None


AmendResult = Applied | TooLate | Refused | Unsupported | Doubtful


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Nothing of the order will leave the warehouse."""


@dataclass(frozen=True, slots=True)
class Requested:
    """The warehouse will try; until it answers, the order counts as going out."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Partly:
    """Some of the order has left; `lines` are what was cancelled."""

    lines: tuple[RemoteLine, ...]
    reason: str = ""


CancelResult = Cancelled | Requested | Partly | TooLate | Refused | Unsupported


@dataclass(frozen=True, slots=True)
class Held:
    """The order does not move until it is released; `until` is a date where the portal knows one."""

    until: str = ""


@dataclass(frozen=True, slots=True)
class Released:
    """Our hold is off; `still_held` names another one that stays."""

    still_held: str = ""


HoldResult = Held | TooLate | Refused | Unsupported
ReleaseResult = Released | TooLate | Refused | Unsupported


@dataclass(frozen=True, slots=True)
class Page:
    """What changed since a cursor.

    Store `cursor` in the same transaction as the states: asking with it tells the portal that they are safe. `more`
    says that the next page is there at once. `problems` are rows that could not be placed, each a line to show.
    """

    states: tuple[RemoteState, ...]
    cursor: str
    more: bool = False
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StockLevel:
    """What the warehouse counts of one product; `available` is what is on hand less what is promised."""

    sku: str
    on_hand: int
    available: int


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a test of the portal."""

    name: str
    ok: bool
    words: str
