"""Which orders a row of an update file is about: by order number, backer number and e-mail, which must agree."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from data.addresses.versions import Reads
from data.files.read import Record
from data.text import visible

_SQL = """
SELECT {key}, o.id, o.campaign_id, o.stage FROM backers b JOIN orders o ON o.backer_id = b.id
WHERE {key} IN (SELECT value FROM json_each(:words)) AND o.campaign_id = coalesce(:campaign, o.campaign_id)
"""
_KEYS = {"order": "o.number", "number": "b.number", "email": "lower(b.email)"}
_WORDS = {"order": "order", "number": "backer number", "email": "e-mail"}
_CLOSED = ("cancelled", "delivered")


class Found(NamedTuple):
    """The orders a row is about, or why there are none."""

    orders: tuple[int, ...]
    field: str = ""
    reason: str = ""


class _Order(NamedTuple):
    id: int
    campaign_id: int
    stage: str


class People:
    """Everybody a file names, looked up once."""

    def __init__(self, reads: Reads, who: dict[str, int], records: Iterable[Record], campaign_id: int | None) -> None:
        """Look up what the columns `who` hold in all records; one pass over the backers for each column."""
        self._who = who
        self._known: dict[str, dict[str, list[_Order]]] = {}
        listed = list(records)
        for name, position in who.items():
            words = sorted({_folded(name, record.cells[position]) for record in listed} - {""})
            known: dict[str, list[_Order]] = {}
            found = reads.rows(_SQL.format(key=_KEYS[name]), {"words": json.dumps(words), "campaign": campaign_id})
            for key, *order in found:
                known.setdefault(key, []).append(_Order(*order))
            self._known[name] = known

    def find(self, cells: list[str]) -> Found:
        """Return the open orders a row is about.

        What is given must be known and name the same orders: a number mistyped in a form is somebody else's.
        """
        common: dict[int, _Order] | None = None
        for name, position in self._who.items():
            word = _folded(name, cells[position])
            if not word:
                continue
            found = {each.id: each for each in self._known[name].get(word, ())}
            if not found:
                return Found((), name, f"nobody has the {_WORDS[name]} {visible(word)}")
            if common is not None and not (common.keys() & found.keys()):
                return Found((), name, f"the {_WORDS[name]} {visible(word)} is another person's than the rest says")
            common = found if common is None else {key: common[key] for key in common if key in found}
        if common is None:
            return Found((), next(iter(self._who)), "says not who it is")
        if len({each.campaign_id for each in common.values()}) > 1:
            return Found((), next(iter(self._who)), "is in several campaigns: say which one")
        still_open = tuple(each.id for each in common.values() if each.stage not in _CLOSED)
        if not still_open:
            return Found((), next(iter(self._who)), "has no order that is not cancelled or delivered")
        return Found(still_open)


def _folded(name: str, text: str) -> str:
    """Fold what was typed as it is looked up."""
    return text.strip().lower() if name == "email" else text.strip().removeprefix("#").strip()
