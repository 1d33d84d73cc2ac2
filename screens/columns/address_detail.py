"""One change of address as a picture to decide by, and what else is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from textual.content import Content

from data.addresses.consequence import ConsequenceKind
from data.addresses.detail import FindingSeen, Held, Past, ReviewDetail
from data.addresses.fold import UMLAUT_COUNTRIES, folded
from data.addresses.review_fields import group_of
from data.addresses.words import same_word
from data.model import ADDRESS_FIELDS, Address, ChangeState
from data.text import visible
from screens.columns.addresses import STATES, VERDICTS, place_words
from screens.columns.text import BAD, QUIET, WARN, plain, since
from widgets.cells import wrap
from widgets.detail import Section
from widgets.field_diff import FieldRow, diff_lines

_OPEN = (ChangeState.WAITING, ChangeState.ASKED)
_SILENT_ON_ZONE = (ConsequenceKind.TOO_LATE, ConsequenceKind.CANCELLED)
"""Consequences whose words do not name the zones."""
_WHOLE = ("postcode", "country", "phone")
"""Fields whose value is one token: marked whole or not at all."""


def picture_lines(detail: ReviewDetail, width: int, now: datetime) -> list[Content]:
    """Return all that a decision needs, in `width` cells: the three addresses, the verdict, what accepting would do."""
    locked = " (locked)" if detail.locked_at else ""
    held = held_by(detail)
    lines = diff_lines(
        field_rows(detail),
        old_title=f"{'ON FILE' if detail.change.state in _OPEN else 'BEFORE'}{locked}",
        new_title=f"REQUESTED ({visible(detail.source)})",
        held_title=visible(held.warehouse) if held else "WHSE",
        width=width,
    )
    words = [*_verdict(detail), *_outcome(detail, now)]
    return [*lines, *(part for each in words for part in wrap(each, width))]


def field_rows(detail: ReviewDetail) -> list[FieldRow]:
    """Return the fields that any of the addresses has, as the picture draws them."""
    old, held = detail.compared or Address(), held_by(detail)
    country = detail.requested.country or old.country
    marks = {each.field: each.mark for each in detail.fields}
    rows: list[FieldRow] = []
    for field in ADDRESS_FIELDS:
        before, after = visible(getattr(old, field)), visible(getattr(detail.requested, field))
        third = visible(getattr(held.address, field)) if held and held.address else None
        if before or after or third:
            rows.append(
                FieldRow(
                    field,
                    before,
                    after,
                    marks.get(field, "same"),
                    third,
                    whole=field in _WHOLE,
                    equal_tokens=lambda one, other: _same_token(one, other, country),
                )
            )
    return rows


def reason_words(detail: ReviewDetail) -> list[str]:
    """Return the reasons of the verdict, without the values that the picture shows anyway."""
    old, new = detail.compared or Address(), detail.requested
    found: list[str] = []
    for reason in detail.reasons:
        field, _, words = reason.partition(": ")
        if field in ADDRESS_FIELDS:
            shown = (getattr(each, field) or "(empty)" for each in (old, new))
            words = words.removeprefix("->".join(shown)).strip()
            words = words.removeprefix("(").removesuffix(")") if words.startswith("(") else words
            if words:
                found.append(f"{field}: {words}")
        else:
            found.append(reason)
    return found


def held_by(detail: ReviewDetail) -> Held | None:
    """Return the shipment whose address is drawn as the third: the first that a warehouse has confirmed."""
    return next((each for each in detail.held if each.address is not None), None)


def more_sections(detail: ReviewDetail, now: datetime) -> list[Section]:
    """Return what is known besides: checks, what the warehouses hold, other changes of the order."""
    came = f"order {detail.change.number}: requested by the {detail.source} {since(detail.at, now)}"
    found = [
        Section(None, [plain(f"{came}{', after the lock' if detail.change.late else ''}", QUIET)]),
        Section(Content("Checks of what is requested"), [_finding(each) for each in detail.findings]),
        Section(Content("At warehouses"), held_lines(detail.held)),
        Section(Content("Other changes of this order"), past_lines(detail.past, now)),
    ]
    return [each for each in found if each.lines]


def held_lines(held: Iterable[Held]) -> list[Content]:
    """Return what each warehouse has of an order."""
    return [line for each in held for line in _held(each)]


def past_lines(past: Iterable[Past], now: datetime) -> list[Content]:
    """Return the changes of an order that were, each with its answer."""
    return [
        plain(
            f"{since(each.at, now)}  {each.source}  {each.state.replace('_', ' ')}"
            f"{f' by {each.decided_by}' if each.decided_by else ''}{f': {each.answer}' if each.answer else ''}"
        )
        for each in past
    ]


def _same_token(one: str, other: str, country: str) -> bool:
    """Tell whether two words mean the same; numbers do when they differ by leading zeros only."""
    if one.isdigit() and other.isdigit():
        return one.lstrip("0") == other.lstrip("0")
    umlauts = country in UMLAUT_COUNTRIES
    return same_word(folded(one, umlauts), folded(other, umlauts), country)


def _verdict(detail: ReviewDetail) -> Iterable[Content]:
    change = detail.change
    group = group_of(change.state, change.label, change.level)
    sign, words, colour = VERDICTS[group]
    parts = [Content.styled(f"{sign}{words.upper()}", f"{colour} bold".strip())]
    if change.other_zone and (change.state not in _OPEN or detail.consequence.kind in _SILENT_ON_ZONE):
        parts.append(plain(place_words(change.country_old, change.country_new, change.zone_old, change.zone_new)))
    parts += [plain(each) for each in reason_words(detail)]
    yield Content(" · ").join(parts)
    for each in detail.findings:
        if each.severity == "error":
            yield _finding(each)


def _outcome(detail: ReviewDetail, now: datetime) -> Iterable[Content]:
    """Say what accepting would do, or what was decided."""
    change = detail.change
    if change.state in _OPEN:
        if change.on_file_id != change.from_id:
            yield Content.styled("! on file has moved since: accepting compares anew first", WARN)
        if change.state == ChangeState.ASKED:
            yield plain(f"? asked of the backer{_by(detail, now)}")
        yield Content.assemble(("accept", "bold"), " → ", plain(detail.consequence.words))
        return
    sign, words = STATES[change.state]
    answer = f": {detail.answer}" if detail.answer else ""
    yield Content.assemble((f"{sign}{words}", "bold"), plain(f"{_by(detail, now)}{answer}"))


def _by(detail: ReviewDetail, now: datetime) -> str:
    """Say who decided, and how long ago."""
    return f" by {detail.decided_by} {since(detail.decided_at, now)}" if detail.decided_by and detail.decided_at else ""


def _finding(finding: FindingSeen) -> Content:
    sign, style = ("! ", BAD) if finding.severity == "error" else ("~ ", WARN)
    repair = f" (perhaps {finding.repair})" if finding.repair else ""
    return Content.assemble((sign, style), plain(f"{finding.field}: {finding.message}{repair}"))


def _held(held: Held) -> Sequence[Content]:
    head = plain(f"{held.warehouse_name}  {held.key}: {held.state}{f' ({held.raw_status})' if held.raw_status else ''}")
    if held.address is None:
        return [head, Content.styled("  it has confirmed no address yet", QUIET)]
    return [head, plain(f"  {held.address.name}, {held.address.one_line()}")]
