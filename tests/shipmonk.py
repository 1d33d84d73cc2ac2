"""Helpers of the tests of the ShipMonk portal: a sandbox that speaks like it, and orders that are there."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from data.clock import Clock
from data.model import Address, ShipmentState
from data.portals.credentials import SecretHeader
from data.portals.http import Http
from data.portals.outcomes import (
    Found,
    RemoteState,
)
from data.portals.protocol import ShipmentLine, ShipmentOrder
from data.portals.sandbox.ledger import ledger
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.shipmonk import ShipMonk
from data.portals.shipmonk_bodies import Account

HOME = Address("Zoë O'Neill", "", "1 High Street", "Flat 3 [rear]", "London", "", "N1 1AA", "GB", "+44 20 7946 0018")
AWAY = Address("Zoë O'Neill", "", "Rue de l'Été 5", "", "Genève", "", "1201", "CH", "")
ACCOUNT = Account(1234, "SB1")
PUT, GET = "POST /v1/integrations/order", "GET /v1/integrations/orders"
numbers = itertools.count(1)


def playing(path: Path) -> SandboxProcess:
    """Start a warehouse that speaks like ShipMonk, where nothing goes wrong by itself."""
    running = start(path, dialect="shipmonk")
    running.control("settings", {"exceptions": 0})
    return running


def connect(sandbox: SandboxProcess, account: Account = ACCOUNT, **options: Any) -> ShipMonk:
    credentials = SecretHeader(lambda: sandbox.token, "Api-Key", prefix="")
    return ShipMonk(sandbox.url, credentials, Clock(), account, **{"deadline": 3.0} | options)


def order(**changes: Any) -> ShipmentOrder:
    lines = (ShipmentLine("GAME", "The game", 1), ShipmentLine("DICE-2", "Dice", 2))
    number = next(numbers)
    made = ShipmentOrder(f"K-{number}_x", f"#{number}", HOME, lines, "zoe@example.org")
    return replace(made, ordered_at="2026-10-01T10:00:00Z", currency="EUR", **changes)


async def pushed(portal: ShipMonk, **changes: Any) -> tuple[str, str]:
    """Return key and text of an order that is there."""
    made = order(**changes)
    text = portal.render_push(made)
    await portal.push(text, made.key)
    return made.key, text


async def state(portal: ShipMonk, key: str) -> RemoteState:
    found = await portal.find(key)
    assert isinstance(found, Found)
    return found.remote


async def until(portal: ShipMonk, sandbox: SandboxProcess, key: str, status: ShipmentState) -> None:
    """Let the warehouse work until it has come so far with an order."""
    for _ in range(500):
        if (await state(portal, key)).status is status:
            return
        sandbox.control("clock", {"advance": 1500})
    raise AssertionError(f"{key} never came to be {status}")


def creations(sandbox: SandboxProcess, key: str) -> int:
    return sum(entry["creations"] for entry in ledger(sandbox.state) if entry["reference"] == key)


def change(text: str, **values: Any) -> str:
    return json.dumps(json.loads(text) | values)


def anybody(sandbox: SandboxProcess) -> Http:
    """Return a connection past the portal: somebody else at the same account."""
    return Http(sandbox.url, SecretHeader(lambda: sandbox.token, "Api-Key", prefix=""), Clock())
