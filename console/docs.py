"""Writes the pages of docs/ that follow from the code: keys, commands, filters; `--check` compares."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from console.cli import COMMANDS, HELP_NAMES, cli
from data.addresses.review_fields import CHANGE_FIELDS
from data.dispatch.batch_fields import BATCH_FIELDS
from data.issues.rows import ISSUE_FIELDS
from data.orders.fields import ORDER_FIELDS
from screens.verbs import ALL, EVERYWHERE, SYSTEM_KEYS, VIEWS, shown_key, verb

DOCS = Path(__file__).resolve().parent.parent / "docs"
TITLES = dict(VIEWS.values())


def keys_page() -> str:
    """Return the key sheet."""
    lines = [
        "# Keys",
        "",
        "Made from the registry of verbs (`screens/verbs.py`) by `make docs`. Lower case acts on the marked rows or",
        "else the current one; UPPER CASE is wider or harder to take back. The *verb* is what `[keys]` in your",
        "settings and the palette (`:`) call it.",
        "",
    ]
    for group in dict.fromkeys(each.group for each in ALL):
        lines += [f"## {group}", "", "| key | verb | what it does | where |", "| --- | --- | --- | --- |"]
        for each in ALL:
            if each.group == group:
                keys = " ".join(f"`{shown_key(key)}`" for key in (each.key, each.fixed) if key)
                where = "everywhere" if each.screens == EVERYWHERE else ", ".join(TITLES[name] for name in each.screens)
                extra = f" Made good by `{verb(each.compensate).id}`." if each.compensate else ""
                lines.append(f"| {keys.replace('|', chr(92) + '|')} | {each.id} | {each.help}{extra} | {where} |")
        lines.append("")
    lines += ["## System", "", "| key | what it does |", "| --- | --- |"]
    lines += [f"| `{key}` | {words}. |" for key, words in SYSTEM_KEYS.items()]
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """Return the page of the command line."""
    lines = [
        "# Commands",
        "",
        "Made from the command line's own help by `make docs`. `--json` prints one document on standard output;",
        "everything said to a person goes to standard error. Exit codes: 0 done, 1 done with something refused or",
        "needing a person, 2 wrong usage or configuration.",
        "",
        "```",
        _usage(cli, "lastcall"),
        "```",
        "",
    ]
    context = click.Context(cli, info_name="lastcall")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        lines += _command_lines(command, f"lastcall {name}")
    return "\n".join(lines)


def filters_page() -> str:
    """Return the page of the filter language, with every noun's fields."""
    lines = [_FILTERS.strip(), ""]
    nouns = {"Orders": ORDER_FIELDS, "Addresses": CHANGE_FIELDS, "Dispatch": BATCH_FIELDS, "Issues": ISSUE_FIELDS}
    for noun, fields in nouns.items():
        lines += [f"## {noun}", "", "| field | what it asks | takes |", "| --- | --- | --- |"]
        for field in fields.values():
            takes = [", ".join(f"`{each}`" for each in map(str, field.choices))] if field.choices else []
            takes += ["`>` `<` `..`"] if field.ordered else []
            takes += ["`any` `none`"] if field.present is not None and "any" not in field.choices else []
            lines.append(f"| `{field.name}` | {field.words} | {' · '.join(takes)} |")
        lines.append("")
    return "\n".join(lines)


_FILTERS = """
# Filters

One language on every screen (`/`) and after `--filter` on the command line:

    stage:ready country:DE,FR -hold:any sku:"DICE-2" late:yes "elm street"

| you write | it asks |
| --- | --- |
| `elm` | a word that begins so, in a name, e-mail, number, tracking number or address |
| `"elm street"` | these words in a row |
| `stage:ready` | a field has a value |
| `country:DE,FR` | either of them |
| `-hold:any` | not |
| `tracking:none` | there is none; `any`: there is one |
| `ordered:>2026-10` `amount:25..50` `ordered:7d` | after, between, since so long ago (`h`, `d`, `w`) |

All terms hold together. A value with a blank or a comma is quoted, a quote inside it doubled. A mistake is shown with
its column; the list stays as it was.
"""


def _command_lines(command: click.Command, path: str) -> list[str]:
    lines = [f"## {path}" if path.count(" ") == 1 else f"### {path}", "", "```", _usage(command, path), "```", ""]
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), name)
            assert found is not None
            lines += _command_lines(found, f"{path} {name}")
    return lines


def _usage(command: click.Command, path: str) -> str:
    """Return a command's help as it prints it, 100 columns wide."""
    context = click.Context(
        command, info_name=path, terminal_width=100, max_content_width=100, help_option_names=HELP_NAMES
    )
    return command.get_help(context)


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` return 1 when one of them is stale."""
    pages = {"keys.md": keys_page(), "commands.md": commands_page(), "filters.md": filters_page()}
    stale = [
        name
        for name, text in pages.items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        for name in stale:
            click.echo(f"docs/{name} is stale: run `make docs`", err=True)
        return 1 if stale else 0
    DOCS.mkdir(exist_ok=True)
    for name in stale:
        (DOCS / name).write_text(pages[name], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
