"""`lastcall address compare` and `check`: JSON lines in, JSON lines out, without a workspace."""

from __future__ import annotations

import json
import sys
from typing import IO, TYPE_CHECKING

import click

from console.output import narrate

if TYPE_CHECKING:
    from data.addresses.lines import Judge


@click.command("compare")
@click.argument("file", type=click.File("rb"))
def compare_file(file: IO[bytes]) -> None:
    """Compare pairs of addresses: JSON lines {"id", "old", "new"} in, one verdict each out.

    FILE is read line by line; - is standard input. Ends with 1 when a line could not be judged.
    """
    from data.addresses.lines import compare_document

    _judge(file, compare_document)


@click.command("check")
@click.argument("file", type=click.File("rb"))
def check_file(file: IO[bytes]) -> None:
    """Check addresses: JSON lines {"id", ...fields} in, one list of findings each out.

    The fields are name, company, line1, line2, city, region, postcode, country, phone. FILE is read line by line; - is
    standard input. Ends with 1 when a line could not be judged.
    """
    from data.addresses.lines import check_document

    _judge(file, check_document)


def _judge(file: IO[bytes], judge: Judge) -> None:
    """Print an answer for every line, each as soon as it is known; bad lines are named on stderr."""
    from data.addresses.lines import judge_lines

    failed = False
    for line, document, error in judge_lines(file, judge):
        if document is None:
            narrate(f"{getattr(file, 'name', '-')}, line {line}: {error}")
            failed = True
            continue
        click.echo(json.dumps(document, ensure_ascii=True))
        sys.stdout.flush()
    if failed:
        raise SystemExit(1)
