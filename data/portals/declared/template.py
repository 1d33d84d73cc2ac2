"""Templates of bodies and paths: text with holes for values, and no code.

A hole is `{order.key}`, with filters `{addr.postcode:10}`, with a default `{addr.phone|none}`, or with a question mark
`{addr.company?}`, which leaves the whole key out where the value is empty. `{{` and `}}` are braces. A template gives
text, unless `:int`, `:number` or `:flag` make it what JSON has for those.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from data.addresses.countries import country_alpha3, country_code, country_name
from data.model import InputError
from data.text import visible

Values = Mapping[str, str]
"""What the holes are filled with, by name; numbers and flags are written out as JSON writes them."""


class _LeftOut:
    """The value of a key that is not to be there."""


LEFT_OUT = _LeftOut()
_HOLE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_INSIDE = re.compile(r"([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)((?::[A-Za-z0-9]+)*)(?:\|(.*?))?(\?)?", re.DOTALL)
_KINDS = ("int", "number", "flag")


@dataclass(frozen=True, slots=True)
class Hole:
    """One place that a value fills."""

    name: str
    filters: tuple[str, ...]
    default: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Template:
    """One text with its holes."""

    where: str
    """The key it stands under, as errors name it."""
    parts: tuple[str | Hole, ...]

    @property
    def names(self) -> list[str]:
        """Return the names of the values it wants."""
        return [each.name for each in self.parts if isinstance(each, Hole)]

    def fill(self, values: Values) -> Any:
        """Return what it gives as JSON, or `LEFT_OUT`; raises InputError naming the value that does not fit."""
        if len(self.parts) == 1 and isinstance(hole := self.parts[0], Hole):
            return self.filled(hole, values)
        return self.text(values)

    def text(self, values: Values) -> str:
        """Return it as text; raises InputError as `fill`."""
        kept = []
        for part in self.parts:
            filled = part if isinstance(part, str) else self.filled(part, values)
            kept.append("" if filled is LEFT_OUT else str(filled))
        return "".join(kept)

    def filled(self, hole: Hole, values: Values) -> Any:
        """Return what fills one of its holes, or `LEFT_OUT`; raises InputError as `fill`."""
        value: Any = values.get(hole.name) or hole.default
        if not value and hole.optional:
            return LEFT_OUT
        for each in hole.filters:
            value = self._filtered(hole.name, each, value)
        return value

    def _filtered(self, name: str, kind: str, value: str) -> Any:
        try:
            if kind.isdecimal():
                return _narrow(value, int(kind))
            return _FILTERS[kind](value)
        except (ValueError, InvalidOperation) as error:
            shown = f"{visible(value)!r} " if value else "nothing "
            raise InputError(f"{self.where}: {name} is {shown}{error.args[0]}") from None


def template(where: str, text: str, known: Collection[str]) -> Template:
    """Read a template; `known` are the names its holes may have, `option.*` standing for any option.

    Raises InputError saying what is wrong, without `where`.
    """
    parts: list[str | Hole] = []
    at = 0
    for found in _HOLE.finditer(text):
        parts.append(text[at : found.start()])
        at = found.end()
        if found.group() in ("{{", "}}"):
            parts.append(found.group()[0])
        elif found.group(1) is None:
            raise InputError(f"a brace in {text!r} has no partner; a brace itself is written twice")
        else:
            parts.append(_hole(found.group(1), known))
    parts.append(text[at:])
    joined = [each for each in parts if each != ""]
    if len(joined) > 1:
        for each in joined:
            if isinstance(each, Hole) and (each.optional or set(each.filters) & set(_KINDS)):
                raise InputError(
                    f"{{{each.name}}} stands in a longer text: int, number, flag and ? need one of their own"
                )
    return Template(where, tuple(joined) or ("",))


def _hole(inside: str, known: Collection[str]) -> Hole:
    found = _INSIDE.fullmatch(inside)
    if found is None:
        raise InputError(f"{{{inside}}} is no hole: write {{name}}, {{name:filter}}, {{name|default}} or {{name?}}")
    name, filters, default, optional = found.groups()
    if name not in known and f"{name.partition('.')[0]}.*" not in known:
        raise InputError(f"{{{name}}} is not known here; known are {', '.join(sorted(known))}")
    if (last := (default or "").rpartition(":")[2]) != default and last in _FILTERS:
        raise InputError(f"{{{inside}}}: the default stands behind the filters: {{{name}:{last}|default}}")
    names = tuple(each for each in filters.split(":") if each)
    for place, each in enumerate(names):
        if not each.isdecimal() and each not in _FILTERS:
            raise InputError(f"there is no filter {each!r}; known are a width, {', '.join(sorted(_FILTERS))}")
        if each in _KINDS and place != len(names) - 1:
            raise InputError(f"the filter {each} must be the last")
    return Hole(name, names, default or "", optional is not None)


def _narrow(value: str, most: int) -> str:
    if len(value) > most:
        raise ValueError(f"of {len(value)} characters; the warehouse takes {most}")
    return value


def _whole(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError("and must be a whole number") from None


def _number(value: str) -> float:
    number = Decimal(value) if value else Decimal("NaN")
    if not number.is_finite():
        raise ValueError("and must be a number")
    return float(number)


def _flag(value: str) -> bool:
    if value not in ("true", "false", ""):
        raise ValueError("and must be true or false")
    return value == "true"


def _country(form: Callable[[str], str]) -> Callable[[str], str]:
    def convert(value: str) -> str:
        code = country_code(value)
        if code is None:
            raise ValueError("which is no country")
        return form(code)

    return convert


_FILTERS: dict[str, Callable[[str], Any]] = {
    "int": _whole,
    "number": _number,
    "flag": _flag,
    "iso2": _country(str),
    "iso3": _country(country_alpha3),
    "name": _country(country_name),
    "date": lambda value: value[:10],
    "first": lambda value: value.split(None, 1)[0] if value.split() else "",
    "rest": lambda value: "".join(value.split(None, 1)[1:]),
    "upper": str.upper,
}
