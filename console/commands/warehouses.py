"""`lastcall warehouses` and `lastcall warehouse`: who sends our parcels, and through what."""

from __future__ import annotations

import click

from console.commands.warehouse_add import add, print_reply
from console.commands.warehouse_plan import agree, plan
from console.commands.warehouse_sample import sample
from console.output import finish, json_option, narrate, print_json, print_table
from console.session import Session, pass_session


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
    """Add, test, stop warehouses; keep what is agreed with them."""


for _command in (add, plan, agree, sample):
    warehouse.add_command(_command)


@warehouse.command()
@click.argument("code")
@json_option
@pass_session
def test(session: Session, code: str, as_json: bool) -> None:
    """Say what works: its worker tries what can be tried without changing anything."""
    from data.dispatch.ask import ask, wait_for

    ws = session.open()
    (reply,) = wait_for(ws, ask(ws, [code.upper()], "test"))
    if as_json:
        print_json(reply)
    else:
        print_reply(reply)
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
