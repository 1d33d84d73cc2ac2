"""`lastcall demo`: a sample campaign on sandbox warehouses, to play with or (headless) to show that it works."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

import click

from console.output import json_option, narrate, print_json
from console.session import Session, pass_session

SPEED = 360.0
"""How many times as fast as the world's the sandbox warehouses' clocks run while somebody plays: a day in 4 minutes."""


@click.command()
@click.option("--headless", is_flag=True, help="Run the whole journey without a terminal and print what came of it.")
@click.option("--orders", type=click.IntRange(1), default=2000, show_default=True, help="Orders in the campaign.")
@click.option("--seed", type=int, default=7, show_default=True, help="Another number makes another campaign.")
@json_option
@pass_session
def demo(session: Session, headless: bool, orders: int, seed: int, as_json: bool) -> int:
    """Make a sample campaign with five sandbox warehouses and open the console on it.

    Everything is kept in the folder that --workspace names, or in a temporary one. --headless exits with 0 only if
    every promise that `lastcall verify` can check is kept.
    """
    if session.folder is not None:
        return _run(session, session.folder, headless, orders, seed, as_json)
    with tempfile.TemporaryDirectory(prefix="lastcall-demo-") as folder:
        return _run(session, Path(folder) / "ember-isles", headless, orders, seed, as_json)


def _run(session: Session, folder: Path, headless: bool, orders: int, seed: int, as_json: bool) -> int:
    from data.desk.demo import Demo

    with Demo(folder, orders, seed, say=narrate) as found:
        summary = found.run()
        if headless:
            from data.desk.verify import verify

            verified = verify(found.ws.store)
            document = dataclasses.asdict(summary) | {
                "verify": {"ok": verified.ok, "findings": [dataclasses.asdict(each) for each in verified.findings]}
            }
            if as_json:
                print_json(document)
            else:
                for name, value in dataclasses.asdict(summary).items():
                    click.echo(f"{value:>8,}  {name}")
                click.echo("verify: " + ("every promise is kept" if verified.ok else "NOT ok"))
                for each in verified.findings:
                    click.echo(f"  {each.check}: {each.words}")
            return 0 if verified.ok else 1
        found.run_on(SPEED)
        from console.start import open_console

        session.folder = folder
        return open_console(session)
