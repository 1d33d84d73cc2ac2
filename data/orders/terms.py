"""How the usual kinds of field read their values: a choice, yes or no, text, a number, a date."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from data.clock import utc_text
from data.model import FilterError
from data.orders.conditions import Condition, Context
from data.orders.filters import Field, Value
from data.text import visible

_RELATIVE = re.compile(r"(\d{1,4})([hdw])")
_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_YEARS = range(1900, 2200)
_LARGEST = Decimal(10) ** 15


def yes_no(
    name: str, words: str, yes: Callable[[Context], Condition], no: Callable[[Context], Condition] | None = None
) -> Field:
    """Return a field that is `yes` or `no`; `no` is the opposite of `yes` unless it has streams of its own."""

    def compile_value(value: Value, context: Context) -> Condition:
        if value.text.lower() == "yes":
            return yes(context)
        return no(context) if no is not None else yes(context).negated()

    return Field(name, words, compile_value, choices=("yes", "no"))


def contains(name: str, words: str, column: str, present: Callable[[Context], Condition] | None = None) -> Field:
    """Return a field of free text: it has the value somewhere in it, whatever the case (of ASCII letters)."""

    def compile_value(value: Value, context: Context) -> Condition:
        pattern = re.sub(r"([\\%_])", r"\\\1", value.text)
        return Condition(f"coalesce({column}, '') LIKE ? ESCAPE '\\'", (f"%{pattern}%",))

    return Field(name, words, compile_value, present=present)


def number(
    name: str,
    words: str,
    condition: Callable[[str, tuple[object, ...]], Condition],
    *,
    smallest: int = 0,
    present: Callable[[Context], Condition] | None = None,
) -> Field:
    """Return a field of whole numbers; `condition` puts a comparison such as `= ?` after its column."""

    def compile_value(value: Value, context: Context) -> Condition:
        comparison, bounds = compare_number(name, value)
        whole = tuple(_whole(name, value, each, smallest) for each in bounds)
        return condition(comparison, whole)

    return Field(name, words, compile_value, ordered=True, present=present)


def compare_number(name: str, value: Value) -> tuple[str, tuple[Decimal, ...]]:
    """Return a comparison for numbers (`= ?`, `> ?`, `BETWEEN ? AND ?`) and its bounds; raises FilterError."""
    if value.operator == "..":
        if not value.text:
            return "<= ?", (_decimal(name, value, value.until),)
        if not value.until:
            return ">= ?", (_decimal(name, value, value.text),)
        return "BETWEEN ? AND ?", (_decimal(name, value, value.text), _decimal(name, value, value.until))
    return f"{value.operator or '='} ?", (_decimal(name, value, value.text),)


def instant(name: str, words: str, column: str) -> Field:
    """Return a field of instants kept as UTC text, compared with whole days in the context's zone.

    A date is that day (`2026-11-01`) or month (`2026-11`), `today`, `yesterday`; `7d`, `3w`, `12h` is that long ago,
    and alone means since then.
    """

    def compile_value(value: Value, context: Context) -> Condition:
        low, high = _bounds(name, value, context)
        parts = [f"{column} {sign} ?" for sign, bound in ((">=", low), ("<", high)) if bound is not None]
        bounds = tuple(_stored(each) for each in (low, high) if each is not None)
        return Condition(f"({column} IS NOT NULL AND {' AND '.join(parts)})", bounds)

    return Field(name, words, compile_value, ordered=True, present=lambda context: Condition(f"{column} IS NOT NULL"))


def _bounds(name: str, value: Value, context: Context) -> tuple[datetime | None, datetime | None]:
    """Return the first instant that counts and the first that does not any more."""
    if value.operator == "..":
        low = _span(name, value, value.text, context)[0] if value.text else None
        return low, _span(name, value, value.until, context)[1] if value.until else None
    start, end = _span(name, value, value.text, context)
    return {
        "": (start, None if _RELATIVE.fullmatch(value.text.lower()) else end),
        ">": (end, None),
        ">=": (start, None),
        "<": (None, start),
        "<=": (None, end),
    }[value.operator]


def _span(name: str, value: Value, text: str, context: Context) -> tuple[datetime, datetime]:
    """Return the first instant of a written date and the first after it."""
    lowered = text.lower()
    today = context.now.astimezone(context.zone).date()
    try:
        relative = _RELATIVE.fullmatch(lowered)
        if relative is not None:
            then = context.now - int(relative.group(1)) * _UNITS[relative.group(2)]
            return then, then
        if lowered in ("today", "yesterday"):
            first = today - timedelta(days=lowered == "yesterday")
            return _midnight(first, context), _midnight(first + timedelta(days=1), context)
        written = _DAY.fullmatch(lowered)
        if written is not None:
            year, month, day = (int(each) if each else 0 for each in written.groups())
            first = date(year if year in _YEARS else 0, month, day or 1)
            after = first + timedelta(days=1) if day else (first + timedelta(days=31)).replace(day=1)
            return _midnight(first, context), _midnight(after, context)
    except (ValueError, OverflowError):
        pass
    raise FilterError(
        f"{name} can't be {visible(text)}: write a date as 2026-11-01, a month as 2026-11, or 7d for seven days ago",
        value.column,
    )


def _midnight(day: date, context: Context) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=context.zone)


def _stored(at: datetime) -> str:
    return utc_text(at.astimezone(UTC))


def _decimal(name: str, value: Value, text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII) or not found.is_finite() or abs(found) > _LARGEST:
        raise FilterError(f"{name} can't be {visible(text)}: write a number, such as 12 or 10..20", value.column)
    return found


def _whole(name: str, value: Value, found: Decimal, smallest: int) -> int:
    if found != int(found) or found < smallest:
        raise FilterError(f"{name} is a whole number, {smallest} or more", value.column)
    return int(found)
