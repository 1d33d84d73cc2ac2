"""`lastcall freight`: what was announced to the warehouses, and announcing more."""

from __future__ import annotations

from pathlib import Path

import click

from console.output import finish, json_option, print_json, print_table
from console.session import Session, pass_session


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def freight(context: click.Context, as_json: bool) -> None:
    """List inbound shipments that were announced to warehouses, or announce one."""
    if context.invoked_subcommand is not None:
        return
    from data.dispatch.notices import announced

    session = context.find_object(Session)
    assert session is not None
    rows = announced(session.open().store)
    if as_json:
        print_json(rows)
        return
    print_table(
        ("Key", "Warehouse", "State", "There as", "Planned", "Why"),
        ((each.key, each.warehouse, each.state, each.remote_id, each.at, each.reason) for each in rows),
    )


@freight.command()
@click.argument("warehouse")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@pass_session
def announce(session: Session, warehouse: str, file: Path, as_json: bool) -> None:
    """Announce the inbound shipment that a TOML file describes to its warehouse.

    The file has `key`, `expected_on`, optionally `packing` (parcels, pallets, container), `purchase_order`, `supplier`,
    `carrier`, `tracking_number`, `vessel`, `container`, `bill_of_lading`, and a `[[carton]]` for each kind of carton:
    `count`, `reference`, `lines = {SKU = pieces in one carton}`.
    """
    from data.dispatch.notices import announce as announce_inbound
    from data.dispatch.notices import read_inbound

    finish(announce_inbound(session.open(), warehouse, read_inbound(file)), as_json)
