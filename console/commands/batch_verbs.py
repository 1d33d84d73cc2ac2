"""The verbs on batches; each calls one function of `data`."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from console.options import campaign_id, campaign_option, chosen_orders
from console.output import finish, json_option, narrate
from console.session import Session, pass_session

if TYPE_CHECKING:
    from data.model import Item
    from data.store.workspace import Workspace

_STARTING = 50
"""Looks without a worker after which nobody waits for one any more; five in a second."""
_number = click.argument("number", type=int)


@click.command("create")
@click.argument("words", nargs=-1, metavar="[ORDER]...")
@click.option("--warehouse", required=True, help="The warehouse's code.")
@click.option("--filter", "text", default="", help="Only orders of this filter.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many orders, those of high priority first.")
@click.option("--early", is_flag=True, help="May be sent before its addresses are locked.")
@campaign_option
@json_option
@pass_session
def create(
    session: Session,
    words: tuple[str, ...],
    warehouse: str,
    text: str,
    limit: int | None,
    early: bool,
    campaign: str | None,
    as_json: bool,
) -> None:
    """Make a batch of a warehouse's allocated orders."""
    from data.dispatch.batches import create_batch
    from data.model import InputError
    from data.orders.campaigns import only_campaign

    ws = session.open()
    scope = campaign_id(ws, campaign)
    if scope is None:
        only = only_campaign(ws.store)
        if only is None:
            raise InputError("there are several campaigns: say which with --campaign")
        scope = only.id
    ids = [each.id for each in chosen_orders(ws, words, text, campaign)] if words or text else None
    done = create_batch(ws, scope, warehouse, ids=ids, limit=limit, early=early)
    number = ws.store.value("SELECT number FROM batches WHERE id = ?", done.made) if done.made else None
    finish(done, as_json, {"number": number})
    if not done.made:
        raise SystemExit(1)


@click.command("remove")
@_number
@click.argument("words", nargs=-1, required=True, metavar="ORDER...")
@json_option
@pass_session
def remove(session: Session, number: int, words: tuple[str, ...], as_json: bool) -> None:
    """Take orders out of a batch that was not sent."""
    from data.dispatch.batches import named_batch, remove_from_batch

    ws = session.open()
    items = chosen_orders(ws, words, "", None)
    finish(remove_from_batch(ws, named_batch(ws, number), [each.id for each in items]), as_json)


@click.command("check")
@_number
@json_option
@pass_session
def check(session: Session, number: int, as_json: bool) -> None:
    """Check a batch against its warehouse's rules; what fails is taken out and held, with the reason."""
    from data.dispatch.batches import named_batch
    from data.dispatch.preflight import check_batch

    ws = session.open()
    found = check_batch(ws, named_batch(ws, number))
    if not as_json:
        for caution in found.cautions:
            narrate(f"look at {caution.number}: {caution.words}")
        narrate(", ".join(f"{quantity:,} x {sku}" for sku, quantity in found.units))
        narrate(", ".join(f"{country} {count:,}" for country, count in found.countries))
    finish(
        found.done,
        as_json,
        {
            "orders": found.orders,
            "units": dict(found.units),
            "countries": dict(found.countries),
            "cautions": found.cautions,
        },
    )


@click.command("send")
@click.argument("numbers", nargs=-1, required=True, type=int)
@click.option("--count", type=int, help="How many orders you mean to send: nothing is sent where it is another number.")
@click.option("--yes", is_flag=True, help="Send without asking for the count.")
@click.option("--wait", is_flag=True, help="Wait until everything has an answer.")
@json_option
@pass_session
def send(session: Session, numbers: tuple[int, ...], count: int | None, yes: bool, wait: bool, as_json: bool) -> None:
    """Send batches; each that was not checked is checked first. What was sent can't be called back by undo."""
    from data.dispatch.batches import named_batch
    from data.dispatch.preflight import check_batch
    from data.dispatch.send import count_orders, send_batches
    from data.model import InputError

    ws = session.open()
    items = [named_batch(ws, each) for each in numbers]
    for item in items:
        if ws.store.value("SELECT state FROM batches WHERE id = ?", (item.id,)) == "draft":
            for refusal in check_batch(ws, item).done.refused:
                narrate(f"taken out {refusal.name}: {refusal.reason}")
    if count is None:
        total = count_orders(ws, items)
        if yes:
            count = total
        elif sys.stdin.isatty():
            count = click.prompt(f"{total:,} orders. Type the number to send them", type=int, err=True)
        else:
            raise InputError(f"{total:,} orders: give --count {total}, or --yes")
    assert count is not None
    done = send_batches(ws, items, count)
    if wait:
        for item in items:
            _wait(ws, item)
    finish(done, as_json)


