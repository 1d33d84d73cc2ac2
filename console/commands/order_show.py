"""`lastcall order show`: one order with everything that hangs on it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from console.options import campaign_option, chosen_orders
from console.output import json_option, print_json
from console.session import Session, pass_session
from data.text import visible, visible_lines

if TYPE_CHECKING:
    from data.orders.detail import OrderDetail


@click.command("show")
@click.argument("words", nargs=-1, required=True, metavar="ORDER...")
@campaign_option
@json_option
@pass_session
def show_order(session: Session, words: tuple[str, ...], campaign: str | None, as_json: bool) -> None:
    """Show orders with lines, addresses, shipments, parcels, issues, holds, notes and what was done to them."""
    from data.dispatch.why_here import explain
    from data.orders.detail import order_detail
    from data.orders.rows import order_document

    ws = session.open()
    found = [order_detail(ws.store, item.id) for item in chosen_orders(ws, words, "", campaign)]
    details = [each for each in found if each is not None]
    why = {each.order.id: explain(ws.store, ws.policy, each.order.id) for each in details}
    if as_json:
        print_json(
            [
                {**dataclasses.asdict(each), "order": order_document(each.order), "why": why[each.order.id]}
                for each in details
            ]
        )
        return
    for each in details:
        _print(each, why[each.order.id])


def _print(detail: OrderDetail, why: Iterable[str]) -> None:
    row = detail.order
    _say(f"{row.number}  {row.name}  {row.email}  (#{row.id})")
    _say(f"  {row.kind}, {row.stage}" + "".join(f", hold: {kind}" for kind in row.holds))
    if detail.parent:
        _say(f"  replaces {detail.parent}")
    _block(
        "Lines",
        (
            f"{line.quantity} × {line.sku or '?'}  {line.name}" + (f"  to {line.warehouse}" if line.warehouse else "")
            for line in detail.lines
        ),
    )
    _block("Why here", why)
    _block(
        "Addresses",
        (
            f"{each.address.name}, {each.address.one_line()}"
            + ("  [on file]" if each.on_file else "")
            + ("  [proposed]" if each.proposed else "")
            + "".join(f"  [held by {code}]" for code in each.held_by)
            for each in detail.addresses
        ),
    )
    _block(
        "Shipments",
        (
            f"{each.key}  {each.warehouse}  {each.state}"
            + (f"  batch {each.batch}" if each.batch else "")
            + (f"  {each.problem}" if each.problem else "")
            + "".join(f"  {parcel.carrier} {parcel.tracking_number} {parcel.status}" for parcel in each.parcels)
            for each in detail.shipments
        ),
    )
    _block("Issues", (f"#{each.id}  {each.type}  {each.state}  {each.title}" for each in detail.issues))
    _block("Changes", (f"#{each.id}  {each.label}  {each.state}  {each.answer}" for each in detail.changes))
    _block(
        "May be the same person",
        (f"{each.number}  {each.name}  {each.stage}  {each.why}  [{each.state}]" for each in detail.alike),
    )
    _block("Holds", (f"{each.kind}  {each.reason}  {_span(each.placed_at, each.released_at)}" for each in detail.holds))
    _block("Notes", (f"{each.at}  {each.user}  {' / '.join(visible_lines(each.text))}" for each in detail.notes))
    _block("Timeline", (f"{each.at}  {each.words}" for each in detail.timeline))
    _block(
        "Log",
        (
            f"{each.act}  {each.at}  {each.user}  {each.words}" + (" (undone)" if each.undone else "")
            for each in detail.journal
        ),
    )


def _block(title: str, lines: Iterable[str]) -> None:
    listed = list(lines)
    if listed:
        _say(title)
        for line in listed:
            _say(f"  {line}")


def _span(start: str, end: str | None) -> str:
    return f"{start} to {end}" if end else f"since {start}"


def _say(text: str) -> None:
    click.echo(visible(text))
