"""The columns of the queue, and the counts that stand on top of it."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from data.addresses.review_counts import ReviewCounts
from data.addresses.review_fields import Group
from data.addresses.review_rows import ReviewRow
from data.clock import Clock, ago, from_text
from data.model import ChangeState, Stage
from screens.columns.text import BAD, GOOD, QUIET, STAGE_SIGNS, WARN, plain
from widgets.record_columns import Column

VERDICTS: dict[str, tuple[str, str, str]] = {
    # group: (sign, words, colour); the signs are those of the gutter of the picture
    Group.NO_CHANGE: ("= ", "no change", QUIET),
    Group.TRIVIAL: ("~ ", "trivial", ""),
    Group.REPAIR: ("+ ", "repair", GOOD),
    Group.CONTACT: ("> ", "contact", WARN),
    Group.ERROR: ("x ", "error", BAD),
    Group.MOVE: ("! ", "move", BAD),
    Group.ZONE: ("!!", "other zone", BAD),
    Group.WARNING: ("w ", "warning", WARN),
}
STATES: dict[str, tuple[str, str]] = {
    ChangeState.ASKED: ("? ", "asked"),
    ChangeState.ACCEPTED: ("✓ ", "accepted"),
    ChangeState.REJECTED: ("× ", "rejected"),
    ChangeState.NO_CHANGE: ("= ", "no change"),
    ChangeState.SUPERSEDED: ("· ", "superseded"),
    ChangeState.QUEUED: ("… ", "queued"),
    ChangeState.REQUESTED: ("… ", "requested"),
    ChangeState.CONFIRMED: ("✓ ", "confirmed"),
    ChangeState.TOO_LATE: ("! ", "too late"),
    ChangeState.REFUSED: ("! ", "refused"),
    ChangeState.UNSUPPORTED: ("! ", "unsupported"),
    ChangeState.DOUBTFUL: ("? ", "doubtful"),
}
_ATTENTION = (ChangeState.TOO_LATE, ChangeState.REFUSED, ChangeState.UNSUPPORTED, ChangeState.DOUBTFUL)
_FIELD_WORDS = {"line1": "street", "line2": "street"}
_NO_WAREHOUSE = (Stage.NEEDS_INFO, Stage.READY, Stage.CANCELLED)


def verdict_cell(row: ReviewRow) -> Content:
    """Return what a row comes to while it waits, and where it stands afterwards."""
    if row.state == ChangeState.WAITING:
        sign, words, colour = VERDICTS[row.group]
        return Content.styled(f"{sign}{words}", colour)
    sign, words = STATES[row.state]
    return Content.styled(f"{sign}{words}", WARN if row.state in _ATTENTION else "dim")


def changed_words(fields: Iterable[str]) -> str:
    """Name the fields that differ as a person calls them: `street, city`."""
    return ", ".join(dict.fromkeys(_FIELD_WORDS.get(each, each) for each in fields))


def what_cell(row: ReviewRow) -> Content:
    """Return what changes, or where something is found, in words."""
    words = changed_words(row.fields)
    return _cell(row, f"notation of {words}" if row.group == Group.TRIVIAL else words)


def place_words(country_old: str, country_new: str, zone_old: str, zone_new: str) -> str:
    """Say from which country to which; inside one country, from which customs zone to which."""
    if country_old != country_new:
        return f"{country_old or '?'}→{country_new or '?'}"
    if zone_old == zone_new or not zone_old:
        return country_new
    before, after = (each.removeprefix(f"{country_new}-") for each in (zone_old, zone_new))
    return f"{country_new} {before}→{after}"


def where_words(stage: str, warehouse: str) -> str:
    """Say how far the order is, and at which warehouse."""
    sign, words, _colour = STAGE_SIGNS[stage]
    if stage in _NO_WAREHOUSE or not warehouse:
        return f"{sign} {words}"
    return f"{sign} at {warehouse}" if stage == Stage.AT_WAREHOUSE else f"{sign} {warehouse} {words}"


def age_words(row: ReviewRow, clock: Clock) -> str:
    """Say how long ago a change came, and that it came after the lock."""
    return f"{ago(from_text(row.at), clock.now())}{' late' if row.late else ''}"


def change_columns(clock: Clock) -> tuple[Column, ...]:
    """Return the columns of the queue; the first seven are what 80 cells have room for."""
    return (
        Column("level", "Verdict", 12, verdict_cell),
        Column("number", "Order", 7, lambda row: _cell(row, row.number)),
        Column("name", "Name", 12, lambda row: _cell(row, row.name), grow=1),
        Column("what", "Changes", 14, what_cell, grow=2),
        Column(
            "country",
            "To",
            8,
            lambda row: _cell(row, place_words(row.country_old, row.country_new, row.zone_old, row.zone_new)),
        ),
        Column("where", "Order is", 11, lambda row: _cell(row, where_words(row.stage, row.warehouse)), grow=1),
        Column("proposed", "Age", 7, lambda row: _cell(row, age_words(row, clock))),
        Column("why", "Why", 24, lambda row: _cell(row, "; ".join(row.reasons)), grow=4),
    )


def counts_line(counts: ReviewCounts, width: int = 0) -> Content:
    """Return how many of each verdict wait; `no change` counts those that closed themselves.

    Where a `width` in cells is too small for all of it, the dots between go first, then the verdicts of which there is
    none.
    """
    every = [(group, count) for group, count in counts.groups.items()]
    some = [each for each in every if each[1]] or every
    for between, shown in ((" · ", every), ("  ", every), (" · ", some)):
        line = Content(between).join(_count(group, count) for group, count in shown)
        if not width or line.cell_length <= width:
            return line
    return Content("  ").join(_count(group, count) for group, count in reversed(some))


def _count(group: Group, count: int) -> Content:
    _sign, words, colour = VERDICTS[group]
    return Content.styled(f"{words}{'s' if group is Group.ERROR else ''} {count:,}", colour if count else QUIET)


def attention_words(counts: ReviewCounts) -> Content | None:
    """Return what is under way at warehouses, and what came back in a way that a person must see."""
    parts = []
    if counts.under_way:
        parts.append(Content(f"{counts.under_way:,} asked of warehouses"))
    if counts.attention:
        parts.append(Content.styled(f"! {counts.attention:,} refused or too late", WARN))
    return Content(" · ").join(parts) if parts else None


def _cell(row: ReviewRow, text: str) -> Content:
    """Return foreign text, quiet on a row that needs no decision any more."""
    return plain(text, "" if row.state == ChangeState.WAITING or row.state in _ATTENTION else "dim")
