"""Phase 1 of an import: read, check, compare and stage, without holding the workspace's lock; can be stopped."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from data.addresses.countries import country_code
from data.files.read import BadRow, Record, Table, open_tables
from data.intake.baskets import Baskets, UnknownName
from data.intake.format import Format, load_formats
from data.intake.mended import mended
from data.intake.on_file import Head, OnFile
from data.intake.read import RowReader
from data.intake.recognise import Recognition, by_id, recognise
from data.intake.record import Context
from data.intake.stager import Stager
from data.intake.staging import Staging
from data.model import InputError, StoppedError
from data.orders.campaigns import Campaign
from data.stock.items import NameMap
from data.store.workspace import Workspace

_EVERY = 1_000
"""Rows between two looks at whether to stop."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is."""

    step: str
    """reading, waiting, merging"""
    rows: int
    done: float
    """0 to 1."""
    words: str = ""


Report = Callable[[Progress], None]
Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class FileRead:
    """One table as the record of the import names it."""

    name: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Staged:
    """What phase 1 found; the rows themselves are in the staging file."""

    path: Path
    campaign: Campaign | None
    """None when the merge is to make it."""
    format: str
    platform: str
    reason: str
    """Why it was recognised as this format."""
    currency: str
    """The campaign's, or what most amounts of the files are in."""
    tables: tuple[Table, ...]
    files: tuple[FileRead, ...]
    head: Head
    counts: dict[str, int]
    """How many orders, backers, lines ... are staged."""
    rows: int
    updated: int
    unchanged: int
    changes: int
    rejected: int
    hidden: int
    """Rows read that have characters a person would not see."""
    unknown_names: tuple[UnknownName, ...]

    @property
    def created(self) -> int:
        """How many orders the merge makes."""
        return self.counts["orders"]

    @property
    def nothing(self) -> bool:
        """Tell whether the merge would write nothing."""
        return not self.counts["orders"] and not self.counts["known"]


def recognise_tables(ws: Workspace, tables: Sequence[Table], name: str | None = None) -> Recognition:
    """Find the one format of all tables, or take the one named; raises InputError naming the file that does not fit."""
    formats = load_formats(ws.path("formats"))
    found: Recognition | None = None
    for table in tables:
        try:
            each = by_id(formats, name, table.header) if name else recognise(table.header, formats)
        except InputError as error:
            raise InputError(f"{table.name}: {error}") from error
        if found is not None and each.format.id != found.format.id:
            raise InputError(
                f"{table.name} is a {each.format.name}, {tables[0].name} a {found.format.name}: import them one by one"
            )
        found = found or each
    if found is None:
        raise InputError("there is nothing to read: every file is empty")
    return found


def read_files(
    ws: Workspace,
    staging: Staging,
    paths: Sequence[Path],
    campaign: Campaign | None,
    *,
    format_name: str | None = None,
    encoding: str | None = None,
    maps: Sequence[NameMap] = (),
    make_skus: bool = False,
    report: Report | None = None,
    stopped: Stopped | None = None,
) -> Staged:
    """Read files into `staging`, compared with what is on file.

    Raises InputError for a file that can't be read or recognised, StoppedError once `stopped()` says so.
    """
    tables = [mended(each) for each in open_tables(list(paths), encoding)]
    recognised = recognise_tables(ws, tables, format_name)
    shape = recognised.format
    campaign_id = campaign.id if campaign else None
    currency = campaign.currency if campaign else _guess_currency(tables, shape)
    zone = ZoneInfo(campaign.time_zone if campaign else "UTC")
    on_file = OnFile(ws.store, campaign_id, shape.platform)
    baskets = Baskets(ws.store, staging, campaign_id, maps=maps, make_skus=make_skus)
    stager = Stager(ws.store, staging, on_file, baskets, currency)
    context = Context(currency, zone, country_code)
    lines = sum(table.lines for table in tables) or 1
    files: list[FileRead] = []
    before = 0
    for number, table in enumerate(tables):
        start = stager.rows
        _read_table(table, number, shape, context, stager, _Watch(before, lines, report, stopped))
        before += table.lines
        files.append(FileRead(table.name, _sha256(table), stager.rows - start))
    stager.finish()
    updated, changes = staging.db.execute(
        "SELECT coalesce(sum(updated), 0), coalesce(sum(changed), 0) FROM known"
    ).fetchone()
    return Staged(
        path=staging.path,
        campaign=campaign,
        format=shape.id,
        platform=shape.platform,
        reason=recognised.reason,
        currency=currency,
        tables=tuple(tables),
        files=tuple(files),
        head=on_file.head,
        counts={**stager.counts, **baskets.counts},
        rows=stager.rows,
        updated=updated,
        unchanged=stager.unchanged,
        changes=changes,
        rejected=stager.rejected,
        hidden=stager.hidden,
        unknown_names=tuple(baskets.unknown_names()),
    )


@dataclass(slots=True)
class _Watch:
    """Reports on the reading and stops it."""

    before: int
    lines: int
    report: Report | None
    stopped: Stopped | None

    def look(self, rows: int, line: int) -> None:
        """Report, and raise StoppedError when the person wants no more."""
        if self.stopped is not None and self.stopped():
            raise StoppedError("stopped: nothing was imported")
        if self.report is not None:
            self.report(Progress("reading", rows, min((self.before + line) / self.lines, 1.0)))


def _read_table(table: Table, number: int, shape: Format, context: Context, stager: Stager, watch: _Watch) -> None:
    """Stage every row of one table."""
    reader = RowReader(table, shape, context)
    countdown = 0
    known = stager.compares
    for row in table:
        if not countdown:
            watch.look(stager.rows, row.line)
            countdown = _EVERY
        countdown -= 1
        if known and isinstance(row, Record) and stager.passed(reader.row_hash(row), number, row.line):
            continue
        found = reader.read(row) if isinstance(row, Record) else row
        if isinstance(found, BadRow):
            stager.reject(found, number)
        else:
            stager.add(found, number)
    watch.look(stager.rows, table.lines)


def _guess_currency(tables: Sequence[Table], shape: Format) -> str:
    """Return the currency most amounts at the beginning of the files are in; US dollars where none says its own."""
    context = Context("USD", ZoneInfo("UTC"), country_code)
    seen: Counter[str] = Counter()
    for table in tables:
        reader = RowReader(table, shape, context)
        for row in table.head(50):
            found = reader.read(row)
            if not isinstance(found, BadRow) and found.amount is not None:
                seen[found.amount.currency] += 1
    return seen.most_common(1)[0][0] if seen else "USD"


def _sha256(table: Table) -> str:
    """Return the hash of a table's bytes, by which a person can tell files apart."""
    with table.source.open() as stream:
        digest = hashlib.sha256()
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
