"""`lastcall init`, `backup`, `restore`, `upgrade`: the workspace's folder and its database."""

from __future__ import annotations

from pathlib import Path

import click

from console.output import json_option, narrate, print_json
from console.session import Session, pass_session


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--group", default="", help="The Unix group whose members share it; else it is yours alone.")
@json_option
@pass_session
def init(session: Session, folder: Path | None, group: str, as_json: bool) -> None:
    """Make a workspace in FOLDER, or where the options and LASTCALL_WORKSPACE say."""
    from data.store.workspace import init_workspace

    where = folder or session.workspace_folder()
    init_workspace(where, group)
    if as_json:
        print_json({"workspace": str(where)})
    else:
        click.echo(where)
        narrate("the workspace is made: next, `lastcall import FILE...`, and warehouses with `lastcall warehouse add`")


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@json_option
@pass_session
def backup(session: Session, file: Path | None, as_json: bool) -> None:
    """Copy the database to FILE, or into backups/, while others work; the copy is checked and never overwrites."""
    from data.store.backup import backup as write_backup
    from data.store.backup import backup_path

    ws = session.open()
    path = write_backup(ws.store, file or backup_path(ws.path("backups"), ws.clock))
    if as_json:
        print_json({"path": str(path)})
    else:
        click.echo(path)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help="Do it without asking.")
@json_option
@pass_session
def restore(session: Session, file: Path, yes: bool, as_json: bool) -> None:
    """Put the backup FILE in place of the database; the replaced one is kept beside it.

    What was sent after the backup is not in it, so workers stay locked until `lastcall reconcile` has asked the
    warehouses what they hold.
    """
    from data.clock import Clock
    from data.dispatch.standstill import refuse_others, standstill
    from data.store.backup import restore as put_back
    from data.store.workspace import DATABASE

    folder = session.workspace_folder()
    if not yes:
        click.confirm(f"Replace the database of {folder}?", abort=True, err=True)
    with standstill(folder):
        refuse_others(folder)
        kept = put_back(file, folder / DATABASE, folder / "run", Clock())
    if as_json:
        print_json({"kept": None if kept is None else str(kept)})
    else:
        narrate("restored; run `lastcall reconcile` before anything is sent")
        if kept is not None:
            click.echo(kept)


@click.command("upgrade")
@json_option
@pass_session
def upgrade(session: Session, as_json: bool) -> None:
    """Bring the database to this program's schema, after a backup; nothing else changes it."""
    from data.desk.upgrade import upgrade as bring_up

    done = bring_up(session.workspace_folder())
    if as_json:
        print_json({"steps": list(done.steps), "backup": None if done.backup is None else str(done.backup)})
    elif done.steps:
        narrate(f"backup: {done.backup}")
        for step in done.steps:
            click.echo(step)
    else:
        narrate("the database has this program's schema already")
