"""`lastcall addresses` and `lastcall address`: the queue of changes, decisions, the lock, and the checks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.commands.address_duplicates import (
    mark_orders_meant,
    merge_orders,
    print_duplicates,
    separate_orders,
)
from console.commands.address_files import check_file, compare_file
from console.commands.address_label import label_orders
from console.commands.address_lock import lock_addresses, remind_backers, unlock_addresses
from console.commands.address_verbs import accept_changes, ask_backers, edit_address, reject_changes, reopen_changes
from console.options import campaign_id, campaign_option
from console.output import json_option, narrate, print_json, print_table
from console.session import Session, pass_session
from data.model import ADDRESS_FIELDS

if TYPE_CHECKING:
    from data.store.workspace import Workspace


@click.command("addresses")
@click.option("--filter", "text", default="", help="Which; without state: what waits for a decision.")
@click.option("--sort", default="", help="level, proposed, number, country, state or name; what matters, by default.")
@click.option("--limit", type=click.IntRange(min=0), help="At most so many.")
@click.option("--findings", type=click.Choice(["error", "warning", "info"]), help="List each finding instead.")
@click.option("--duplicates", is_flag=True, help="List orders at one address instead: one person's first.")
@click.option("--counts", is_flag=True, help="Only count them, by what they come to.")
@campaign_option
@json_option
@pass_session
def addresses(
    session: Session,
    text: str,
    sort: str,
    limit: int | None,
    findings: str | None,
    duplicates: bool,
    counts: bool,
    campaign: str | None,
    as_json: bool,
) -> None:
    """List changes of address that wait for a decision, and addresses on file with errors.

    --filter finding:warning lists those with warnings. #-12 is the faulty address of the order with id 12.
    """
    ws = session.open()
    scope = campaign_id(ws, campaign)
    if counts:
        _print_counts(ws, scope, as_json)
    elif duplicates:
        print_duplicates(ws, scope, limit, as_json)
    elif findings is not None:
        _print_findings(ws, scope, findings, limit, as_json)
    else:
        _print_changes(ws, scope, text, sort, limit, as_json)


@click.group("address")
def address() -> None:
    """Decide changes of address, lock addresses, compare and check files."""


for _command in (
    accept_changes,
    reject_changes,
    ask_backers,
    reopen_changes,
    edit_address,
    lock_addresses,
    unlock_addresses,
    remind_backers,
    label_orders,
    merge_orders,
    separate_orders,
    mark_orders_meant,
    compare_file,
    check_file,
):
    address.add_command(_command)


@address.command("show")
@click.argument("word", metavar="CHANGE")
@campaign_option
@json_option
@pass_session
def show(session: Session, word: str, campaign: str | None, as_json: bool) -> None:
    """Show one change: on file, requested, held by the warehouse, and what accepting it would do.

    CHANGE is #ID of a change, or an order whose address waits for a decision or has findings.
    """
    from data.addresses.changes import find_changes
    from data.addresses.detail import review_detail

    ws = session.open()
    item = find_changes(ws.store, [word], campaign_id(ws, campaign))[0]
    if item.id < 0:
        _show_faulty(ws, -item.id, as_json)
        return
    detail = review_detail(ws.store, item.id, ws.policy)
    assert detail is not None
    if as_json:
        print_json(detail)
        return
    change = detail.change
    click.echo(f"#{change.id} order {change.number}: {change.state}, {change.label} level {change.level}")
    held = [(each.warehouse_name, each.address) for each in detail.held]
    sides = [("on file", detail.on_file), ("requested", detail.requested), *held]
    print_table(
        ["field", *(name for name, _ in sides)],
        [[name, *("" if each is None else getattr(each, name) for _, each in sides)] for name in ADDRESS_FIELDS],
    )
    for reason in detail.reasons:
        narrate(reason)
    for finding in detail.findings:
        narrate(f"{finding.severity}: {finding.field}: {finding.message}")
    narrate(f"accepting: {detail.consequence.words}")


def _show_faulty(ws: Workspace, order_id: int, as_json: bool) -> None:
    """Show an address on file with its findings, and what would repair it."""
    from data.addresses.fault_detail import fault_detail

    detail = fault_detail(ws.store, order_id, ws.policy)
    assert detail is not None
    if as_json:
        print_json(detail)
        return
    faulty, mended = detail.faulty, detail.mending.address
    click.echo(f"#{detail.id} order {faulty.number}: {faulty.errors} errors, {faulty.warnings} warnings")
    print_table(
        ["field", "on file", "repair"],
        [
            [name, getattr(faulty.address, name), getattr(mended, name) if name in detail.mending.fields else ""]
            for name in ADDRESS_FIELDS
        ],
    )
    for finding in faulty.findings:
        narrate(f"{finding.severity}: {finding.field}: {finding.message}")
    narrate(f"accepting: {detail.outcome}")


@address.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@campaign_option
@json_option
@pass_session
def import_address_updates(session: Session, files: tuple[Path, ...], campaign: str | None, as_json: bool) -> None:
    """Propose the addresses of a form's export: a CSV with e-mail, backer number or order, and the address."""
    from data.addresses.updates import import_updates

    ws = session.open()
    result = import_updates(ws, files, campaign_id(ws, campaign))
    if as_json:
        print_json(result)
    else:
        click.echo(
            f"{result.rows} rows: {len(result.changes)} to decide, {result.no_change} without change,"
            f" {result.first} first addresses, {result.repeated} said before, {len(result.rejected)} rejected"
        )
        for bad in result.rejected:
            narrate(bad.words())
    if result.rejected:
        raise SystemExit(1)


