"""`lastcall overview`: what needs doing this morning, in lines."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from console.options import campaign_id, campaign_option
from console.output import json_option, print_json
from console.session import Session, pass_session
from data.text import visible

if TYPE_CHECKING:
    from data.addresses.countdown import Countdown
    from data.desk.overview import Overview
    from data.desk.warehouse_lines import WarehouseLine


@click.command()
@campaign_option
@json_option
@pass_session
def overview(session: Session, campaign: str | None, as_json: bool) -> None:
    """Show what needs doing and how far everything has come."""
    from data.desk.overview import read_overview

    ws = session.open()
    found = read_overview(ws.store, campaign_id(ws, campaign))
    if as_json:
        print_json(dataclasses.asdict(found))
        return
    for name, words in _lines(found):
        click.echo(f"{name:<18}{visible(words)}")
    for each in found.warehouses:
        click.echo(visible(_warehouse(each)))


def _lines(found: Overview) -> list[tuple[str, str]]:
    """Return what there is to say, each with its title; what is nothing is left out."""
    said = [
        ("for a person", f"{found.person:,} sent, and nobody knows whether they arrived" if found.person else ""),
        ("doubtful", f"{found.doubtful:,} sent without an answer; a look-up will tell" if found.doubtful else ""),
        ("issues", _counts(found.issues) + (f", oldest of {found.oldest_issue[:10]}" if found.oldest_issue else "")),
        ("address changes", _counts(found.changes)),
        ("closed themselves", f"{found.closed_changes:,} changes that changed nothing" if found.closed_changes else ""),
        ("no SKU yet", f"{found.unmapped:,} names: lastcall product unmapped" if found.unmapped else ""),
        ("holds", _counts(found.held)),
        ("orders", f"{found.orders:,}, {found.units:,} pieces, {found.late:,} late" if found.orders else "none"),
        ("stages", _counts(found.stages)),
        ("batches", _counts(found.batches)),
        ("parcels", _counts(found.parcels)),
        *(("addresses lock", _countdown(each)) for each in found.countdowns),
        *(("locked", f"{code} since {since}") for code, since in found.locked.items()),
    ]
    return [(name, words) for name, words in said if words]


def _countdown(each: Countdown) -> str:
    name = f"{each.campaign} ({each.segment})" if each.segment else each.campaign
    counts = {"missing": each.missing, "to confirm": each.confirm, "asked": each.asked, "answered": each.answered}
    reminded = f"; {each.reminders:,} reminders, the last {each.reminded_at}" if each.reminders else ""
    return f"{name} at {each.lock_at}: {_counts(counts)}{reminded}"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())


def _warehouse(line: WarehouseLine) -> str:
    parts = [f"{line.waiting:,} waiting", f"{line.planned:,} to send"]
    parts += [f"{line.doubtful:,} doubtful"] * bool(line.doubtful)
    parts += ["stopped"] * line.stopped + ["worker at work"] * line.working
    parts += [f"asked {line.polled_at}"] if line.polled_at else ["never asked"]
    return f"{line.code:<18}{', '.join(parts)}" + (f"; {line.problem}" if line.problem else "")
