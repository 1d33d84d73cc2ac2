"""The words of the trade: the states things can be in and the values that travel between rooms."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import NamedTuple


class OrderKind(StrEnum):
    """Why an order exists."""

    PLEDGE = "pledge"
    STORE = "store"
    REPLACEMENT = "replacement"


class Stage(StrEnum):
    """How far an order has come; `orders/stages.py` holds the transition table."""

    NEEDS_INFO = "needs_info"
    READY = "ready"
    ALLOCATED = "allocated"
    BATCHED = "batched"
    SENDING = "sending"
    AT_WAREHOUSE = "at_warehouse"
    PICKING = "picking"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class HoldKind(StrEnum):
    """Why an order must not move; any number at once, each blocks allocation and sending."""

    ADDRESS = "address"
    PAYMENT = "payment"
    STOCK = "stock"
    CUSTOMS = "customs"
    OPERATOR = "operator"
    CLIENT = "client"
    UNTIL = "until"
    DUPLICATE = "duplicate"


class AddressSource(StrEnum):
    """Who an address version came from."""

    IMPORT = "import"
    BACKER = "backer"
    OPERATOR = "operator"
    WAREHOUSE = "warehouse"


class Label(StrEnum):
    """What the operator must do about a change of address."""

    IDENTICAL = "identical"
    TRIVIAL = "trivial"
    CORRECTION = "correction_of_invalid"
    MATERIAL = "material"


class ChangeState(StrEnum):
    """Where a proposed address stands; from `queued` on it is about an order at a warehouse."""

    WAITING = "waiting"
    ASKED = "asked"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NO_CHANGE = "no_change"
    SUPERSEDED = "superseded"
    QUEUED = "queued"
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    TOO_LATE = "too_late"
    REFUSED = "refused"
    UNSUPPORTED = "unsupported"
    DOUBTFUL = "doubtful"


class BatchState(StrEnum):
    """A batch is immutable from `sending` on."""

    DRAFT = "draft"
    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    COMPLETE = "complete"


class ShipmentState(StrEnum):
    """What one warehouse has done with what it was asked to send to one address."""

    DRAFT = "draft"
    SENDING = "sending"
    ACCEPTED = "accepted"
    HELD = "held"
    BLOCKED = "blocked"
    PICKING = "picking"
    PACKED = "packed"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class ParcelStatus(StrEnum):
    """EasyPost's ten tracker statuses, used for every carrier."""

    UNKNOWN = "unknown"
    PRE_TRANSIT = "pre_transit"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    RETURN_TO_SENDER = "return_to_sender"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    ERROR = "error"


class CommandKind(StrEnum):
    """What a warehouse can be asked to do."""

    PUSH = "push"
    AMEND = "amend"
    CANCEL = "cancel"
    HOLD = "hold"
    RELEASE = "release"
    ANNOUNCE = "announce"
    RETURN = "return"


class CommandState(StrEnum):
    """Where a command stands; `outbox/states.py` holds the transition table."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DOUBTFUL = "doubtful"
    PERSON = "person"
    WITHDRAWN = "withdrawn"


class IssueType(StrEnum):
    """What went wrong with an order that a person must settle."""

    MISSING_ITEM = "missing_item"
    WRONG_ITEM = "wrong_item"
    DAMAGED = "damaged"
    LOST = "lost"
    NOT_RECEIVED = "not_received"
    RETURNED = "returned"
    DUPLICATE_SENT = "duplicate_sent"
    CUSTOMS = "customs"
    ADDRESS = "address"
    STUCK = "stuck"
    EXCEPTION = "exception"
    STOCK = "stock"
    OTHER = "other"


class IssueState(StrEnum):
    """Where an issue stands; `waiting` names who it waits for."""

    NEW = "new"
    TRIAGE = "triage"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes; every field is text, `country` is ISO 3166-1 alpha-2 where it is known, else verbatim."""

    name: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = ""

    def one_line(self) -> str:
        """Return the address without its name and phone as one line for lists and search."""
        parts = (self.company, self.line1, self.line2, self.city, self.region, self.postcode, self.country)
        return ", ".join(part for part in parts if part)

    def is_empty(self) -> bool:
        """Tell whether no part says where the parcel goes."""
        return not (self.line1 or self.line2 or self.city or self.postcode)


ADDRESS_FIELDS: tuple[str, ...] = tuple(each.name for each in fields(Address))


WHOLE_ONLY = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
)
THOUSANDTHS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))


def exponent(currency: str) -> int:
    """Return how many decimals a currency's minor unit has (ISO 4217): 0, 2 or 3."""
    return 0 if currency in WHOLE_ONLY else 3 if currency in THOUSANDTHS else 2


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the minor units of one ISO 4217 currency; amounts of two currencies are never added."""

    minor: int
    currency: str

    def digits(self) -> str:
        """Return the amount without its currency, with a decimal point and no grouping: `1000.00`."""
        places = exponent(self.currency)
        whole, part = divmod(abs(self.minor), 10**places)
        return f"{'-' if self.minor < 0 else ''}{whole}" + (f".{part:0{places}}" if places else "")


class Item(NamedTuple):
    """A row a verb is asked to act on, as the person saw it."""

    id: int
    rev: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a verb left one row alone."""

    id: int
    name: str
    """What a person calls the row: an order's number, a batch's number."""
    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """What a verb did."""

    act: int | None
    """The act to undo, or None when nothing was changed."""
    words: str
    done: tuple[int, ...] = ()
    refused: tuple[Refusal, ...] = ()
    made: tuple[int, ...] = ()
    """Ids of rows the verb created, where the caller goes on with them."""
    notes: tuple[str, ...] = field(default=())
    """What the person should know besides: a worker that could not be started, a queue that is paused."""


class LastcallError(Exception):
    """Anything a person can mend; the text says what is wrong and where, and is safe to show.

    LastcallError
     ├── WorkspaceError      the folder, the database or the settings can't be used
     ├── InputError          a file or a value given by the person can't be read
     ├── FilterError         a filter that can't be parsed; has the column
     ├── StaleError          the world has moved on since it was looked at
     └── StoppedError        the person stopped it
    """


class WorkspaceError(LastcallError):
    """The workspace's folder, database or settings can't be used as they are."""


class InputError(LastcallError):
    """A file or a value given by the person can't be read."""


class FilterError(LastcallError):
    """A filter that can't be parsed."""

    def __init__(self, message: str, column: int) -> None:
        """Keep the column (from 0) at which the filter stops making sense."""
        super().__init__(message)
        self.column = column


class StaleError(LastcallError):
    """What was compared or seen has moved on."""


class StoppedError(LastcallError):
    """The person stopped the work; nothing of it was kept."""
