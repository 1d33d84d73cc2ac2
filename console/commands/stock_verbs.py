"""`lastcall stock receive`, `count`, `adjust`, ...: what people do to the ledger by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from console.output import finish, json_option, narrate, print_json
from console.session import Session, pass_session

_Command = TypeVar("_Command", bound=Callable[..., object])
_reason = click.option("--reason", default="", help="Why; kept with the act.")
_because = click.option("--reason", required=True, help="Why; kept with the act.")
_force = click.option("--force", is_flag=True, help="Even where a number goes below zero; needs --reason.")


def _place(command: _Command) -> _Command:
    """Give a command the warehouse and the SKU."""
    return click.argument("warehouse")(click.argument("sku")(command))


@click.command("receive")
@_place
@click.argument("quantity", type=int)
@click.option("--reference", default="", help="The delivery: a note's number, a container.")
@_reason
@json_option
@pass_session
def receive(
    session: Session, warehouse: str, sku: str, quantity: int, reference: str, reason: str, as_json: bool
) -> None:
    """Take QUANTITY pieces in: they are on hand."""
    from data.stock import adjust as verbs

    done = verbs.receive(session.open(), warehouse, sku, quantity, reference=reference, reason=reason)
    finish(done, as_json)


@click.command("count")
@click.argument("warehouse", required=False)
@click.argument("sku", required=False)
@click.argument("on_hand", required=False, type=int)
@click.option("--file", "path", type=click.Path(path_type=Path), help="A CSV of sku, warehouse, on hand instead.")
@_reason
@_force
@json_option
@pass_session
def count(
    session: Session,
    warehouse: str | None,
    sku: str | None,
    on_hand: int | None,
    path: Path | None,
    reason: str,
    force: bool,
    as_json: bool,
) -> None:
    """Set what is on hand to what was counted, allocated pieces included.

    With --file, WAREHOUSE is that of a file without such a column; rows without a number are passed over.
    """
    from data.stock import adjust as verbs
    from data.stock.count_file import read_counts

    if path is not None:
        if sku is not None:
            raise click.UsageError("name a file or one SKU, not both")
        counts = read_counts(path, warehouse or "")
    elif warehouse is None or sku is None or on_hand is None:
        raise click.UsageError("say WAREHOUSE SKU ON_HAND, or --file FILE")
    else:
        counts = [verbs.Counted(warehouse, sku, on_hand)]
    finish(verbs.count(session.open(), counts, reason, force=force), as_json)


@click.command("adjust")
@_place
@click.option("--by", required=True, type=int, help="How many more, or with a minus fewer.")
@_because
@_force
@json_option
@pass_session
def adjust(session: Session, warehouse: str, sku: str, by: int, reason: str, force: bool, as_json: bool) -> None:
    """Correct what is on hand."""
    from data.stock import adjust as verbs

    finish(verbs.adjust(session.open(), warehouse, sku, by, reason, force=force), as_json)


@click.command("damage")
@_place
@click.argument("quantity", type=int)
@_reason
@_force
@json_option
@pass_session
def damage(session: Session, warehouse: str, sku: str, quantity: int, reason: str, force: bool, as_json: bool) -> None:
    """Say that QUANTITY pieces on hand are damaged: they can't be promised."""
    from data.stock import adjust as verbs

    finish(verbs.damage(session.open(), warehouse, sku, quantity, reason, force=force), as_json)


@click.command("repair")
@_place
@click.argument("quantity", type=int)
@_reason
@_force
@json_option
@pass_session
def repair(session: Session, warehouse: str, sku: str, quantity: int, reason: str, force: bool, as_json: bool) -> None:
    """Put QUANTITY damaged pieces back on the shelf as good ones."""
    from data.stock import adjust as verbs

    finish(verbs.repair(session.open(), warehouse, sku, quantity, reason, force=force), as_json)


@click.command("writeoff")
@_place
@click.argument("quantity", type=int)
@click.option("--good", is_flag=True, help="Good pieces on hand, instead of damaged ones.")
@_because
@_force
@json_option
@pass_session
def write_off(
    session: Session, warehouse: str, sku: str, quantity: int, good: bool, reason: str, force: bool, as_json: bool
) -> None:
    """Take QUANTITY damaged pieces out of the ledger for ever."""
    from data.stock import adjust as verbs

    state = "on_hand" if good else "damaged"
    finish(verbs.write_off(session.open(), warehouse, sku, quantity, reason, state=state, force=force), as_json)


@click.command("transfer")
@click.argument("source")
@click.argument("target")
@click.argument("sku")
@click.argument("quantity", type=int)
@_reason
@_force
@json_option
@pass_session
def transfer(
    session: Session, source: str, target: str, sku: str, quantity: int, reason: str, force: bool, as_json: bool
) -> None:
    """Move QUANTITY pieces on hand from the warehouse SOURCE to TARGET."""
    from data.stock import adjust as verbs

    finish(verbs.transfer(session.open(), source, target, sku, quantity, reason, force=force), as_json)


@click.command("restock")
@click.argument("key")
@click.argument("sku", required=False)
@click.argument("quantity", required=False, type=int)
@click.option("--warehouse", default="", help="Where it came back to; where it left, by default.")
@click.option("--damaged", is_flag=True, help="It came back damaged.")
@_reason
@json_option
@pass_session
def restock(
    session: Session,
    key: str,
    sku: str | None,
    quantity: int | None,
    warehouse: str,
    damaged: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Put back on the shelf what came back of the shipment KEY: all that left with it, or QUANTITY of SKU."""
    from data.stock.restock import restock as put_back

    ws = session.open()
    done = put_back(ws, key, sku or "", quantity, warehouse=warehouse, damaged=damaged, reason=reason)
    finish(done, as_json)


@click.command("ask")
@click.argument("codes", nargs=-1, metavar="[WAREHOUSE]...")
@json_option
@pass_session
def ask(session: Session, codes: tuple[str, ...], as_json: bool) -> None:
    """Ask the warehouses what they count; `stock --counted` shows it beside the ledger, which stays as it is."""
    from data.dispatch.ask import ask as ask_for
    from data.dispatch.ask import wait_for

    ws = session.open()
    replies = wait_for(ws, ask_for(ws, codes or [each.code for each in ws.policy.warehouses], "stock"))
    if as_json:
        print_json(replies)
    for each in () if as_json else replies:
        narrate(f"{each.warehouse}: {each.words}")
    if not all(each.ok for each in replies):
        raise SystemExit(1)
