"""The portal of ShipMonk against a sandbox warehouse that speaks like it."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from data.clock import Clock
from data.model import Address, CommandKind, InputError, ShipmentState
from data.portals.credentials import SecretHeader
from data.portals.errors import (
    Ambiguous,
    Conflict,
    NotSent,
    NotUnderstood,
    Permanent,
    PortalError,
    RateLimited,
)
from data.portals.http import Http
from data.portals.outcomes import (
    Absent,
    AmendResult,
    Applied,
    Cancelled,
    CancelResult,
    Doubtful,
    Found,
    Held,
    Pushed,
    Refused,
    Released,
    RemoteLine,
    RemoteState,
    Requested,
    TooLate,
)
from data.portals.protocol import Idem, ShipmentLine, ShipmentOrder
from data.portals.sandbox.ledger import ledger
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.secrets import Secret
from data.portals.shipmonk import ShipMonk
from data.portals.shipmonk_bodies import Account
from data.portals.shipmonk_changes import amend, cancel, hold, release
from data.portals.shipmonk_orders import ORDER, Orders

HOME = Address("Zoë O'Neill", "", "1 High Street", "Flat 3 [rear]", "London", "", "N1 1AA", "GB", "+44 20 7946 0018")
AWAY = Address("Zoë O'Neill", "", "Rue de l'Été 5", "", "Genève", "", "1201", "CH", "")
ACCOUNT = Account(1234, "SB1")
PUT, GET = "POST /v1/integrations/order", "GET /v1/integrations/orders"
numbers = itertools.count(1)
Act = Callable[[], Awaitable[None]]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with start(tmp_path_factory.mktemp("shipmonk") / "warehouse.db", dialect="shipmonk") as running:
        running.control("settings", {"exceptions": 0})
        yield running


def connect(sandbox: SandboxProcess, account: Account = ACCOUNT, **options: Any) -> ShipMonk:
    credentials = SecretHeader(lambda: sandbox.token, "Api-Key", prefix="")
    return ShipMonk(sandbox.url, credentials, Clock(), account, **{"deadline": 3.0} | options)


@pytest.fixture
async def portal(sandbox: SandboxProcess) -> AsyncIterator[ShipMonk]:
    sandbox.control("faults", [])
    made = connect(sandbox)
    yield made
    await made.close()


@pytest.fixture
async def http(sandbox: SandboxProcess) -> AsyncIterator[Http]:
    """Somebody else at the same account."""
    made = Http(sandbox.url, SecretHeader(lambda: sandbox.token, "Api-Key", prefix=""), Clock())
    yield made
    await made.close()


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


async def test_a_pushed_order_is_found_as_it_was_asked_for(portal: ShipMonk) -> None:
    made = order()
    text = portal.render_push(made)
    assert isinstance(await portal.find(made.key), Absent)
    result = await portal.push(text, made.key)
    remote = await state(portal, made.key)
    assert (result.outcome, result.remote_ids) == (Pushed.CREATED, (made.key,))
    assert (remote.status, remote.raw_status) == (ShipmentState.ACCEPTED, "unfulfilled submitted")
    assert portal.matches(text, remote) == []
    assert portal.caps.idem is Idem.UPSERT


async def test_a_second_push_creates_nothing_and_never_puts_other_contents_over_what_is_there(
    portal: ShipMonk, sandbox: SandboxProcess
) -> None:
    key, text = await pushed(portal)
    again = await portal.push(text, key)
    assert (again.outcome, again.remote_ids) == (Pushed.ALREADY, (key,))
    other = change(text, items=[{"sku": "GAME", "quantity": 3}])
    with pytest.raises(Conflict) as caught:
        await portal.push(other, key)
    assert [line.split(":")[0] for line in caught.value.differences] == ["DICE-2", "GAME"]
    assert portal.matches(text, await state(portal, key)) == []
    assert creations(sandbox, key) == 1


@pytest.mark.parametrize(
    ("fault", "raised", "created"),
    [
        ("429", RateLimited, 0),
        ("500", Ambiguous, 0),
        ("500_after", Ambiguous, 1),
        ("drop_before", Ambiguous, 0),
        ("drop_after", Ambiguous, 1),
        ("reset_after", Ambiguous, 1),
        ("truncate", Ambiguous, 1),
        ("not_http", Ambiguous, 1),
        ("garbage", NotUnderstood, 1),
        ("compressed", Ambiguous, 1),
        ("huge", Ambiguous, 1),
        ("redirect", Ambiguous, 0),
    ],
)
async def test_a_lost_reply_is_doubtful_and_the_look_up_finds_the_one_order(
    portal: ShipMonk, sandbox: SandboxProcess, fault: str, raised: type[PortalError], created: int
) -> None:
    sandbox.control("faults", [{"on": PUT, "fault": fault, "times": 1}])
    made = order()
    with pytest.raises(raised):
        await portal.push(portal.render_push(made), made.key)
    assert creations(sandbox, made.key) == created
    assert isinstance(await portal.find(made.key), Found if created else Absent)
    again = await portal.push(portal.render_push(made), made.key)
    assert again.outcome is (Pushed.ALREADY if created else Pushed.CREATED)
    assert creations(sandbox, made.key) == 1


@pytest.mark.parametrize("fault", ["500", "drop_after", "garbage", "other_reference"])
async def test_what_can_not_be_read_before_is_not_sent(portal: ShipMonk, sandbox: SandboxProcess, fault: str) -> None:
    key, text = await pushed(portal)
    for ask in (
        lambda: portal.push(change(text, items=[]), key),
        lambda: portal.amend(key, key, portal.render_amend(AWAY, text)),
        lambda: portal.cancel(key, key, portal.render_change(CommandKind.CANCEL, text)),
        lambda: portal.hold(key, key, portal.render_change(CommandKind.HOLD, text)),
        lambda: portal.release(key, key, portal.render_change(CommandKind.RELEASE, text)),
    ):
        sandbox.control("faults", [{"on": GET, "fault": fault, "times": 1}])
        with pytest.raises(NotSent):
            await ask()
    remote = await state(portal, key)
    assert portal.matches(text, remote) == []
    assert (remote.status, remote.held) == (ShipmentState.ACCEPTED, False)


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


async def test_a_refused_order_names_its_fields_and_is_not_created(sandbox: SandboxProcess) -> None:
    stranger = connect(sandbox, Account(99, "XX9"))
    made = order()
    with pytest.raises(Permanent) as caught:
        await stranger.push(stranger.render_push(made), made.key)
    assert {each.field for each in caught.value.fields} == {"store_id", "warehouse"}
    assert caught.value.http_status == 422
    assert creations(sandbox, made.key) == 0
    await stranger.close()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"address": replace(HOME, country="MX")}, "tax id"),
        ({"address": replace(HOME, country="Narnia")}, "two letters"),
        ({"address": replace(HOME, line1="x" * 256)}, "255 characters of street1"),
        ({"lines": (ShipmentLine("GAME", "", 0),)}, "not 0 of GAME"),
        ({"ordered_at": ""}, "when it was ordered"),
    ],
)
def test_what_shipmonk_can_not_be_told_is_refused_before_it_is_sent(changes: dict[str, Any], words: str) -> None:
    shop = ShipMonk("https://shipmonk.invalid", SecretHeader(lambda: Secret("x")), Clock(), ACCOUNT)
    with pytest.raises(InputError, match=words):
        shop.render_push(replace(order(), **changes))


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
