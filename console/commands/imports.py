"""`lastcall import`: a platform's files become orders."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.output import json_option, narrate, print_json
from console.progress import stoppable
from console.session import Session, pass_session
from data.model import StoppedError
from data.text import visible

if TYPE_CHECKING:
    from data.intake.imports import ImportResult
    from data.intake.stage import Progress

_PREVIEWED = ("utf-8", "cp1252", "iso8859-2", "cp1251", "mac-roman", "shift_jis", "gb18030")
_MOST_NAMES = 20


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--campaign", help="The campaign, by code or name; made when there is none of that name.")
@click.option(
    "--format", "format_name", help="kickstarter, backerkit or one of the workspace's formats; else recognised."
)
@click.option("--late", is_flag=True, help="Mark the orders made as late, whether or not the campaign is locked.")
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@click.option("--encoding", help="Read the files in this encoding instead of the one found.")
@click.option("--preview", is_flag=True, help="Show the first lines in several encodings, to choose one by eye.")
@click.option("--make-skus", is_flag=True, help="Make a SKU of every name that is not mapped.")
@click.option(
    "--map", "map_path", type=click.Path(path_type=Path), help="A CSV of name, sku, quantity: what names ship."
)
@json_option
@pass_session
def import_files(
    session: Session,
    files: tuple[Path, ...],
    campaign: str | None,
    format_name: str | None,
    late: bool,
    dry_run: bool,
    encoding: str | None,
    preview: bool,
    make_skus: bool,
    map_path: Path | None,
    as_json: bool,
) -> None:
    """Bring in a platform's FILES: CSV files, or the zip as downloaded; all of one platform at once.

    Importing the same file again changes nothing. A changed address becomes a change to decide, never an overwrite.
    Rows that can't go in are written to a reject file, and the exit code is 1.
    """
    from data.intake.imports import import_files as bring_in
    from data.stock.items import read_map

    if preview:
        _preview(files, encoding)
        return
    ws = session.open()
    maps = read_map(map_path) if map_path is not None else []
    with stoppable() as stopped:
        try:
            result = bring_in(
                ws,
                files,
                campaign,
                format_name=format_name,
                encoding=encoding,
                late=late,
                dry_run=dry_run,
                make_skus=make_skus,
                maps=maps,
                report=_Report() if sys.stderr.isatty() else None,
                stopped=lambda: bool(stopped),
            )
        except StoppedError as error:
            narrate(str(error))
            raise SystemExit(1) from error
        finally:
            if sys.stderr.isatty():
                click.echo("\r\x1b[K", nl=False, err=True)
    if as_json:
        print_json(_document(result))
    else:
        _tell(result)
    if result.rejected:
        raise SystemExit(1)


def _document(result: ImportResult) -> dict[str, object]:
    """Return what `--json` prints."""
    return {
        "format": result.format,
        "rows": result.rows,
        "created": result.created,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "changes": result.changes,
        "rejected": result.rejected,
        "reject_file": result.reject_file,
        "campaign": result.campaign,
        "reason": result.reason,
        "hidden": result.hidden,
        "unknown_names": result.unknown_names,
        "dry_run": result.dry_run,
        "act": result.act,
    }


def _tell(result: ImportResult) -> None:
    """Say in words what was done."""
    click.echo(visible(result.reason))
    counts = (
        f"{result.rows} rows: {result.created} made, {result.updated} updated, {result.changes} address changes,"
        f" {result.unchanged} unchanged, {result.rejected} rejected"
    )
    click.echo(f"{'would be: ' if result.dry_run else ''}{counts}")
    for note in result.notes:
        narrate(note)
    if result.hidden:
        narrate(f"{result.hidden} rows hold characters that a person would not see")
    for reject in result.rejects:
        narrate(reject.words())
    if result.rejected > len(result.rejects):
        narrate(f"... and {result.rejected - len(result.rejects)} more")
    if result.created and not result.dry_run:
        narrate("addresses wait to be checked: a console does it, or `lastcall address check-all`")
    if result.reject_file:
        click.echo(visible(f"rejected rows: {result.reject_file}"))
    if result.unknown_names:
        click.echo("names without a SKU (say what they are: `lastcall product map NAME SKU`):")
        for name in result.unknown_names[:_MOST_NAMES]:
            click.echo(visible(f"  {name.kind}: {name.name} ({name.quantity} on {name.orders} orders)"))
        if len(result.unknown_names) > _MOST_NAMES:
            click.echo(f"  ... and {len(result.unknown_names) - _MOST_NAMES} more: `lastcall product unmapped`")


def _preview(files: tuple[Path, ...], encoding: str | None) -> None:
    """Show the first lines of each table as each encoding reads them."""
    from data.files.decode import preview
    from data.files.source import sources

    names = list(dict.fromkeys((*([encoding] if encoding else []), *_PREVIEWED)))
    for source in sources(list(files)):
        click.echo(source.name)
        for name, lines in preview(source, names).items():
            click.echo(f"  {name}")
            for line in lines:
                click.echo(f"    {line}")


class _Report:
    """Progress on one line of the terminal."""

    def __init__(self) -> None:
        """Nothing has been shown."""
        self._shown = ""

    def __call__(self, progress: Progress) -> None:
        """Show the step, how far it is, and what it waits for."""
        words = progress.words or f"{progress.rows:,} rows"
        line = visible(f"{progress.step} {int(progress.done * 100):3} %  {words}")[:78]
        if line != self._shown:
            self._shown = line
            click.echo(f"\r{line}\x1b[K", nl=False, err=True)
