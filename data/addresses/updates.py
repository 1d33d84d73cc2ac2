"""An address-update file, a form's export, turned into changes: read and compared first, then proposed in one act."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from data.addresses.propose import Judged, judge_ahead, propose
from data.addresses.update_columns import find_columns
from data.addresses.update_people import People
from data.addresses.versions import read_address
from data.files.read import BadRow, Record, Table, open_tables
from data.model import Address, AddressSource, StoppedError
from data.store.store import Store
from data.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """What update files came to."""

    act: int | None = None
    rows: int = 0
    """Data rows read, bad ones too."""
    orders: int = 0
    """Orders the rows name."""
    changes: tuple[int, ...] = ()
    """Changes that wait for a decision."""
    no_change: int = 0
    """Changes that closed themselves."""
    first: int = 0
    """Orders that had no address and took theirs at once."""
    repeated: int = 0
    """Orders whose backer had said the same before."""
    replaced: int = 0
    """Orders' earlier rows, passed over because a later one counts."""
    rejected: tuple[BadRow, ...] = ()


@dataclass(slots=True)
class _Reading:
    """What was read so far: the last good row of each order."""

    rows: int = 0
    replaced: int = 0
    last: dict[int, tuple[Address, int | None]] = field(default_factory=dict)
    """Order → the address its last row says, and the version on file it was read against."""
    rejected: list[BadRow] = field(default_factory=list)


def import_updates(
    ws: Workspace,
    paths: Sequence[Path],
    campaign_id: int | None = None,
    *,
    source: AddressSource = AddressSource.BACKER,
    stopped: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> UpdateResult:
    """Read update files and propose what they say, for every open order of the backers they name.

    Where a backer stands in several rows the last one counts. Reading and comparing hold no lock. Raises InputError for
    a file that can't be read, and StoppedError, with nothing written, when `stopped` says so.
    """
    reading = _Reading()
    for table in open_tables(list(paths)):
        _read_table(ws.store, table, reading, campaign_id, stopped)
    judged: dict[int, Judged] = {}
    for number, (order_id, (address, from_id)) in enumerate(reading.last.items()):
        if stopped():
            raise StoppedError("stopped: nothing was proposed")
        judged[order_id] = judge_ahead(read_address(ws.store, from_id), from_id, address)
        progress(number + 1, len(reading.last))
    result = UpdateResult(
        rows=reading.rows,
        orders=len(reading.last),
        replaced=reading.replaced,
        rejected=tuple(sorted(reading.rejected, key=lambda each: (each.file, each.line))),
    )
    return _propose(ws, reading, judged, source, campaign_id, result)


def _read_table(
    store: Store, table: Table, reading: _Reading, campaign_id: int | None, stopped: Callable[[], bool]
) -> None:
    columns = find_columns(table.name, table.header)
    records: list[Record] = []
    for row in table:
        if stopped():
            raise StoppedError("stopped: nothing was proposed")
        reading.rows += 1
        if isinstance(row, BadRow):
            reading.rejected.append(row)
        elif any(cell.strip() for cell in row.cells):
            records.append(row)
        else:
            reading.rows -= 1
    people = People(store, columns.who, records, campaign_id)
    for line, cells in records:
        found = people.find(cells)
        if not found.orders:
            reading.rejected.append(BadRow(table.name, line, found.field, found.reason, tuple(cells)))
            continue
        for order_id in found.orders:
            from_id = store.value("SELECT address_id FROM orders WHERE id = ?", (order_id,))
            address = columns.address(cells, read_address(store, from_id))
            if address is None:
                reading.rejected.append(BadRow(table.name, line, "line1", "has no address", tuple(cells)))
                break
            reading.replaced += order_id in reading.last
            reading.last[order_id] = (address, from_id)


def _propose(
    ws: Workspace,
    reading: _Reading,
    judged: dict[int, Judged],
    source: AddressSource,
    campaign_id: int | None,
    result: UpdateResult,
) -> UpdateResult:
    """Propose every order's address in one act, and count what became of each."""
    waiting: list[int] = []
    no_change = first = 0
    with ws.write("address.import", "import address updates", campaign=campaign_id) as tx:
        for order_id, (address, _from_id) in reading.last.items():
            made = propose(tx, order_id, address, source, judged=judged[order_id])
            if made is None:
                taken = tx.one(
                    "SELECT 1 FROM orders o JOIN journal j ON j.tbl = 'orders' AND j.row_id = o.id AND j.act_id = ?"
                    " WHERE o.id = ?",
                    (tx.act, order_id),
                )
                first += taken is not None
                continue
            state = tx.one("SELECT state FROM changes WHERE id = ?", (made,))
            if state is not None and state[0] == "no_change":
                no_change += 1
            else:
                waiting.append(made)
        tx.words = f"import address updates: {len(waiting)} changes, {no_change} without change"
    return replace(
        result,
        act=tx.act or None,
        changes=tuple(waiting),
        no_change=no_change,
        first=first,
        repeated=len(reading.last) - len(waiting) - no_change - first,
    )
