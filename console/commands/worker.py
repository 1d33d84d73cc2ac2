"""`lastcall worker CODE` and `lastcall reconcile`: the only commands that speak with a warehouse."""

from __future__ import annotations

import click

from console.output import narrate
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
    from data.dispatch.loop import Habits
    from data.dispatch.worker import run_worker

    habits = Habits(once=once, watch=watch, poll_seconds=every)
    return run_worker(session.open(f"worker {code}"), code, habits=habits, say=narrate)
