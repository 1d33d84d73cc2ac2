"""What can be asked of a change: its own fields of the filter language, and every field of the order it is about.

The SQL is on `changes c` joined with `orders o`.
"""

from __future__ import annotations

from enum import StrEnum

from data.model import AddressSource, ChangeState, Label
from data.orders.conditions import Condition, Context
from data.orders.fields import ORDER_FIELDS
from data.orders.filters import Field, Value, field_table
from data.orders.terms import instant, number, yes_no

OPEN_SQL = "c.state IN ('waiting', 'asked')"
"""As the index `changes_open` has it, which gives the queue its order."""


class Group(StrEnum):
    """What a row of the queue comes to, in one word; the counts on top of it."""

    NO_CHANGE = "no_change"
    TRIVIAL = "trivial"
    REPAIR = "repair"
    CONTACT = "contact"
    ERROR = "error"
    """No change: an address on file that can't be labelled or delivered."""
    MOVE = "move"
    ZONE = "zone"
    WARNING = "warning"
    """No change: an address on file that a person should look at; listed where a filter asks for findings."""


GROUP_SQL = """CASE WHEN c.state = 'no_change' OR c.label = 'identical' THEN 'no_change'
 WHEN c.label = 'trivial' THEN 'trivial' WHEN c.label = 'correction_of_invalid' THEN 'repair'
 WHEN c.level >= 4 THEN 'zone' WHEN c.level = 3 THEN 'move' ELSE 'contact' END"""


def group_of(state: str, label: str, level: int) -> Group:
    """Return what one change comes to, as `GROUP_SQL` does."""
    if state == ChangeState.NO_CHANGE or label == Label.IDENTICAL:
        return Group.NO_CHANGE
    if label == Label.TRIVIAL:
        return Group.TRIVIAL
    if label == Label.CORRECTION:
        return Group.REPAIR
    return Group.ZONE if level >= 4 else Group.MOVE if level == 3 else Group.CONTACT


def _state(value: Value, context: Context) -> Condition:
    word = value.text.lower()
    return Condition(OPEN_SQL) if word == "open" else Condition("c.state = ?", (word,))


def _always(context: Context) -> Condition:
    return Condition("TRUE")


def _label(value: Value, context: Context) -> Condition:
    return Condition("c.label = ?", (value.text.lower(),))


def _group(value: Value, context: Context) -> Condition:
    return Condition(f"({GROUP_SQL}) = ?", (value.text.lower(),))


def _level(comparison: str, bounds: tuple[object, ...]) -> Condition:
    return Condition(f"c.level {comparison}", bounds)


def _country(value: Value, context: Context) -> Condition:
    country = value.text.upper() if len(value.text) == 2 else value.text
    return Condition(
        "EXISTS (SELECT 1 FROM addresses a WHERE a.id IN (c.from_id, c.to_id) AND a.country = ?)", (country,)
    )


def _zone(value: Value, context: Context) -> Condition:
    zone = value.text.upper()
    return Condition("? IN (c.zone_old, c.zone_new)", (zone,))


def _other_zone(context: Context) -> Condition:
    return Condition("c.zone_old <> c.zone_new")


def _field(value: Value, context: Context) -> Condition:
    return Condition(
        "EXISTS (SELECT 1 FROM json_each(c.fields) e WHERE json_extract(e.value, '$[0]') = ?"
        " AND json_extract(e.value, '$[1]') <> 'same')",
        (value.text.lower(),),
    )


def _source(value: Value, context: Context) -> Condition:
    return Condition("c.source = ?", (value.text.lower(),))


def _late(context: Context) -> Condition:
    return Condition("c.late = 1")


def _finding(value: Value, context: Context) -> Condition:
    """Ask what the checks say of the address that is requested."""
    word = value.text.lower()
    if word in ("error", "warning"):
        return Condition(f"EXISTS (SELECT 1 FROM checked k WHERE k.address_id = c.to_id AND k.{word}s > 0)")
    return Condition("EXISTS (SELECT 1 FROM findings f WHERE f.address_id = c.to_id AND f.code = ?)", (word,))


def _any_finding(context: Context) -> Condition:
    return Condition("EXISTS (SELECT 1 FROM checked k WHERE k.address_id = c.to_id AND k.errors + k.warnings > 0)")


def _kind(value: Value, context: Context) -> Condition:
    return Condition("TRUE" if value.text.lower() == "change" else "FALSE")


def _by(value: Value, context: Context) -> Condition:
    return Condition("c.decided_by = ?", (value.text,))


CHANGE_FIELDS = {
    **ORDER_FIELDS,
    **field_table(
        Field(
            "state",
            "where the change stands; open: waiting or asked",
            _state,
            _always,
            choices=("open", *(each.value for each in ChangeState)),
        ),
        number("level", "how much it changes, 0 to 4", _level),
        Field("label", "the verdict on it", _label, choices=tuple(each.value for each in Label)),
        Field(
            "group",
            "what it comes to: trivial, repair, contact, move, zone; error, warning",
            _group,
            choices=tuple(each.value for each in Group),
        ),
        Field("country", "two-letter code of the country on file or the proposed one", _country),
        Field("zone", "customs zone on file or proposed; any: the zone changes", _zone, _other_zone),
        Field("field", "a field that differs, or has a finding: line1, postcode", _field),
        Field("finding", "error, warning, or a finding's code: postcode_format", _finding, _any_finding),
        Field("kind", "change, or finding: a faulty address on file", _kind, choices=("change", "finding")),
        Field("source", "who it came from", _source, choices=tuple(each.value for each in AddressSource)),
        Field("by", "who decided it", _by),
        yes_no("late", "came after the lock", _late),
        instant("proposed", "when it was proposed: 2026-11-01, 7d", "c.at"),
        instant("decided", "when it was decided", "c.decided_at"),
    ),
}
