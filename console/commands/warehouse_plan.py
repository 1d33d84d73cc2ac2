"""`lastcall warehouse plan` and `agree`: what is agreed with a warehouse, ready to send, and keeping its answers."""

from __future__ import annotations

from pathlib import Path

import click

from console.output import finish, json_option, narrate, print_json
from console.session import Session, pass_session
from data.policy import TOPICS

output_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A new file instead of standard output."
)


@click.command()
@click.argument("code")
@output_option
@json_option
@pass_session
def plan(session: Session, code: str, output: Path | None, as_json: bool) -> None:
    """Print the plan of a warehouse, ready to send: what is still open, what was agreed, its rules, our numbers."""
    from data.dispatch.warehouse_plan import plan_text, warehouse_plan

    found = warehouse_plan(session.open(), code.upper())
    if output is not None:
        from data.files.write import write_bytes

        write_bytes(output, plan_text(found).encode())
    if as_json:
        print_json(found)
    elif output is None:
        click.echo(plan_text(found), nl=False)
    else:
        click.echo(output)
    if found.open:
        narrate(f"{len(found.open)} still open")


@click.command()
@click.argument("code")
@click.argument("topic", type=click.Choice(list(TOPICS)))
@click.option("--agreed", help="What was agreed, in a sentence.")
@click.option("--channel", help="How it is asked for: the portal, an e-mail address, a form.")
@click.option("--cut-off", help="Until when it is possible.")
@click.option("--who-pays", help="Who pays.")
@click.option("--evidence", multiple=True, help="What must come with it; may be given several times.")
@click.option("--contact", help="Whom to ask.")
@click.option("--after-days", type=click.IntRange(min=1), help="Days, at the earliest.")
@click.option("--within-days", type=click.IntRange(min=1), help="Days, at the latest.")
@click.option("--none", "nothing", is_flag=True, help="It is not agreed any more.")
@json_option
@pass_session
def agree(
    session: Session,
    code: str,
    topic: str,
    agreed: str | None,
    channel: str | None,
    cut_off: str | None,
    who_pays: str | None,
    evidence: tuple[str, ...],
    contact: str | None,
    after_days: int | None,
    within_days: int | None,
    nothing: bool,
    as_json: bool,
) -> None:
    """Keep what was agreed with a warehouse on a topic, in `lastcall.toml`; what is not given stays as it is kept."""
    from data.dispatch.warehouse_plan import agree as agree_on
    from data.model import InputError

    ws = session.open()
    given = {
        "agreed": agreed,
        "channel": channel,
        "cut_off": cut_off,
        "who_pays": who_pays,
        "evidence": evidence or None,
        "contact": contact,
        "after_days": after_days,
        "within_days": within_days,
    }
    values = {key: value for key, value in given.items() if value is not None}
    if nothing == bool(values):
        raise InputError("say what was agreed, or --none, one of the two")
    code = code.upper()
    done = agree_on(ws, code, topic, None if nothing else values)
    finish(done, as_json, {"open": ws.policy.warehouse(code).open_topics()})
