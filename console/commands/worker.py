"""`lastcall worker CODE` and `lastcall reconcile`: the only commands that speak with a warehouse."""

from __future__ import annotations

import click

from console.output import json_option, narrate, print_json, print_table
from console.session import Session, pass_session


@click.command()
@click.argument("code")
@click.option("--once", is_flag=True, help="Do what can be done at this moment, wait for nothing, leave.")
@click.option("--watch", is_flag=True, help="Stay, and ask the warehouse every --every seconds what happened.")
@click.option("--every", type=click.FloatRange(min=1), default=300.0, show_default=True, help="Seconds between polls.")
@pass_session
def worker(session: Session, code: str, once: bool, watch: bool, every: float) -> int:
    """Work one warehouse's commands and requests until nothing is left.

    One process per warehouse; a second one says so and leaves. SIGTERM lets it finish what is in flight.
    """
    from data.desk.poll import follow_corrections, poll_words
    from data.dispatch.loop import Habits
    from data.dispatch.worker import run_worker

    habits = Habits(once=once, watch=watch, poll_seconds=every)
    return run_worker(
        session.open(f"worker {code}"), code, poll=poll_words, follow=follow_corrections, habits=habits, say=narrate
    )


@click.command()
@json_option
@pass_session
def reconcile(session: Session, as_json: bool) -> int:
    """Ask every warehouse what it has of what is planned here, after a restore; workers may run again afterwards."""
    from data.dispatch.reconcile import is_restored
    from data.dispatch.reconcile import reconcile as ask_all

    ws = session.open("reconcile")
    restored = is_restored(ws)
    found = ask_all(ws)
    if as_json:
        print_json(found)
    else:
        print_table(
            ("Warehouse", "Asked", "There already", "Doubtful", "Problem"),
            ((each.warehouse, each.asked, len(each.there), len(each.doubtful), each.problem) for each in found),
        )
    if restored and not is_restored(ws):
        narrate("workers may run again")
    return 1 if any(each.problem for each in found) else 0
