"""`lastcall sandbox`: a warehouse to try things on, and what it has done."""

from __future__ import annotations

from pathlib import Path

import click

from console.output import json_option, narrate, print_json, print_table


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: a free one.")
@click.option("--state", type=click.Path(path_type=Path, dir_okay=False), help="The warehouse's own file.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The secret its callers show; STATE.token by default, made where it is missing.",
)
@click.option("--control", is_flag=True, help="Open the control room: clock, faults, stock, fates.")
@click.option("--held", is_flag=True, help="The warehouse's clock stands still until the control room moves it.")
@click.option("--dialect", help="The vendor it speaks like; its own API where none is given.")
@click.option("--limits/--no-limits", default=True, show_default=True, help="Keep the vendor's rate limits.")
@click.option("--ledger", type=click.Path(path_type=Path, dir_okay=False), help="Print what a warehouse's file holds.")
@json_option
def sandbox(
    port: int,
    state: Path | None,
    token_file: Path | None,
    control: bool,
    held: bool,
    dialect: str | None,
    limits: bool,
    ledger: Path | None,
    as_json: bool,
) -> None:
    """Run a sandbox warehouse on 127.0.0.1 until interrupted, or with --ledger print every order it was ever sent."""
    from data.model import InputError

    if (state is None) == (ledger is None):
        raise InputError("give --state FILE to run a warehouse, or --ledger FILE to see what it did")
    if ledger is not None:
        _print_ledger(ledger, as_json)
        return
    from data.portals.sandbox.dialects import NATIVE
    from data.portals.sandbox.serve import serve
    from data.portals.secrets import ensure_secret_file

    assert state is not None
    path = token_file or state.with_name(f"{state.name}.token")
    token = ensure_secret_file(path)
    narrate(f'secret = "file:{path.resolve()}"')
    serve(state, port, token, control, held=held, dialect=dialect or NATIVE, limits=limits)


def _print_ledger(path: Path, as_json: bool) -> None:
    from data.portals.sandbox.ledger import ledger as read_ledger

    rows = read_ledger(path)
    if as_json:
        print_json(rows)
        return
    print_table(
        ("Reference", "Created", "Status", "To", "Lines"),
        (
            (
                row["reference"],
                row["creations"],
                row["status"],
                f"{row['address'].get('name', '')}, {row['address'].get('country', '')}",
                ", ".join(f"{line['quantity']} {line['sku']}" for line in row["lines"]),
            )
            for row in rows
        ),
    )
