"""What screens tell each other through the app."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from data.store.watch import Seen


@dataclass
class OthersWorked(Message):
    """Somebody else changed the workspace."""

    seen: Seen


@dataclass
class CampaignChosen(Message):
    """The lists show another campaign, or all."""

    campaign_id: int | None
    code: str
