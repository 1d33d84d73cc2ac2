"""The columns of the issue queue."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from data.clock import ago, from_text
from data.issues.rows import IssueRow
from screens.columns.text import BAD, GOOD, QUIET, WARN, age_cell, plain
from widgets.record_columns import Column

STATE_SIGNS: dict[str, tuple[str, str]] = {
    "new": ("!", BAD),
    "triage": ("?", WARN),
    "waiting": ("…", QUIET),
    "resolved": ("✓", GOOD),
    "closed": ("·", QUIET),
}


def state_cell(row: IssueRow) -> Content:
    """Return where an issue stands, with whom it waits for."""
    sign, style = STATE_SIGNS[row.state]
    words = f"{sign} {row.waiting_on or row.resolution or row.state}"
    return Content.styled(words, style)


def due_cell(row: IssueRow, now: datetime) -> Content:
    """Return the time left, or how far over."""
    if row.snoozed_until:
        return Content.styled(f"z {row.snoozed_until[5:10]}", QUIET)
    if not row.due_at:
        return Content("")
    due = from_text(row.due_at)
    if due < now:
        return Content.styled(f"over {ago(due, now)}", BAD)
    return Content(f"in {ago(now, due)}")


def issue_columns(now: datetime) -> tuple[Column, ...]:
    """Return the columns of the issue queue."""
    return (
        Column("age", "Age", 4, lambda row: age_cell(row.raised_at, now), right=True),
        Column("state", "State", 12, state_cell),
        Column("type", "Type", 13, lambda row: plain(row.type.replace("_", " "))),
        Column("number", "Order", 9, lambda row: plain(row.order_number)),
        Column("title", "What", 20, lambda row: plain(row.title), grow=3),
        Column("name", "Backer", 12, lambda row: plain(row.name), grow=1),
        Column("country", "To", 2, lambda row: plain(row.country)),
        Column("assigned", "Whose", 8, lambda row: plain(row.assigned_to)),
        Column("due", "Due", 9, lambda row: due_cell(row, now)),
        Column("warehouse", "Whse", 5, lambda row: plain(row.warehouse)),
        Column("tracking", "Tracking", 18, lambda row: plain(row.tracking)),
    )
