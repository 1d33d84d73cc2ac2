"""`lastcall views`: the saved views of the screens."""

from __future__ import annotations

import click

from console.output import finish, json_option, print_json, print_table
from console.session import Session, pass_session

_screen = click.option(
    "--screen",
    type=click.Choice(["orders", "addresses", "dispatch", "issues"]),
    default="orders",
    show_default=True,
    help="The list it belongs to.",
)


@click.group("views", invoke_without_command=True)
@click.option("--screen", help="Only the views of this list.")
@json_option
@click.pass_context
@pass_session
def views(session: Session, context: click.Context, screen: str | None, as_json: bool) -> None:
    """List saved views; save and delete them."""
    if context.invoked_subcommand is not None:
        return
    from data.orders.views import list_views

    found = list_views(session.open().store, screen)
    if as_json:
        print_json(found)
        return
    print_table(
        ("Screen", "Name", "Filter", "Sort", "Columns"),
        (
            (each.screen, each.name, each.filter, ("-" if each.descending else "") + each.sort, " ".join(each.columns))
            for each in found
        ),
    )


@views.command("save")
@click.argument("name")
@_screen
@click.option("--filter", "text", default="", help="Its filter.")
@click.option("--sort", default="", help="What it is sorted by.")
@click.option("--reverse", is_flag=True, help="The other way round.")
@click.option("--columns", default="", help="Column keys, with commas; the screen's own by default.")
@json_option
@pass_session
def save(
    session: Session, name: str, screen: str, text: str, sort: str, reverse: bool, columns: str, as_json: bool
) -> None:
    """Save a view, or replace the one of that name."""
    from data.orders.views import save_view

    ws = session.open()
    if screen == "orders":
        from data.orders.rows import OrderRows

        OrderRows(ws.store, text)
    keys = [each.strip() for each in columns.split(",") if each.strip()]
    finish(save_view(ws, screen, name, text, sort, reverse, keys), as_json)


@views.command("delete")
@click.argument("name")
@_screen
@json_option
@pass_session
def delete(session: Session, name: str, screen: str, as_json: bool) -> None:
    """Delete a view; `lastcall undo` brings it back."""
    from data.orders.views import delete_view

    finish(delete_view(session.open(), screen, name), as_json)
