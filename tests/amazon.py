"""Helpers of the tests of Amazon's portal: its sandbox, a portal that drives it, orders."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from data.clock import Clock
from data.model import Address, ShipmentState
from data.portals.amazon_bodies import Terms
from data.portals.amazon_login import AmazonLogin
from data.portals.amazon_mcf import AmazonMcf
from data.portals.outcomes import Found, Page, RemoteState
from data.portals.protocol import Portal, ShipmentLine, ShipmentOrder
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.secrets import Secret

HOME = Address("Zoë O'Neill", "", "1 High Street", "Flat 3 [rear]", "London", "", "N1 1AA", "GB", "+44 20 7946 0018")
AWAY = Address("Zoë O'Neill", "Été SA", "Rue de l'Été 5", "", "Genève", "", "1201", "CH", "")
SECRET = "amzn1.application-oa2-client.4f2b:amzn1.oa2-cs.v1.77ad0c:Atzr|IwEBIC+/canary"
MARKET = "A1F83G8C2ARO7P"
HOUR, DAY = 3600, 86400
ORDER = "/fba/outbound/2020-07-01/fulfillmentOrders/{id}"
ORDERS = "/fba/outbound/2020-07-01/fulfillmentOrders"
numbers = itertools.count(1)


def playing(path: Path) -> SandboxProcess:
    """Start a warehouse that speaks like Amazon, where nothing goes wrong by itself, without limits."""
    running = start(path, token=Secret(SECRET), dialect="amazon", limits=False)
    running.control("settings", {"exceptions": 0})
    return running


@asynccontextmanager
async def driving(
    sandbox: SandboxProcess, secret: str = SECRET, clock: Clock | None = None, **options: Any
) -> AsyncIterator[AmazonMcf]:
    """Make a portal that drives a sandbox, faster than Amazon would let it."""
    clock = clock or Clock()
    terms = Terms(MARKET, hold_first=options.pop("hold_first", False))
    login = AmazonLogin(lambda: Secret(secret), sandbox.url, clock)
    given = {"deadline": 1.5, "per_minute": 60_000} | options
    portal = AmazonMcf(sandbox.url, login, clock, terms, **given)
    try:
        yield portal
    finally:
        await portal.close()


def order(**changes: Any) -> ShipmentOrder:
    """Make an order under a key of its own."""
    lines = (ShipmentLine("GAME", "The game", 1), ShipmentLine("DICE-2", "Dice", 2))
    number = next(numbers)
    made = ShipmentOrder(f"EMBER-{number:06d}-1", f"#{number}", HOME, lines, "zoe@example.org", "Ember Isles")
    return replace(made, ordered_at="2026-10-01T10:00:00Z", currency="EUR", **changes)


async def placed(portal: AmazonMcf, **changes: Any) -> str:
    """Return the key of an order that is there."""
    made = order(**changes)
    await portal.push(portal.render_push(made), made.key)
    return made.key


async def state(portal: Portal, key: str) -> RemoteState:
    """Return what is there under a key."""
    found = await portal.find(key)
    assert isinstance(found, Found)
    return found.remote


async def read_all(portal: Portal, cursor: str) -> tuple[list[Page], str]:
    """Poll until nothing is left, as a worker does."""
    pages: list[Page] = []
    while True:
        pages.append(await portal.poll(cursor))
        cursor = pages[-1].cursor
        if not pages[-1].more:
            return pages, cursor


def keys(pages: list[Page]) -> list[str]:
    """Return the keys on pages, in their order."""
    return [each.reference for page in pages for each in page.states]


async def until(portal: Portal, sandbox: SandboxProcess, key: str, wanted: ShipmentState) -> None:
    """Move the warehouse's clock until an order is where it is wanted."""
    for _ in range(400):
        if (await state(portal, key)).status is wanted:
            return
        sandbox.control("clock", {"advance": 1700})
    pytest.fail(f"{key} never became {wanted}")


def offline() -> AmazonMcf:
    """Return a portal that only renders."""
    url = "https://sellingpartnerapi-eu.amazon.com"
    return AmazonMcf(url, AmazonLogin(lambda: Secret(SECRET), url, Clock()), Clock(), Terms(MARKET))


def now_there(sandbox: SandboxProcess) -> datetime:
    """Return the warehouse's own time."""
    return datetime.fromisoformat(sandbox.control("clock", {})["now"])
