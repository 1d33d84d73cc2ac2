"""`lastcall product map`, `map-file`, `unmapped`: which names of the platforms mean which products."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.output import finish, json_option, print_json, print_table
from console.session import Session, pass_session
from data.model import InputError

if TYPE_CHECKING:
    from data.orders.campaigns import Campaign
    from data.store.workspace import Workspace

_campaign_option = click.option("--campaign", help="The campaign, by code or name; the only one, by default.")


@click.command("map")
@click.argument("name")
@click.argument("parts", nargs=-1)
@click.option("--kind", type=click.Choice(["tier", "item", "addon", "sku"]), help="Which, where a name is of several.")
@click.option("--nothing", is_flag=True, help="The name ships nothing.")
@_campaign_option
@json_option
@pass_session
def map_(
    session: Session,
    name: str,
    parts: tuple[str, ...],
    kind: str | None,
    nothing: bool,
    campaign: str | None,
    as_json: bool,
) -> None:
    """Say that one of NAME ships PARTS: a SKU, or SKU=QUANTITY; several of them are a bundle."""
    from data.stock.mapping import map_item

    if bool(parts) == nothing:
        raise click.UsageError("say which SKUs it ships, or --nothing")
    ws = session.open()
    done = map_item(ws, _campaign(ws, campaign).id, name, [read_part(each) for each in parts], kind)
    finish(done, as_json)


@click.command("map-file")
@click.argument("path", type=click.Path(path_type=Path))
@_campaign_option
@json_option
@pass_session
def map_file_(session: Session, path: Path, campaign: str | None, as_json: bool) -> None:
    """Map every name of a CSV with the columns name, sku, quantity, and kind where a name is of several."""
    from data.stock.mapping import map_file

    ws = session.open()
    finish(map_file(ws, _campaign(ws, campaign).id, path), as_json)


@click.command("unmapped")
@click.option("--filter", "text", default="", help="Only names that have these words.")
@click.option("--limit", type=click.IntRange(min=0), help="At most so many.")
@click.option("--campaign", help="Only this campaign, by code or name.")
@json_option
@pass_session
def unmapped(session: Session, text: str, limit: int | None, campaign: str | None, as_json: bool) -> None:
    """List the platforms' names that nobody has said what they are."""
    from data.orders.campaigns import find_campaign
    from data.stock.items import list_items

    store = session.open().store
    words = text.casefold().split()
    scope = find_campaign(store, campaign).id if campaign else None
    found = [
        each for each in list_items(store, scope, unmapped=True) if all(word in each.name.casefold() for word in words)
    ][:limit]
    if as_json:
        print_json([dataclasses.asdict(each) for each in found])
        return
    print_table(
        ("campaign", "kind", "name", "orders", "quantity"),
        ((each.campaign, each.kind, each.name, each.orders, each.quantity) for each in found),
    )


def _campaign(ws: Workspace, name: str | None) -> Campaign:
    """Return the campaign named, or the only one; raises InputError where that is none."""
    from data.orders.campaigns import find_campaign, only_campaign

    found = find_campaign(ws.store, name) if name else only_campaign(ws.store)
    if found is None:
        raise InputError("say which campaign: --campaign CODE")
    return found


def read_part(text: str) -> tuple[str, int]:
    """Read SKU or SKU=QUANTITY."""
    sku, mark, quantity = text.rpartition("=")
    if not mark:
        return text, 1
    if not re.fullmatch(r"[0-9]{1,6}", quantity):
        raise InputError(f"{text}: say SKU=QUANTITY, like DICE=2")
    return sku, int(quantity)
