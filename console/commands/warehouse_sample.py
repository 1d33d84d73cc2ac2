"""`lastcall warehouse sample`: what a portal that a file describes would be sent, before anything is."""

from __future__ import annotations

import json

import click

from console.output import json_option, narrate, print_json
from console.session import Session, pass_session
from data.text import visible


@click.command()
@click.argument("code")
@json_option
@pass_session
def sample(session: Session, code: str, as_json: bool) -> None:
    """Print what would be sent for a sample order, once the portal's file is right. Nothing is sent."""
    from data.portals.declared.options import warehouse_sample

    ws = session.open()
    shown = warehouse_sample(ws.policy.warehouse(code.upper()), ws.folder)
    if as_json:
        print_json([{"request": line, "body": body} for line, body in shown])
        return
    for line, body in shown:
        click.echo(visible(line))
        if body:
            for each in json.dumps(json.loads(body), ensure_ascii=False, indent=2).split("\n"):
                click.echo(visible(f"  {each}"))
    narrate("the file is right; --json shows the bodies byte by byte")
