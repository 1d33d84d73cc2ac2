"""Correcting what a warehouse has: delta batches, and what the people there said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from console.options import campaign_id, campaign_option
from console.output import finish, json_option, narrate, print_json, print_table
from console.session import Session, pass_session

if TYPE_CHECKING:
    from data.dispatch.delta import Delta


@click.command("delta")
@click.argument("since", type=int, metavar="[NUMBER]", required=False)
@click.option("--warehouse", help="The warehouse's code; that of the batch by default.")
@click.option("--early", is_flag=True, help="May be sent before its addresses are locked.")
@click.option("--dry-run", is_flag=True, help="Only show what has come about.")
@campaign_option
@json_option
@pass_session
def delta(
    session: Session,
    since: int | None,
    warehouse: str | None,
    early: bool,
    dry_run: bool,
    campaign: str | None,
    as_json: bool,
) -> None:
    """Make a batch of what was added, changed and cancelled since batch NUMBER, or since the last one sent."""
    from data.dispatch.delta import create_delta, read_delta
    from data.model import InputError

    ws = session.open()
    row = (
        ws.store.one("SELECT warehouse, campaign_id FROM batches WHERE number = ?", (since,))
        if since is not None
        else ws.store.one(
            "SELECT warehouse, campaign_id FROM batches WHERE sent_at IS NOT NULL"
            " AND warehouse = coalesce(?, warehouse) AND campaign_id = coalesce(?, campaign_id)"
            " ORDER BY number DESC LIMIT 1",
            (warehouse, campaign_id(ws, campaign)),
        )
    )
    if row is None:
        raise InputError(f"there is no batch {since}" if since is not None else "no batch was sent yet")
    if dry_run:
        base = since or int(
            ws.store.value("SELECT max(number) FROM batches WHERE sent_at IS NOT NULL AND warehouse = ?", (row[0],))
        )
        _print(read_delta(ws.store, base), as_json)
        return
    done = create_delta(ws, row[1], warehouse or row[0], since=since, early=early)
    number = ws.store.value("SELECT number FROM batches WHERE id = ?", done.made) if done.made else None
    finish(done, as_json, {"number": number})
    if not done.made:
        raise SystemExit(1)


@click.command("approve")
@click.argument("number", type=int)
@json_option
@pass_session
def approve(session: Session, number: int, as_json: bool) -> None:
    """Let a checked batch go, after a look at its proof: with `approve = true` under [policy] nothing leaves before."""
    from data.dispatch.approve import approve_batch
    from data.dispatch.batches import named_batch

    ws = session.open()
    finish(approve_batch(ws, named_batch(ws, number)), as_json)


@click.command("answer")
@click.argument("key")
@click.argument("said", type=click.Choice(["done", "too-late", "refused"]))
@click.option("--words", default="", help="What they said, and who.")
@json_option
@pass_session
def answer(session: Session, key: str, said: str, words: str, as_json: bool) -> None:
    """Record what a warehouse said of a change or cancel that went to it in a file."""
    from data.dispatch.told import Answer, tell_answer

    finish(tell_answer(session.open(), key, Answer(said), words), as_json)


def _print(found: Delta, as_json: bool) -> None:
    """Print what has come about since a batch."""
    if as_json:
        print_json(found)
        return
    narrate(f"{found.warehouse} since batch {found.since}: {found.added:,} orders wait for a batch")
    print_table(
        ("Order", "Key", "What", "State", "Words"),
        (
            (each.number, each.key, "change" if each.kind == "amend" else each.kind, each.state, each.words)
            for each in (*found.changed, *found.cancelled)
        ),
    )
