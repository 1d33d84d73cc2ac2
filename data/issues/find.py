"""Issues by what a person calls them: their number."""

from __future__ import annotations

from collections.abc import Sequence

from data.issues.rows import IssueRows
from data.model import InputError, Item
from data.store.store import Store
from data.text import visible


def find_issues(store: Store, words: Sequence[str]) -> list[Item]:
    """Return the issues that numbers (`12` or `#12`) name, as they are, each once; raises InputError for another."""
    found: dict[int, Item] = {}
    for word in words:
        digits = word.strip().removeprefix("#")
        rev = None
        if digits.isascii() and digits.isdigit() and len(digits) < 19:
            rev = store.value("SELECT rev FROM issues WHERE id = ?", (int(digits),))
        if rev is None:
            raise InputError(f"there is no issue {visible(word)}: give its number")
        found[int(digits)] = Item(int(digits), rev)
    return list(found.values())


def filtered_issues(store: Store, text: str, campaign_id: int | None) -> list[Item]:
    """Return every issue of a filter, to be taken as it is when the verb acts; raises FilterError."""
    return [Item(each, 0) for each in IssueRows(store, text, campaign_id=campaign_id).ids(lambda: False)]
