"""Changes of orders that ShipMonk has: read before, done or not, read back; against a sandbox that speaks like it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace

import pytest

from data.clock import Clock
from data.model import CommandKind, ShipmentState
from data.portals.credentials import SecretHeader
from data.portals.errors import (
    Ambiguous,
    NotUnderstood,
)
from data.portals.http import Http
from data.portals.outcomes import (
    AmendResult,
    Applied,
    Cancelled,
    CancelResult,
    Doubtful,
    Held,
    Pushed,
    Refused,
    Released,
    RemoteLine,
    RemoteState,
    Requested,
    TooLate,
)
from data.portals.sandbox.process import SandboxProcess
from data.portals.secrets import Secret
from data.portals.shipmonk import ShipMonk
from data.portals.shipmonk_changes import amend, cancel, hold, release
from data.portals.shipmonk_orders import ORDER, Orders
from tests.shipmonk import (
    ACCOUNT,
    AWAY,
    GET,
    HOME,
    PUT,
    anybody,
    change,
    connect,
    creations,
    order,
    playing,
    pushed,
    state,
    until,
)

Act = Callable[[], Awaitable[None]]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with playing(tmp_path_factory.mktemp("shipmonk") / "warehouse.db") as running:
        yield running


@pytest.fixture
async def portal(sandbox: SandboxProcess) -> AsyncIterator[ShipMonk]:
    sandbox.control("faults", [])
    made = connect(sandbox)
    yield made
    await made.close()


@pytest.fixture
async def http(sandbox: SandboxProcess) -> AsyncIterator[Http]:
    made = anybody(sandbox)
    yield made
    await made.close()


async def test_an_amendment_is_applied_and_read_back_also_during_picking(
    portal: ShipMonk, sandbox: SandboxProcess
) -> None:
    key, text = await pushed(portal)
    amended = portal.render_amend(AWAY, text)
    assert await portal.amend(key, key, amended) == Applied(AWAY)
    assert await portal.amend(key, key, amended) == Applied(AWAY)
    await until(portal, sandbox, key, ShipmentState.PICKING)
    assert await portal.amend(key, key, portal.render_amend(HOME, amended)) == Applied(HOME)
    assert (await state(portal, key)).lines == (RemoteLine("GAME", 1), RemoteLine("DICE-2", 2))


async def test_after_packing_it_is_too_late_and_the_address_that_ships_is_told(
    portal: ShipMonk, sandbox: SandboxProcess
) -> None:
    key, text = await pushed(portal)
    await until(portal, sandbox, key, ShipmentState.PACKED)
    result = await portal.amend(key, key, portal.render_amend(AWAY, text))
    assert isinstance(result, TooLate)
    assert (result.address, "packed" in result.reason) == (HOME, True)
    assert await portal.amend(key, key, portal.render_amend(HOME, text)) == Applied(HOME)


class Meddled(Orders):
    """The orders of a store, where something happens between a look and the next request."""

    def __init__(self, http: Http, *, read: Act | None = None, written: Act | None = None) -> None:
        super().__init__(http, ACCOUNT.store_id)
        self._read, self._written = read, written

    async def before(self, key: str) -> RemoteState | None:
        found = await super().before(key)
        if self._read is not None:
            await self._read()
        return found

    async def after(self, key: str) -> RemoteState:
        if self._written is not None:
            await self._written()
        return await super().after(key)


async def test_what_was_packed_after_it_was_read_is_too_late_though_the_warehouse_says_updated(
    portal: ShipMonk, http: Http, sandbox: SandboxProcess
) -> None:
    key, text = await pushed(portal)
    packed = Meddled(http, read=lambda: until(portal, sandbox, key, ShipmentState.PACKED))
    result: AmendResult | CancelResult = await amend(packed, key, portal.render_amend(AWAY, text))
    assert isinstance(result, TooLate)
    assert (result.address, "packed" in result.reason) == (HOME, True)
    key, text = await pushed(portal)
    result = await cancel(packed, key, portal.render_change(CommandKind.CANCEL, text))
    assert isinstance(result, TooLate)
    assert (result.address, "packed" in result.reason) == (HOME, True)
    key, text = await pushed(portal)
    picked = Meddled(http, read=lambda: until(portal, sandbox, key, ShipmentState.PICKING))
    assert isinstance(await hold(picked, key, portal.render_change(CommandKind.HOLD, text)), TooLate)


async def test_an_amendment_that_is_agreed_to_and_not_held_is_doubtful(portal: ShipMonk, http: Http) -> None:
    key, text = await pushed(portal)

    async def put_back() -> None:
        await http.ask("POST", ORDER, content=text)

    result = await amend(Meddled(http, written=put_back), key, portal.render_amend(AWAY, text))
    assert result == Doubtful("the warehouse agreed, and yet holds another address", HOME)


async def test_what_is_agreed_to_and_not_done_is_not_believed(portal: ShipMonk, http: Http) -> None:
    key, text = await pushed(portal)

    async def put_back() -> None:
        await http.ask("POST", ORDER, content=text)

    async def hold_again() -> None:
        await http.ask("POST", ORDER, content=portal.render_change(CommandKind.HOLD, text))

    with pytest.raises(NotUnderstood):
        await hold(Meddled(http, written=put_back), key, portal.render_change(CommandKind.HOLD, text))
    with pytest.raises(NotUnderstood):
        await cancel(Meddled(http, written=put_back), key, portal.render_change(CommandKind.CANCEL, text))
    await hold_again()
    with pytest.raises(NotUnderstood):
        await release(Meddled(http, written=hold_again), key, portal.render_change(CommandKind.RELEASE, text))


@pytest.mark.parametrize("fault", ["500", "drop_before", "drop_after", "truncate"])
async def test_a_change_without_a_reply_is_doubtful(portal: ShipMonk, sandbox: SandboxProcess, fault: str) -> None:
    key, text = await pushed(portal)
    sandbox.control("faults", [{"on": PUT, "fault": fault, "times": 3}])
    assert isinstance(await portal.amend(key, key, portal.render_amend(AWAY, text)), Doubtful)
    with pytest.raises(Ambiguous):
        await portal.hold(key, key, portal.render_change(CommandKind.HOLD, text))
    with pytest.raises(Ambiguous):
        await portal.cancel(key, key, portal.render_change(CommandKind.CANCEL, text))


async def test_a_refused_change_is_refused_in_the_warehouses_words(portal: ShipMonk) -> None:
    key, text = await pushed(portal)
    wrong = change(text, warehouse="XX9")
    result = await portal.amend(key, key, portal.render_amend(AWAY, wrong))
    assert result == Refused("warehouse: there is no such warehouse", HOME)
    for kind, ask in ((CommandKind.HOLD, portal.hold), (CommandKind.CANCEL, portal.cancel)):
        assert await ask(key, key, portal.render_change(kind, wrong)) == Refused(
            "warehouse: there is no such warehouse"
        )


async def test_what_is_not_there_is_never_made_by_a_change(portal: ShipMonk, sandbox: SandboxProcess) -> None:
    made = order()
    text, key = portal.render_push(made), made.key
    assert isinstance(await portal.amend(key, key, portal.render_amend(AWAY, text)), Doubtful)
    for kind, ask in (
        (CommandKind.HOLD, portal.hold),
        (CommandKind.CANCEL, portal.cancel),
        (CommandKind.RELEASE, portal.release),
    ):
        with pytest.raises(Ambiguous, match="does not find"):
            await ask(key, key, portal.render_change(kind, text))
    assert creations(sandbox, key) == 0


async def test_nothing_but_the_order_itself_is_sent_over_it(portal: ShipMonk) -> None:
    key, text = await pushed(portal)
    for body in (portal.render_amend(AWAY, ""), portal.render_amend(AWAY, change(text, order_key="OTHER"))):
        assert isinstance(await portal.amend(key, key, body), Refused)
    for body in (portal.render_change(CommandKind.HOLD, ""), portal.render_change(CommandKind.CANCEL, "")):
        assert isinstance(await portal.hold(key, key, body), Refused)
        assert isinstance(await portal.cancel(key, key, body), Refused)


async def test_lines_changed_over_there_are_not_put_back(portal: ShipMonk, http: Http) -> None:
    key, text = await pushed(portal)
    await http.ask("POST", ORDER, content=change(text, items=[{"sku": "GAME", "quantity": 5}]))
    refused = await portal.amend(key, key, portal.render_amend(AWAY, text))
    assert isinstance(refused, Refused)
    assert "GAME: asked 1, warehouse has 5" in refused.reason
    assert isinstance(await portal.hold(key, key, portal.render_change(CommandKind.HOLD, text)), Refused)
    assert (await state(portal, key)).lines == (RemoteLine("GAME", 5),)
    assert await portal.cancel(key, key, portal.render_change(CommandKind.CANCEL, text)) == Cancelled()


async def test_a_cancelled_order_stays_cancelled_whatever_is_asked_of_it(portal: ShipMonk, http: Http) -> None:
    key, text = await pushed(portal)
    body = portal.render_change(CommandKind.CANCEL, text)
    assert await portal.cancel(key, key, body) == Cancelled()
    assert await portal.cancel(key, key, body) == Cancelled()
    assert isinstance(await portal.amend(key, key, portal.render_amend(AWAY, text)), Refused)
    assert isinstance(await portal.release(key, key, portal.render_change(CommandKind.RELEASE, text)), Refused)
    assert isinstance(await portal.hold(key, key, portal.render_change(CommandKind.HOLD, text)), Refused)
    assert (await portal.push(text, key)).outcome is Pushed.ALREADY
    assert (await state(portal, key)).raw_status == "cancelled cancelled"
    # What all that care is for: sent blindly, the order is taken up again.
    await http.ask("POST", ORDER, content=text)
    assert (await state(portal, key)).raw_status == "unfulfilled submitted"


async def test_a_cancel_while_picking_is_requested_and_answered_later(
    portal: ShipMonk, sandbox: SandboxProcess
) -> None:
    ends: set[str] = set()
    for _ in range(5):
        key, text = await pushed(portal)
        await until(portal, sandbox, key, ShipmentState.PICKING)
        body = portal.render_change(CommandKind.CANCEL, text)
        expected = Requested("the order is unfulfilled cancellation_requested")
        assert await portal.cancel(key, key, body) == expected
        assert await portal.cancel(key, key, body) == expected
        assert isinstance(await portal.amend(key, key, portal.render_amend(AWAY, text)), Refused)
        assert (await state(portal, key)).status is None
        sandbox.control("clock", {"advance": 2 * 3600})
        again = await portal.cancel(key, key, body)
        assert isinstance(again, Cancelled | TooLate)
        ends.add(type(again).__name__)
    assert ends == {"Cancelled", "TooLate"}


async def test_a_cancel_after_packing_is_too_late_with_the_address_that_ships(
    portal: ShipMonk, sandbox: SandboxProcess
) -> None:
    key, text = await pushed(portal)
    await until(portal, sandbox, key, ShipmentState.SHIPPED)
    result = await portal.cancel(key, key, portal.render_change(CommandKind.CANCEL, text))
    assert isinstance(result, TooLate)
    assert result.address == HOME


async def test_hold_and_release_change_nothing_but_the_hold(
    portal: ShipMonk, http: Http, sandbox: SandboxProcess
) -> None:
    key, text = await pushed(portal)
    amended = portal.render_amend(AWAY, text)
    assert await portal.amend(key, key, amended) == Applied(AWAY)
    assert await portal.hold(key, key, portal.render_change(CommandKind.HOLD, amended)) == Held()
    remote = await state(portal, key)
    assert (remote.status, remote.held, remote.address) == (ShipmentState.HELD, True, AWAY)
    # Somebody over there mends the address; and what is sent here knows nothing even of our own amendment.
    mended = replace(AWAY, line1="Rue de l'Été 5B")
    await http.ask("POST", ORDER, content=change(portal.render_amend(mended, text), order_status="onHold"))
    assert await portal.hold(key, key, portal.render_change(CommandKind.HOLD, text)) == Held()
    sandbox.control("clock", {"advance": 86_400})
    assert (await state(portal, key)).raw_status == "onHold on_hold"
    assert await portal.release(key, key, portal.render_change(CommandKind.RELEASE, text)) == Released()
    assert await portal.release(key, key, portal.render_change(CommandKind.RELEASE, text)) == Released()
    remote = await state(portal, key)
    assert (remote.held, remote.address) == (False, mended)
    await until(portal, sandbox, key, ShipmentState.PICKING)
    assert isinstance(await portal.hold(key, key, portal.render_change(CommandKind.HOLD, text)), TooLate)


async def test_an_amendment_of_a_held_order_leaves_it_held(portal: ShipMonk) -> None:
    key, text = await pushed(portal)
    await portal.hold(key, key, portal.render_change(CommandKind.HOLD, text))
    assert await portal.amend(key, key, portal.render_amend(AWAY, text)) == Applied(AWAY)
    assert (await state(portal, key)).held


async def test_what_the_warehouse_waits_for_is_told_and_stays_after_a_release(sandbox: SandboxProcess) -> None:
    sandbox.control("faults", [])
    shop = connect(sandbox, replace(ACCOUNT, shipping_service="By owl", without_tax_id=True))
    key, text = await pushed(shop, address=replace(HOME, country="BR"))
    remote = await state(shop, key)
    assert (remote.status, remote.raw_status) == (ShipmentState.BLOCKED, "unfulfilled unable_to_submit")
    assert remote.exceptions == ("action required: shipping_mapping, customs",)
    await shop.hold(key, key, shop.render_change(CommandKind.HOLD, text))
    released = await shop.release(key, key, shop.render_change(CommandKind.RELEASE, text))
    assert released == Released("action required: shipping_mapping, customs")
    sandbox.control("clock", {"advance": 30 * 86_400})
    assert (await state(shop, key)).status is ShipmentState.BLOCKED
    await shop.close()


@pytest.mark.parametrize("fault", ["429", "500", "drop_after", "garbage", "other_reference"])
async def test_what_can_not_be_read_back_may_have_been_done(
    portal: ShipMonk, http: Http, sandbox: SandboxProcess, fault: str
) -> None:
    key, _ = await pushed(portal)
    sandbox.control("faults", [{"on": GET, "fault": fault, "times": 1}])
    with pytest.raises(Ambiguous):
        await Orders(http, ACCOUNT.store_id).after(key)
    wrong = Http(sandbox.url, SecretHeader(lambda: Secret("wrong"), "Api-Key", prefix=""), Clock())
    with pytest.raises(Ambiguous):
        await Orders(wrong, ACCOUNT.store_id).after(key)
    await wrong.close()
