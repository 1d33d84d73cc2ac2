"""The one filter language: `stage:ready country:DE,FR -hold:any sku:"DICE-2" late:yes "elm street"`.

Bare words and quoted phrases search, the last bare word as the beginning of a word. `key:value` compares a field;
`a,b` is either, `-` before a term negates it, `key:any` and `key:none` ask whether there is one at all. Dates and
numbers also take `>`, `>=`, `<`, `<=` and `from..to`. What has a blank or a comma is quoted; `""` inside is a quote.

A noun's fields are a table of `Field`; the parser knows none of them. What each means in SQL is in `conditions.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from data.model import FilterError
from data.orders.conditions import Condition, Context
from data.text import visible

Operator = Literal["", ">", ">=", "<", "<=", ".."]
_KEY = re.compile(r"([A-Za-z_]+):")
_OPERATOR = re.compile(r">=|<=|>|<")
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_LONGEST = 4_000
_MOST_TERMS = 100


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a term, as written."""

    text: str
    column: int
    quoted: bool = False
    operator: Operator = ""
    until: str = ""
    """The right side of `from..to`; `text` is the left."""


@dataclass(frozen=True, slots=True)
class Field:
    """What can stand before the colon, and what it asks."""

    name: str
    words: str
    """One line of help."""
    compile: Callable[[Value, Context], Condition]
    present: Callable[[Context], Condition] | None = None
    """What `any` asks (`none` is its opposite); None where every row has a value."""
    choices: tuple[str, ...] = ()
    """Every value there is, when they are few."""
    ordered: bool = False
    """Takes `>`, `<` and `..`."""


