"""One address on file with findings as a picture to decide by, and what else is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from textual.content import Content

from data.addresses.fault_detail import FaultDetail
from data.addresses.findings import Finding, Severity
from data.model import ADDRESS_FIELDS
from data.text import visible
from screens.columns.address_detail import held_lines, past_lines
from screens.columns.addresses import STATES
from screens.columns.text import BAD, GOOD, QUIET, WARN, plain, since
from widgets.cells import wrap
from widgets.detail import Section
from widgets.field_diff import FieldRow, Mark, diff_lines

_SIGNS = {Severity.ERROR: ("x ", BAD), Severity.WARNING: ("w ", WARN), Severity.INFO: ("i ", QUIET)}


def fault_lines(detail: FaultDetail, width: int, now: datetime) -> list[Content]:
    """Return all that a decision needs, in `width` cells: on file, each finding under its field, the repair beside."""
    locked = " (locked)" if detail.locked_at else ""
    held = next((each for each in detail.held if each.address is not None), None)
    lines = diff_lines(
        fault_rows(detail),
        old_title=f"ON FILE{locked}",
        new_title="REPAIR" if detail.mending.codes else "REPAIR (none known)",
        held_title=visible(held.warehouse) if held else "WHSE",
        width=width,
    )
    return [*lines, *(part for each in _outcome(detail, now) for part in wrap(each, width))]


def fault_rows(detail: FaultDetail) -> list[FieldRow]:
    """Return the fields that are written, repaired or missed, as the picture draws them."""
    on_file, mended = detail.faulty.address, detail.mending.address
    held = next((each.address for each in detail.held if each.address is not None), None)
    rows: list[FieldRow] = []
    for field in ADDRESS_FIELDS:
        before, after = visible(getattr(on_file, field)), visible(getattr(mended, field))
        third = visible(getattr(held, field)) if held else None
        found = [each for each in detail.faulty.findings if each.field == field]
        if before or after or third or found:
            rows.append(
                FieldRow(
                    field,
                    before,
                    after,
                    _mark(found, field in detail.mending.fields),
                    third,
                    whole=True,
                    below=tuple(_finding(each) for each in found),
                )
            )
    return rows


def fault_sections(detail: FaultDetail, now: datetime) -> list[Section]:
    """Return what is known besides: where the address came from, what warehouses hold, changes there were."""
    came = f"order {detail.faulty.number}: address from the {detail.source} {since(detail.at, now)}"
    found = [
        Section(None, [plain(came, QUIET)]),
        Section(Content("At warehouses"), held_lines(detail.held)),
        Section(Content("Changes of this order"), past_lines(detail.past, now)),
    ]
    return [each for each in found if each.lines]


def _mark(found: Sequence[Finding], repaired: bool) -> Mark:
    """Return what the gutter says: repaired, an error without a repair, something to look at."""
    if repaired:
        return "repair"
    severities = {each.severity for each in found}
    return "move" if Severity.ERROR in severities else "cosmetic" if Severity.WARNING in severities else "same"


def _outcome(detail: FaultDetail, now: datetime) -> Iterable[Content]:
    """Say how bad it is, and what accepting the repairs would do."""
    faulty = detail.faulty
    words, colour = ("ERROR", BAD) if faulty.errors else ("WARNING", WARN) if faulty.warnings else ("SOUND", GOOD)
    codes = dict.fromkeys(each.code.replace("_", " ") for each in faulty.findings if each.severity is not Severity.INFO)
    sign = {"ERROR": "x ", "WARNING": "w "}.get(words, "✓ ")
    yield Content(" · ").join([Content.styled(f"{sign}{words}", f"{colour} bold"), *(plain(each) for each in codes)])
    if faulty.asked:
        yield plain(f"{STATES['asked'][0]}asked of the backer")
    if detail.can_accept:
        yield Content.assemble(("accept", "bold"), " → ", plain(detail.outcome))
    elif faulty.errors or faulty.warnings:
        yield Content.assemble(("accept", "bold"), " → ", ("can't: ", WARN), plain(detail.outcome))


def _finding(finding: Finding) -> Content:
    return Content.assemble(_SIGNS[finding.severity], plain(finding.message))
