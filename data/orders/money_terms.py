"""Amounts in filters: written in a currency's own units, kept in its minor ones."""

from __future__ import annotations

from data.model import THOUSANDTHS, WHOLE_ONLY
from data.orders.conditions import Condition, Context
from data.orders.filters import Field, Value
from data.orders.terms import compare_number


def _quoted(codes: frozenset[str]) -> str:
    return ", ".join(f"'{each}'" for each in sorted(codes))


def amount(name: str, words: str, minor: str, currency: str) -> Field:
    """Return a field of amounts, compared in each row's own currency; `minor` and `currency` are its columns."""
    units = (
        f"({minor} / CASE WHEN {currency} IN ({_quoted(WHOLE_ONLY)}) THEN 1.0"
        f" WHEN {currency} IN ({_quoted(THOUSANDTHS)}) THEN 1000.0 ELSE 100.0 END)"
    )

    def compile_value(value: Value, context: Context) -> Condition:
        comparison, bounds = compare_number(name, value)
        return Condition(f"({minor} IS NOT NULL AND {units} {comparison})", tuple(float(each) for each in bounds))

    return Field(name, words, compile_value, ordered=True, present=lambda context: Condition(f"{minor} IS NOT NULL"))
