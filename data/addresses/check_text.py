"""Findings about text itself: placeholders, e-mail addresses, wrong encodings, lost characters, spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator

from data.addresses.damage import (
    has_lost_characters,
    has_phone,
    is_placeholder,
    is_quoted,
    is_scientific,
    is_test_name,
    unmojibaked,
    without_email,
)
from data.addresses.findings import Finding, error, info, warning
from data.addresses.fold import cleaned
from data.model import Address
from data.text import has_hidden, visible, without_hidden

_TEXTS = ("name", "company", "line1", "line2", "city", "region")
_PLACED = ("line1", "line2", "city")
_WORDS = {
    "line1": "street",
    "line2": "second street line",
    "city": "city",
    "name": "name",
    "company": "company",
    "region": "region",
}


def text_findings(address: Address) -> Iterator[Finding]:
    """Yield what is wrong with the text of the fields, whatever the country."""
    for field in _TEXTS:
        value: str = getattr(address, field)
        if not value:
            continue
        yield from _placed(field, value)
        if (repaired := unmojibaked(value)) is not None:
            yield warning(field, "mojibake", f"wrong encoding: reads “{visible(repaired)}” when put right", repaired)
        elif has_lost_characters(value):
            yield warning(field, "lost_characters", "a letter was lost and shows as a question mark; ask the backer")
        if has_hidden(value):
            yield info(field, "hidden_characters", "has characters that nobody can see", cleaned(without_hidden(value)))
        if is_quoted(value):
            yield warning(field, "excel", "begins with a spreadsheet's quote", value.lstrip("'=\"").rstrip('"'))


def _placed(field: str, value: str) -> Iterator[Finding]:
    word = _WORDS[field]
    if field in _PLACED:
        if is_placeholder(value, city=field == "city"):
            if field == "line2":
                yield info(field, "placeholder", "stands for nothing; can be dropped", "")
            else:
                yield error(field, "placeholder", f"“{visible(value)}” is no {word}; ask the backer")
        if (bare := without_email(value)) is not None:
            yield error(field, "email_in_address", f"an e-mail address stands in the {word}", bare)
        elif has_phone(value):
            yield warning(field, "phone_in_address", f"a telephone number stands in the {word}")
        if is_scientific(value):
            yield error(
                field, "lost_digits", f"a spreadsheet threw digits away in the {word}; ask the backer or export again"
            )
    elif field == "name":
        if without_email(value) is not None:
            yield warning(field, "email_in_address", "an e-mail address stands in the name")
        elif is_test_name(value) or is_placeholder(value):
            yield warning(field, "test_name", "looks like a test or a placeholder, not like a name")
