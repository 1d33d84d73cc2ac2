"""`lastcall stock`: how many of what are where, and every number opened down to its movements."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.commands.stock_verbs import adjust, ask, count, damage, receive, repair, restock, transfer, write_off
from console.output import json_option, narrate, print_json, print_table
from console.session import Session, pass_session
from data.text import visible

if TYPE_CHECKING:
    from data.stock.levels import Level
    from data.store.workspace import Workspace

NUMBERS = ("on_hand", "allocated", "available", "damaged", "in_transit")


@click.group("stock", invoke_without_command=True)
@click.option("--warehouse", help="Only this warehouse.")
@click.option("--sku", help="Only this SKU.")
@click.option("--filter", "text", default="", help="Only SKUs whose name or title has these words.")
@click.option("--short", is_flag=True, help="Only those of which more is allocated than there is.")
@click.option("--counted", is_flag=True, help="Beside what each warehouse said it counts (`stock ask`).")
@click.option("--limit", type=click.IntRange(min=0), help="At most so many.")
@json_option
@click.pass_context
def stock(
    context: click.Context,
    warehouse: str | None,
    sku: str | None,
    text: str,
    short: bool,
    counted: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """List stock by warehouse and SKU: on hand, allocated, available = on hand - allocated, damaged, in transit.

    What nobody has received or counted is `not counted`: what its orders reserve is known, what there is is not.
    """
    if context.invoked_subcommand is not None:
        return
    session = context.ensure_object(Session)
    if counted:
        _differences(session.open(), warehouse, sku, limit, as_json)
        return
    from data.stock.levels import list_levels

    found = list_levels(session.open().store, warehouse=warehouse, sku=sku, words=text, short=short)[:limit]
    if as_json:
        print_json([document(each) for each in found])
        return
    print_table(
        ("warehouse", "sku", "title", "on hand", "allocated", "available", "damaged", "in transit", "short"),
        (_cells(each) for each in found),
    )


@stock.command("show")
@click.argument("warehouse")
@click.argument("sku")
@click.option("--number", type=click.Choice(NUMBERS), default="available", show_default=True, help="Which to open.")
@click.option("--limit", type=click.IntRange(min=0), help="At most so many movements, the newest; all by default.")
@json_option
@pass_session
def show(session: Session, warehouse: str, sku: str, number: str, limit: int | None, as_json: bool) -> None:
    """Open a number of one SKU at one warehouse: the movements it is the sum of, newest first, each with the number
    after it."""
    from data.stock.levels import read_level
    from data.stock.movements import all_movements
    from data.stock.products import find_product

    store = session.open().store
    find_product(store, sku)
    level = read_level(store, warehouse, sku)
    found = all_movements(store, warehouse, sku, number, limit)
    if as_json:
        print_json({**document(level), "number": number, "movements": [dataclasses.asdict(each) for each in found]})
        return
    numbers = ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in level.numbers().items())
    click.echo(visible(f"{level.sku} at {level.warehouse}: {numbers}{'' if level.counted else ' (not counted)'}"))
    print_table(
        ("at", "what", "by", number.replace("_", " "), "reference", "who", "act", "words"),
        (
            (each.at, each.reason, f"{each.quantity:+}", each.total, each.reference, each.user, each.act, each.words)
            for each in found
        ),
    )


@stock.command("export")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file; in exports/ by default."
)
@click.option("--warehouse", help="Only this warehouse.")
@json_option
@pass_session
def export(session: Session, output: Path | None, warehouse: str | None, as_json: bool) -> None:
    """Write stock to a CSV that `stock count --file` reads back. Never writes over a file."""
    from data.exports.stock import export_stock
    from data.stock.levels import list_levels

    ws = session.open()
    exported = export_stock(ws, list_levels(ws.store, warehouse=warehouse), output)
    if as_json:
        print_json({"path": str(exported.path), "rows": exported.rows})
    else:
        click.echo(exported.path)
        narrate(f"{exported.rows:,} rows")


for _verb in (receive, count, adjust, damage, repair, write_off, transfer, restock, ask):
    stock.add_command(_verb)


def document(level: Level) -> dict[str, object]:
    """Return a level as `--json` has it."""
    return {**dataclasses.asdict(level), "available": level.available, "short": level.short}


def _cells(level: Level) -> tuple[object, ...]:
    known = (level.on_hand, level.available) if level.counted else ("not counted", "")
    rest = (level.damaged, level.in_transit, level.short or "")
    return level.warehouse, level.sku, level.title, known[0], level.allocated, known[1], *rest


def _differences(ws: Workspace, warehouse: str | None, sku: str | None, limit: int | None, as_json: bool) -> None:
    """List the ledger beside what warehouses have said."""
    from data.stock.counted import list_differences

    found = list_differences(ws.store, warehouse=warehouse, sku=sku)[:limit]
    if as_json:
        print_json([{**dataclasses.asdict(each), "difference": each.difference} for each in found])
        return
    print_table(
        ("warehouse", "sku", "on hand", "they say", "difference", "available", "they say", "at"),
        (
            (
                each.warehouse,
                each.sku,
                each.on_hand,
                each.counted_on_hand,
                each.difference,
                each.available,
                each.counted_available,
                each.at,
            )
            for each in found
        ),
    )
