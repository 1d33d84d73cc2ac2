"""`lastcall address label`: what a warehouse's label will print of an order's address."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from console.options import campaign_option, chosen_orders, filter_option
from console.output import json_option, narrate, print_json_list
from console.session import Session, pass_session
from data.model import InputError
from data.text import visible

if TYPE_CHECKING:
    from data.addresses.label import PrintedLabel
    from data.policy import LabelLimits, Policy


@click.command("label")
@click.argument("words", metavar="[ORDER...]", nargs=-1)
@filter_option
@click.option("--warehouse", help="Within this warehouse's limits; by default those of the order's own.")
@click.option("--lines", type=click.IntRange(min=1), help="Lines of street a label has.")
@click.option("--chars", type=click.IntRange(min=1), help="Characters a line has.")
@click.option("--charset", help="What the printer has: ascii, latin-1, cp1252, iso8859-2, utf-8, ...")
@click.option("--latin/--native", default=None, help="Only Latin letters, or any the charset has.")
@click.option("--country-code", type=click.Choice(["2", "3"]), help="Letters of the country's code.")
@campaign_option
@json_option
@pass_session
def label_orders(
    session: Session,
    words: tuple[str, ...],
    text: str,
    warehouse: str | None,
    lines: int | None,
    chars: int | None,
    charset: str | None,
    latin: bool | None,
    country_code: str | None,
    campaign: str | None,
    as_json: bool,
) -> None:
    """Print what the label will say of orders' addresses, and what does not fit on it.

    The limits are those of [warehouse.CODE.label] in lastcall.toml, else what every carrier takes. Nothing is ever cut:
    what does not fit is named, and the command ends with 1.
    """
    from data.addresses.label import fit
    from data.orders.rows import order_rows
    from data.policy import COUNTRY_FORMS, is_charset

    if charset is not None and not is_charset(charset):
        raise InputError(f"--charset {charset}: a charset like ascii, latin-1, cp1252, utf-8")
    ws = session.open()
    items = chosen_orders(ws, words, text, campaign)
    asked: dict[str, Any] = {
        "lines": lines,
        "line": chars,
        "charset": charset,
        "latin": latin,
        "country": COUNTRY_FORMS[int(country_code)] if country_code else None,
    }
    given = {key: value for key, value in asked.items() if value is not None}
    documents = []
    rows = order_rows(ws.store, [each.id for each in items])
    for each in items:
        row = rows[each.id]
        limits = replace(_limits(ws.policy, warehouse or row.warehouse, named=warehouse is not None), **given)
        label = fit(row.address, limits)
        documents.append((row.number, label))
        if not as_json:
            _print_label(row.number, label)
    if as_json:
        print_json_list({"number": number, **_document(label)} for number, label in documents)
    if any(label.problems for _, label in documents):
        raise SystemExit(1)


def _limits(policy: Policy, code: str | None, *, named: bool) -> LabelLimits:
    """Return a warehouse's limits, or those every carrier takes; raises WorkspaceError for a code nobody has."""
    from data.policy import LabelLimits

    known = {each.code: each.label for each in policy.warehouses}
    if named and code is not None:
        return policy.warehouse(code.upper()).label or LabelLimits()
    return known.get(code or "") or LabelLimits()


def _document(label: PrintedLabel) -> dict[str, object]:
    from dataclasses import asdict

    return {"ok": not label.problems, "printed": list(label.printed()), **asdict(label)}


def _print_label(number: str, label: PrintedLabel) -> None:
    click.echo(f"order {visible(number)}")
    for line in label.printed():
        click.echo(f"  {visible(line)}")
    if label.native:
        narrate(f"order {number}: in its own script: {', '.join(label.native)}")
    for problem in label.problems:
        narrate(f"order {number}: {problem.field}: {problem.message}")
