"""`lastcall products` and `lastcall product`: what can be shipped, and which names of the platforms mean it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from console.output import finish, json_option, print_json, print_table
from console.session import Session, pass_session
from data.model import InputError

if TYPE_CHECKING:
    from data.orders.campaigns import Campaign
    from data.store.workspace import Workspace

_campaign_option = click.option("--campaign", help="The campaign, by code or name; the only one, by default.")


@click.command("products")
@click.option("--filter", "text", default="", help="Only products whose SKU or title has these words.")
@click.option("--limit", type=click.IntRange(min=0), help="At most so many.")
@click.option("--campaign", help="Count only the orders of this campaign.")
@json_option
@pass_session
def products(session: Session, text: str, limit: int | None, campaign: str | None, as_json: bool) -> None:
    """List products with how many of each are ordered."""
    from data.orders.campaigns import find_campaign
    from data.stock.products import list_products, ordered_quantities

    store = session.open().store
    scope = find_campaign(store, campaign).id if campaign else None
    ordered = ordered_quantities(store, scope)
    found = list_products(store, text)[:limit]
    if as_json:
        print_json([{**dataclasses.asdict(each), "ordered": ordered.get(each.sku, 0)} for each in found])
        return
    print_table(
        ("sku", "title", "ordered", "physical", "grams", "HS", "origin"),
        (
            (
                each.sku,
                each.title,
                ordered.get(each.sku, 0),
                "yes" if each.physical else "no",
                each.weight_g,
                each.hs_code,
                each.origin,
            )
            for each in found
        ),
    )


@click.group("product")
def product() -> None:
    """Add and change products; say what the platforms' names ship."""


_Command = TypeVar("_Command", bound=Callable[..., object])


def _described(command: _Command) -> _Command:
    """Give a command the options that describe a product; each is named as its column."""
    for option in (
        click.option("--customs", "description", help="What it is, in customs' words."),
        click.option("--physical/--digital", default=None, help="Whether it takes a parcel."),
        click.option("--origin", help="Where it was made: a two-letter country code."),
        click.option("--hs", "hs_code", help="Customs tariff number: 6, 8 or 10 digits."),
        click.option("--weight", "weight_g", type=int, help="Grams."),
        click.option("--title", help="What it is called."),
    ):
        command = option(command)
    return command


@product.command("add")
@click.argument("sku")
@_described
@json_option
@pass_session
def add(session: Session, /, sku: str, as_json: bool, **described: object) -> None:
    """Add the product SKU."""
    from data.stock.products import add_product

    finish(add_product(session.open(), sku, _given(described)), as_json)


@product.command("set")
@click.argument("sku")
@_described
@json_option
@pass_session
def set_(session: Session, /, sku: str, as_json: bool, **described: object) -> None:
    """Change the product SKU."""
    from data.stock.products import find_product, set_product

    values = _given(described)
    if not values:
        raise click.UsageError("say what to change")
    ws = session.open()
    finish(set_product(ws, find_product(ws.store, sku), values), as_json)


def _given(described: dict[str, object]) -> dict[str, object]:
    """Return the options that were given."""
    return {key: value for key, value in described.items() if value is not None}


@product.command("map")
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
    done = map_item(ws, _campaign(ws, campaign).id, name, [_part(each) for each in parts], kind)
    finish(done, as_json)


@product.command("map-file")
@click.argument("path", type=click.Path(path_type=Path))
@_campaign_option
@json_option
@pass_session
def map_file_(session: Session, path: Path, campaign: str | None, as_json: bool) -> None:
    """Map every name of a CSV with the columns name, sku, quantity, and kind where a name is of several."""
    from data.stock.mapping import map_file

    ws = session.open()
    finish(map_file(ws, _campaign(ws, campaign).id, path), as_json)


@product.command("unmapped")
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


def _part(text: str) -> tuple[str, int]:
    """Read SKU or SKU=QUANTITY."""
    sku, mark, quantity = text.rpartition("=")
    if not mark:
        return text, 1
    if not re.fullmatch(r"[0-9]{1,6}", quantity):
        raise InputError(f"{text}: say SKU=QUANTITY, like DICE=2")
    return sku, int(quantity)
