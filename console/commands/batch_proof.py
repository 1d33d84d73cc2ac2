"""`lastcall batch proof`: the sheet to approve a batch by, ready to send."""

from __future__ import annotations

from pathlib import Path

import click

from console.commands.warehouse_plan import output_option
from console.output import json_option, narrate, print_json
from console.session import Session, pass_session


@click.command("proof")
@click.argument("number", type=int)
@output_option
@click.option(
    "--samples", type=click.IntRange(min=0), default=3, show_default=True, help="Orders in full besides the first."
)
@click.option("--approver", default="", help="Who is to approve it.")
@json_option
@pass_session
def proof(session: Session, number: int, output: Path | None, samples: int, approver: str, as_json: bool) -> None:
    """Print a batch's totals, some of its orders in full as the warehouse gets them, and who approves.

    It has addresses of backers in it: send it as you would send the batch.
    """
    from data.dispatch.proof import proof as make_proof
    from data.dispatch.proof import proof_text

    found = make_proof(session.open(), number, samples=samples, approver=approver)
    if output is not None:
        from data.files.write import write_bytes

        write_bytes(output, proof_text(found).encode())
    if as_json:
        print_json(found)
    elif output is None:
        click.echo(proof_text(found), nl=False)
    else:
        click.echo(output)
    if found.failing:
        narrate(f"{len(found.failing):,} would be taken out: `lastcall batch check {number}`")
        raise SystemExit(1)
