"""Decisions on changes of address: accept, reject, ask, reopen, edit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from console.options import campaign_id, campaign_option
from console.output import finish, json_option
from console.session import Session, pass_session
from data.model import ADDRESS_FIELDS
from data.text import visible_lines

if TYPE_CHECKING:
    from data.addresses.accepting import TooLate
    from data.model import Done, Item
    from data.store.workspace import Workspace

too_late_option = click.option(
    "--too-late",
    "too_late",
    type=click.Choice(["redirect", "watch"]),
    help="What is done about a parcel that is being picked already.",
)


@click.command("accept")
@click.argument("words", metavar="CHANGE...", nargs=-1)
@click.option("--filter", "text", help="Instead: every waiting change of this filter, such as label:trivial.")
@click.option("--count", type=click.IntRange(min=0), help="With --filter: how many there must be.")
@click.option("--repairs", "codes", help="With --filter: sure repairs of these findings, as postcode_lost_zero.")
@too_late_option
@campaign_option
@json_option
@pass_session
def accept_changes(
    session: Session,
    words: tuple[str, ...],
    text: str | None,
    count: int | None,
    codes: str | None,
    too_late: str | None,
    campaign: str | None,
    as_json: bool,
) -> None:
    """Accept changes, or the repairs of a faulty address on file, named by #ID or by their order."""
    from data.addresses.bulk import accept_filter, accept_repairs
    from data.addresses.decide import accept

    ws = session.open()
    if text is not None:
        if words or count is None:
            raise click.UsageError("--filter goes with --count, and without names")
        scope = campaign_id(ws, campaign)
        repairs = None if codes is None else codes.split(",")
        if repairs is None:
            _finish(ws, accept_filter(ws, text, scope, count), as_json)
        else:
            _finish(ws, accept_repairs(ws, text, scope, repairs, count), as_json)
        return
    if codes is not None:
        raise click.UsageError("--repairs goes with --filter and --count")
    _finish(ws, accept(ws, _changes(ws, words, campaign), too_late=_too_late(too_late)), as_json)


@click.command("reject")
@click.argument("words", metavar="CHANGE...", nargs=-1)
@click.option("--reason", default="", help="Why what is on file stays.")
@campaign_option
@json_option
@pass_session
def reject_changes(session: Session, words: tuple[str, ...], reason: str, campaign: str | None, as_json: bool) -> None:
    """Keep what is on file."""
    from data.addresses.decide import reject

    ws = session.open()
    finish(reject(ws, _changes(ws, words, campaign), reason), as_json)


@click.command("ask")
@click.argument("words", metavar="CHANGE...", nargs=-1)
@campaign_option
@json_option
@pass_session
def ask_backers(session: Session, words: tuple[str, ...], campaign: str | None, as_json: bool) -> None:
    """Mark changes and faulty addresses as asked of the backer, and print a text to send to each."""
    from data.addresses.decide import ask

    ws = session.open()
    done = ask(ws, _changes(ws, words, campaign))
    if not as_json:
        for text in done.notes:
            click.echo("\n".join(visible_lines(text)) + "\n")
        done = replace(done, notes=())
    finish(done, as_json)


@click.command("reopen")
@click.argument("words", metavar="CHANGE...", nargs=-1)
@campaign_option
@json_option
@pass_session
def reopen_changes(session: Session, words: tuple[str, ...], campaign: str | None, as_json: bool) -> None:
    """Let closed changes, named by #ID, wait for a decision again."""
    from data.addresses.decide import reopen

    ws = session.open()
    finish(reopen(ws, _changes(ws, words, campaign)), as_json)


def _field_options(command: click.Command) -> click.Command:
    """Give a command an option for every field of an address."""
    for name in reversed(ADDRESS_FIELDS):
        command.params.append(click.Option([f"--{name}"], help=f"The address's {name}."))
    return command


@click.command("edit")
@click.argument("word", metavar="ORDER")
@too_late_option
@campaign_option
@json_option
@pass_session
def edit_address(
    session: Session, /, word: str, too_late: str | None, campaign: str | None, as_json: bool, **parts: str | None
) -> None:
    """Put your own version on file; fields that are not given stay as proposed, or as on file.

    ORDER is an order, or #ID of a change.
    """
    from data.addresses.edit import edit, edit_order, edited_from

    ws = session.open()
    scope = campaign_id(ws, campaign)
    start = edited_from(ws.store, word, scope)
    given = {name: value for name, value in parts.items() if value is not None}
    if not given:
        raise click.UsageError("nothing to edit: give at least one field, such as --postcode")
    wanted = replace(start.address, **given)
    choice = _too_late(too_late)
    if start.change is not None:
        _finish(ws, edit(ws, start.change, wanted, too_late=choice), as_json)
    else:
        _finish(ws, edit_order(ws, start.order, wanted, too_late=choice), as_json)


_field_options(edit_address)


def _finish(ws: Workspace, done: Done, as_json: bool) -> None:
    """Start the workers that have an amendment to ask for, and end."""
    from data.dispatch.wake import start_needed

    finish(replace(done, notes=(*done.notes, *start_needed(ws))), as_json)


def _changes(ws: Workspace, words: tuple[str, ...], campaign: str | None) -> list[Item]:
    from data.addresses.changes import find_changes

    if not words:
        raise click.UsageError("name at least one change: #ID, or an order")
    return find_changes(ws.store, words, campaign_id(ws, campaign))


def _too_late(choice: str | None) -> TooLate | None:
    from data.addresses.accepting import TooLate

    return None if choice is None else TooLate(choice)
