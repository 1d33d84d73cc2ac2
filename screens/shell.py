"""What every screen is given: the workspace, the person's settings, and the news of the house."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual.signal import Signal

from data.store.watch import Seen
from data.store.workspace import Workspace


@dataclass(slots=True)
class Shell:
    """The part of the app that screens may rely on."""

    ws: Workspace
    others: Signal[Seen]
    """Somebody else changed the workspace."""
    mine: Signal[Seen]
    """This console changed it, on another screen perhaps."""
    campaign: Signal[int | None]
    """The lists show another campaign."""
    clipboard: Path
    """Folder for the copy that a clipboard did not take."""
    campaign_id: int | None = None
    """The campaign the lists show; None = all."""
    campaign_code: str = ""
    wide_from: int = 100
    exports: int = 0
    """Counts exports of this session, for names that never clash."""
