"""What can be asked of a faulty address on file: the same words as of a change, and every field of its order.

The SQL is on `checked k` joined with `orders o`. What only a change has, as a level, is true of no address on file.
"""

from __future__ import annotations

from collections.abc import Callable

from data.addresses.faulty import GONE, UNDER_WAY
from data.addresses.review_fields import CHANGE_FIELDS, Group
from data.model import ChangeState
from data.orders.conditions import Condition, Context
from data.orders.fields import ORDER_FIELDS
from data.orders.filters import Field, Value, field_table
from data.orders.terms import instant, number

Meaning = Callable[[Value, Context], Condition]

OPEN_FAULT_SQL = (
    f"o.stage NOT IN {GONE} AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.order_id = o.id AND c.state IN {UNDER_WAY})"
)
"""What is on file still matters, and no change is under way that will settle it."""


def _always(context: Context) -> Condition:
    return Condition("TRUE")


def _never(value: Value, context: Context) -> Condition:
    return Condition("FALSE")


def _never_any(context: Context) -> Condition:
    return Condition("FALSE")


def _state(value: Value, context: Context) -> Condition:
    match value.text.lower():
        case "open":
            return Condition("TRUE")
        case ChangeState.WAITING:
            return Condition("o.asked_id IS NOT k.address_id")
        case ChangeState.ASKED:
            return Condition("o.asked_id IS k.address_id")
    return Condition("FALSE")


def _group(value: Value, context: Context) -> Condition:
    match value.text.lower():
        case Group.ERROR:
            return Condition("k.errors > 0")
        case Group.WARNING:
            return Condition("k.errors = 0")
    return Condition("FALSE")


def _field(value: Value, context: Context) -> Condition:
    return Condition(
        "EXISTS (SELECT 1 FROM findings f WHERE f.address_id = k.address_id AND f.field = ? AND f.severity <> 'info')",
        (value.text.lower(),),
    )


def _source(value: Value, context: Context) -> Condition:
    return Condition(
        "EXISTS (SELECT 1 FROM addresses a WHERE a.id = k.address_id AND a.source = ?)", (value.text.lower(),)
    )


def _finding(value: Value, context: Context) -> Condition:
    word = value.text.lower()
    if word in ("error", "warning"):
        return Condition(f"k.{word}s > 0")
    return Condition("EXISTS (SELECT 1 FROM findings f WHERE f.address_id = k.address_id AND f.code = ?)", (word,))


def _kind(value: Value, context: Context) -> Condition:
    return Condition("TRUE" if value.text.lower() == "finding" else "FALSE")


def _like(name: str, meaning: Meaning, present: Callable[[Context], Condition] | None = None) -> Field:
    """Return a field that is written as that of a change is, with a meaning of its own."""
    known = CHANGE_FIELDS[name]
    return Field(name, known.words, meaning, present, known.choices, known.ordered)


FAULT_FIELDS = {
    **ORDER_FIELDS,
    **field_table(
        _like("state", _state, _always),
        number("level", "", lambda comparison, bounds: Condition("FALSE")),
        _like("label", _never),
        _like("group", _group),
        _like("zone", _never, _never_any),
        _like("field", _field),
        _like("source", _source),
        _like("by", _never),
        _like("finding", _finding, _always),
        _like("kind", _kind),
        instant("proposed", "", "(SELECT a.at FROM addresses a WHERE a.id = k.address_id)"),
        instant("decided", "", "NULL"),
    ),
}
"""Country and lateness are asked of the order."""
