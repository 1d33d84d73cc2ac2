"""`lastcall product import` and `lastcall product export`: products from and to spreadsheets."""

from __future__ import annotations

from pathlib import Path

import click

from console.output import finish, json_option, narrate, print_json
from console.session import Session, pass_session
from data.text import visible

_MOST = 200
"""Changes told one by one."""


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@json_option
@pass_session
def import_(session: Session, paths: tuple[Path, ...], dry_run: bool, as_json: bool) -> None:
    """Add and change products by a CSV with a column sku, and lists of kits with kit, part, quantity.

    Columns are found by name: title, physical, spare, weight g (or kg), length mm, width mm, height mm (or cm), hs
    code, origin, customs description, value EUR (one for each currency), parts (2xDICE + 1xGAME). An empty cell leaves
    a value as it is, a dash takes it away. All of it goes in or nothing.
    """
    from data.stock.product_import import import_products

    found = import_products(session.open(), list(paths), dry_run=dry_run)
    for each in () if as_json else found.changes[:_MOST]:
        if each.field == "new":
            click.echo(visible(f"{each.sku}: new, {each.after}"))
        else:
            click.echo(visible(f"{each.sku}: {each.field}: {each.before or 'none'} → {each.after or 'none'}"))
    if len(found.changes) > _MOST and not as_json:
        narrate(f"and {len(found.changes) - _MOST:,} more changes")
    extra = {"added": found.added, "changed": found.changed, "same": found.same, "changes": found.changes}
    finish(found.done, as_json, extra)


@click.command("export")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file; in exports/ by default."
)
@click.option("--filter", "text", default="", help="Only products whose SKU or title has these words.")
@json_option
@pass_session
def export_(session: Session, output: Path | None, text: str, as_json: bool) -> None:
    """Write products to a CSV that `product import` reads back the same. Never writes over a file."""
    from data.exports.products import export_products

    exported = export_products(session.open(), output, text)
    if as_json:
        print_json({"path": str(exported.path), "rows": exported.rows})
    else:
        click.echo(exported.path)
        narrate(f"{exported.rows:,} products")
