"""The options that lists and verbs share, and the rows a person names by them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from console.output import json_option

if TYPE_CHECKING:
    from data.model import Item
    from data.store.workspace import Workspace

campaign_option = click.option("--campaign", help="Only this campaign, by code or name.")
filter_option = click.option(
    "--filter", "text", default="", help='Which ones: `stage:ready country:DE,FR "elm street"`.'
)
limit_option = click.option("--limit", type=click.IntRange(min=0), help="At most so many; all by default.")


def chosen_options(noun: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what gives a verb its rows: names, or all of a filter; `noun` is `order` or `issue`."""

    def give(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            json_option,
            campaign_option,
            click.option("--filter", "text", default="", help=f"All {noun}s of this filter, instead of naming them."),
            click.argument("words", nargs=-1, metavar=f"[{noun.upper()}]..."),
        ):
            command = option(command)
        return command

    return give


def campaign_id(ws: Workspace, campaign: str | None) -> int | None:
    """Return the id of the campaign a person names, or None for all; raises InputError for one there is not."""
    if campaign is None:
        return None
    from data.orders.campaigns import find_campaign

    return find_campaign(ws.store, campaign).id


def chosen_orders(ws: Workspace, words: Sequence[str], text: str, campaign: str | None) -> list[Item]:
    """Return the orders a person names by words, or all of a filter; raises InputError where both or neither are given.

    Those of a filter are taken as they are when the verb acts.
    """
    from data.model import InputError, Item

    scope = campaign_id(ws, campaign)
    if bool(words) == bool(text):
        raise InputError("name orders (number, #id, e-mail, tracking number) or give --filter, one of the two")
    if words:
        from data.orders.find import find_orders

        return find_orders(ws.store, words, scope)
    from data.orders.rows import OrderRows

    return [Item(each, 0) for each in OrderRows(ws.store, text, campaign_id=scope).ids(lambda: False)]
