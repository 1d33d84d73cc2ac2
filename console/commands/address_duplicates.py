"""Orders that may be one person's twice: list them, merge them for shipping, keep them apart, mark them as meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from console.options import campaign_id, campaign_option
from console.output import finish, json_option, narrate, print_json, print_table
from console.session import Session, pass_session

if TYPE_CHECKING:
    from data.store.workspace import Workspace


def print_duplicates(ws: Workspace, scope: int | None, limit: int | None, as_json: bool) -> None:
    """Print the groups that wait for a decision, one person's first."""
    from data.addresses.check_run import count_unchecked
    from data.addresses.duplicate_groups import duplicate_groups

    groups = duplicate_groups(ws.store, scope)[:limit]
    if unchecked := count_unchecked(ws):
        narrate(f"{unchecked:,} addresses are not checked yet and not among them: run lastcall address check-all")
    if as_json:
        print_json(groups)
        return
    print_table(
        ["group", "order", "name", "e-mail", "stage", "address", "why"],
        [
            [at, order.number, order.name, order.email, order.stage, order.address, ", ".join(group.why)]
            for at, group in enumerate(groups, 1)
            for order in group.orders
        ],
    )


@click.command("merge")
@click.argument("words", metavar="ORDER ORDER...", nargs=-1, required=True)
@campaign_option
@json_option
@pass_session
def merge_orders(session: Session, words: tuple[str, ...], campaign: str | None, as_json: bool) -> None:
    """Merge orders at one address for shipping: they share one parcel when they are batched.

    The oldest order leads: the parcel goes out under its number.
    """
    from data.addresses.merge_orders import merge_for_shipping
    from data.orders.find import find_orders

    ws = session.open()
    finish(merge_for_shipping(ws, find_orders(ws.store, words, campaign_id(ws, campaign))), as_json)


@click.command("separate")
@click.argument("words", metavar="ORDER...", nargs=-1, required=True)
@campaign_option
@json_option
@pass_session
def separate_orders(session: Session, words: tuple[str, ...], campaign: str | None, as_json: bool) -> None:
    """Take back that orders are merged, or that they are meant."""
    from data.addresses.merge_orders import separate
    from data.orders.find import find_orders

    ws = session.open()
    finish(separate(ws, find_orders(ws.store, words, campaign_id(ws, campaign))), as_json)


@click.command("meant")
@click.argument("words", metavar="ORDER ORDER...", nargs=-1, required=True)
@campaign_option
@json_option
@pass_session
def mark_orders_meant(session: Session, words: tuple[str, ...], campaign: str | None, as_json: bool) -> None:
    """Say that orders at one address are meant as they are: they are not listed as duplicates again."""
    from data.addresses.merge_orders import mark_meant
    from data.orders.find import find_orders

    ws = session.open()
    finish(mark_meant(ws, find_orders(ws.store, words, campaign_id(ws, campaign))), as_json)
