"""The columns of the batch list, and how the warehouses over it stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from data.desk.overview import WarehouseLine
from data.dispatch.batch_rows import BatchRow
from screens.columns.text import BAD, GOOD, QUIET, WARN, age_cell, count_cell, plain, since
from widgets.cells import fit
from widgets.meter import meter_line
from widgets.record_columns import Column

_NAMED = 3
"""SKUs named where a warehouse is short of them."""

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
    """Return how much of what it was asked for the warehouse has taken."""
    return plain(f"{row.accepted:,}/{row.asked:,}") if row.state not in ("draft", "ready") else Content("")


def batch_columns(now: datetime) -> tuple[Column, ...]:
    """Return the columns of the batch list."""
    return (
        Column("number", "Batch", 6, lambda row: plain(str(row.number)), right=True),
        Column("warehouse", "Whse", 6, lambda row: plain(row.warehouse)),
        Column("state", "State", 14, state_cell),
        Column("shipments", "Orders", 7, lambda row: count_cell(row.size), right=True),
        Column("accepted", "Taken", 11, progress_cell, right=True),
        Column("shipped", "Shipped", 7, lambda row: count_cell(row.shipped), right=True),
        Column("trouble", "Trouble", 12, trouble_cell, grow=1),
        Column("age", "Age", 4, lambda row: age_cell(row.created_at, now), right=True),
        Column("campaign", "Campaign", 10, lambda row: plain(row.campaign)),
    )


def warehouse_lines(line: WarehouseLine, now: datetime) -> Sequence[Content]:
    """Return how one warehouse stands: what waits, whether it is stopped, and a bar while its worker sends."""
    facts = [f"asked {since(line.polled_at, now)}" if line.polled_at else "never asked"]
    facts.append(f"{line.waiting:,} allocated" if line.waiting else "nothing allocated")
    if line.planned - line.corrections:
        facts.append(f"{line.planned - line.corrections:,} going out")
    if line.doubtful:
        facts.append(f"{line.doubtful:,} doubtful")
    lines = [Content.assemble(fit(plain(line.code), 8), fit(plain(line.name), 20), "  ", (" · ".join(facts), QUIET))]
    lines += _stock_line(line)
    if line.stopped:
        lines.append(Content.styled("        ! sending is stopped: h on one of its batches goes on", WARN))
    if line.problem:
        lines.append(plain(f"        ! {line.problem}", WARN))
    if line.working and line.total and line.done < line.total:
        seconds = line.done / line.rate if line.rate else 0.0
        lines.append(Content("        ") + meter_line(Content("sending"), line.done, line.total, seconds))
    return lines


def _stock_line(line: WarehouseLine) -> list[Content]:
    """Say what is on its shelves, what of it is promised twice, and what waits for a batch; one line at most."""
    facts = [f"stock: {line.on_hand:,} on hand, {line.available:,} free"] if line.on_hand or line.short else []
    if line.drafts:
        facts.append(f"{line.drafts:,} {'batch' if line.drafts == 1 else 'batches'} to send")
    if line.corrections:
        facts.append(f"{line.corrections:,} corrections for a delta")
    short = _short(line.short)
    return [Content.assemble((f"        {' · '.join(facts)}", QUIET), *short)] if facts or short else []


def _short(skus: Sequence[str]) -> list[Content]:
    """Name what more is promised of than there is."""
    if not skus:
        return []
    more = f" and {len(skus) - _NAMED} more" if len(skus) > _NAMED else ""
    return [plain(f"  ! short of {', '.join(skus[:_NAMED])}{more}", WARN)]
