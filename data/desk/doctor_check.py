"""What the doctor says of one thing it looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    words: str
    """What was found."""
    mend: str = ""
    """What to do about it, where something should be done."""