@dataclass(frozen=True, slots=True)
class Term:
    """One condition of a filter: a field with its values, or (no field) a word or phrase to search."""

    field: Field | None
    values: tuple[Value, ...]
    negated: bool
    column: int


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that makes sense; all its terms hold together."""

    text: str
    terms: tuple[Term, ...]

    def conditions(self, context: Context, search: Callable[[Iterable[Value]], Condition | None]) -> list[Condition]:
        """Say the filter in SQL, a condition for each term; `search` says what words mean.

        Raises FilterError for a value its field does not understand.
        """
        found = [each for each in (search(self.searched(negated=False)),) if each is not None]
        for value in self.searched(negated=True):
            condition = search([value])
            if condition is not None:
                found.append(condition.negated())
        return found + [_compile(term, term.field, context) for term in self.terms if term.field is not None]

    def searched(self, *, negated: bool) -> list[Value]:
        """Return the words and phrases to search, or those to leave out, in the order they stand."""
        return [term.values[0] for term in self.terms if term.field is None and term.negated is negated]


def field_table(*fields: Field) -> Mapping[str, Field]:
    """Return fields by the name that stands before the colon."""
    return {each.name: each for each in fields}


def parse(text: str, fields: Mapping[str, Field]) -> Filter:
    """Read a filter; raises FilterError, with the column (from 0), for what makes no sense."""
    if len(text) > _LONGEST:
        raise FilterError(f"a filter has at most {_LONGEST} characters", _LONGEST)
    unreadable = _UNREADABLE.search(text)
    if unreadable is not None:
        raise FilterError("this character can't be searched", unreadable.start())
    terms: list[Term] = []
    position = 0
    while True:
        while position < len(text) and text[position].isspace():
            position += 1
        if position == len(text):
            return Filter(text, tuple(terms))
        if len(terms) == _MOST_TERMS:
            raise FilterError(f"a filter has at most {_MOST_TERMS} terms", position)
        term, position = _read_term(text, position, fields)
        terms.append(term)


def _read_term(text: str, start: int, fields: Mapping[str, Field]) -> tuple[Term, int]:
    """Read one term and return it with the position after it."""
    negated = text[start] == "-"
    at = start + negated
    if at == len(text) or text[at].isspace():
        raise FilterError("- needs what it negates right after it", start)
    if text[at] == '"':
        value, end = _read_quoted(text, at)
        return Term(None, (value,), negated, start), end
    key = _KEY.match(text, at)
    if key is not None:
        return _read_field(text, start, key, negated, fields)
    end = at
    while end < len(text) and not text[end].isspace():
        end += 1
    word = text[at:end]
    if ":" in word:
        raise FilterError("put text with a colon in quotes to search for it", at)
    return Term(None, (Value(word, at),), negated, start), end


def _read_field(
    text: str, start: int, key: re.Match[str], negated: bool, fields: Mapping[str, Field]
) -> tuple[Term, int]:
    field = fields.get(key.group(1).lower())
    if field is None:
        hint = nearest(key.group(1), fields) or "put it in quotes to search for the text"
        raise FilterError(f"there is no field {key.group(1)}: {hint}", key.start())
    values: list[Value] = []
    position = key.end()
    while True:
        if position == len(text) or text[position].isspace() or text[position] == ",":
            raise FilterError(f"{field.name}: a value is missing", min(position, len(text) - 1))
        value, position = _read_quoted(text, position) if text[position] == '"' else _read_bare(text, position, field)
        values.append(value)
        if position == len(text) or text[position].isspace():
            return Term(field, tuple(values), negated, start), position
        if text[position] != ",":
            raise FilterError("a blank or a comma is missing after the quote", position)
        position += 1


def _read_quoted(text: str, start: int) -> tuple[Value, int]:
    """Read from a quote to its partner."""
    position = start + 1
    while True:
        end = text.find('"', position)
        if end < 0:
            raise FilterError("this quote has no partner", start)
        if text[end : end + 2] != '""':
            break
        position = end + 2
    inner = text[start + 1 : end].replace('""', '"')
    if not inner.strip():
        raise FilterError("there is nothing between the quotes", start)
    return Value(inner, start + 1, quoted=True), end + 1


def _read_bare(text: str, start: int, field: Field) -> tuple[Value, int]:
    """Read a value up to a blank or a comma, with its operator where the field has an order."""
    end = start
    while end < len(text) and not text[end].isspace() and text[end] != ",":
        end += 1
    raw = text[start:end]
    operator = _OPERATOR.match(raw)
    if not field.ordered:
        if operator is not None:
            raise FilterError(f"{field.name} has no order: {operator.group()} is for dates and numbers", start)
        return Value(raw, start), end
    if operator is not None:
        rest = raw[operator.end() :]
        if not rest:
            raise FilterError(f"{operator.group()} needs a value after it", start)
        return Value(rest, start + operator.end(), operator=_operator(operator.group())), end
    left, dots, right = raw.partition("..")
    if dots and not (left or right):
        raise FilterError(".. needs a value on one side", start)
    return Value(left, start, operator=".." if dots else "", until=right), end


def _operator(text: str) -> Operator:
    """Give what the pattern found its type."""
    known: tuple[Operator, ...] = (">", ">=", "<", "<=")
    return next(each for each in known if each == text)


def _compile(term: Term, field: Field, context: Context) -> Condition:
    """Say one term in SQL: any of its values, or none of them when it is negated."""
    found = Condition.either([_compile_value(value, field, context) for value in term.values])
    return found.negated() if term.negated else found


def _compile_value(value: Value, field: Field, context: Context) -> Condition:
    plain = not value.quoted and not value.operator
    if field.present is not None and plain and value.text.lower() in ("any", "none"):
        present = field.present(context)
        return present if value.text.lower() == "any" else present.negated()
    if field.choices and value.text.lower() not in field.choices:
        listed = (*field.choices, *(("any", "none") if field.present is not None else ()))
        hint = nearest(value.text, listed) or "it can be " + ", ".join(listed)
        raise FilterError(f"{field.name} can't be {visible(value.text)}: {hint}", value.column)
    return field.compile(value, context)


def nearest(text: str, known: Iterable[str]) -> str:
    """Return `did you mean ready?` for the nearest known word, or nothing when none is near."""
    from difflib import get_close_matches  # only an error needs it

    found = get_close_matches(text.lower(), list(known), 1, 0.55)
    return f"did you mean {found[0]}?" if found else ""
