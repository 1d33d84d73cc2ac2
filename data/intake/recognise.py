"""Which platform a file comes from, told by the names of its columns, with the reason in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.files.columns import Columns, fold
from data.intake.format import Format
from data.model import InputError
from data.text import visible


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a header was recognised as."""

    format: Format
    generation: str
    """The generation's name, or empty for a shape not seen before."""
    reason: str
    score: int
    """Columns of the header that the format knows."""


def recognise(header: Sequence[str], formats: Sequence[Format]) -> Recognition:
    """Find the one format whose required columns are all there; of several, the one that knows most columns.

    Raises InputError saying which formats came near and which columns they miss, or which two fit alike.
    """
    columns = Columns(header)
    fitting = sorted(
        (_judge(columns, each) for each in formats if not each.missing(columns)), key=lambda found: -found.score
    )
    if not fitting:
        raise InputError(_unrecognised(columns, formats))
    if len(fitting) > 1 and fitting[0].score == fitting[1].score:
        first, second = fitting[0].format, fitting[1].format
        raise InputError(f"the columns fit {first.name} ({first.id}) and {second.name} ({second.id}) alike: choose one")
    return fitting[0]


def by_id(formats: Sequence[Format], name: str, header: Sequence[str]) -> Recognition:
    """Take the format a person named; raises InputError for an unknown one and for missing columns."""
    chosen = next((each for each in formats if each.id == name), None)
    if chosen is None:
        raise InputError(f"“{visible(name)}” is not a format; there are {', '.join(each.id for each in formats)}")
    columns = Columns(header)
    if missing := chosen.missing(columns):
        raise InputError(f"{chosen.name}: the file has no column {', '.join(missing)}")
    return _judge(columns, chosen)


def _judge(columns: Columns, shape: Format) -> Recognition:
    """Say how a fitting format fits."""
    known = shape.known()
    score = sum(fold(name) in known for name in columns.header)
    others = len(columns.header) - score
    rest = f"{score} of {len(columns.header)} columns are known" if others else f"all {score} columns are known"
    for generation in shape.generations:
        if all(columns.has(name) for name in generation.columns):
            words = f"{shape.name}, {generation.name} ({generation.words}): has {', '.join(generation.columns)}; {rest}"
            return Recognition(shape, generation.name, words, score)
    return Recognition(shape, "", f"{shape.name}: has every column it needs; {rest}", score)


def _unrecognised(columns: Columns, formats: Sequence[Format]) -> str:
    """Say what came near."""
    near = []
    for shape in formats:
        missing = shape.missing(columns)
        if len(missing) <= len(shape.require) / 2:
            near.append(f"{shape.name} lacks {', '.join(missing)}")
    if near:
        return f"not a format known here; near: {'; '.join(near)}"
    shown = ", ".join(visible(name[:40]) for name in columns.header[:6])
    return f"not a format known here; its columns are {shown}{', …' if len(columns.header) > 6 else ''}"
