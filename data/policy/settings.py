"""A workspace's settings as the verbs use them, and what was agreed in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data.model import WorkspaceError
from data.policy.agreement import TOPICS, Agreed
from data.policy.allocation import AllocationPolicy
from data.policy.label import LabelLimits
from data.policy.rules import WarehousePolicy

FILE_NAME = "lastcall.toml"
ANYWHERE = "*"
PORTALS = ("sandbox", "file", "shipbob", "shipmonk", "amazon", "http")


@dataclass(frozen=True, slots=True)
class WarehouseSettings:
    """One warehouse as `lastcall.toml` describes it."""

    code: str
    name: str
    countries: tuple[str, ...] = (ANYWHERE,)
    """ISO 3166-1 alpha-2 codes it serves; `*` = everywhere not served by another."""
    portal: str = "file"
    url: str = ""
    secret: str = ""
    """Where the secret is: `env:NAME` or `file:PATH`; never the secret itself."""
    time_zone: str = "UTC"
    options: Mapping[str, Any] = field(default_factory=dict)
    """What only its portal understands."""
    label: LabelLimits | None = None
    """What its labels take; None where it did not say."""
    policy: WarehousePolicy = field(default_factory=WarehousePolicy)
    agreement: Mapping[str, Agreed] = field(default_factory=dict)
    """By topic; what is absent is not agreed."""

    def serves(self, country: str) -> bool:
        """Tell whether it ships to this country by name (`*` counts as not by name)."""
        return country in self.countries

    def open_topics(self) -> tuple[str, ...]:
        """Return the topics on which nothing is agreed."""
        return tuple(each for each in TOPICS if each not in self.agreement)


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything `lastcall.toml` says."""

    warehouses: tuple[WarehouseSettings, ...] = ()
    approve: bool = False
    """A batch is sent only after somebody has approved it."""
    stuck_days: int = 15
    """Days without news after which a parcel counts as stuck (ShipBob's domestic rule; a warehouse may differ)."""
    allocation: AllocationPolicy = field(default_factory=AllocationPolicy)

    def find(self, code: str | None) -> WarehouseSettings | None:
        """Return the warehouse with this code, or None: one that was taken out of the file still has its batches."""
        return next((each for each in self.warehouses if each.code == code), None)

    def warehouse(self, code: str) -> WarehouseSettings:
        """Return the warehouse with this code; raises WorkspaceError naming those there are."""
        if (found := self.find(code)) is not None:
            return found
        known = ", ".join(each.code for each in self.warehouses) or "none"
        raise WorkspaceError(f"there is no warehouse {code} in {FILE_NAME} (there are: {known})")


def agreed_line(policy: Policy, warehouse: str | None, topic: str) -> str:
    """Say in one line what is agreed with a warehouse on a topic, or that nothing is.

    Nothing for a warehouse that is not in the policy. The text is as it stands in `lastcall.toml`.
    """
    settings = policy.find(warehouse)
    if settings is None:
        return ""
    words, found = TOPICS[topic].words, settings.agreement.get(topic)
    if found is None:
        return f"{words}: not agreed with {settings.name}"
    return f"{words}, agreed with {settings.name}: {found.line()}"
