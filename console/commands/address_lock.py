"""The last call: notice and lock, reminders, unlocking."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING

import click

from console.options import campaign_id, campaign_option
from console.output import finish, json_option, narrate, print_json, print_table
from console.session import Session, pass_session
from data.model import InputError
from data.text import visible

if TYPE_CHECKING:
    from data.desk.last_call import Mailing
    from data.model import Item
    from data.store.workspace import Workspace


@click.command("lock")
@click.argument("words", metavar="[ORDER...]", nargs=-1)
@click.option("--filter", "text", help="Every order of this filter.")
@click.option("--view", help="Every order of this saved view of orders.")
@click.option("--notice", help="Lock later, after 48h, 2d, 1w, and write the list to mail.")
@campaign_option
@json_option
@pass_session
def lock_addresses(
    session: Session,
    words: tuple[str, ...],
    text: str | None,
    view: str | None,
    notice: str | None,
    campaign: str | None,
    as_json: bool,
) -> None:
    """Lock addresses: of named orders, of a filter or a view, or else of the whole campaign.

    With --notice nothing is locked yet: the deadline is recorded, and a CSV in exports/ says whom to write to and what
    to ask: `missing` (no address that can be delivered to), `asked` (about a change), `confirm` (an address on file).
    """
    from data.addresses.lock import lock, lock_campaign, lock_due
    from data.addresses.notice import read_hours

    ws = session.open()
    scope = campaign_id(ws, campaign)
    if view is not None:
        view, text = _filter_of(ws, view, text)
    hours = read_hours(notice) if notice else None
    if words or text is not None:
        items = _orders(ws, words, text, scope)
        if hours is None:
            finish(lock(ws, items), as_json)
        else:
            segment = view or (text if text and not words else f"{len(items)} orders")
            _finish_notice(ws, items, hours, segment, as_json)
        return
    lock_due(ws)
    chosen = scope if scope is not None else _only_campaign(ws)
    if hours is None:
        finish(lock_campaign(ws, chosen), as_json)
    else:
        _finish_notice(ws, chosen, hours, "", as_json)


@click.command("remind")
@click.option("--filter", "text", default="", help="Only orders of this filter.")
@click.option("--view", help="Only orders of this saved view of orders.")
@campaign_option
@json_option
@pass_session
def remind_backers(session: Session, text: str, view: str | None, campaign: str | None, as_json: bool) -> None:
    """List who has not answered since the notice, and write the list to mail.

    Not answered: no address that can be delivered to, or asked about a change. Each list is recorded, so that the next
    one says how many went out before.
    """
    from data.desk.remind import remind

    ws = session.open()
    if view is not None:
        view, text = _filter_of(ws, view, text or None)
    found = remind(ws, campaign_id(ws, campaign), text, view or text)
    if as_json:
        print_json({**_document(found.mailing), "rows": found.letters, "before": found.before})
        return
    print_table(
        ["order", "name", "email", "country", "reason", "days", "reminders"],
        [
            [
                each.asked.number,
                each.asked.name,
                each.asked.email,
                each.asked.country,
                each.asked.reason,
                each.days,
                each.reminders,
            ]
            for each in found.letters
        ],
    )
    for past in found.before:
        about = f" ({past.segment})" if past.segment else ""
        narrate(f"before: {past.at} {past.campaign}{about}: {past.orders:,} orders, {past.file}")
    _narrate_mailing(found.mailing)


@click.command("unlock")
@click.argument("words", metavar="[ORDER...]", nargs=-1)
@click.option("--filter", "text", help="Every order of this filter.")
@click.option("--reason", required=True, help="Why; it stays as a note.")
@campaign_option
@json_option
@pass_session
def unlock_addresses(
    session: Session, words: tuple[str, ...], text: str | None, reason: str, campaign: str | None, as_json: bool
) -> None:
    """Unlock orders' addresses with a reason."""
    from data.addresses.lock import unlock

    ws = session.open()
    if not words and text is None:
        raise click.UsageError("name orders, or give --filter")
    finish(unlock(ws, _orders(ws, words, text, campaign_id(ws, campaign)), reason), as_json)


def _finish_notice(ws: Workspace, which: int | list[Item], hours: float, segment: str, as_json: bool) -> None:
    """Give notice for a campaign, or for some orders, and say where the list to mail is."""
    from data.desk.last_call import notice_campaign, notice_segment

    def progress(done: int, total: int) -> None:
        if total and sys.stderr.isatty():
            click.echo(f"\rchecking addresses: {done:,} of {total:,}", nl=done == total, err=True)

    mailing = (
        notice_campaign(ws, which, hours, progress=progress)
        if isinstance(which, int)
        else notice_segment(ws, which, hours, segment, progress=progress)
    )
    if not as_json:
        _narrate_mailing(mailing)
    finish(mailing.done, as_json, _document(mailing))


def _document(mailing: Mailing) -> dict[str, object]:
    return {
        **dataclasses.asdict(mailing.done),
        "path": mailing.path,
        "reasons": mailing.reasons,
        "without_email": mailing.without_email,
    }


def _narrate_mailing(mailing: Mailing) -> None:
    if mailing.path:
        click.echo(visible(mailing.path))
        narrate(", ".join(f"{count:,} {reason}" for reason, count in mailing.reasons.items()))
    else:
        narrate("nobody to write to")
    if mailing.without_email:
        narrate(f"{mailing.without_email:,} of them without an e-mail address")


def _filter_of(ws: Workspace, view: str, text: str | None) -> tuple[str, str]:
    """Return a saved view's name and filter; raises UsageError where another filter is given besides."""
    from data.orders.views import find_view

    if text is not None:
        raise click.UsageError("give --filter or --view, one of the two")
    found = find_view(ws.store, "orders", view)
    return found.name, found.filter


def _orders(ws: Workspace, words: tuple[str, ...], text: str | None, scope: int | None) -> list[Item]:
    from data.model import Item
    from data.orders.find import find_orders
    from data.orders.rows import OrderRows

    found = find_orders(ws.store, words, scope) if words else []
    if text is not None:
        found += [Item(each, 0) for each in OrderRows(ws.store, text, campaign_id=scope).ids(lambda: False)]
    return found


def _only_campaign(ws: Workspace) -> int:
    from data.orders.campaigns import only_campaign

    found = only_campaign(ws.store)
    if found is None:
        raise InputError("say --campaign: a whole campaign is locked")
    return found.id
