"""`lastcall person`: what is kept of one person, all of it as a document, and forgetting them."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import click

from console.output import finish, json_option, narrate, print_json
from console.session import Session, pass_session
from data.text import visible


@click.group("person")
def person() -> None:
    """Show, export, forget a person, named by e-mail address."""


@person.command("show")
@click.argument("email")
@json_option
@pass_session
def show(session: Session, email: str, as_json: bool) -> None:
    """Show what is kept of a person, and where copies lie."""
    from data.desk.person import show as read_person

    found = read_person(session.open(), email)
    if as_json:
        print_json(dataclasses.asdict(found))
        return
    for backer, campaign, uid, name in found.backers:
        click.echo(visible(f"backer    #{backer} {name} ({campaign} {uid})"))
    for order, number, kind, stage in found.orders:
        click.echo(visible(f"order     {number} #{order} {kind}, {stage}"))
    for address in found.addresses:
        click.echo(visible(f"address   {address}"))
    for parcel in found.parcels:
        click.echo(visible(f"parcel    {' '.join(parcel)}"))
    for issue, state, title in found.issues:
        click.echo(visible(f"issue     {issue} {state}: {title}"))
    for place in (*found.copies.warehouses, *found.copies.files, *found.copies.backups):
        click.echo(visible(f"copy      {place}"))
    for reason in found.open:
        click.echo(visible(f"open      {reason}"))


@person.command("export")
@click.argument("email")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file that is not there yet.")
@pass_session
def export(session: Session, email: str, output: Path | None) -> None:
    """Print every row that is about a person as one JSON document, or write it to a file."""
    from data.desk.person import export as export_person

    found = export_person(session.open(), email)
    document = found | {"copies": dataclasses.asdict(found["copies"])}
    if output is None:
        print_json(document)
        return
    from data.files.write import write_bytes

    write_bytes(output, json.dumps(document, ensure_ascii=False, indent=2).encode())
    narrate(f"written: {output}")


@person.command("forget")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask: for scripts.")
@json_option
@pass_session
def forget(session: Session, email: str, yes: bool, as_json: bool) -> None:
    """Blank everything that says who a person is; nothing brings it back.

    Refused while an order, a parcel or an issue of theirs is open. Says where copies lie that only you can delete.
    """
    from data.desk.forget import forget as forget_person
    from data.model import InputError

    if not yes:
        if not sys.stdin.isatty():
            raise InputError("nothing brings a person back: say --yes")
        if click.prompt("Type the e-mail address again", err=True) != email:
            raise click.Abort
    finish(forget_person(session.open(), email), as_json)
