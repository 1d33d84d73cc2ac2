"""The verbs on orders: each names orders, or takes all of a filter, and calls one function of `data`."""

from __future__ import annotations

from typing import Any

import click

from console.options import campaign_id, chosen_options, chosen_orders
from console.output import finish
from console.session import Session, pass_session
from data.model import HoldKind

_chosen = chosen_options("order")


@click.command("hold")
@_chosen
@click.option(
    "--kind",
    type=click.Choice([each.value for each in HoldKind]),
    default=HoldKind.OPERATOR.value,
    show_default=True,
    help="Why it must not move.",
)
@click.option("--reason", default="", help="What it waits for, for whoever finds it.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="Release it at the start of this day (in the campaign's zone)."
)
@click.option("--at-warehouse", is_flag=True, help="Ask the warehouse that has it to hold it, too.")
@pass_session
def hold(
    session: Session,
    words: tuple[str, ...],
    text: str,
    campaign: str | None,
    as_json: bool,
    kind: str,
    reason: str,
    until: Any,
    at_warehouse: bool,
) -> None:
    """Put a hold on orders; any hold blocks allocation and sending."""
    ws = session.open()
    items = chosen_orders(ws, words, text, campaign)
    if at_warehouse:
        from data.dispatch.hold import hold_at_warehouse

        finish(hold_at_warehouse(ws, items, reason), as_json)
        return
    from data.orders.conditions import context_of
    from data.orders.holds import hold as hold_orders

    zone = context_of(ws.store, campaign_id(ws, campaign)).zone
    finish(hold_orders(ws, items, HoldKind(kind), reason, until.replace(tzinfo=zone) if until else None), as_json)


@click.command("release")
@_chosen
@click.option("--kind", type=click.Choice([each.value for each in HoldKind]), help="Only holds of this kind.")
@click.option("--at-warehouse", is_flag=True, help="Ask the warehouse to release it, too.")
@pass_session
def release(
    session: Session,
    words: tuple[str, ...],
    text: str,
    campaign: str | None,
    as_json: bool,
    kind: str | None,
    at_warehouse: bool,
) -> None:
    """Release orders from their holds."""
    ws = session.open()
    items = chosen_orders(ws, words, text, campaign)
    if at_warehouse:
        from data.dispatch.hold import release_at_warehouse

        finish(release_at_warehouse(ws, items), as_json)
        return
    from data.orders.holds import release as release_orders

    finish(release_orders(ws, items, HoldKind(kind) if kind else None), as_json)


@click.command("note")
@_chosen
@click.option("--text", "note_text", required=True, help="What the others should know.")
@pass_session
def note(
    session: Session, words: tuple[str, ...], text: str, campaign: str | None, as_json: bool, note_text: str
) -> None:
    """Write a note on orders."""
    from data.orders.notes import add_note

    ws = session.open()
    finish(add_note(ws, chosen_orders(ws, words, text, campaign), note_text), as_json)


@click.command("priority")
@_chosen
@click.option("--to", "value", type=int, required=True, help="From -9 to 9; 0 is everybody's, higher goes first.")
@pass_session
def priority(
    session: Session, words: tuple[str, ...], text: str, campaign: str | None, as_json: bool, value: int
) -> None:
    """Give orders a priority."""
    from data.orders.flags import set_priority

    ws = session.open()
    finish(set_priority(ws, chosen_orders(ws, words, text, campaign), value), as_json)


@click.command("late")
@_chosen
@click.option("--not", "not_late", is_flag=True, help="Say that they are not late.")
@pass_session
def late(
    session: Session, words: tuple[str, ...], text: str, campaign: str | None, as_json: bool, not_late: bool
) -> None:
    """Say that orders came after the lock."""
    from data.orders.flags import set_late

    ws = session.open()
    finish(set_late(ws, chosen_orders(ws, words, text, campaign), not not_late), as_json)


@click.command("cancel")
@_chosen
@click.option("--reason", required=True, help="Why, for the log and for the warehouse's people.")
@pass_session
def cancel(
    session: Session, words: tuple[str, ...], text: str, campaign: str | None, as_json: bool, reason: str
) -> None:
    """Cancel orders; a warehouse that has them already is asked to."""
    from data.dispatch.cancel import cancel_orders

    ws = session.open()
    finish(cancel_orders(ws, chosen_orders(ws, words, text, campaign), reason), as_json)


@click.command("return")
@_chosen
@click.option(
    "--action",
    type=click.Choice(["default", "restock", "quarantine", "dispose"]),
    default="default",
    show_default=True,
    help="What is to become of it there.",
)
@click.option("--tracking", default="", help="The tracking number under which it comes back.")
@click.option("--reason", default="", help="Why it comes back.")
@pass_session
def come_back(
    session: Session,
    words: tuple[str, ...],
    text: str,
    campaign: str | None,
    as_json: bool,
    action: str,
    tracking: str,
    reason: str,
) -> None:
    """Tell the warehouse that what it sent comes back."""
    from data.dispatch.notices import ask_return
    from data.portals.notices import ReturnAction

    ws = session.open()
    items = chosen_orders(ws, words, text, campaign)
    finish(ask_return(ws, items, ReturnAction(action), tracking_number=tracking, reason=reason), as_json)
