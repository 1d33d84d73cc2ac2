"""What every screen is given: the workspace, the person's settings, and the news of the house."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from textual.signal import Signal

from data.store.watch import Seen
from data.store.workspace import Workspace
from screens.messages import Checking
from screens.verbs import shown_key, verb

if TYPE_CHECKING:
    from data.desk.overview import WarehouseLine


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
    house: Signal[tuple[WarehouseLine, ...]]
    """How the warehouses stand was read anew."""
    checking: Signal[Checking]
    """How far the check of addresses has come."""
    clipboard: Path
    """Folder for the copy that a clipboard did not take."""
    report: Callable[[BaseException, str], None]
    """Keeps an error, and where it happened, in `run/console.log`."""
    campaign_id: int | None = None
    """The campaign the lists show; None = all."""
    campaign_code: str = ""
    wide_from: int = 100
    """Columns from which the detail stands beside the list."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Verb id to key, for those the person has moved."""
    warehouses: tuple[WarehouseLine, ...] = ()
    """How the warehouses stood when they were last read."""

    def key(self, verb_id: str) -> str:
        """Return the key of a verb as this person reads it on the keyboard."""
        return shown_key(self.keys.get(verb_id, verb(verb_id).key))
