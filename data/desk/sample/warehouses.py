"""The sample campaign's warehouses: five places, each with another system, so that every kind of portal is at work."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from data.policy import WarehousePolicy, WarehouseSettings
from data.portals.sandbox.dialects import NATIVE
from data.portals.secrets import Secret

EUROPE = ("DE", "FR", "IT", "ES", "NL", "BE", "AT", "PL", "SE", "DK", "FI", "CZ", "PT", "IE", "GR", "HU", "RO", "BG")
_PACE = {"concurrency": 8, "per_minute": 60_000}


def _key() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class SampleWarehouse:
    """One of them: where it ships to, what its system speaks, and how it is reached."""

    code: str
    name: str
    ships_from: str
    countries: tuple[str, ...]
    portal: str = NATIVE
    dialect: str = NATIVE
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What the portal needs to know beyond an address and a secret."""
    login: str | None = None
    """The option that names where to log in, where that is an address of its own."""
    secret: Callable[[], str] = _key

    def settings(self, url: str, secret: str) -> WarehouseSettings:
        """Return its part of `lastcall.toml`; `secret` says where the secret is kept."""
        login = {self.login: url} if self.login else {}
        return WarehouseSettings(
            code=self.code,
            name=self.name,
            policy=WarehousePolicy(ships_from=self.ships_from, import_vat="receiver"),
            countries=self.countries,
            portal=self.portal,
            url=url,
            secret=secret,
            options={**_PACE, **self.options, **login},
        )

    def make_secret(self) -> Secret:
        """Return a fresh secret, in the shape its system wants."""
        return Secret(self.secret())


WAREHOUSES = (
    SampleWarehouse("EU1", "Cedar Mills", "DE", EUROPE),
    SampleWarehouse(
        "US1", "Harbor & Sons", "US", ("*",), "shipbob", "shipbob", {"channel": 101, "fulfillment_center": 4}
    ),
    SampleWarehouse(
        "UK1",
        "Thames Hub",
        "GB",
        ("GB",),
        "http",
        "mintsoft",
        {"spec": "mintsoft", "warehouse_id": 3},
        secret=lambda: f"operator:{_key()}",
    ),
    SampleWarehouse(
        "CA1", "Maple Dock", "CA", ("CA", "MX"), "shipmonk", "shipmonk", {"store_id": 1234, "warehouse": "SB1"}
    ),
    SampleWarehouse(
        "AP1",
        "Pacific Rim",
        "JP",
        ("JP", "KR", "TW", "HK", "SG"),
        "amazon",
        "amazon",
        {"marketplace_id": "A1VC38T7YXB528"},
        login="login_url",
        secret=lambda: ":".join(_key() for _ in range(3)),
    ),
)
