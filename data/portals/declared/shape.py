"""What a portal's TOML file says once it is read: requests, what their replies mean, and where in them values stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from data.model import ParcelStatus, ShipmentState
from data.portals.declared.expression import Expression
from data.portals.declared.keys import Tree
from data.portals.declared.template import Template
from data.portals.protocol import Idem, Lookup


class AuthKind(StrEnum):
    """How a request shows that it may."""

    HEADER = "header"
    BEARER = "bearer"
    BASIC = "basic"
    LOGIN = "login"


class Paging(StrEnum):
    """How a listing goes on."""

    PAGE = "page"
    """Numbered pages; a page that is not full is the last."""
    TOKEN = "token"
    """The reply has a token for the next page, and none on the last."""
    CURSOR = "cursor"
    """The reply has a cursor that is good for ever; whether more is there at once, it says too."""
    SINCE = "since"
    """Sorted by the instant of the last change: the next page begins at the last row's."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request: how it is written."""

    method: str
    path: Template
    query: tuple[tuple[str, Template], ...] = ()
    body: Tree | None = None
    lines_at: tuple[str, ...] = ()
    """Where in the body the list of lines stands; nowhere where it has none."""
    line: Tree | None = None
    writes: bool = False
    """It changes something over there, whatever its method."""
    headers: tuple[tuple[str, Template], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a reply means: conditions on `{status, body, key, id}`."""

    ok: Expression
    refused: Expression
    """Documented to mean that nothing was done."""
    too_late: Expression | None = None
    duplicate: Expression | None = None
    missing: Expression | None = None
    """There is no such thing over there."""
    words: Expression | None = None
    """Where the portal's own words stand."""
    fields: Expression | None = None
    """A list of objects with `field` and `message`."""


@dataclass(frozen=True, slots=True)
class Creation:
    """A request that makes something over there: a push, an announcement."""

    request: Request
    verdicts: Verdicts
    ids: Expression
    reference: Expression | None
    """Where the reply names our key; where it does not, every push is looked up."""
    updated: Expression | None = None
    """The reply says that it was put over what was there."""


@dataclass(frozen=True, slots=True)
class Change:
    """A request that changes an order over there: an amendment, a cancel, a hold, a release."""

    request: Request
    verdicts: Verdicts
    before: ShipmentState | None
    over_last: bool = False
    """Its body is put over the one the warehouse last accepted."""
    without: tuple[str, ...] = ()
    """Keys of that body which are left out."""


@dataclass(frozen=True, slots=True)
class Pages:
    """How a listing is paged."""

    kind: Paging
    limit: int
    first: int = 1
    next: Expression | None = None
    more: Expression | None = None
    initial: str = ""
    """Where the first round begins."""
    overlap: float = 0.0
    """Seconds that every round reads again."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A request that reads rows."""

    request: Request
    verdicts: Verdicts
    rows: Expression
    detail: bool = False
    """A row has not all: each order of ours in it is shown by itself."""
    pages: Pages | None = None


@dataclass(frozen=True, slots=True)
class Show:
    """A request that shows one order by the warehouse's id, and those that add parts to it."""

    request: Request
    verdicts: Verdicts
    order: Expression
    also: tuple[tuple[str, Request], ...] = ()
    """Under which key of the order the reply of which other request is put."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Where lines stand, and what of one where."""

    rows: Expression
    sku: Expression
    quantity: Expression


@dataclass(frozen=True, slots=True)
class Parcels:
    """Where parcels stand, and what of one where."""

    rows: Expression
    carrier: Expression
    tracking_number: Expression
    tracking_url: Expression
    status: Expression
    at: Expression


@dataclass(frozen=True, slots=True)
class Reading:
    """Where in an order its parts stand."""

    reference: Expression
    id: Expression
    status: Expression
    address: Mapping[str, Expression]
    """By the fields of an address."""
    lines: Lines
    parcels: Parcels | None
    exceptions: Expression | None
    held: Expression | None
    """Without it, an order is held when its status says so."""
    updated_at: Expression | None


@dataclass(frozen=True, slots=True)
class Sent:
    """Where in our own bodies the same stands: what was asked is compared with what is held."""

    reference: Expression
    address: Mapping[str, Expression]
    lines: Lines


@dataclass(frozen=True, slots=True)
class StatusTable:
    """A listing in which the warehouse names the statuses that its orders have as ids."""

    listing: Listing
    id: Expression
    name: Expression


@dataclass(frozen=True, slots=True)
class Statuses:
    """What the warehouse's words for states are in ours; compared without case."""

    states: Mapping[str, ShipmentState]
    default: ShipmentState | None
    """Of a word that is not there; None keeps the word and says nothing."""
    parcels: Mapping[str, ParcelStatus]
    table: StatusTable | None


@dataclass(frozen=True, slots=True)
class Stock:
    """How stock is read."""

    listing: Listing
    sku: Expression
    on_hand: Expression
    available: Expression


@dataclass(frozen=True, slots=True)
class Telling:
    """How something is announced, and looked up again."""

    create: Creation
    find: Listing
    reference: Expression
    id: Expression
    status: Expression
    lines: Lines
    sent: Lines
    """Of our own body."""


@dataclass(frozen=True, slots=True)
class Auth:
    """How requests are let in."""

    kind: AuthKind
    header: str
    prefix: str
    login: Request | None = None
    token: Expression | None = None
    seconds: float = 3600.0
    """How long a token is good, where the reply does not say."""
    seconds_in: Expression | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A value that a warehouse's `options` may set."""

    words: str
    default: str | None
    """None: it must be set."""
    example: str
    """What stands for it when the file is tried."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How the portal must be treated."""

    per_minute: int
    concurrency: int
    deadline: float
    max_lag: float
    key_max: int


@dataclass(frozen=True, slots=True)
class Spec:
    """One portal."""

    name: str
    title: str
    url: str
    idem: Idem
    lookup: Lookup
    options: Mapping[str, Option]
    limits: Limits
    auth: Auth
    order: Reading
    sent: Sent
    statuses: Statuses
    push: Creation
    find: Listing
    show: Show | None
    amend: Change | None
    cancel: Change | None
    hold: Change | None
    release: Change | None
    poll: Listing
    stock: Stock | None
    announce: Telling | None
    returns: Telling | None
