"""`lastcall warehouses` and `lastcall warehouse`: who sends our parcels, and through what."""

from __future__ import annotations

import click

from console.commands.warehouse_sample import sample
from console.output import finish, json_option, narrate, print_json, print_table
from console.session import Session, pass_session
from data.text import visible


@click.command()
@json_option
@pass_session
def warehouses(session: Session, as_json: bool) -> None:
    """List warehouses and how their workers are doing."""
    from data.dispatch.warehouse_rows import warehouse_rows

    ws = session.open()
    rows = warehouse_rows(ws)
    if as_json:
        print_json(rows)
        return
    print_table(
        ("Warehouse", "Name", "Countries", "Portal", "Worker", "To do", "For a person", "Problem"),
        (
            (
                each.code,
                each.name,
                " ".join(each.countries),
                each.portal,
                each.state,
                each.open,
                each.person,
                each.problem,
            )
            for each in rows
        ),
    )


@click.group()
def warehouse() -> None:
    """Add, test, stop warehouses."""


warehouse.add_command(sample)


@warehouse.command()
@click.argument("code")
@click.option("--name", required=True, help="What people call it.")
@click.option("--countries", default="*", show_default=True, help="Two-letter codes with commas; * = everywhere else.")
@click.option("--portal", default="file", show_default=True, help="How it is driven: file or sandbox.")
@click.option("--url", default="", help="Where its portal answers.")
@click.option("--secret", default="", help="Where the secret is: env:NAME or file:PATH; never the secret itself.")
@click.option("--time-zone", default="UTC", show_default=True, help="Its business days are counted there.")
@json_option
@pass_session
def add(
    session: Session,
    code: str,
    name: str,
    countries: str,
    portal: str,
    url: str,
    secret: str,
    time_zone: str,
    as_json: bool,
) -> None:
    """Write a warehouse into `lastcall.toml`, or change it there."""
    from data.dispatch.warehouse_rows import add_warehouse
    from data.policy import WarehouseSettings

    ws = session.open()
    served = tuple(each.strip().upper() for each in countries.split(",") if each.strip())
    settings = WarehouseSettings(code.upper(), name, served, portal, url, secret, time_zone)
    finish(add_warehouse(ws, settings), as_json)


@warehouse.command()
@click.argument("code")
@json_option
@pass_session
def test(session: Session, code: str, as_json: bool) -> None:
    """Let the worker try what can be tried without changing anything."""
    from data.dispatch.ask import ask, wait_for

    ws = session.open()
    (reply,) = wait_for(ws, ask(ws, [code], "test"))
    if as_json:
        print_json(reply)
    for line in () if as_json else reply.words.split("\n"):
        click.echo(visible(line))
    if not reply.ok:
        raise SystemExit(1)


@warehouse.command()
@click.argument("code")
@json_option
@pass_session
def stop(session: Session, code: str, as_json: bool) -> None:
    """Send nothing more; what is in flight is finished."""
    from data.dispatch.stop import stop_warehouse

    finish(stop_warehouse(session.open(), code), as_json)


@warehouse.command()
@click.argument("code")
@json_option
@pass_session
def resume(session: Session, code: str, as_json: bool) -> None:
    """Send again; a pause the portal asked for is lifted too."""
    from data.dispatch.stop import resume_warehouse

    finish(resume_warehouse(session.open(), code), as_json)
    narrate("its worker goes on where it stopped")
