"""`lastcall allocate`: orders are given to warehouses, or taken back."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from console.options import campaign_id, campaign_option, chosen_orders
from console.output import finish, json_option, narrate, print_json, print_table
from console.progress import CountLine, stoppable
from console.session import Session, pass_session
from data.text import visible

if TYPE_CHECKING:
    from data.dispatch.allocate import Allocation


@click.command()
@click.argument("words", nargs=-1, metavar="[ORDER]...")
@click.option("--filter", "text", default="", help="The orders of this filter; without it all that are ready.")
@click.option("--warehouse", help="Send them to this one, also those that have another.")
@click.option("--dry-run", is_flag=True, help="Only show what would happen.")
@click.option("--back", is_flag=True, help="Take them back from their warehouses instead.")
@click.option("--why", is_flag=True, help="Only say why these orders are where they are.")
@campaign_option
@json_option
@pass_session
def allocate(
    session: Session,
    words: tuple[str, ...],
    text: str,
    warehouse: str | None,
    dry_run: bool,
    back: bool,
    why: bool,
    campaign: str | None,
    as_json: bool,
) -> None:
    """Give orders to warehouses: by the rules of lastcall.toml, by country, by priority, and by what is left there.

    What is not in stock at any warehouse that serves an order stays ready, as a backorder (--filter backorder:yes).
    ctrl+c stops after the orders that are being written; the rest is as it was, and the exit code is 1.
    """
    from data.dispatch import allocate as rules

    ws = session.open()
    named = bool(words or text)
    ids = [each.id for each in chosen_orders(ws, words, text, campaign)] if named or back or why else None
    if why:
        from data.dispatch.why_here import explain

        found = {each: explain(ws.store, ws.policy, each) for each in ids or ()}
        if as_json:
            print_json([{"id": each, "why": lines} for each, lines in found.items()])
        for each, lines in () if as_json else found.items():
            click.echo(f"#{each}: " + visible("; ".join(lines)))
        return
    if back:
        finish(rules.unallocate(ws, ids or ()), as_json)
        return
    scope = campaign_id(ws, campaign)
    line = CountLine("orders")
    with stoppable() as asked:
        try:
            result = rules.allocate(
                ws,
                campaign_id=scope,
                ids=ids,
                warehouse=warehouse,
                dry_run=dry_run,
                progress=line,
                stopped=lambda: bool(asked),
            )
        finally:
            line.finish()
    if not as_json:
        _show(result)
    finish(result.done, as_json, _document(result))
    if result.left and not result.given and not as_json:
        narrate("nothing was allocated")
    if result.stopped:
        raise SystemExit(1)


def _show(result: Allocation) -> None:
    """Print who gets what, and what is lacking."""
    if result.given:
        print_table(
            ("Warehouse", "Country", "Orders", "Units"),
            ((each.warehouse, each.country, each.orders, each.units) for each in result.given),
        )
        print_table(
            ("Warehouse", "SKU", "Pieces", "Left"),
            ((each.warehouse, each.sku, each.units, each.left) for each in result.skus),
        )
    if result.short:
        print_table(
            ("Warehouse", "SKU", "Missing", "Backorders"),
            ((each.warehouse, each.sku, each.missing, each.orders) for each in result.short),
        )


def _document(result: Allocation) -> dict[str, object]:
    """Return what `--json` prints besides what the verb did."""
    return {
        "given": [dataclasses.asdict(each) for each in result.given],
        "skus": [dataclasses.asdict(each) for each in result.skus],
        "left": [list(each) for each in result.left],
        "short": [dataclasses.asdict(each) for each in result.short],
        "orders": result.orders,
        "split": result.split,
        "acts": list(result.acts),
        "stopped": result.stopped,
    }
