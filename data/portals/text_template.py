"""Templates for the text of a cell: `{addr.name:40}`, `{addr.region|-}`, words around them. Paths and filters, no code.

A placeholder is `{PATH:FILTER:FILTER|DEFAULT}`. The filters are applied from left to right; the default stands where
the value is empty. A filter that needs something has it in parentheses: `{order.ordered_at:date(%d/%m/%Y)}`. `{{` and
`}}` are braces. A number is a width: text that is longer is an error, never cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from data.addresses.countries import country_alpha3, country_code, country_name
from data.model import InputError
from data.text import visible

Filter = Callable[[str], str]

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_FILTER = re.compile(r"([a-z0-9_]+)(?:\((.*)\))?", re.DOTALL)
_OUTSIDE_PARENTHESES = re.compile(r":(?![^()]*\))")
_DATE_PARTS = frozenset("dmyYHMSj%")
_GRAMS_PER_OUNCE = 28.349523125


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One value in a template, with what is done to it."""

    path: str
    filters: tuple[Filter, ...]
    default: str

    def text(self, values: Mapping[str, str]) -> str:
        """Return the value's text; raises InputError where a filter does not take it."""
        value = values[self.path]
        for each in self.filters:
            if not value:
                break
            value = each(value)
        return value or self.default


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """Words and placeholders, in order."""

    source: str
    parts: tuple[str | Placeholder, ...]

    @property
    def paths(self) -> frozenset[str]:
        """Return every path it reads."""
        return frozenset(each.path for each in self.parts if isinstance(each, Placeholder))

    def text(self, values: Mapping[str, str]) -> str:
        """Return the text for values by their paths; raises InputError for a value that a filter does not take."""
        return "".join(each if isinstance(each, str) else each.text(values) for each in self.parts)


def read_template(source: str) -> TextTemplate:
    """Read a template; raises InputError for a stray brace, an empty path, and a filter there is not."""
    parts: list[str | Placeholder] = []
    at = 0
    for piece in _PIECE.finditer(source):
        parts.append(source[at : piece.start()])
        at = piece.end()
        if piece.group() in ("{{", "}}"):
            parts.append(piece.group()[0])
        elif piece.group(1) is None:
            raise InputError(f"“{visible(source)}”: a brace stands alone; write {{{{ or }}}} for a brace itself")
        else:
            parts.append(_placeholder(piece.group(1)))
    parts.append(source[at:])
    return TextTemplate(source, tuple(each for each in parts if each))


def _placeholder(inside: str) -> Placeholder:
    body, _, default = inside.partition("|")
    path, *filters = _OUTSIDE_PARENTHESES.split(body)
    if not path.strip():
        raise InputError(f"“{{{visible(inside)}}}”: it names no value")
    return Placeholder(path.strip(), tuple(_filter(each.strip()) for each in filters), default)


def _filter(source: str) -> Filter:
    found = _FILTER.fullmatch(source)
    if found is not None:
        name, given = found.groups()
        if name.isdigit() and given is None and int(name) > 0:
            return partial(_width, int(name))
        if name in PLAIN and given is None:
            return PLAIN[name]
        if name == "date" and given:
            return _date_filter(given)
    known = ", ".join(sorted(PLAIN))
    raise InputError(f"there is no filter “{visible(source)}”; known are a width, {known}, date(%d/%m/%Y)")


def _width(width: int, value: str) -> str:
    if len(value) > width:
        raise InputError(f"“{visible(value)}” has {len(value)} characters; at most {width} are taken")
    return value


def _int(value: str) -> str:
    try:
        return str(int(value))
    except ValueError:
        raise InputError(f"“{visible(value)}” is not a whole number") from None


def _known_country(value: str) -> str:
    code = country_code(value)
    if code is None:
        raise InputError(f"“{visible(value)}” is no country")
    return code


def _name(value: str) -> str:
    """Return a country's English name as forms have it: `United Kingdom`."""
    words = country_name(_known_country(value)).title().split(" ")
    return " ".join(word.lower() if at and word in ("And", "Of", "The") else word for at, word in enumerate(words))


def first_name(name: str) -> str:
    """Return what stands before the last name; all of it where there is only one word."""
    words = name.split()
    return " ".join(words[: _last_name_at(words)])


def last_name(name: str) -> str:
    """Return the last word with the small words before it: `van der Berg`; nothing where there is only one word."""
    words = name.split()
    return " ".join(words[_last_name_at(words) :])


def _last_name_at(words: list[str]) -> int:
    """Return where the last name begins."""
    at = len(words) - 1
    if at < 1:
        return len(words)
    while at > 1 and words[-1][:1].isupper() and words[at - 1].islower():
        at -= 1
    return at


def _date_filter(pattern: str) -> Filter:
    parts = re.findall(r"%(.?)", pattern, re.DOTALL)
    if not parts or any(each not in _DATE_PARTS for each in parts):
        raise InputError(f"date({visible(pattern)}): write it with %d, %m, %y, %Y, %H, %M, %S, %j")
    return partial(_date, pattern)


def _date(pattern: str, value: str) -> str:
    try:
        return datetime.fromisoformat(value).strftime(pattern)
    except ValueError:
        raise InputError(f"“{visible(value)}” is no date") from None


def _weight(grams_per_unit: float, digits: int, value: str) -> str:
    return f"{int(_int(value)) / grams_per_unit:.{digits}f}"


PLAIN: Mapping[str, Filter] = {
    "int": _int,
    "iso2": _known_country,
    "iso3": lambda value: country_alpha3(_known_country(value)),
    "name": _name,
    "first": first_name,
    "last": last_name,
    "upper": str.upper,
    "lower": str.lower,
    "digits": lambda value: re.sub(r"[^0-9]", "", value),
    "oz": partial(_weight, _GRAMS_PER_OUNCE, 2),
    "kg": partial(_weight, 1000.0, 3),
}
