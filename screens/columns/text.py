"""Pieces every list shares: foreign text made visible, signs that need no colour, times and amounts in few cells."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from data.clock import ago, from_text
from data.model import HoldKind, Stage
from data.text import visible

WARN, QUIET, GOOD, BAD = "$warning", "$foreground 60%", "$primary", "$error"

STAGE_SIGNS: dict[str, tuple[str, str, str]] = {
    # stage: (sign, word, colour); the sign and the word carry it alone, the colour only repeats it
    Stage.NEEDS_INFO: ("?", "needs info", WARN),
    Stage.READY: ("+", "ready", GOOD),
    Stage.ALLOCATED: ("+", "allocated", GOOD),
    Stage.BATCHED: ("=", "batched", GOOD),
    Stage.SENDING: (">", "sending", GOOD),
    Stage.AT_WAREHOUSE: ("w", "at warehouse", ""),
    Stage.PICKING: ("w", "picking", ""),
    Stage.PART_SHIPPED: ("~", "part shipped", WARN),
    Stage.SHIPPED: ("✓", "shipped", ""),
    Stage.DELIVERED: ("✓", "delivered", QUIET),
    Stage.RETURNED: ("!", "returned", BAD),
    Stage.CANCELLED: ("×", "cancelled", QUIET),
}

HOLD_LETTERS: dict[str, str] = {
    HoldKind.ADDRESS: "A",
    HoldKind.PAYMENT: "P",
    HoldKind.STOCK: "S",
    HoldKind.CUSTOMS: "C",
    HoldKind.OPERATOR: "O",
    HoldKind.CLIENT: "L",
    HoldKind.UNTIL: "U",
    HoldKind.DUPLICATE: "D",
}


def plain(text: str | None, style: str = "") -> Content:
    """Return foreign text as one safe line."""
    return Content.styled(visible(text), style) if text else Content("")


def stage_cell(stage: str) -> Content:
    """Return a stage as sign and word."""
    sign, word, colour = STAGE_SIGNS[stage]
    return Content.styled(f"{sign} {word}", colour)


def age_cell(instant: str | None, now: datetime) -> Content:
    """Return how long ago an instant of the database was."""
    return Content(ago(from_text(instant), now)) if instant else Content("")


def since(instant: str, now: datetime) -> str:
    """Say how long ago an instant of the database was, as a sentence does: `just now`, `5m ago`."""
    age = ago(from_text(instant), now)
    return "just now" if age == "now" else f"{age} ago"


def count_cell(count: int, style: str = "") -> Content:
    """Return a count, or nothing for zero: a column of zeros hides the ones that matter."""
    return Content.styled(str(count), style) if count else Content("")


def flag_cell(on: bool, sign: str, style: str = "") -> Content:
    """Return a sign where something is so."""
    return Content.styled(sign, style) if on else Content("")
