"""`lastcall sync`: every warehouse's worker is asked what happened."""

from __future__ import annotations

import time

import click

from console.output import json_option, narrate, print_json
from console.session import Session, pass_session


@click.command()
@click.argument("codes", nargs=-1, metavar="[WAREHOUSE]...")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait for the answers.")
@click.option("--watch", is_flag=True, help="Again and again, until interrupted.")
@click.option("--every", type=click.FloatRange(min=1), default=300.0, show_default=True, help="Seconds, with --watch.")
@json_option
@pass_session
def sync(session: Session, codes: tuple[str, ...], wait: bool, watch: bool, every: float, as_json: bool) -> None:
    """Ask the warehouses what happened: states, parcels, tracking numbers.

    Before that it does what is due here: locks, holds that end, addresses to check.
    """
    from data.desk.upkeep import upkeep
    from data.dispatch.ask import Reply, ask, wait_for

    ws = session.open()
    while True:
        upkeep(ws)
        asked = ask(ws, codes or [each.code for each in ws.policy.warehouses], "poll")
        replies = (
            wait_for(ws, asked)
            if wait or watch
            else [Reply(each.warehouse, not each.note, each.note or "asked") for each in asked]
        )
        if as_json:
            print_json(replies)
        else:
            for each in replies:
                narrate(f"{each.warehouse}: {each.words}")
        if not watch:
            break
        time.sleep(every)
    if not all(each.ok for each in replies):
        raise SystemExit(1)