@address.command("check-all")
@json_option
@pass_session
def check_all(session: Session, as_json: bool) -> None:
    """Check every address that has no verdict of the present rules; it can be stopped and run again."""
    from data.addresses.check_run import run_checks

    def progress(done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{done:,} of {total:,}", nl=False, err=True)

    counts = run_checks(session.open(), progress=progress)
    if sys.stderr.isatty():
        click.echo(err=True)
    if as_json:
        print_json(counts)
    else:
        click.echo(
            f"checked {counts.checked} addresses: {counts.errors} with errors, {counts.warnings} with warnings,"
            f" {counts.moved} orders moved"
        )


def _print_changes(ws: Workspace, scope: int | None, text: str, sort: str, limit: int | None, as_json: bool) -> None:
    from data.addresses.review import ReviewRows

    source = ReviewRows(ws.store, text, sort, campaign_id=scope)
    ids = list(source.ids() if limit is None else source.first(limit))
    rows = [
        found[each]
        for start in range(0, len(ids), 500)
        for found in [source.rows(ids[start : start + 500])]
        for each in ids[start : start + 500]
        if each in found
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ["change", "order", "name", "state", "comes to", "fields", "on file", "requested"],
        [[f"#{r.id}", r.number, r.name, r.state, r.group, " ".join(r.fields), r.old, r.new] for r in rows],
    )


def _print_findings(ws: Workspace, scope: int | None, severity: str, limit: int | None, as_json: bool) -> None:
    from data.addresses.faults import list_faults

    found = list_faults(ws.store, scope, severity, -1 if limit is None else limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ["order", "name", "country", "field", "finding", "repair"],
        [[each.number, each.name, each.country, each.field, each.message, each.repair] for each in found],
    )


def _print_counts(ws: Workspace, scope: int | None, as_json: bool) -> None:
    from data.addresses.review_counts import review_counts

    counts = review_counts(ws.store, scope)
    rows = {str(group): count for group, count in counts.groups.items()}
    rows |= {"under_way": counts.under_way, "attention": counts.attention}
    if as_json:
        print_json(rows)
        return
    print_table(["queue", "count"], [[name.replace("_", " "), count] for name, count in rows.items()])
