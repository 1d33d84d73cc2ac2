"""Orders to ShipMonk, against a sandbox warehouse that speaks like it: pushed once, found, refused with reasons."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from data.clock import Clock
from data.model import CommandKind, InputError, ShipmentState
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
from data.portals.outcomes import (
    Absent,
    Found,
    Pushed,
)
from data.portals.protocol import Idem, ShipmentLine
from data.portals.sandbox.process import SandboxProcess
from data.portals.secrets import Secret
from data.portals.shipmonk import ShipMonk
from data.portals.shipmonk_bodies import Account
from tests.shipmonk import (
    ACCOUNT,
    AWAY,
    GET,
    HOME,
    PUT,
    change,
    connect,
    creations,
    order,
    playing,
    pushed,
    state,
)


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
