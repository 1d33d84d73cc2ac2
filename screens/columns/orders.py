"""The columns of the order list."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from data.orders.rows import OrderRow
from screens.columns.text import BAD, HOLD_LETTERS, QUIET, WARN, count_cell, plain, stage_cell
from widgets.record_columns import Column


def flags_cell(row: OrderRow) -> Content:
    """Return what lies over the stage: holds by letter, `L` locked, `late`, an open change `~`, open issues `!`.

    `=2` is merged, two orders in a parcel; `D?` may be somebody's twice.
    """
    parts: list[Content | str] = []
    if row.holds:
        parts.append(Content.styled("H:" + "".join(HOLD_LETTERS.get(each, "?") for each in row.holds), WARN))
    if row.cancel_asked:
        parts.append(Content.styled("×?", WARN))
    if row.issues:
        parts.append(Content.styled(f"!{row.issues}", BAD))
    if row.changes:
        parts.append(Content.styled("~", WARN))
    if row.merged:
        parts.append(Content(f"={row.merged}"))
    if row.duplicate:
        parts.append(Content.styled("D?", WARN))
    if row.priority:
        parts.append(Content.styled("^", WARN))
    if row.late:
        parts.append(Content("late"))
    if row.locked:
        parts.append(Content.styled("L", QUIET))
    return Content(" ").join(parts)


def lines_cell(row: OrderRow) -> Content:
    """Return what is promised, shortest first words: `2 DICE-2, CORE`; an unmapped name stands in question marks."""
    parts: list[str] = []
    for line in row.lines:
        name = line.sku or f"?{line.name}?"
        parts.append(name if line.quantity == 1 else f"{line.quantity} {name}")
    return plain(", ".join(parts))


def kind_sign(row: OrderRow) -> str:
    """Return the sign before an order's number: `R` replacement, `S` store; a pledge has none."""
    return {"replacement": "R ", "store": "S "}.get(row.kind, "")


def order_columns(now: datetime) -> tuple[Column, ...]:
    """Return every column of the order list; the first ones are what 80 cells have room for."""
    return (
        Column("number", "Number", 8, lambda row: plain(row.number)),
        Column("name", "Name", 16, lambda row: plain(row.name), grow=2),
        Column("country", "To", 2, lambda row: plain(row.country)),
        Column("stage", "Stage", 14, lambda row: stage_cell(row.stage)),
        Column("flags", "Flags", 12, flags_cell),
        Column("lines", "Items", 14, lines_cell, grow=3),
        Column("warehouse", "Whse", 5, lambda row: plain(row.warehouse)),
        Column("batch", "Batch", 5, lambda row: plain(", ".join(map(str, row.batches))), right=True),
        Column("tracking", "Tracking", 18, lambda row: plain(", ".join(row.tracking))),
        Column("city", "City", 16, lambda row: plain(row.address.city)),
        Column("postcode", "Postcode", 9, lambda row: plain(row.address.postcode)),
        Column("email", "E-mail", 24, lambda row: plain(row.email)),
        Column("tier", "Tier", 20, lambda row: plain(row.tier)),
        Column("units", "Units", 5, lambda row: count_cell(row.units), right=True),
        Column("ordered", "Ordered", 10, lambda row: plain((row.ordered_at or "")[:10])),
    )
