"""The columns of the batch list, and one batch as lines of the detail pane."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from data.desk.overview import WarehouseLine
from data.dispatch.batch_detail import BatchDetail
from data.dispatch.batch_rows import BatchRow, CommandRow
from screens.columns.text import BAD, GOOD, QUIET, WARN, age_cell, count_cell, plain, since
from widgets.cells import fit
from widgets.detail import Section
from widgets.meter import meter_line
from widgets.record_columns import Column

STATE_SIGNS: dict[str, tuple[str, str]] = {
    "draft": ("?", WARN),
    "ready": ("+", GOOD),
    "sending": (">", GOOD),
    "sent": ("w", ""),
    "acknowledged": ("w", ""),
    "complete": ("✓", QUIET),
}


def state_cell(row: BatchRow) -> Content:
    """Return a batch's state as sign and word."""
    sign, style = STATE_SIGNS[row.state]
    return Content.styled(
        f"{sign} {row.state}{' early' if row.early and row.state in ('draft', 'ready') else ''}", style
    )


def trouble_cell(row: BatchRow) -> Content:
    """Return what of a batch waits for somebody."""
    parts = [
        Content.styled(f"{count} {words}", style)
        for count, words, style in (
            (row.person, "for you", BAD),
            (row.doubtful, "doubtful", WARN),
            (row.rejected, "rejected", WARN),
        )
        if count
    ]
    return Content(" ").join(parts)


def progress_cell(row: BatchRow) -> Content:
    """Return how many of its shipments the warehouse has taken."""
    return plain(f"{row.accepted:,}/{row.shipments:,}") if row.state not in ("draft", "ready") else Content("")


def batch_columns(now: datetime) -> tuple[Column, ...]:
    """Return the columns of the batch list."""
    return (
        Column("number", "Batch", 6, lambda row: plain(str(row.number)), right=True),
        Column("warehouse", "Whse", 6, lambda row: plain(row.warehouse)),
        Column("state", "State", 14, state_cell),
        Column("shipments", "Orders", 7, lambda row: count_cell(row.shipments), right=True),
        Column("accepted", "Taken", 11, progress_cell, right=True),
        Column("shipped", "Shipped", 7, lambda row: count_cell(row.shipped), right=True),
        Column("trouble", "Trouble", 12, trouble_cell, grow=1),
        Column("age", "Age", 4, lambda row: age_cell(row.created_at, now), right=True),
        Column("campaign", "Campaign", 10, lambda row: plain(row.campaign)),
    )


def batch_sections(detail: BatchDetail) -> list[Section]:
    """Return a batch's sections: its trouble first."""
    batch = detail.batch
    head = [
        Content.assemble(plain(f"{batch.shipments:,} orders for {batch.warehouse}  "), state_cell(batch)),
    ]
    if batch.state == "draft":
        head.append(Content.styled("a checks it against the warehouse's rules", QUIET))
    elif batch.state == "ready":
        head.append(Content.styled("S sends it", QUIET))
    found = [
        Section(Content(f"Batch {batch.number}"), head),
        Section(Content("Waits for somebody"), [line for each in detail.trouble for line in command_lines(each)]),
        Section(Content("Shipments"), [plain(f"{count:>7,}  {state}") for state, count in detail.states]),
        Section(Content("Pieces"), [plain(f"{count:>7,}  {sku}") for sku, count in detail.units]),
        Section(Content("Countries"), [plain(" · ".join(f"{count:,} {code}" for code, count in detail.countries))]),
    ]
    return [each for each in found if each.lines]


def command_lines(command: CommandRow) -> list[Content]:
    """Return what a person must know of a command that is stuck."""
    style = BAD if command.state == "person" else WARN
    return [
        Content.assemble(
            (f"! {command.state}", style), plain(f"  {command.kind} {command.key}, order {command.number}")
        ),
        plain(f"    {command.reason}", QUIET),
    ]


def warehouse_lines(line: WarehouseLine, now: datetime) -> Sequence[Content]:
    """Return how one warehouse stands: what waits, whether it is stopped, and a bar while its worker sends."""
    facts = [f"asked {since(line.polled_at, now)}" if line.polled_at else "never asked"]
    facts.append(f"{line.waiting:,} allocated" if line.waiting else "nothing allocated")
    if line.planned:
        facts.append(f"{line.planned:,} to send")
    if line.doubtful:
        facts.append(f"{line.doubtful:,} doubtful")
    lines = [Content.assemble(fit(plain(line.code), 8), fit(plain(line.name), 20), "  ", (" · ".join(facts), QUIET))]
    if line.stopped:
        lines.append(Content.styled("        ! sending is stopped: h on one of its batches goes on", WARN))
    if line.problem:
        lines.append(plain(f"        ! {line.problem}", WARN))
    if line.working and line.total and line.done < line.total:
        seconds = line.done / line.rate if line.rate else 0.0
        lines.append(Content("        ") + meter_line(Content("sending"), line.done, line.total, seconds))
    return lines
