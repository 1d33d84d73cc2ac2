"""The overview as lines: what waits for a person first, then how far everything has come."""

from __future__ import annotations

from datetime import datetime, timedelta

from textual.content import Content

from data.addresses.countdown import Countdown
from data.clock import from_text
from data.desk.overview import Overview
from data.model import Stage
from screens.columns.addresses import VERDICTS
from screens.columns.batches import warehouse_lines
from screens.columns.text import BAD, GOOD, QUIET, WARN, plain, since, stage_cell
from widgets.detail import Section

_BAR = 24
_UNDER = " " * 14
"""Under the words of a line, past its count and key."""


def overview_sections(overview: Overview, now: datetime) -> list[Section]:
    """Return the overview's sections; what has nothing to say is left out."""
    found = [
        Section(Content("To do"), _to_do(overview, now)),
        Section(Content(f"Orders  {overview.orders:,}   pieces {overview.units:,}"), _stages(overview)),
        Section(Content("Last call"), _last_calls(overview, now)),
        Section(Content("Warehouses"), [line for each in overview.warehouses for line in warehouse_lines(each, now)]),
        Section(Content("Parcels"), [_pairs(overview.parcels)] if overview.parcels else []),
    ]
    return [each for each in found if each.lines]


def _to_do(overview: Overview, now: datetime) -> list[Content]:
    issues = sum(overview.issues.values())
    changes = sum(overview.changes.values())
    needs = overview.stages.get(Stage.NEEDS_INFO, 0)
    ready, allocated = overview.stages.get(Stage.READY, 0), overview.stages.get(Stage.ALLOCATED, 0)
    held = sum(overview.held.values())
    unsent = overview.batches.get("draft", 0) + overview.batches.get("ready", 0)
    oldest = f", the oldest raised {since(overview.oldest_issue, now)}" if overview.oldest_issue else ""
    kept = [
        *_item(overview.person, "3", "sent, and only a person can say whether it arrived", BAD),
        *_item(overview.doubtful, "3", "sent without an answer; a look-up will tell", WARN),
        *_item(issues, "4", f"{_counted(issues, 'issue')} open{oldest}", WARN, overview.issues),
        *_item(
            changes, "2", _counted(changes, "address change waits", "address changes wait"), WARN, _groups(overview)
        ),
        *_item(needs, "1", _counted(needs, "order needs information", "orders need information"), WARN),
        *_item(
            overview.unmapped,
            " ",
            _counted(overview.unmapped, "name of the platform has", "names of the platform have")
            + " no SKU: lastcall product unmapped",
            WARN,
        ),
        *_item(held, "1", _counted(held, "hold"), WARN, overview.held),
        *_item(ready, "1", f"{_counted(ready, 'order')} ready to allocate", GOOD),
        *_item(allocated, "1", f"{_counted(allocated, 'order')} allocated and in no batch", GOOD),
        *_item(unsent, "3", f"{_counted(unsent, 'batch', 'batches')} to check and send", GOOD),
    ]
    if overview.closed_changes:
        words = _counted(
            overview.closed_changes,
            "address change closed: it changed nothing",
            "address changes closed: they changed nothing",
        )
        kept.append(Content.styled(f"{overview.closed_changes:>9,}     {words}", QUIET))
    return kept or [Content.styled("nothing waits", QUIET)]


def _groups(overview: Overview) -> dict[str, int]:
    """Return the waiting changes by what they come to, in the words of the Addresses screen."""
    return {VERDICTS[group][1]: count for group, count in overview.changes.items()}


def _item(count: int, key: str, words: str, style: str, parts: dict[str, int] | None = None) -> list[Content]:
    """Return a line with the key that leads there, and below it what the count is made of; nothing for zero."""
    if not count:
        return []
    line = Content.assemble((f"{count:>9,}", style), "  ", (key, "bold $accent"), "  ", plain(words))
    return [line, plain(f"{_UNDER}{_words(parts)}", QUIET)] if parts else [line]


def _counted(count: int, one: str, many: str = "") -> str:
    """Return the words for one or for many; the count stands before them."""
    return one if count == 1 else many or f"{one}s"


def _stages(overview: Overview) -> list[Content]:
    most = max(overview.stages.values(), default=0)
    return [
        Content.assemble(
            f"{overview.stages[stage]:>9,}  ",
            stage_cell(stage).pad_right(max(0, 15 - stage_cell(stage).cell_length)),
            ("▇" * max(1, _BAR * overview.stages[stage] // most), "$primary"),
        )
        for stage in Stage
        if overview.stages.get(stage)
    ] + ([Content.styled(f"{overview.late:>9,}  of them late", QUIET)] if overview.late else [])


def _last_calls(overview: Overview, now: datetime) -> list[Content]:
    """Return what counts down, with how the answers stand below it, then what is locked."""
    lines: list[Content] = []
    for each in overview.countdowns:
        deadline = from_text(each.lock_at)
        left = f"in {_left(deadline - now)}" if deadline > now else "due"
        name = f"{each.campaign} ({each.segment})" if each.segment else each.campaign
        lines.append(plain(f"{name}: addresses lock {left}, {_minute(each.lock_at)} UTC", WARN))
        lines += [plain(f"{_UNDER}{words}", QUIET) for words in _answers(each, now)]
    return lines + [plain(f"{code}: locked since {_minute(at)} UTC") for code, at in overview.locked.items()]


def _left(time: timedelta) -> str:
    """Say how long is left: in hours while they count, then in minutes."""
    minutes = int(time.total_seconds() // 60)
    return f"{time.days}d" if time.days >= 3 else f"{minutes // 60}h" if minutes >= 120 else f"{minutes}m"


def _answers(countdown: Countdown, now: datetime) -> list[str]:
    """Say how the answers stand, and when the silent were reminded last."""
    counts = {"missing": countdown.missing, "asked": countdown.asked, "to confirm": countdown.confirm}
    said = [_words({**counts, "answered": countdown.answered})]
    if countdown.reminders and countdown.reminded_at:
        count = f"{countdown.reminders:,} {_counted(countdown.reminders, 'reminder')}"
        said.append(f"{count}, the last {since(countdown.reminded_at, now)}")
    return said


def _minute(instant: str) -> str:
    return instant[:16].replace("T", " ")


def _pairs(counts: dict[str, int]) -> Content:
    return plain(_words(counts))


def _words(counts: dict[str, int]) -> str:
    return " · ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
