"""`lastcall log` and `lastcall undo`: what was done, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from console.output import finish, json_option, narrate, print_json, print_table
from console.session import Session, pass_session

if TYPE_CHECKING:
    from data.store.undo import Act
    from data.store.workspace import Workspace


@click.command("log")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@click.option("--before", type=int, help="Go on before this act.")
@json_option
@pass_session
def log(session: Session, limit: int, before: int | None, as_json: bool) -> None:
    """List what was done, newest first."""
    from data.store.undo import log as read_log

    acts = read_log(session.open().store, limit=limit, before=before)
    if as_json:
        print_json(acts)
        return
    print_table(
        ("Act", "At", "Who", "Where", "What", "Rows", ""),
        ((each.id, each.at, each.user, each.program, each.words, each.rows, _fate(each)) for each in acts),
    )


@click.command("undo")
@click.argument("act", type=int, required=False)
@click.option("--redo", is_flag=True, help="Take back your last undo instead.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@json_option
@pass_session
def undo(session: Session, act: int | None, redo: bool, yes: bool, as_json: bool) -> None:
    """Take back an act: ACT, a number of `lastcall log`, or else your own last one. It is shown first."""
    from data.model import StaleError
    from data.store.preview import act_changes
    from data.store.undo import undo as undo_act

    ws = session.open()
    found = _find(ws, act, redo)
    if found is None:
        raise StaleError("there is nothing of yours to take back" if act is None else f"there is no act {act}")
    narrate(f"act {found.id}, {found.at}, {found.user}: {found.words}")
    for change in act_changes(ws.store, found.id):
        narrate(f"  {change.op} {change.rows:,} in {change.table}" + "".join(f"\n    {e}" for e in change.examples))
    if not yes:
        click.confirm("Take it back?", abort=True, err=True)
    finish(undo_act(ws.store, ws.actor, found.id), as_json)


def _find(ws: Workspace, act: int | None, redo: bool) -> Act | None:
    """Return the act a person means: the one named, or the last one of this user, whatever the session."""
    from data.store.undo import last_redoable, last_undoable
    from data.store.undo import log as read_log

    if act is not None:
        return next((each for each in read_log(ws.store, limit=1, before=act + 1) if each.id == act), None)
    return (last_redoable if redo else last_undoable)(ws.store, None, ws.actor.user)


def _fate(act: Act) -> str:
    if act.undone_by is not None:
        return f"undone by {act.undone_by}"
    return f"undoes {act.undoes}" if act.undoes is not None else ""
