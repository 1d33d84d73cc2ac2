"""`lastcall issues` and `lastcall issue`: the list by age, one issue, and the verbs on issues."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from console.commands.issue_verbs import note, raise_command, reopen, resolve, snooze, take, wait
from console.options import campaign_id, campaign_option, filter_option, limit_option
from console.output import json_option, print_json, print_json_list, print_table
from console.session import Session, pass_session
from data.text import visible, visible_lines

if TYPE_CHECKING:
    from data.issues.rows import IssueRow, IssueRows

_PAGE = 500
_TITLES = ("Issue", "Raised", "Type", "State", "Whose", "Order", "Name", "Title")


@click.command("issues")
@filter_option
@click.option("--sort", default="age", show_default=True, help="age, due, type, state, assigned, name, country.")
@click.option("--reverse", is_flag=True, help="The other way round.")
@limit_option
@campaign_option
@json_option
@pass_session
def issues(
    session: Session, text: str, sort: str, reverse: bool, limit: int | None, campaign: str | None, as_json: bool
) -> None:
    """List issues, the oldest first: the open ones that are not snoozed, unless the filter says otherwise.

    A filter is words to search in the order and fields: state (or open), type, waiting, resolution, assigned, title,
    country, warehouse, snoozed, raised, due.
    """
    from data.issues.rows import SORTS, IssueRows
    from data.model import InputError

    if sort not in SORTS:
        raise InputError(f"issues can't be sorted by {sort}: choose {', '.join(SORTS)}")
    ws = session.open()
    source = IssueRows(ws.store, text, sort, reverse, campaign_id(ws, campaign))
    ids = source.ids(lambda: False) if limit is None else source.first(limit)
    rows = _pages(source, ids)
    if as_json:
        print_json_list(dataclasses.asdict(row) for row in rows)
    else:
        print_table(_TITLES, (_cells(row) for row in rows))


@click.command("show")
@click.argument("number", metavar="ISSUE")
@json_option
@pass_session
def show(session: Session, number: str, as_json: bool) -> None:
    """Show one issue with its notes."""
    from data.issues.agreed import issue_agreed
    from data.issues.find import find_issues
    from data.issues.rows import issue_notes, issue_rows

    ws = session.open()
    issue = find_issues(ws.store, [number])[0].id
    row, notes = issue_rows(ws.store, [issue])[issue], issue_notes(ws.store, issue)
    agreed = issue_agreed(ws.policy, row)
    if as_json:
        told = [dict(zip(("at", "user", "text"), each, strict=True)) for each in notes]
        print_json(dataclasses.asdict(row) | {"agreed": agreed, "notes": told})
        return
    said = {
        "issue": f"{row.id} {row.title}",
        "order": f"{row.order_number} {row.name} <{row.email}> {row.country}",
        "type": row.type,
        "state": f"{row.state} {row.waiting_on}".strip(),
        "whose": row.assigned_to,
        "raised": f"{row.raised_at}{f' by {row.rule}' if row.rule else ''}",
        "snoozed": row.snoozed_until or "",
        "parcel": f"{row.warehouse} {row.tracking}".strip(),
        "resolved": f"{row.resolution} {row.replacement}".strip(),
        "agreed": agreed,
    }
    for name, words in said.items():
        if words:
            click.echo(f"{name:<9}{visible(words)}")
    for at, user, text in notes:
        click.echo(f"{at} {visible(user)}")
        for line in visible_lines(text):
            click.echo(f"  {line}")


@click.group("issue")
def issue() -> None:
    """Raise, take, snooze, resolve issues; an issue is named by its number."""


for _command in (show, raise_command, take, wait, snooze, note, resolve, reopen):
    issue.add_command(_command)


def _pages(source: IssueRows, ids: Sequence[int]) -> Iterator[IssueRow]:
    """Yield the rows of ids, reading a page at a time."""
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        found = source.rows(page)
        yield from (found[each] for each in page if each in found)


def _cells(row: IssueRow) -> tuple[object, ...]:
    state = f"{row.state}: {row.waiting_on}" if row.waiting_on else row.state
    return row.id, row.raised_at[:10], row.type, state, row.assigned_to, row.order_number, row.name, row.title
