"""The tables a warehouse sends back, acknowledgements and tracking: columns by their names, nothing guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from zoneinfo import ZoneInfo

from data.files.columns import Columns
from data.files.read import BadRow, Table, open_tables
from data.model import InputError, ParcelStatus, ShipmentState
from data.portals.layout import ReturnTable
from data.portals.outcomes import RemoteParcel, RemoteState
from data.portals.tracking_words import ALIASES, LISTED, PARCELS, STATES, TRACKED, fold_word
from data.text import has_hidden, visible

ANY_TABLE = ReturnTable("*", ALIASES)
"""How a file is read that the layout says nothing of."""
_SCIENTIFIC = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d+")
_LONGEST = 80


@dataclass(slots=True)
class Tracking:
    """What one file said."""

    states: list[RemoteState] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    header: tuple[str, ...] = ()


def read_tracking(
    path: Path,
    keys_of: Callable[[str, str], tuple[str, ...]],
    kinds: Sequence[ReturnTable] = (),
    zone: str = "UTC",
) -> Tracking:
    """Read a file; `keys_of(key, number)` returns the shipments a row can mean, and a row must mean exactly one.

    The first of `kinds` whose glob fits the file's name says what its columns are; `zone` is the warehouse's time
    zone, in which its dates are read. Several rows of one shipment are several parcels of it. Raises InputError where
    the file as a whole is no such table: it can't be decoded, or has no column for the order, or none for tracking or
    status.
    """
    name = path.name.casefold()
    kind = next((each for each in kinds if fnmatchcase(name, each.glob.casefold())), ANY_TABLE)
    tracking = Tracking()
    rows: dict[str, list[_Row]] = {}
    for table in open_tables([path], kind.encoding):
        at = _positions(table, kind)
        tracking.header = tracking.header or table.header
        for record in table:
            if isinstance(record, BadRow):
                tracking.bad.append(record)
                continue
            row = _Row(*(_cell(record.cells, at[name]) for name in ALIASES))
            keys = keys_of(row.key, row.number)
            if not keys and kind.unknown == "ignore":
                continue
            if problem := row.problem(kind) or _misplaced(row, keys):
                column, reason = problem
                tracking.bad.append(BadRow(table.name, record.line, column, reason, tuple(record.cells)))
            else:
                rows.setdefault(keys[0], []).append(row)
    tracking.states = [_state(kind, key, group, path.name, zone) for key, group in rows.items()]
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

    def problem(self, kind: ReturnTable) -> tuple[str, str] | None:
        """Return the column and the reason for which the row can't be believed."""
        if not self.tracking and not self.status and kind.listed is None:
            return "tracking number", "there is neither a tracking number nor a status"
        if _SCIENTIFIC.fullmatch(self.tracking):
            return (
                "tracking number",
                f"{self.tracking} was a number that a spreadsheet has cut; ask for the file as text",
            )
        if len(self.tracking) > _LONGEST or has_hidden(self.tracking):
            return "tracking number", "it is too long or holds characters that can't be seen"
        return None


def _positions(table: Table, kind: ReturnTable) -> dict[str, int | None]:
    """Return where each column stands; raises InputError where none says what a row is about, or what of it."""
    columns = Columns(table.header)
    at = {name: columns.find(kind.columns.get(name, ())) for name in ALIASES}
    if at["key"] is None and at["number"] is None:
        raise InputError(
            f"{table.name}: has no column for our key or the order's number{_wanted(kind, 'key', 'number')}"
        )
    if at["tracking"] is None and at["status"] is None and kind.listed is None:
        wanted = _wanted(kind, "tracking", "status")
        raise InputError(f"{table.name}: has no column for a tracking number or a status{wanted}")
    return at


def _wanted(kind: ReturnTable, *names: str) -> str:
    """Name the columns that a layout says there are."""
    if kind is ANY_TABLE:
        return ""
    return f" ({', '.join(visible(each) for name in names for each in kind.columns.get(name, ()))})"


def _misplaced(row: _Row, keys: tuple[str, ...]) -> tuple[str, str] | None:
    if not keys:
        return ("key" if row.key else "order number"), "nothing was handed over under it"
    if len(keys) > 1:
        return "order number", f"it stands for {len(keys)} shipments ({', '.join(keys[:5])}): the key is needed"
    return None


def _state(kind: ReturnTable, key: str, rows: list[_Row], file: str, zone: str) -> RemoteState:
    """Bring the rows of one shipment together; the last row with a status says where it stands."""
    raw = next((row.status for row in reversed(rows) if row.status), "")
    state = _meaning(kind, raw)
    if not raw and any(row.tracking for row in rows):
        raw, state = TRACKED, ShipmentState.SHIPPED
    elif not raw:
        raw, state = LISTED, kind.listed
    parcels: dict[str, RemoteParcel] = {}
    for row in rows:
        if row.tracking:
            said = _meaning(kind, row.status)
            parcels[row.tracking] = RemoteParcel(
                carrier=row.carrier,
                tracking_number=row.tracking,
                tracking_url=row.url,
                raw_status=row.status,
                raw_at=row.date,
                status=PARCELS.get(said, ParcelStatus.UNKNOWN) if said else ParcelStatus.UNKNOWN,
            )
    return RemoteState(
        reference=key,
        remote_id=file,
        raw_status=raw,
        status=state,
        parcels=tuple(parcels.values()),
        exceptions=(raw,) if state is ShipmentState.BLOCKED else (),
        held=state is ShipmentState.HELD,
        updated_at=_instant(kind, rows[-1].date, zone),
    )


def _meaning(kind: ReturnTable, raw: str) -> ShipmentState | None:
    word = fold_word(raw)
    return kind.statuses.get(word) or STATES.get(word)


def _instant(kind: ReturnTable, date: str, zone: str) -> str:
    """Return a date as ISO 8601 with the warehouse's offset where the layout says how it is written, else as it is."""
    if not kind.date or not date:
        return date
    try:
        return datetime.strptime(date, kind.date).replace(tzinfo=ZoneInfo(zone)).isoformat()
    except ValueError:
        return date


def _cell(cells: list[str], at: int | None) -> str:
    """Return a cell's text without the apostrophe that spreadsheets put before digits meant as text."""
    return "" if at is None else cells[at].strip().removeprefix("'")
