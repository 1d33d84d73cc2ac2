"""`lastcall layouts` and `lastcall layout`: what the order lists of warehouses that take files look like."""

from __future__ import annotations

import click

from console.output import json_option, narrate, print_json, print_table
from console.session import Session, pass_session


@click.command()
@json_option
@pass_session
def layouts(session: Session, as_json: bool) -> None:
    """List the layouts there are: those that ship, and the workspace's own in `templates/layouts/`."""
    from data.portals.layout_toml import list_layouts

    found = list_layouts(session.workspace_folder())
    rows = [(each.name, each.title, each.shape, each.encoding, str(each.corrections.style)) for each in found]
    if as_json:
        print_json([dict(zip(("name", "title", "rows", "encoding", "corrections"), row, strict=True)) for row in rows])
        return
    print_table(("Layout", "For", "A row for each", "Encoding", "Corrections"), rows)


@click.group()
def layout() -> None:
    """Show layouts of order lists."""


@layout.command()
@click.argument("name")
@json_option
@pass_session
def show(session: Session, name: str, as_json: bool) -> None:
    """Show a layout's columns with an example order in them; what is wrong in it is told by file, line and key."""
    from data.portals.layout_sample import shown_columns
    from data.portals.layout_toml import find_layout

    found = find_layout(session.workspace_folder(), name)
    columns = shown_columns(found)
    if as_json:
        print_json(columns)
        return
    print_table(
        ("Column", "Takes", "Needed", *(f"Row {at}" for at in range(1, len(columns[0].cells) + 1))),
        ((each.header, each.width or "", "yes" if each.required else "", *each.cells) for each in columns),
    )
    narrate(f"{found.title}: {found.encoding}, {'formulas defused' if found.formula_guard else 'every cell as it is'}")
