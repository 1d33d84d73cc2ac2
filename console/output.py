"""What commands print: one JSON document or plain lines on stdout, narration on stderr, exit codes as an API.

0 done · 1 done with something refused or needing a person · 2 wrong usage or configuration
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from data.text import visible

if TYPE_CHECKING:
    from data.model import Done

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")


def print_json(document: object) -> None:
    """Print one document; everything that is not ASCII is escaped, so that no terminal obeys any of it."""
    click.echo(json.dumps(document, ensure_ascii=True, default=_plain, indent=2 if sys.stdout.isatty() else None))


def print_json_list(documents: Iterable[object]) -> None:
    """Print one list, one document a line as it comes, so that a million of them need no memory."""
    between = "["
    for document in documents:
        click.echo(between + json.dumps(document, ensure_ascii=True, default=_plain), nl=False)
        between = ",\n"
    click.echo("[]" if between == "[" else "]")


def narrate(text: str) -> None:
    """Say something to the person on stderr."""
    click.echo("\n".join(visible(line) for line in text.split("\n")), err=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their titles, in columns as wide as what they hold; as they come, as TSV, when nobody looks."""
    lines = ([visible("" if cell is None else str(cell)) for cell in row] for row in rows)
    if not sys.stdout.isatty():
        click.echo("\t".join(columns))
        for line in lines:
            click.echo("\t".join(line))
        return
    texts = list(lines)
    widths = [max([len(title), *(len(row[at]) for row in texts)]) for at, title in enumerate(columns)]
    for text in [list(columns), *texts]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(text, widths, strict=True)).rstrip())


def finish(done: Done, as_json: bool, extra: Mapping[str, Any] | None = None) -> None:
    """Print what a verb did and end with 0, or with 1 when something was refused."""
    if as_json:
        print_json({**dataclasses.asdict(done), **(extra or {})})
    else:
        click.echo(visible(done.words))
        for refusal in done.refused:
            narrate(f"refused {refusal.name}: {refusal.reason}")
    for note in done.notes:
        narrate(note)
    if done.refused:
        raise SystemExit(1)


def _plain(value: object) -> object:
    """Turn a dataclass or another iterable of values into what JSON has."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
