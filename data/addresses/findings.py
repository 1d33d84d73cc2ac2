"""What a check says about one field of an address."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is: an error can't be labelled or delivered."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in one field."""

    field: str
    """A field of `Address`."""
    code: str
    """Stable name for filters: `postcode_format`, `house_number_missing`."""
    severity: Severity
    message: str
    """Words a person understands."""
    repair: str | None = None
    """What the field probably should be: a proposal, never applied by itself."""


def error(field: str, code: str, message: str, repair: str | None = None) -> Finding:
    """Make a finding that holds the order."""
    return Finding(field, code, Severity.ERROR, message, repair)


def warning(field: str, code: str, message: str, repair: str | None = None) -> Finding:
    """Make a finding that a person should look at."""
    return Finding(field, code, Severity.WARNING, message, repair)


def info(field: str, code: str, message: str, repair: str | None = None) -> Finding:
    """Make a finding that is good to know."""
    return Finding(field, code, Severity.INFO, message, repair)
