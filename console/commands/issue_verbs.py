"""The verbs on issues: each names issues by number, or takes all of a filter, and calls one function of `data`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from console.options import campaign_id, campaign_option, chosen_options, chosen_orders
from console.output import finish, json_option
from console.session import Session, pass_session
from data.model import IssueType

if TYPE_CHECKING:
    from data.model import Item
    from data.store.workspace import Workspace

_chosen = chosen_options("issue")


def _issues(ws: Workspace, words: tuple[str, ...], text: str, campaign: str | None) -> list[Item]:
    """Return the issues a person names, or all of a filter; raises InputError where both or neither are given."""
    from data.issues.find import filtered_issues, find_issues
    from data.model import InputError

    if bool(words) == bool(text):
        raise InputError("name issues by number or give --filter, one of the two")
    return find_issues(ws.store, words) if words else filtered_issues(ws.store, text, campaign_id(ws, campaign))


@click.command("raise")
@click.argument("words", nargs=-1, metavar="[ORDER]...")
@click.option("--filter", "text", default="", help="All orders of this filter, instead of naming them.")
@click.option(
    "--type", "kind", type=click.Choice([each.value for each in IssueType]), required=True, help="What went wrong."
)
@click.option("--title", required=True, help="What is wrong, in a few words.")
@click.option("--note", "note_text", default="", help="What the others should know.")
@campaign_option
@json_option
@pass_session
def raise_command(
    session: Session,
    words: tuple[str, ...],
    text: str,
    kind: str,
    title: str,
    note_text: str,
    campaign: str | None,
    as_json: bool,
) -> None:
    """Raise an issue about each ORDER: a number, #id, e-mail address, shipment key or tracking number."""
    from data.issues.verbs import raise_issue

    ws = session.open()
    orders = chosen_orders(ws, words, text, campaign)
    done = raise_issue(ws, orders, IssueType(kind), title, note_text)
    finish(done, as_json, {"issues": list(done.made)})


@click.command("take")
@_chosen
@click.option("--for", "user", help="Somebody else's login; an empty one gives it back.")
@pass_session
def take(
    session: Session, words: tuple[str, ...], text: str, campaign: str | None, as_json: bool, user: str | None
) -> None:
    """Make issues yours, or somebody's."""
    from data.issues.verbs import take as take_issues

    ws = session.open()
    finish(take_issues(ws, _issues(ws, words, text, campaign), user), as_json)


@click.command("wait")
@_chosen
@click.option(
    "--for",
    "on",
    type=click.Choice(["backer", "warehouse", "carrier", "nobody"]),
    required=True,
    help="Who has to act; nobody brings it back to triage.",
)
@pass_session
def wait(session: Session, words: tuple[str, ...], text: str, campaign: str | None, as_json: bool, on: str) -> None:
    """Say who issues wait for."""
    from data.issues.verbs import wait as wait_for

    ws = session.open()
    finish(wait_for(ws, _issues(ws, words, text, campaign), "" if on == "nobody" else on), as_json)


@click.command("snooze")
@_chosen
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day it comes back (in the campaign's zone).")
@click.option("--wake", is_flag=True, help="Bring it back at once.")
@pass_session
def snooze(
    session: Session,
    words: tuple[str, ...],
    text: str,
    campaign: str | None,
    as_json: bool,
    until: datetime | None,
    wake: bool,
) -> None:
    """Put issues away until a day."""
    from data.issues.verbs import snooze as snooze_issues
    from data.model import InputError
    from data.orders.conditions import context_of

    if (until is None) != wake:
        raise InputError("give --until DAY or --wake, one of the two")
    ws = session.open()
    zone = context_of(ws.store, campaign_id(ws, campaign)).zone
    issues = _issues(ws, words, text, campaign)
    finish(snooze_issues(ws, issues, until.replace(tzinfo=zone) if until else None), as_json)


@click.command("note")
@_chosen
@click.option("--text", "note_text", required=True, help="What the others should know.")
@pass_session
def note(
    session: Session, words: tuple[str, ...], text: str, campaign: str | None, as_json: bool, note_text: str
) -> None:
    """Write a note on issues."""
    from data.issues.verbs import note as write_note

    ws = session.open()
    finish(write_note(ws, _issues(ws, words, text, campaign), note_text), as_json)


@click.command("resolve")
@_chosen
@click.option(
    "--by",
    "resolution",
    type=click.Choice(["replacement", "refund", "claim", "nothing"]),
    required=True,
    help="A replacement is an order of its own, ready to be allocated.",
)
@click.option("--note", "note_text", default="", help="Why.")
@click.option("--cost", default="", help='What each cost, with its currency: "EUR 15.00".')
@pass_session
def resolve(
    session: Session,
    words: tuple[str, ...],
    text: str,
    campaign: str | None,
    as_json: bool,
    resolution: str,
    note_text: str,
    cost: str,
) -> None:
    """Resolve issues by a replacement, a refund, a claim, or nothing."""
    from data.intake.money import read_money
    from data.issues.verbs import resolve as resolve_issues

    ws = session.open()
    money = read_money(cost, "")
    done = resolve_issues(
        ws,
        _issues(ws, words, text, campaign),
        resolution,
        text=note_text,
        cost_minor=money.minor if money else None,
        currency=money.currency if money else "",
    )
    finish(done, as_json)


@click.command("reopen")
@_chosen
@pass_session
def reopen(session: Session, words: tuple[str, ...], text: str, campaign: str | None, as_json: bool) -> None:
    """Take resolved issues up again; a replacement that was made stays."""
    from data.issues.verbs import reopen as reopen_issues

    ws = session.open()
    finish(reopen_issues(ws, _issues(ws, words, text, campaign)), as_json)
