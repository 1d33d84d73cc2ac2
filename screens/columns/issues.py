"""The columns of the issue queue, and one issue as lines of a detail pane."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from textual.content import Content

from data.clock import Clock, ago, from_text
from data.intake.money import money_text
from data.issues.rows import IssueRow
from data.model import IssueState, Money
from data.text import visible_lines
from screens.columns.text import BAD, GOOD, QUIET, WARN, plain, since
from widgets.detail import Section
from widgets.record_columns import Column

STATE_SIGNS: dict[str, tuple[str, str]] = {
    IssueState.NEW: ("!", BAD),
    IssueState.TRIAGE: ("?", WARN),
    IssueState.WAITING: ("…", QUIET),
    IssueState.RESOLVED: ("✓", GOOD),
    IssueState.CLOSED: ("·", QUIET),
}
_OVER = (IssueState.RESOLVED, IssueState.CLOSED)


def state_words(row: IssueRow) -> str:
    """Say in a sign and a word where an issue stands, whom it waits for, or how it was resolved."""
    sign, _colour = STATE_SIGNS[row.state]
    return f"{sign} {row.waiting_on or row.resolution or row.state}"


def state_cell(row: IssueRow) -> Content:
    """Return where an issue stands."""
    return Content.styled(state_words(row), "dim" if row.state in _OVER else STATE_SIGNS[row.state][1])


def due_cell(row: IssueRow, now: datetime) -> Content:
    """Return the time left, or how far over."""
    if row.state in _OVER:
        return Content("")
    if row.snoozed_until and from_text(row.snoozed_until) > now:
        return Content.styled(f"z {row.snoozed_until[5:10]}", QUIET)
    if not row.due_at:
        return Content("")
    due = from_text(row.due_at)
    if due <= now:
        return Content.styled(f"over {ago(due, now)}", BAD)
    return Content(f"in {ago(now, due)}")


def issue_columns(clock: Clock) -> tuple[Column, ...]:
    """Return the columns of the issue queue; the first seven are what 80 cells have room for."""
    return (
        Column("age", "Age", 4, lambda row: _cell(row, ago(from_text(row.raised_at), clock.now())), right=True),
        Column("state", "State", 11, state_cell),
        Column("type", "Type", 14, lambda row: _cell(row, row.type.replace("_", " "))),
        Column("number", "Order", 7, lambda row: _cell(row, row.order_number)),
        Column("title", "What", 20, lambda row: _cell(row, row.title), grow=3),
        Column("assigned", "Whose", 7, lambda row: _cell(row, row.assigned_to)),
        Column("due", "Due", 8, lambda row: due_cell(row, clock.now())),
        Column("name", "Backer", 14, lambda row: _cell(row, row.name), grow=1),
        Column("country", "To", 2, lambda row: _cell(row, row.country)),
        Column("warehouse", "Whse", 5, lambda row: _cell(row, row.warehouse)),
        Column("tracking", "Tracking", 18, lambda row: _cell(row, row.tracking)),
    )


def issue_sections(
    row: IssueRow, notes: Sequence[tuple[str, str, str]], now: datetime, agreed: str = ""
) -> list[Section]:
    """Return an issue's facts with what is agreed on such, then its notes (instant, user, text), oldest first."""
    head = Content.assemble(f"Issue {row.id}  ", state_cell(row), "  ", plain(row.type.replace("_", " ")))
    facts = [*_facts(row, now), *([plain(agreed, QUIET)] if agreed and row.state not in _OVER else [])]
    found = [Section(head, facts), Section(Content("Notes on it"), list(_notes(notes, now)))]
    return [each for each in found if each.lines]


def _facts(row: IssueRow, now: datetime) -> Iterable[Content]:
    yield plain(row.title, "bold")
    backer = f"{row.name} <{row.email}>" if row.email else row.name
    yield plain(" · ".join(each for each in (f"order {row.order_number}", backer, row.country) if each))
    if row.warehouse or row.tracking:
        yield plain(" · ".join(each for each in (row.warehouse, row.tracking) if each))
    rule = f", rule “{row.rule.replace('_', ' ')}”" if row.rule else ""
    yield plain(f"raised {since(row.raised_at, now)} by {row.raised_by}{rule}")
    yield plain(f"whose: {row.assigned_to}") if row.assigned_to else Content.styled("nobody has taken it", WARN)
    if row.state not in _OVER:
        if row.waiting_on:
            yield plain(f"waits for the {row.waiting_on}")
        if row.snoozed_until and from_text(row.snoozed_until) > now:
            yield plain(f"put away until {row.snoozed_until[:16].replace('T', ' ')} UTC")
        if row.due_at:
            yield Content.assemble(f"due {row.due_at[:16].replace('T', ' ')} UTC  ", due_cell(row, now))
    if row.resolution:
        cost = f" · cost {money_text(Money(row.cost_minor, row.currency))}" if row.cost_minor is not None else ""
        yield plain(f"resolved by {row.resolution} {row.replacement}".rstrip() + cost, GOOD)


def _notes(notes: Sequence[tuple[str, str, str]], now: datetime) -> Iterable[Content]:
    for at, user, text in notes:
        yield plain(f"{since(at, now)}  {user}", QUIET)
        for line in visible_lines(text):
            yield Content(f"  {line}")


def _cell(row: IssueRow, text: str) -> Content:
    """Return foreign text, quiet on an issue that is over."""
    return plain(text, "dim" if row.state in _OVER else "")
