"""A list to mail: whom to write to and what is asked of each, for the spreadsheet that a mailing is made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from data.addresses.last_call import Asked
from data.exports.columns import Value
from data.exports.export import Exported, free_path, write_cells
from data.store.workspace import Workspace

_COLUMNS = (
    ("reason", "Reason"),
    ("email", "Email"),
    ("name", "Name"),
    ("number", "Number"),
    ("country", "Country"),
    ("address", "Address"),
    ("asked", "What is asked"),
    ("campaign", "Campaign"),
    ("deadline", "Deadline"),
)
_REMINDED = (("days", "Days since"), ("reminders", "Reminders before"))


@dataclass(frozen=True, slots=True)
class Letter:
    """One row: what is asked of whom, and until when."""

    asked: Asked
    campaign: str
    """The campaign's name, as the backer knows it."""
    deadline: str
    """In the campaign's time zone, as a person reads it; empty where none is set."""
    days: int | None = None
    """Since the notice, or since the backer was asked; None in the notice itself."""
    reminders: int | None = None
    """How many went out before."""


def write_mailing(ws: Workspace, name: str, letters: Iterable[Letter], *, reminder: bool = False) -> Exported:
    """Write letters to a CSV in `exports/`, a row each, formulas defused; raises InputError as `export_rows`."""
    columns = (*_COLUMNS, *_REMINDED) if reminder else _COLUMNS
    return write_cells(free_path(ws, name, "csv"), columns, _cells(letters, reminder), "csv")


def _cells(letters: Iterable[Letter], reminder: bool) -> Iterator[list[Value]]:
    for each in letters:
        asked = each.asked
        row: list[Value] = [asked.reason.value, asked.email, asked.name, asked.number, asked.country, asked.address]
        yield row + [asked.words, each.campaign, each.deadline] + [each.days, each.reminders] * reminder
