"""The lock of the last call: lock and unlock addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from console.commands.address_options import campaign_id, campaign_option
from console.output import finish, json_option
from console.session import Session, pass_session
from data.model import InputError

if TYPE_CHECKING:
    from data.model import Item
    from data.store.workspace import Workspace

_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0}


@click.command("lock")
@click.argument("words", metavar="[ORDER...]", nargs=-1)
@click.option("--filter", "text", help="Every order of this filter.")
@click.option("--notice", help="Lock the whole campaign later, after 48h, 2d, 1w.")
@campaign_option
@json_option
@pass_session
def lock_addresses(
    session: Session, words: tuple[str, ...], text: str | None, notice: str | None, campaign: str | None, as_json: bool
) -> None:
    """Lock addresses: of named orders, of a filter, or else of the whole campaign."""
    from data.addresses.lock import give_notice, lock, lock_campaign, lock_due

    ws = session.open()
    scope = campaign_id(ws, campaign)
    if words or text is not None:
        finish(lock(ws, _orders(ws, words, text, scope)), as_json)
        return
    lock_due(ws)
    chosen = scope if scope is not None else _only_campaign(ws)
    finish(give_notice(ws, chosen, _hours(notice)) if notice else lock_campaign(ws, chosen), as_json)


@click.command("unlock")
@click.argument("words", metavar="[ORDER...]", nargs=-1)
@click.option("--filter", "text", help="Every order of this filter.")
@click.option("--reason", required=True, help="Why; it stays as a note.")
@campaign_option
@json_option
@pass_session
def unlock_addresses(
    session: Session, words: tuple[str, ...], text: str | None, reason: str, campaign: str | None, as_json: bool
) -> None:
    """Unlock orders' addresses with a reason."""
    from data.addresses.lock import unlock

    ws = session.open()
    if not words and text is None:
        raise click.UsageError("name orders, or give --filter")
    finish(unlock(ws, _orders(ws, words, text, campaign_id(ws, campaign)), reason), as_json)


def _orders(ws: Workspace, words: tuple[str, ...], text: str | None, scope: int | None) -> list[Item]:
    from data.model import Item
    from data.orders.find import find_orders
    from data.orders.rows import OrderRows

    found = find_orders(ws.store, words, scope) if words else []
    if text is not None:
        found += [Item(each, 0) for each in OrderRows(ws.store, text, campaign_id=scope).ids(lambda: False)]
    return found


def _only_campaign(ws: Workspace) -> int:
    from data.orders.campaigns import only_campaign

    found = only_campaign(ws.store)
    if found is None:
        raise InputError("say --campaign: a whole campaign is locked")
    return found.id


def _hours(text: str) -> float:
    found = re.fullmatch(r"(\d{1,4})([mhdw])", text.strip())
    if found is None:
        raise InputError(f"--notice {text}: write a time like 48h, 2d or 1w")
    return int(found.group(1)) * _HOURS[found.group(2)]
