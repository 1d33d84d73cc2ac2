"""Returns to Amazon, and what it is not told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from data.model import CommandKind, InputError, ShipmentState
from data.portals.amazon_mcf import AmazonMcf
from data.portals.errors import Ambiguous, Permanent
from data.portals.notices import Carton, InboundNotice, ReturnLine, ReturnNotice
from data.portals.outcomes import Pushed, RemoteLine, Unknown, Unsupported
from data.portals.sandbox.process import SandboxProcess
from tests.amazon import ORDER, driving, placed, playing, until


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with playing(tmp_path_factory.mktemp("amazon") / "warehouse.db") as running:
        yield running


@pytest.fixture
async def portal(sandbox: SandboxProcess) -> AsyncIterator[AmazonMcf]:
    sandbox.control("faults", [])
    async with driving(sandbox) as made:
        yield made


async def test_units_come_back_each_with_its_shipment_and_are_announced_once(
    portal: AmazonMcf, sandbox: SandboxProcess
) -> None:
    key = await placed(portal)
    notice = ReturnNotice("RMA-1", key, key, (ReturnLine("DICE-2", 2), ReturnLine("GAME", 1)), "", "defective")
    body = portal.render_notice(notice)
    with pytest.raises(Permanent, match="have not left"):
        await portal.notify(CommandKind.RETURN, body, "RMA-1")
    await until(portal, sandbox, key, ShipmentState.SHIPPED)
    for expected in (Pushed.CREATED, Pushed.ALREADY):
        told = await portal.notify(CommandKind.RETURN, body, "RMA-1")
        assert not isinstance(told, Unsupported)
        assert told.outcome is expected
    more = replace(notice, key="RMA-2", lines=(ReturnLine("GAME", 1),))
    with pytest.raises(Permanent, match="come back already"):
        await portal.notify(CommandKind.RETURN, portal.render_notice(more), "RMA-2")
    assert isinstance(await portal.find_notice(CommandKind.RETURN, "RMA-1"), Unknown)


async def test_a_return_without_a_reply_is_made_once(portal: AmazonMcf, sandbox: SandboxProcess) -> None:
    key = await placed(portal)
    await until(portal, sandbox, key, ShipmentState.SHIPPED)
    body = portal.render_notice(ReturnNotice("RMA-3", key, key, (ReturnLine("GAME", 1),), "", "No longer needed"))
    sandbox.control("faults", [{"on": f"PUT {ORDER}/return", "fault": "drop_after", "times": 1}])
    with pytest.raises(Ambiguous):
        await portal.notify(CommandKind.RETURN, body, "RMA-3")
    told = await portal.notify(CommandKind.RETURN, body, "RMA-3")
    assert not isinstance(told, Unsupported)
    assert told.outcome is Pushed.ALREADY


async def test_a_reason_that_is_not_amazon_s_is_asked_for_unless_one_is_set(sandbox: SandboxProcess) -> None:
    async with driving(sandbox) as portal, driving(sandbox, return_reason="CR-DEFECTIVE") as set_up:
        key = await placed(portal)
        await until(portal, sandbox, key, ShipmentState.SHIPPED)
        body = portal.render_notice(ReturnNotice("RMA-4", key, key, (ReturnLine("GAME", 1),), "", "the dog ate it"))
        with pytest.raises(Permanent, match=r"CR-DEFECTIVE \(Defective\)"):
            await portal.notify(CommandKind.RETURN, body, "RMA-4")
        told = await set_up.notify(CommandKind.RETURN, body, "RMA-4")
        assert not isinstance(told, Unsupported)
        assert told.outcome is Pushed.CREATED


async def test_inbound_shipments_are_not_announced_here(portal: AmazonMcf) -> None:
    with pytest.raises(InputError, match="Seller Central"):
        portal.render_notice(InboundNotice("ASN-1", "2026-12-04", (Carton("", (RemoteLine("GAME", 1),)),)))
    assert isinstance(await portal.notify(CommandKind.ANNOUNCE, "{}", "ASN-1"), Unsupported)
    assert not portal.caps.announce
