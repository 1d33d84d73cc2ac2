"""What a layout says of the tables that come back: `[[returns]]`, one for each kind of file."""

from __future__ import annotations

import re
from typing import Any

from data.model import ShipmentState
from data.portals.layout import ENCODINGS, ReturnTable
from data.portals.layout_source import LayoutSource
from data.portals.tracking_words import ALIASES, fold_word

UNKNOWN = ("quarantine", "ignore")
_KEYS = frozenset(("glob", *ALIASES, "statuses", "listed", "on_unknown_key", "date_format", "encoding"))
_STATES = tuple(each for each in ShipmentState if each not in (ShipmentState.DRAFT, ShipmentState.SENDING))


def read_returns(source: LayoutSource, document: dict[str, Any]) -> tuple[ReturnTable, ...]:
    """Read the kinds of tables; raises InputError naming file, line and key."""
    listed = document.get("returns", [])
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise source.error("returns", "must be sections: [[returns]]")
    return tuple(_read(source, each, f"returns[{number}].") for number, each in enumerate(listed, 1))


def _read(source: LayoutSource, table: dict[str, Any], where: str) -> ReturnTable:
    source.known(where, table, _KEYS)
    columns = {name: source.texts_of(where, table, name) for name in ALIASES if name in table}
    if not columns.keys() & {"key", "number"}:
        raise source.error(f"{where}key", "name the column that says whose row it is: key, or number")
    statuses = source.table_of(where, table, "statuses")
    listed = source.text_of(where, table, "listed")
    if not (columns.keys() & {"tracking", "status"} or listed):
        words = 'name the column tracking or status, or say what a row means: listed = "accepted"'
        raise source.error(f"{where}listed", words)
    encoding = source.choice_of(where, table, "encoding", "", ("", *ENCODINGS))
    return ReturnTable(
        glob=source.text_of(where, table, "glob", "*"),
        columns=columns,
        statuses={
            fold_word(word): _state(source, f"{where}statuses.{word}", state) for word, state in statuses.items()
        },
        listed=_state(source, f"{where}listed", listed) if listed else None,
        unknown=source.choice_of(where, table, "on_unknown_key", "quarantine", UNKNOWN),
        date=_date(source, f"{where}date_format", source.text_of(where, table, "date_format")),
        encoding=encoding or None,
    )


def _state(source: LayoutSource, key: str, word: Any) -> ShipmentState:
    if word not in _STATES:
        raise source.error(key, f"must be one of {', '.join(_STATES)}", str(word))
    return ShipmentState(word)


def _date(source: LayoutSource, key: str, pattern: str) -> str:
    if pattern and not re.findall(r"%[dmyYbBjHMS]", pattern):
        raise source.error(key, "write it as %d/%m/%Y", pattern)
    return pattern
