"""Helpers of the tests of the ShipBob portal: a sandbox that speaks as ShipBob does, and orders that are there."""

from __future__ import annotations

import itertools
import json
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.clock import Clock
from data.model import Address, ShipmentState
from data.portals.credentials import SecretHeader
from data.portals.outcomes import (
    Found,
    RemoteState,
)
from data.portals.protocol import ShipmentLine, ShipmentOrder
from data.portals.sandbox.ledger import ledger
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.shipbob import ShipBob

HOME = Address("Zoë O'Neill", "", "1 High Street", "Flat 3 [rear]", "London", "", "N1 1AA", "GB", "+44 20 7946 0018")
AWAY = Address("Zoë O'Neill", "", "Rue de l'Été 5", "", "Genève", "", "1201", "CH", "")
CREATE, AMEND, SHOW = "POST /{version}/order", "PUT /{version}/shipment/{id}:updateAddress", "GET /{version}/order/{id}"
FIND = "GET /{version}/order"
HOUR, DAY = 3600, 86400
numbers = itertools.count(1)


def bob(folder: Path) -> SandboxProcess:
    """Start a warehouse that knows three SKUs, without the vendor's limits."""
    running = start(folder / "warehouse.db", dialect="shipbob", limits=False)
    running.control("settings", {"exceptions": 0})
    running.control("stock", {"GAME": 10_000, "DICE-2": 10_000, "GAME-DELUXE": 3})
    return running


def connect(sandbox: SandboxProcess, **options: Any) -> ShipBob:
    given = {"channel": 101, "fulfillment_center": 4, "deadline": 1.5, "max_lag": 1.0, "per_minute": 100_000}
    return ShipBob(sandbox.url, SecretHeader(lambda: sandbox.token), Clock(), **given | options)


def order(**changes: Any) -> ShipmentOrder:
    lines = (ShipmentLine("GAME", "The game", 1), ShipmentLine("DICE-2", "Dice", 2))
    number = next(numbers)
    return replace(ShipmentOrder(f"K-{number}_x", f"#{number}", HOME, lines, "zoe@example.org"), **changes)


async def pushed(portal: ShipBob, **changes: Any) -> tuple[str, str, str]:
    """Return key, the vendor's id, and the body of an order that is there."""
    made = order(**changes)
    body = portal.render_push(made)
    result = await portal.push(body, made.key)
    return made.key, result.remote_ids[0], body


async def split(portal: ShipBob, sandbox: SandboxProcess) -> tuple[str, str, str]:
    """Return an order of which ShipBob makes two shipments."""
    made = await pushed(portal)
    sandbox.control("fate", {"reference": made[0], "fate": "split"})
    return made


async def state(portal: ShipBob, key: str) -> RemoteState:
    found = await portal.find(key)
    assert isinstance(found, Found)
    return found.remote


async def until(portal: ShipBob, sandbox: SandboxProcess, key: str, wanted: ShipmentState, step: float = 0.45) -> None:
    """Move the warehouse's clock, `step` hours at a time, until an order is where it is wanted."""
    for _ in range(400):
        if (await state(portal, key)).status is wanted:
            return
        sandbox.control("clock", {"advance": step * HOUR})
    pytest.fail(f"{key} never became {wanted}")


def creations(sandbox: SandboxProcess, key: str) -> int:
    return sum(entry["creations"] for entry in ledger(sandbox.state) if entry["reference"] == key)


def raw(sandbox: SandboxProcess, path: str, body: Any = None, method: str | None = None) -> Any:
    """Ask the sandbox as anybody could, past the portal; return the JSON of its reply."""
    request = urllib.request.Request(
        sandbox.url + path,
        None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Bearer {sandbox.token.reveal()}", "shipbob_channel_id": "101"},
        method=method,
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as reply:
        return json.load(reply)
