"""Issues as the desk shows them, oldest first; snoozed ones stay away until their time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data.clock import utc_text
from data.model import IssueState, IssueType
from data.orders.conditions import Condition, Context, context_of
from data.orders.filters import Field, Value, field_table, parse
from data.orders.search import search_orders
from data.orders.short_list import ShortList
from data.orders.terms import contains, instant, yes_no
from data.store.store import Store

SORTS: dict[str, str] = {
    "age": "i.raised_at",
    "due": "coalesce(i.due_at, '9')",
    "type": "i.type",
    "state": "i.state",
    "assigned": "i.assigned_to COLLATE NOCASE",
    "name": "b.name COLLATE NOCASE",
    "country": "o.country",
    "warehouse": "coalesce(s.warehouse, '')",
}

_OPEN = "i.state NOT IN ('resolved', 'closed')"


@dataclass(frozen=True, slots=True)
class IssueRow:
    """One issue with what a list shows of it."""

    id: int
    rev: int
    order_id: int
    order_number: str
    type: str
    state: str
    waiting_on: str
    title: str
    rule: str
    raised_at: str
    assigned_to: str
    snoozed_until: str | None
    due_at: str | None
    resolution: str
    replacement: str
    """Number of the order that replaces, or empty."""
    name: str
    email: str
    country: str
    warehouse: str
    tracking: str
    raised_by: str
    cost_minor: int | None
    """What its resolution cost, in minor units of `currency`."""
    currency: str


_SOURCE = (
    "issues i JOIN orders o ON o.id = i.order_id JOIN backers b ON b.id = i.backer_id"
    " LEFT JOIN shipments s ON s.id = i.shipment_id"
)


class IssueRows(ShortList):
    """The issues of a filter in an order; without a word about state only the open, awake ones."""

    def __init__(
        self,
        store: Store,
        filter_text: str = "",
        sort: str = "age",
        descending: bool = False,
        campaign_id: int | None = None,
    ) -> None:
        """Read the filter; raises FilterError, and KeyError for a sort that is not in `SORTS`."""
        found = parse(filter_text, ISSUE_FIELDS)
        context = context_of(store, campaign_id)
        conditions = found.conditions(context, search_orders)
        if not {"state", "snoozed"} & {term.field.name for term in found.terms if term.field is not None}:
            conditions += [Condition(_OPEN), _awake(context)]
        if campaign_id is not None:
            conditions.append(Condition("i.campaign_id = ?", (campaign_id,)))
        super().__init__(store, _SOURCE, "i.id", SORTS[sort], descending, conditions)

    def rows(self, ids: Sequence[int]) -> dict[int, IssueRow]:
        """Return the rows of some ids; an id that is gone is absent."""
        return issue_rows(self._store, ids)


def issue_rows(store: Store, ids: Sequence[int]) -> dict[int, IssueRow]:
    """Return some issues by id."""
    marks = ", ".join("?" * len(ids))
    found = store.rows(
        "SELECT i.id, i.rev, i.order_id, o.number, i.type, i.state, i.waiting_on, i.title, i.rule, i.raised_at,"
        " i.assigned_to, i.snoozed_until, i.due_at, i.resolution,"
        " coalesce((SELECT number FROM orders r WHERE r.id = i.replacement_id), ''), b.name, b.email, o.country,"
        " coalesce(s.warehouse, o.warehouse, ''),"
        " coalesce((SELECT tracking_number FROM parcels p WHERE p.id = i.parcel_id), ''),"
        " i.raised_by, i.cost_minor, i.currency"
        f" FROM {_SOURCE} WHERE i.id IN ({marks})",
        tuple(ids),
    )
    return {row[0]: IssueRow(*row) for row in found}


def issue_notes(store: Store, issue_id: int) -> list[tuple[str, str, str]]:
    """Return (instant, user, text) of an issue's notes, oldest first."""
    return [
        (row[0], row[1], row[2])
        for row in store.rows("SELECT at, user, text FROM notes WHERE issue_id = ? ORDER BY id", (issue_id,))
    ]


def _awake(context: Context) -> Condition:
    return Condition("(i.snoozed_until IS NULL OR i.snoozed_until <= ?)", (utc_text(context.now),))


def _equals(name: str, words: str, column: str, choices: Iterable[str]) -> Field:
    return Field(
        name,
        words,
        lambda value, context: Condition(f"{column} = ?", (value.text.lower(),)),
        choices=tuple(choices),
        present=lambda context: Condition(f"{column} <> ''"),
    )


def _code(name: str, words: str, column: str) -> Field:
    def compile_value(value: Value, context: Context) -> Condition:
        return Condition(f"{column} = ?", (value.text.upper(),))

    return Field(name, words, compile_value, present=lambda context: Condition(f"{column} IS NOT NULL"))


def _state(value: Value, context: Context) -> Condition:
    word = value.text.lower()
    return Condition(_OPEN) if word == "open" else Condition("i.state = ?", (word,))


ISSUE_FIELDS = field_table(
    Field("state", "where it stands, or open", _state, choices=("open", *(str(each) for each in IssueState))),
    _equals("type", "what went wrong", "i.type", (str(each) for each in IssueType)),
    _equals("waiting", "who it waits for", "i.waiting_on", ("backer", "warehouse", "carrier")),
    _equals("resolution", "how it was resolved", "i.resolution", ("replacement", "refund", "claim", "nothing")),
    contains("assigned", "whose it is", "i.assigned_to", present=lambda context: Condition("i.assigned_to <> ''")),
    contains("title", "words of its title", "i.title"),
    _code("country", "where the order goes", "o.country"),
    _code("warehouse", "which warehouse sent it", "coalesce(s.warehouse, o.warehouse)"),
    yes_no("snoozed", "put away until a date", lambda context: _awake(context).negated()),
    instant("raised", "when it was raised", "i.raised_at"),
    instant("due", "when somebody must have acted", "i.due_at"),
)
"""What can be asked of an issue; bare words search the order."""
