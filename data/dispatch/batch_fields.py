"""What can be asked of a batch; bare words search its number, campaign and warehouse."""

from __future__ import annotations

from collections.abc import Iterable

from data.model import BatchState
from data.orders.conditions import Condition, Context
from data.orders.filters import Field, Value, field_table
from data.orders.terms import instant, number, yes_no


def search_batches(values: Iterable[Value]) -> Condition | None:
    """Return the condition that a batch has all these words in its number, campaign or warehouse."""
    words = [each.text for each in values]
    if not words:
        return None
    one = "instr(lower(b.number || ' ' || b.warehouse || ' ' || c.code || ' ' || b.state), lower(?)) > 0"
    return Condition(" AND ".join(one for _ in words), tuple(words))


def _code(column: str) -> Field:
    def compile_value(value: Value, context: Context) -> Condition:
        return Condition(f"{column} = ?", (value.text.upper(),))

    name = "warehouse" if column == "b.warehouse" else "campaign"
    return Field(name, f"its {name}'s code", compile_value)


def _with(states: str) -> Condition:
    return Condition(
        f"EXISTS (SELECT 1 FROM commands x WHERE x.batch_id = b.id AND x.kind = 'push' AND x.state IN ({states}))"
    )


BATCH_FIELDS = field_table(
    Field(
        "state",
        "where it stands",
        lambda value, context: Condition("b.state = ?", (value.text.lower(),)),
        choices=tuple(str(each) for each in BatchState),
    ),
    _code("b.warehouse"),
    _code("c.code"),
    number("number", "its number", lambda comparison, bounds: Condition(f"b.number {comparison}", bounds)),
    yes_no("early", "may go before the addresses are locked", lambda context: Condition("b.early = 1")),
    yes_no("person", "something of it waits for a person", lambda context: _with("'person'")),
    yes_no("doubtful", "something of it got no trusted answer", lambda context: _with("'doubtful'")),
    yes_no("rejected", "the warehouse rejected something of it", lambda context: _with("'rejected'")),
    instant("created", "when it was made", "b.created_at"),
    instant("sent", "when it was sent", "b.sent_at"),
)
