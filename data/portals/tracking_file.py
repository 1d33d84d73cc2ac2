"""The table of tracking numbers a warehouse sends back: columns by any of their names, nothing guessed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from data.files.columns import Columns
from data.files.read import BadRow, open_tables
from data.model import InputError, ParcelStatus, ShipmentState
from data.portals.outcomes import RemoteParcel, RemoteState
from data.text import has_hidden

ALIASES: dict[str, tuple[str, ...]] = {
    "key": ("key", "order key", "shipment key", "reference", "your reference", "order id", "order reference"),
    "number": ("order number", "order no", "order no.", "order #", "order"),
    "tracking": ("tracking number", "tracking no", "tracking no.", "tracking #", "tracking code", "tracking"),
    "carrier": ("carrier", "courier", "shipping carrier", "carrier name", "shipped via"),
    "date": ("date", "ship date", "shipped date", "shipped at", "dispatch date", "despatch date", "date shipped"),
    "status": ("status", "order status", "shipping status", "shipment status"),
    "url": ("tracking url", "tracking link"),
}

_WORDS: dict[ShipmentState, tuple[str, ...]] = {
    ShipmentState.ACCEPTED: ("accepted", "received", "processing", "open", "new"),
    ShipmentState.HELD: ("on hold", "held", "hold"),
    ShipmentState.BLOCKED: ("backorder", "backordered", "out of stock", "address problem", "exception"),
    ShipmentState.PICKING: ("picking", "picked"),
    ShipmentState.PACKED: ("packed", "label created", "ready to ship"),
    ShipmentState.PART_SHIPPED: ("part shipped", "partially shipped", "partly shipped"),
    ShipmentState.SHIPPED: ("shipped", "dispatched", "despatched", "sent", "in transit", "fulfilled"),
    ShipmentState.DELIVERED: ("delivered",),
    ShipmentState.RETURNED: ("returned", "returned to sender", "rts"),
    ShipmentState.CANCELLED: ("cancelled", "canceled"),
}
STATES: dict[str, ShipmentState] = {word: state for state, words in _WORDS.items() for word in words}
_PARCELS = {
    ShipmentState.PACKED: ParcelStatus.PRE_TRANSIT,
    ShipmentState.SHIPPED: ParcelStatus.IN_TRANSIT,
    ShipmentState.PART_SHIPPED: ParcelStatus.IN_TRANSIT,
    ShipmentState.DELIVERED: ParcelStatus.DELIVERED,
    ShipmentState.RETURNED: ParcelStatus.RETURN_TO_SENDER,
    ShipmentState.CANCELLED: ParcelStatus.CANCELLED,
}
_SCIENTIFIC = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d+")
_LONGEST = 80


@dataclass(slots=True)
class Tracking:
    """What one file said."""

    states: list[RemoteState] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    header: tuple[str, ...] = ()


def read_tracking(path: Path, keys_of: Callable[[str, str], tuple[str, ...]]) -> Tracking:
    """Read a file; `keys_of(key, number)` returns the shipments a row can mean, and a row must mean exactly one.

    Several rows of one shipment are several parcels of it. Raises InputError where the file as a whole is no such
    table: it can't be decoded, or has no column for the order, or none for tracking or status.
    """
    tracking = Tracking()
    rows: dict[str, list[_Row]] = {}
    for table in open_tables([path]):
        columns = Columns(table.header)
        at = {name: columns.find(aliases) for name, aliases in ALIASES.items()}
        if at["key"] is None and at["number"] is None:
            raise InputError(f"{table.name}: has no column for our key or the order's number")
        if at["tracking"] is None and at["status"] is None:
            raise InputError(f"{table.name}: has no column for a tracking number or a status")
        tracking.header = tracking.header or table.header
        for record in table:
            if isinstance(record, BadRow):
                tracking.bad.append(record)
                continue
            row = _Row(*(_cell(record.cells, at[name]) for name in ALIASES))
            keys = keys_of(row.key, row.number)
            if problem := row.problem() or _misplaced(row, keys):
                column, reason = problem
                tracking.bad.append(BadRow(table.name, record.line, column, reason, tuple(record.cells)))
            else:
                rows.setdefault(keys[0], []).append(row)
    tracking.states = [_state(key, group, path.name) for key, group in rows.items()]
    return tracking


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of one row that mean something, in the order of `ALIASES`."""

    key: str
    number: str
    tracking: str
    carrier: str
    date: str
    status: str
    url: str

    def problem(self) -> tuple[str, str] | None:
        """Return the column and the reason for which the row can't be believed."""
        if not self.tracking and not self.status:
            return "tracking number", "there is neither a tracking number nor a status"
        if _SCIENTIFIC.fullmatch(self.tracking):
            return (
                "tracking number",
                f"{self.tracking} was a number that a spreadsheet has cut; ask for the file as text",
            )
        if len(self.tracking) > _LONGEST or has_hidden(self.tracking):
            return "tracking number", "it is too long or holds characters that can't be seen"
        return None


def _misplaced(row: _Row, keys: tuple[str, ...]) -> tuple[str, str] | None:
    if not keys:
        return ("key" if row.key else "order number"), "nothing was handed over under it"
    if len(keys) > 1:
        return "order number", f"it stands for {len(keys)} shipments ({', '.join(keys[:5])}): the key is needed"
    return None


def _state(key: str, rows: list[_Row], file: str) -> RemoteState:
    """Bring the rows of one shipment together; the last row with a status says where it stands."""
    raw = next((row.status for row in reversed(rows) if row.status), "")
    state = STATES.get(_word(raw)) if raw else ShipmentState.SHIPPED
    parcels: dict[str, RemoteParcel] = {}
    for row in rows:
        if row.tracking:
            said = STATES.get(_word(row.status))
            parcels[row.tracking] = RemoteParcel(
                carrier=row.carrier,
                tracking_number=row.tracking,
                tracking_url=row.url,
                raw_status=row.status,
                raw_at=row.date,
                status=_PARCELS.get(said, ParcelStatus.UNKNOWN) if said else ParcelStatus.UNKNOWN,
            )
    return RemoteState(
        reference=key,
        remote_id=file,
        raw_status=raw,
        status=state,
        parcels=tuple(parcels.values()),
        exceptions=(raw,) if state is ShipmentState.BLOCKED else (),
        held=state is ShipmentState.HELD,
        updated_at=rows[-1].date,
    )


def _word(raw: str) -> str:
    return " ".join(raw.replace("_", " ").replace("-", " ").casefold().split())


def _cell(cells: list[str], at: int | None) -> str:
    """Return a cell's text without the apostrophe that spreadsheets put before digits meant as text."""
    return "" if at is None else cells[at].strip().removeprefix("'")
