"""The sandbox warehouse in each idempotency class, and what it is told besides orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from data.clock import Clock
from data.model import Address, CommandKind
from data.portals.credentials import SecretHeader
from data.portals.errors import Conflict
from data.portals.notices import Carton, InboundNotice, Packing, ReturnAction, ReturnLine, ReturnNotice
from data.portals.outcomes import Absent, Found, Pushed, RemoteLine
from data.portals.protocol import Idem, ShipmentLine, ShipmentOrder
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.sandbox_http import DUPLICATES, SandboxHttp
from tests.sending import creations

HOME = Address("Zoë O'Neill", "", "1 High Street", "Flat 3 [rear]", "London", "", "N1 1AA", "GB", "+44 20 7946 0018")
AWAY = Address("Zoë O'Neill", "", "Rue de l'Été 5", "", "Genève", "", "1201", "CH", "")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with start(tmp_path / "warehouse.db") as running:
        running.control("settings", {"exceptions": 0})
        yield running


def order() -> ShipmentOrder:
    lines = (ShipmentLine("GAME", "The game", 1), ShipmentLine("DICE-2", "Dice", 2))
    return ShipmentOrder("K-1_x", "#1", HOME, lines, "zoe@example.org")


def shelf_notice(key: str = "ASN-1") -> InboundNotice:
    cartons = (
        Carton("1Z1", (RemoteLine("GAME", 10),), count=4),
        Carton("1Z2", (RemoteLine("GAME", 3), RemoteLine("DICE-2", 6))),
    )
    return InboundNotice(key, "2026-12-04", cartons, Packing.PALLETS, "PO-7", "Ember Press")


@pytest.mark.parametrize("habit", DUPLICATES)
async def test_in_every_class_a_second_push_makes_a_second_order_only_where_the_class_says_so(
    sandbox: SandboxProcess, habit: str
) -> None:
    sandbox.control("settings", {"duplicates": habit})
    portal = SandboxHttp(sandbox.url, SecretHeader(lambda: sandbox.token), Clock(), idem=DUPLICATES[habit])
    made = order()
    first = await portal.push(portal.render_push(made), made.key)
    second = await portal.push(portal.render_push(made), made.key)
    expected = {"refuse": Pushed.ALREADY, "client": Pushed.ALREADY, "update": Pushed.UPDATED, "accept": Pushed.CREATED}
    assert (first.outcome, second.outcome) == (Pushed.CREATED, expected[habit])
    assert creations(sandbox)[made.key] == (2 if habit == "accept" else 1)
    if habit != "accept":
        assert first.remote_ids == second.remote_ids
    await portal.close()


async def test_an_upsert_changes_the_order_that_is_there_until_it_is_picked(sandbox: SandboxProcess) -> None:
    sandbox.control("settings", {"duplicates": "update"})
    portal = SandboxHttp(sandbox.url, SecretHeader(lambda: sandbox.token), Clock(), idem=Idem.UPSERT)
    made = order()
    await portal.push(portal.render_push(made), made.key)
    more = replace(made, address=AWAY, lines=(ShipmentLine("GAME", "The game", 2),))
    await portal.push(portal.render_push(more), made.key)
    found = await portal.find(made.key)
    assert isinstance(found, Found)
    assert portal.matches(portal.render_push(more), found.remote) == []
    sandbox.control("clock", {"advance": 30 * 86400})
    await portal.push(portal.render_push(made), made.key)
    found = await portal.find(made.key)
    assert isinstance(found, Found)
    assert portal.matches(portal.render_push(more), found.remote) == []
    await portal.close()


async def test_inbound_shipments_and_returns_are_announced_once_and_found(sandbox: SandboxProcess) -> None:
    portal = SandboxHttp(sandbox.url, SecretHeader(lambda: sandbox.token), Clock())
    body = portal.render_notice(shelf_notice())
    first = await portal.notify(CommandKind.ANNOUNCE, body, "ASN-1")
    again = await portal.notify(CommandKind.ANNOUNCE, body, "ASN-1")
    assert (first.outcome, again.outcome) == (Pushed.CREATED, Pushed.ALREADY)
    found = await portal.find_notice(CommandKind.ANNOUNCE, "ASN-1")
    assert isinstance(found, Found)
    assert found.remote.lines == (RemoteLine("GAME", 40), RemoteLine("GAME", 3), RemoteLine("DICE-2", 6))
    fewer = replace(shelf_notice(), cartons=shelf_notice().cartons[:1])
    with pytest.raises(Conflict):
        await portal.notify(CommandKind.ANNOUNCE, portal.render_notice(fewer), "ASN-1")
    coming = ReturnNotice("RMA-1", "K-1_x", "SB1", (ReturnLine("GAME", 1, ReturnAction.RESTOCK),), "1Z9", "refused")
    told = await portal.notify(CommandKind.RETURN, portal.render_notice(coming), "RMA-1")
    assert told.outcome is Pushed.CREATED
    assert isinstance(await portal.find_notice(CommandKind.RETURN, "RMA-1"), Found)
    assert isinstance(await portal.find_notice(CommandKind.RETURN, "ASN-1"), Absent)
    await portal.close()
