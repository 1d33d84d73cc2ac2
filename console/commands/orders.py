"""`lastcall orders` and `lastcall order`: the list, one order, and the verbs on orders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from console.commands.order_show import show_order
from console.commands.order_verbs import cancel, come_back, hold, late, note, priority, release
from console.commands.views import views
from console.options import campaign_id, campaign_option, filter_option, limit_option
from console.output import json_option, print_json_list, print_table
from console.session import Session, pass_session

if TYPE_CHECKING:
    from data.orders.rows import OrderRow
    from data.store.workspace import Workspace

__all__ = ["order", "orders", "views"]

_PAGE = 500


@click.command("orders")
@filter_option
@click.option("--view", "view_name", help="A saved view: its filter and sort.")
@click.option("--sort", help="number, name, email, country, stage, tier, warehouse, ordered, amount or priority.")
@click.option("--reverse", is_flag=True, help="The other way round.")
@limit_option
@click.option("--count", is_flag=True, help="Only say how many there are.")
@campaign_option
@json_option
@pass_session
def orders(
    session: Session,
    text: str,
    view_name: str | None,
    sort: str | None,
    reverse: bool,
    limit: int | None,
    count: bool,
    campaign: str | None,
    as_json: bool,
) -> None:
    """List orders.

    A filter is words to search and fields: stage, country, hold, sku, late, locked, paid, kind, warehouse, batch, tier,
    name, email, number, issue, change, level, tracking, carrier, ordered, amount, parent, priority, address, import.
    `-` negates, `a,b` is either, dates and numbers take > < and from..to, and `any` and `none` ask for presence.
    """
    from data.model import InputError
    from data.orders.rows import SORTS, OrderRows, order_document

    ws = session.open()
    if view_name is not None:
        from data.orders.views import find_view

        view = find_view(ws.store, "orders", view_name)
        text = f"{view.filter} {text}".strip()
        sort, reverse = sort or view.sort or None, reverse ^ (view.descending and not sort)
    if sort is not None and sort not in SORTS:
        raise InputError(f"orders can't be sorted by {sort}: choose {', '.join(SORTS)}")
    source = OrderRows(ws.store, text, sort or "number", reverse, campaign_id(ws, campaign))
    if count:
        print_json_or_number(source.count(), as_json)
        return
    ids = source.ids(lambda: False) if limit is None else source.first(limit)
    rows = _pages(ws, ids)
    if as_json:
        print_json_list(order_document(row) for row in rows)
    else:
        print_table(("Number", "Name", "To", "Stage", "Flags", "Items", "Warehouse"), (_cells(row) for row in rows))


@click.group("order")
def order() -> None:
    """Show, hold, release, cancel orders.

    An order is named by its number, #id, e-mail address, a shipment's key or a tracking number.
    """


for _command in (show_order, hold, release, note, priority, late, cancel, come_back):
    order.add_command(_command)


def print_json_or_number(count: int, as_json: bool) -> None:
    """Print how many there are."""
    from console.output import print_json

    if as_json:
        print_json({"count": count})
    else:
        click.echo(count)


def _pages(ws: Workspace, ids: Any) -> Iterator[OrderRow]:
    """Yield the rows of ids, reading a page at a time."""
    from data.orders.rows import order_rows

    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        found = order_rows(ws.store, page)
        yield from (found[each] for each in page if each in found)


def _cells(row: OrderRow) -> tuple[object, ...]:
    flags = [*(f"hold:{kind}" for kind in row.holds), *(["late"] * row.late), *(["locked"] * row.locked)]
    items = ", ".join(f"{line.quantity} {line.sku or line.name}" for line in row.lines)
    return row.number, row.name, row.country, row.stage, " ".join(flags), items, row.warehouse
