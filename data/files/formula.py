"""Spreadsheets run what looks like a formula; files meant for them carry an apostrophe before it.

Source: OWASP ASVS 1.2.10 (CSV and formula injection). The apostrophe is put also before text that has apostrophes and
then a trigger, so that taking one off always gives the text back; `'s-Hertogenbosch` is left alone.
"""

from __future__ import annotations

import re

_TRIGGER = re.compile(r"'*(?:[\t\r]|\s*[=+\-@＝＋－＠])")  # noqa: RUF001 - the full-width forms are what is looked for


def defuse(text: str) -> str:
    """Return text that no spreadsheet runs."""
    return f"'{text}" if _TRIGGER.match(text) else text


def restore(text: str) -> str:
    """Undo `defuse`: take off the apostrophe it put before."""
    return text[1:] if text.startswith("'") and _TRIGGER.match(text) else text
