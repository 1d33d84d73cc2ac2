"""`lastcall products` and `lastcall product`: what can be shipped, in what sizes, values and kits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar, cast

import click

from console.commands.product_files import export_, import_
from console.commands.product_names import map_, map_file_, read_part, unmapped
from console.output import finish, json_option, print_json, print_table
from console.session import Session, pass_session
from data.text import visible

if TYPE_CHECKING:
    from data.model import Money
    from data.stock.products import Product


@click.command("products")
@click.option("--filter", "text", default="", help="Only products whose SKU or title has these words.")
@click.option("--spares", is_flag=True, help="Only spares: what goes out with replacements.")
@click.option("--limit", type=click.IntRange(min=0), help="At most so many.")
@click.option("--campaign", help="Count only the orders of this campaign.")
@json_option
@pass_session
def products(session: Session, text: str, spares: bool, limit: int | None, campaign: str | None, as_json: bool) -> None:
    """List products with how many of each are ordered."""
    from data.orders.campaigns import find_campaign
    from data.stock.products import list_products, ordered_quantities

    store = session.open().store
    scope = find_campaign(store, campaign).id if campaign else None
    ordered = ordered_quantities(store, scope)
    found = list_products(store, text, spares=spares)[:limit]
    if as_json:
        print_json([{**dataclasses.asdict(each), "ordered": ordered.get(each.sku, 0)} for each in found])
        return
    print_table(
        ("sku", "title", "ordered", "is", "grams", "mm", "HS", "origin", "value"),
        (
            (
                each.sku,
                each.title,
                ordered.get(each.sku, 0),
                _kind(each),
                each.weight_g,
                _sides(each),
                each.hs_code,
                each.origin,
                _values(each),
            )
            for each in found
        ),
    )


@click.group("product")
def product() -> None:
    """Add, change and show products, in files too; say what the platforms' names ship."""


_Command = TypeVar("_Command", bound=Callable[..., object])


def _described(command: _Command) -> _Command:
    """Give a command the options that describe a product; each is named as its column."""
    for option in (
        click.option("--no-parts", is_flag=True, help="It is no kit any more."),
        click.option("--part", "parts", multiple=True, help="A part of the kit that it is: SKU or SKU=QUANTITY."),
        click.option("--value", "values", multiple=True, help="Declared for customs, one a currency: EUR=32.00."),
        click.option("--customs", "description", help="What it is, in customs' words."),
        click.option("--spare/--no-spare", default=None, help="Whether it goes out with replacements alone."),
        click.option("--physical/--digital", default=None, help="Whether it takes a parcel."),
        click.option("--origin", help="Where it was made: a two-letter country code."),
        click.option("--hs", "hs_code", help="Customs tariff number: 6, 8 or 10 digits."),
        click.option("--height", "height_mm", type=int, help="Millimetres."),
        click.option("--width", "width_mm", type=int, help="Millimetres."),
        click.option("--length", "length_mm", type=int, help="Millimetres."),
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
    """Change the product SKU; --part names all parts of a kit anew, --value adds or changes one currency."""
    from data.stock.products import find_product, set_product, with_values

    values = _given(described)
    if not values:
        raise click.UsageError("say what to change")
    ws = session.open()
    found = find_product(ws.store, sku)
    if "values" in values:
        values["values"] = with_values(found.values, cast("list[Money]", values["values"]))
    finish(set_product(ws, found, values), as_json)


@product.command("show")
@click.argument("sku")
@json_option
@pass_session
def show(session: Session, sku: str, as_json: bool) -> None:
    """Show the product SKU: what it is, what is in it, and where how many of it are."""
    from data.stock.kits import kits_with
    from data.stock.levels import list_levels
    from data.stock.products import find_product, ordered_quantities

    ws = session.open()
    found = find_product(ws.store, sku)
    ordered = ordered_quantities(ws.store).get(sku, 0)
    inside, levels = kits_with(ws.store, sku), list_levels(ws.store, sku=sku)
    if as_json:
        stock = [{**dataclasses.asdict(each), "available": each.available} for each in levels]
        print_json({**dataclasses.asdict(found), "ordered": ordered, "in_kits": inside, "stock": stock})
        return
    for line in _lines(found):
        click.echo(visible(line))
    click.echo(f"ordered    {ordered:,}")
    if inside:
        click.echo(visible(f"in kits    {', '.join(inside)}"))
    for each in levels:
        known = f"{each.on_hand:,} on hand, {each.available:,} available" if each.counted else "not counted"
        click.echo(visible(f"{each.warehouse:<10} {known}, {each.allocated:,} allocated, {each.damaged:,} damaged"))


for _verb in (import_, export_, map_, map_file_, unmapped):
    product.add_command(_verb)


def _given(described: dict[str, object]) -> dict[str, object]:
    """Return the options that were given, as a product has them."""
    from data.stock.product_cells import read_amount

    none, parts, values = described.pop("no_parts"), described.pop("parts"), described.pop("values")
    found = {key: value for key, value in described.items() if value is not None}
    assert isinstance(parts, tuple)
    assert isinstance(values, tuple)
    if parts and none:
        raise click.UsageError("say --part or --no-parts, one of the two")
    if parts or none:
        found["parts"] = [read_part(each) for each in parts]
    if values:
        found["values"] = [read_amount(each.replace("=", " ", 1), "") for each in values]
    return found


def _lines(found: Product) -> Iterator[str]:
    """Yield what there is to say of a product."""
    yield f"{found.sku}  {found.title}"
    yield f"is         {_kind(found)}"
    if found.parts:
        yield f"parts      {' + '.join(f'{quantity} x {sku}' for sku, quantity in found.parts)}"
    weight = "" if found.weight_g is None else f"{found.weight_g:,} g"
    size = f"{_sides(found)} mm" if _sides(found) else ""
    yield f"size       {', '.join(each for each in (weight, size) if each) or 'not known'}"
    customs = (
        found.description,
        f"HS {found.hs_code}" * bool(found.hs_code),
        f"from {found.origin}" * bool(found.origin),
    )
    yield f"customs    {', '.join(each for each in (*customs, _values(found)) if each) or 'not known'}"


def _kind(found: Product) -> str:
    if not found.physical:
        return "digital"
    return "kit" if found.parts else "spare" if found.spare else "product"


def _sides(found: Product) -> str:
    sides = (found.length_mm, found.width_mm, found.height_mm)
    return "x".join("?" if each is None else str(each) for each in sides) if any(sides) else ""


def _values(found: Product) -> str:
    return ", ".join(f"{each.currency} {each.digits()}" for each in found.values)
