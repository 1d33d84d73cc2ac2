"""`lastcall verify`: every promise that the data can show."""

from __future__ import annotations

import dataclasses
import sys

import click

from console.output import json_option, narrate, print_json
from console.session import Session, pass_session
from data.text import visible


@click.command()
@json_option
@pass_session
def verify(session: Session, as_json: bool) -> None:
    """Check every promise that the data can show; changes nothing.

    Reads the whole database: minutes at a million orders. Exit code 1 when something is found.
    """
    from data.desk.verify import verify as run_checks

    ws = session.open()
    found = run_checks(ws.store, narrate if sys.stderr.isatty() and not as_json else None)
    if as_json:
        print_json({"ok": found.ok, "findings": [dataclasses.asdict(each) for each in found.findings]})
    else:
        for each in found.findings:
            click.echo(f"{each.check}: {visible(each.words)}")
        click.echo(f"{found.checks} checks, {len(found.findings) or 'no'} finding{'s' * (len(found.findings) != 1)}")
    if not found.ok:
        raise SystemExit(1)
