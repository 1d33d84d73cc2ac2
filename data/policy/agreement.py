"""What was agreed with a warehouse, topic by topic: `[warehouse.CODE.agreement.TOPIC]`; an absent topic is not agreed.

Which topics there are, and why their days differ from centre to centre: claim windows run from 15 to 90 days, cut-offs
from hours to never, returns wait 48 hours for an instruction.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from data.model import WorkspaceError
from data.policy.keys import limit, only, section, text, texts


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to agree on."""

    words: str
    """What people call it."""
    question: str
    """What the partner is asked while it is open."""


TOPICS: dict[str, Topic] = {
    "late_orders": Topic(
        "late orders", "May orders be added after a batch was sent? Until when, through which channel, at what cost?"
    ),
    "address_fixes": Topic(
        "address fixes", "May an address be corrected after you have the order? Until when, and how do you confirm it?"
    ),
    "cancels": Topic("cancels", "May an order be cancelled after you have it? Until when, and how do you confirm it?"),
    "missing": Topic(
        "missing items", "A parcel lacks something, or has something wrong: what do you need, and who pays the rest?"
    ),
    "damaged": Topic("damaged parcels", "A parcel arrives damaged: what evidence, within how many days, who pays?"),
    "lost": Topic(
        "lost parcels", "A parcel is lost: after how many days without news, until when, and who pays for what?"
    ),
    "returns": Topic(
        "returns", "A parcel comes back: how do you tell us, how long does it wait for an instruction, at what cost?"
    ),
    "leftovers": Topic(
        "leftovers",
        "What remains after the campaign: stored at what cost, sold on from you, shipped back, disposed of?",
    ),
}
"""Every topic of an agreement, by its key in `lastcall.toml`, in the order of the journey."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed on one topic."""

    agreed: str
    """In a sentence."""
    channel: str = ""
    """How it is asked for: the portal, an e-mail address, a form."""
    cut_off: str = ""
    """Until when it is possible."""
    who_pays: str = ""
    evidence: tuple[str, ...] = ()
    """What must come with it."""
    contact: str = ""
    after_days: int | None = None
    """Days, at the earliest: without news before a loss can be claimed, for one."""
    within_days: int | None = None
    """Days, at the latest: from shipping until a claim must have been made, for one."""

    def line(self) -> str:
        """Say it in one line."""
        parts = [
            self.agreed,
            f"by {self.channel}" if self.channel else "",
            f"until {self.cut_off}" if self.cut_off else "",
            f"after {self.after_days} days at the earliest" if self.after_days else "",
            f"within {self.within_days} days" if self.within_days else "",
            f"paid by {self.who_pays}" if self.who_pays else "",
            f"evidence: {', '.join(self.evidence)}" if self.evidence else "",
            f"contact: {self.contact}" if self.contact else "",
        ]
        return " ".join("; ".join(each for each in parts if each).split())


def read_agreement(path: Path, warehouse: str, found: Any) -> dict[str, Agreed]:
    """Read `[warehouse.CODE.agreement]`; raises WorkspaceError naming the key."""
    where = f"{warehouse}.agreement"
    table = section(path, found, where)
    only(path, table, where, TOPICS)
    return {topic: _read_topic(path, f"{where}.{topic}", table[topic]) for topic in TOPICS if topic in table}


def _read_topic(path: Path, where: str, found: Any) -> Agreed:
    table = section(path, found, where)
    only(path, table, where, [each.name for each in fields(Agreed)])
    agreed = text(path, table, f"{where}.agreed")
    if not agreed.strip():
        raise WorkspaceError(f"{path}: {where}.agreed must say what was agreed; leave the section out while it is open")
    return Agreed(
        agreed=agreed,
        channel=text(path, table, f"{where}.channel"),
        cut_off=text(path, table, f"{where}.cut_off"),
        who_pays=text(path, table, f"{where}.who_pays"),
        evidence=texts(path, table, f"{where}.evidence"),
        contact=text(path, table, f"{where}.contact"),
        after_days=limit(path, table, f"{where}.after_days"),
        within_days=limit(path, table, f"{where}.within_days"),
    )
