"""`lastcall export`: orders to a file by a template."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.options import campaign_id, campaign_option
from console.output import json_option, narrate, print_json, print_table
from console.session import Session, pass_session

if TYPE_CHECKING:
    from data.store.workspace import Workspace


@click.command("export")
@click.argument("template", required=False)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file; in exports/ by default."
)
@click.option("--filter", "text", help="Which orders; the template's filter by default.")
@click.option("--format", "form", type=click.Choice(["csv", "tsv", "jsonl"]), help="The template's by default.")
@click.option("--columns", help="Column keys with commas, instead of the template's.")
@click.option("--machine", is_flag=True, help="Cells as they are: a program reads it, no spreadsheet.")
@campaign_option
@json_option
@pass_session
def export(
    session: Session,
    template: str | None,
    output: Path | None,
    text: str | None,
    form: str | None,
    columns: str | None,
    machine: bool,
    campaign: str | None,
    as_json: bool,
) -> None:
    """Write orders to a file by TEMPLATE; without one, list the templates. Never writes over a file.

    A workspace's own templates are TOML files in its folder templates/.
    """
    from dataclasses import replace

    from data.exports.columns import find_columns
    from data.exports.export import export_rows
    from data.exports.templates import FORMATS, find_template
    from data.orders.rows import OrderRows

    ws = session.open()
    if template is None:
        _list(ws, as_json)
        return
    chosen = find_template(ws.path("templates"), template)
    if columns is not None:
        chosen = replace(chosen, columns=find_columns([each.strip() for each in columns.split(",") if each.strip()]))
    wanted = form or (output.suffix[1:].lower() if output is not None else "")
    rows = OrderRows(
        ws.store, chosen.filter if text is None else text, chosen.sort, campaign_id=campaign_id(ws, campaign)
    )
    exported = export_rows(
        ws, chosen, rows, output, form=next((each for each in FORMATS if each == wanted), None), machine=machine
    )
    if as_json:
        print_json({"path": str(exported.path), "rows": exported.rows})
    else:
        click.echo(exported.path)
        narrate(f"{exported.rows:,} rows")


def _list(ws: Workspace, as_json: bool) -> None:
    from data.exports.templates import list_templates

    found = list_templates(ws.path("templates"))
    if as_json:
        print_json([{"name": each.name, "title": each.title, "format": each.format} for each in found])
    else:
        print_table(("Template", "Format", "Title"), ((each.name, each.format, each.title) for each in found))
