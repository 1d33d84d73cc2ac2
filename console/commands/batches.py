"""`lastcall batches` and `lastcall batch`: the list, and a batch from its first order to its last."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from console.commands.batch_delta import answer, approve, delta
from console.commands.batch_proof import proof
from console.commands.batch_verbs import again, call_off, check, confirm, create, remove, resume, retry, send, stop
from console.options import campaign_id, campaign_option, filter_option, limit_option
from console.output import json_option, print_json, print_table
from console.session import Session, pass_session

if TYPE_CHECKING:
    from data.dispatch.batch_rows import BatchRow


@click.command()
@filter_option
@limit_option
@campaign_option
@json_option
@pass_session
def batches(
    session: Session,
    text: str,
    limit: int | None,
    campaign: str | None,
    as_json: bool,
) -> None:
    """List batches, newest first.

    A filter is words to search and fields: state, warehouse, campaign, number, early, person, doubtful, rejected,
    created, sent.
    """
    from data.dispatch.batch_rows import BatchRows

    ws = session.open()
    source = BatchRows(ws.store, text, campaign_id=campaign_id(ws, campaign))
    ids = list(source.ids(lambda: False) if limit is None else source.first(limit))
    found = source.rows(ids)
    rows = [found[each] for each in ids]
    if as_json:
        print_json([asdict(each) for each in rows])
    else:
        print_table(("Batch", "Campaign", "Warehouse", "State", "Orders", "Progress"), (_cells(each) for each in rows))


@click.group()
def batch() -> None:
    """Create, check, send, retry batches; decide what no look-up could settle."""


@batch.command()
@click.argument("number", type=int)
@click.option("--commands", is_flag=True, help="List every order's command too, not only those in question.")
@json_option
@pass_session
def show(session: Session, number: int, commands: bool, as_json: bool) -> None:
    """Show one batch: how far it is, and what is in question."""
    from data.dispatch.batch_rows import BatchRows, commands_of
    from data.dispatch.batches import named_batch

    ws = session.open()
    item = named_batch(ws, number)
    row = BatchRows(ws.store).rows([item.id])[item.id]
    states = () if commands else ("rejected", "doubtful", "person")
    listed = commands_of(ws.store, batch_id=item.id, states=states, limit=1_000_000)
    if as_json:
        print_json({**asdict(row), "commands": [asdict(each) for each in listed]})
        return
    click.echo(" ".join(str(cell) for cell in _cells(row)))
    if listed:
        print_table(
            ("Key", "Order", "State", "Attempts", "Warehouse's number", "Reason"),
            ((each.key, each.number, each.state, each.attempt, each.remote_id, each.reason) for each in listed),
        )


for _verb in (
    create,
    delta,
    remove,
    check,
    proof,
    approve,
    send,
    answer,
    stop,
    resume,
    retry,
    call_off,
    confirm,
    again,
):
    batch.add_command(_verb)


def _cells(row: BatchRow) -> tuple[object, ...]:
    parts = [
        f"{count:,} {word}"
        for word, count in (
            ("planned", row.planned),
            ("sending", row.sending),
            ("accepted", row.accepted),
            ("rejected", row.rejected),
            ("doubtful", row.doubtful),
            ("for a person", row.person),
            ("shipped", row.shipped),
        )
        if count
    ]
    return row.number, row.campaign, row.warehouse, row.state, row.shipments, ", ".join(parts)
