"""One batch as lines of the detail pane: how far it is, what stops it, what the check found, what is in it."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from data.dispatch.batch_detail import BatchDetail
from data.dispatch.batch_preflight import Found
from data.dispatch.batch_rows import CommandRow
from data.dispatch.delta import Correction
from data.orders.chosen import counted
from screens.columns.batches import state_cell
from screens.columns.text import BAD, GOOD, QUIET, WARN, plain
from widgets.detail import Section
from widgets.meter import meter_line

_WORDS = {"draft": "a checks it against the warehouse's rules", "ready": "P shows its proof, S sends it"}
"""What to do with a batch that was not sent."""


def batch_sections(detail: BatchDetail, found: Found) -> list[Section]:
    """Return a batch's sections: what is happening first, then what stops it, then what it holds."""
    batch = detail.batch
    sections = [
        Section(Content(f"Batch {batch.number}"), _head(detail)),
        Section(Content("Waits for somebody"), [line for each in detail.trouble for line in command_lines(each)]),
        Section(Content("The check"), _check_lines(detail, found)),
        Section(Content("Corrections"), [_correction(each) for each in detail.corrections]),
        Section(Content("Shipments"), [plain(f"{count:>7,}  {state}") for state, count in detail.states]),
        Section(Content("Pieces"), [plain(f"{count:>7,}  {sku}") for sku, count in detail.units]),
        Section(Content("Countries"), [plain(" · ".join(f"{count:,} {code}" for code, count in detail.countries))]),
        Section(Content("Declared value"), [plain(f"{each.digits()} {each.currency}") for each in detail.values]),
    ]
    return [each for each in sections if each.lines]


def command_lines(command: CommandRow) -> list[Content]:
    """Return what a person must know of a command that is stuck."""
    style = BAD if command.state == "person" else WARN
    return [
        Content.assemble(
            (f"! {command.state}", style), plain(f"  {command.kind} {command.key}, order {command.number}")
        ),
        plain(f"    {command.reason}", QUIET),
    ]


def _head(detail: BatchDetail) -> list[Content]:
    """Say what it is, and while it is being sent how far, how fast, and how long still."""
    batch, at = detail.batch, detail.progress
    since = f", a delta since batch {batch.since}" if batch.since else ""
    lines = [
        Content.assemble(
            plain(f"{counted(batch.shipments, 'order')} for {batch.warehouse}{since}  "), state_cell(batch)
        ),
    ]
    if batch.state == "ready" and batch.approved_by:
        lines.append(plain(f"✓ approved by {batch.approved_by}", GOOD))
    if batch.state in _WORDS:
        lines.append(Content.styled(_WORDS[batch.state], QUIET))
    if at.open:
        seconds = at.settled / detail.worker.rate if detail.worker.rate else 0.0
        lines.append(meter_line(Content("sending"), at.settled, at.total, seconds))
    if batch.state not in _WORDS and at.total:
        facts = {"accepted": at.accepted, "rejected": at.rejected, "doubtful": at.doubtful, "for you": at.person}
        lines.append(plain(" · ".join(f"{count:,} {word}" for word, count in facts.items() if count), QUIET))
    return lines


def _check_lines(detail: BatchDetail, found: Found) -> list[Content]:
    """Say what the check took out and why, and what to look at."""
    lines = [Content.assemble((f"× {number}", WARN), plain(f"  {why}")) for number, why in found.taken_out]
    if more := found.out - len({number for number, _ in found.taken_out}):
        lines.append(Content.styled(f"× and {more:,} more: hold: on Orders finds them", WARN))
    lines += [
        Content.assemble((f"~ {each.number or 'all'}", GOOD), plain(f"  {each.words}")) for each in found.cautions
    ]
    if found.more_cautions:
        lines.append(Content.styled(f"~ and {found.more_cautions:,} more: P shows them on the proof", GOOD))
    if detail.batch.state == "ready" and not lines:
        lines.append(Content.styled("✓ nothing to look at", GOOD))
    return lines


def _correction(each: Correction) -> Content:
    sign = "×" if each.kind == "cancel" else "→"
    return plain(f"{sign} {each.number}  {'cancel' if each.kind == 'cancel' else each.words}  {each.state}")


def proof_sections(lines: Iterable[str]) -> list[Section]:
    """Return a proof sheet as it is printed."""
    return [Section(None, [plain(each) or Content("") for each in lines])]
