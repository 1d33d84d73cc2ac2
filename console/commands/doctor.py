"""`lastcall doctor`: what is wrong with this set-up, and how to mend it."""

from __future__ import annotations

import dataclasses
import os

import click

from console.output import json_option, print_json
from console.session import Session, pass_session
from data.text import visible


@click.command()
@json_option
@pass_session
def doctor(session: Session, as_json: bool) -> None:
    """Look at the program, the workspace, its warehouses and the terminal; say what to mend. Changes nothing."""
    from data.desk.doctor import examine

    checks = examine(session.workspace_folder(), os.environ)
    ok = all(each.ok for each in checks)
    if as_json:
        print_json({"ok": ok, "checks": [dataclasses.asdict(each) for each in checks]})
    else:
        for each in checks:
            click.echo(f"{'ok' if each.ok else '!!'}  {each.name:<16}{visible(each.words)}")
            if each.mend:
                click.echo(f"    {'':<16}→ {visible(each.mend)}")
    if not ok:
        raise SystemExit(1)