@click.command("stop")
@_number
@json_option
@pass_session
def stop(session: Session, number: int, as_json: bool) -> None:
    """Stop sending to the batch's warehouse; what is in flight is finished."""
    from data.dispatch.stop import stop_warehouse

    ws = session.open()
    finish(stop_warehouse(ws, _warehouse(ws, number)), as_json)


@click.command("resume")
@_number
@json_option
@pass_session
def resume(session: Session, number: int, as_json: bool) -> None:
    """Go on sending to the batch's warehouse."""
    from data.dispatch.stop import resume_warehouse

    ws = session.open()
    finish(resume_warehouse(ws, _warehouse(ws, number)), as_json)


@click.command("retry")
@click.argument("numbers", nargs=-1, type=int)
@json_option
@pass_session
def retry(session: Session, numbers: tuple[int, ...], as_json: bool) -> None:
    """Try at once what waits for its next attempt, in these batches or in all that are being sent."""
    from data.dispatch.batches import named_batch
    from data.dispatch.stop import retry_batches
    from data.model import Item

    ws = session.open()
    items = [named_batch(ws, each) for each in numbers] or [
        Item(row[0], 0) for row in ws.store.rows("SELECT id FROM batches WHERE state = 'sending' ORDER BY id")
    ]
    finish(retry_batches(ws, items), as_json)


@click.command("cancel")
@_number
@json_option
@pass_session
def call_off(session: Session, number: int, as_json: bool) -> None:
    """Dissolve a batch that was not sent, or withdraw what has not left of one that is being sent."""
    from data.dispatch.batches import dissolve_batch, named_batch
    from data.dispatch.stop import call_off_batch

    ws = session.open()
    item = named_batch(ws, number)
    drafted = ws.store.value("SELECT state FROM batches WHERE id = ?", (item.id,)) in ("draft", "ready")
    finish(dissolve_batch(ws, item) if drafted else call_off_batch(ws, item), as_json)


@click.command("confirm")
@click.argument("key")
@click.argument("remote_number", metavar="NUMBER")
@click.option("--reason", default="", help="Who said so.")
@json_option
@pass_session
def confirm(session: Session, key: str, remote_number: str, reason: str, as_json: bool) -> None:
    """Say under which number the warehouse has what could not be settled."""
    from data.dispatch.person import confirm_command, open_command

    ws = session.open()
    finish(confirm_command(ws, open_command(ws, key), remote_number, reason), as_json)


@click.command("send-again")
@click.argument("key")
@click.argument("typed", metavar='"SEND AGAIN"')
@click.option("--reason", required=True, help="Why it is sent once more; it is kept.")
@json_option
@pass_session
def again(session: Session, key: str, typed: str, reason: str, as_json: bool) -> None:
    """Send once more what could not be settled, as a second shipment of the same lines."""
    from data.dispatch.person import open_command, send_again

    ws = session.open()
    finish(send_again(ws, open_command(ws, key), typed, reason), as_json)


def _warehouse(ws: Workspace, number: int) -> str:
    """Return the code of a batch's warehouse."""
    from data.dispatch.batches import named_batch

    return str(ws.store.value("SELECT warehouse FROM batches WHERE id = ?", (named_batch(ws, number).id,)))


def _wait(ws: Workspace, item: Item) -> None:
    """Say how far a batch is until all of it has an answer, or no worker is at it."""
    from data.dispatch.lock import holder
    from data.outbox.progress import batch_progress

    code = str(ws.store.value("SELECT warehouse FROM batches WHERE id = ?", (item.id,)))
    idle, said = 0, -1
    while (at := batch_progress(ws.store, item.id)).open and idle < _STARTING:
        if at.settled != said:
            said = at.settled
            narrate(f"{at.settled:,} of {at.total:,}")
        idle = idle + 1 if holder(ws.path("run"), code) is None else 0
        time.sleep(0.2)
    narrate(f"{at.accepted:,} accepted, {at.rejected:,} rejected, {at.person:,} for a person, {at.open:,} open")
