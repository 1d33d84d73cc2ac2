"""What each column of one table is, settled once before its rows are read."""

from __future__ import annotations

from dataclasses import dataclass

from data.files.columns import Columns, distinct, fold
from data.files.read import Table
from data.intake.format import FIELDS, Format

SAMPLE_ROWS = 200
"""Rows looked at to tell a column of quantities from one of answers."""
_LARGEST_SEEN = 999


@dataclass(frozen=True, slots=True)
class Quantity:
    """A column that says how many of something a backer gets."""

    position: int
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everything stands in one table; a field that is not there stands at `width`, after the last cell."""

    positions: dict[str, int]
    quantities: tuple[Quantity, ...]
    answers: tuple[tuple[int, str], ...]
    order: tuple[int, ...]
    """The columns by name, so that a row's hash does not depend on where they stand."""
    names: tuple[str, ...]
    """The folded names in that order."""
    tier: str
    """The tier the file's name tells, where no column does."""
    width: int

    @property
    def tier_is_line(self) -> bool:
        """Tell whether the tier is what a backer gets: it is not where columns say what is in it."""
        return not any(each.kind in ("item", "sku") for each in self.quantities)


def make_plan(table: Table, shape: Format) -> Plan:
    """Settle what each column of a table is, reading its first rows where names don't tell."""
    columns = Columns(table.header)
    width = len(table.header)
    positions = dict.fromkeys(FIELDS, width)
    for field, aliases in shape.fields.items():
        found = columns.find(aliases)
        positions[field] = width if found is None else found
    ignored = {fold(name) for name in shape.ignored}
    used = set(positions.values())
    rest = [at for at, name in enumerate(table.header) if at not in used and fold(name) not in ignored]
    known = shape.known()
    kinds = {at: ("question", "") for at in rest if fold(table.header[at]) in known}
    kinds |= _kinds(table, shape, columns, [at for at in rest if at not in kinds])
    names = distinct(name or f"column {at + 1}" for at, name in enumerate(table.header))
    order = tuple(sorted(range(width), key=lambda at: fold(names[at])))
    tier = ""
    if positions["tier"] == width and shape.tier_in_file_name:
        match = shape.tier_in_file_name.fullmatch(table.source.file_name)
        tier = match["tier"].strip() if match else ""
    return Plan(
        positions,
        tuple(
            Quantity(at, kind, name or names[at]) for at, (kind, name) in sorted(kinds.items()) if kind != "question"
        ),
        tuple((at, names[at]) for at, (kind, _) in sorted(kinds.items()) if kind == "question"),
        order,
        tuple(fold(names[at]) for at in order),
        tier,
        width,
    )


def _kinds(table: Table, shape: Format, columns: Columns, unknown: list[int]) -> dict[int, tuple[str, str]]:
    """Say of each unknown column what kind it is, and its name where a pattern cuts it out of the header."""
    rules = shape.extras
    after, before = columns.find(rules.after), columns.find(rules.before)
    kinds: dict[int, tuple[str, str]] = {}
    undecided: list[int] = []
    for at in unknown:
        name = table.header[at]
        matched = next(
            ((kind, found["name"]) for rule, kind in rules.patterns if (found := rule.fullmatch(name))), None
        )
        if matched:
            kinds[at] = matched
        elif after is not None and before is not None and after < before:
            kinds[at] = (rules.between, name) if after < at < before else (rules.otherwise, name)
        elif rules.numbers == rules.otherwise or (after is not None and at < after) or not name or name.endswith("?"):
            kinds[at] = (rules.otherwise, name)
        else:
            undecided.append(at)
    if undecided:
        rows = [record.cells for record in table.head(SAMPLE_ROWS)]
        for at in undecided:
            counted = all(_is_count(row[at].strip()) for row in rows)
            kinds[at] = (rules.numbers if counted else rules.otherwise, table.header[at])
    return kinds


def _is_count(text: str) -> bool:
    """Tell an empty cell or a small whole number; a larger one is a year, a number of a backer, a phone."""
    return not text or (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= _LARGEST_SEEN)
