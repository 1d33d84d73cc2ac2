"""Tokens that Amazon gives for a while, a secret that nobody sees, and limits."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from data.clock import Clock, HeldClock
from data.model import WorkspaceError
from data.portals.amazon_bodies import Terms
from data.portals.amazon_login import AmazonLogin
from data.portals.amazon_mcf import AmazonMcf
from data.portals.errors import AuthFailed, NotSent, Permanent, RateLimited
from data.portals.outcomes import Found, Pushed
from data.portals.sandbox.process import SandboxProcess, start
from data.portals.secrets import Secret
from tests.amazon import HOUR, MARKET, SECRET, driving, order, placed, playing

CANARIES = ("canary-client-5c1f", "canary-secret-77", "Atzr|canary/refresh+9")
"""Parts of a secret that no warehouse accepts; no test's variable may hold them, for tracebacks show those."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with playing(tmp_path_factory.mktemp("amazon") / "warehouse.db") as running:
        yield running


@pytest.fixture
async def portal(sandbox: SandboxProcess) -> AsyncIterator[AmazonMcf]:
    sandbox.control("faults", [])
    async with driving(sandbox) as made:
        yield made


async def test_an_expired_token_is_renewed_in_the_middle_of_things(portal: AmazonMcf, sandbox: SandboxProcess) -> None:
    key = await placed(portal)
    # The warehouse's clock alone: the portal believes its token to be good for an hour yet.
    sandbox.control("clock", {"advance": HOUR + 1})
    assert isinstance(await portal.find(key), Found)
    sandbox.control("clock", {"advance": HOUR + 1})
    made = order()
    result = await portal.push(portal.render_push(made), made.key)
    assert result.outcome is Pushed.CREATED


async def test_a_token_is_renewed_before_it_ends(sandbox: SandboxProcess) -> None:
    clock = HeldClock(datetime.fromisoformat("2026-11-28T12:00:00+00:00"))
    login = AmazonLogin(lambda: Secret(SECRET), sandbox.url, clock)
    first = await login.headers()
    clock.move(timedelta(seconds=HOUR - 61))
    assert await login.headers() == first
    clock.move(timedelta(seconds=1))
    assert await login.headers() != first
    await login.close()


async def test_too_many_requests_are_refused_without_a_word_on_how_long(tmp_path: Path) -> None:
    with start(tmp_path / "w.db", token=Secret(SECRET), dialect="amazon") as strict:
        async with driving(strict) as portal:
            # The portal's own pace is set too high for Amazon's here.
            limited: RateLimited | None = None
            for number in range(1000):
                try:
                    await portal.find(f"K-{number}")
                except RateLimited as error:
                    limited = error
                    break
            assert limited is not None
            assert number >= 30
            assert limited.wait == 30.0


async def test_reading_keeps_amazon_s_pace_by_itself() -> None:
    from data.portals.bucket import Bucket

    now = 100.0
    bucket = Bucket(2.0, 30, lambda: now)
    assert [bucket.take() for _ in range(30)] == [0.0] * 30
    assert (bucket.take(), bucket.take()) == (0.5, 1.0)
    now += 16
    assert bucket.take() == 0.0
    strict = Bucket(2.0, 1, lambda: now)
    assert (strict.ask(), strict.ask()) == (None, 0.5)


async def test_no_part_of_the_secret_is_in_an_error_a_log_or_a_repr(
    sandbox: SandboxProcess, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with driving(sandbox, ":".join(CANARIES)) as portal:
        with pytest.raises(AuthFailed, match="invalid_grant") as caught:
            await portal.find("K-1")
        checks = await portal.test()
        login = AmazonLogin(lambda: Secret(":".join(CANARIES)), sandbox.url, Clock())
        with pytest.raises(AuthFailed):
            await login.headers()
        echoed = login.hide(f"{CANARIES} client_id=canary-client-5c1f&refresh_token=Atzr%7Ccanary%2Frefresh%2B9")
        await login.close()
    told = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert [check.ok for check in checks] == [False, False, False]
    shown = (told, caplog.text, repr(checks), repr(vars(caught.value)), echoed, repr(login))
    assert not any("canary" in text for text in shown)
    assert "POST /auth/o2/token 400" in caplog.text


async def test_no_token_is_in_an_error_that_echoes_it(portal: AmazonMcf, sandbox: SandboxProcess) -> None:
    token = (await portal._login.headers())["x-amz-access-token"]
    with pytest.raises(Permanent) as caught:
        await portal.push(json.dumps({"sellerFulfillmentOrderId": token}), "K-0")
    told = "".join(traceback.TracebackException.from_exception(caught.value).format())
    assert token not in told + caught.value.reply_head
    assert portal._login.hide(f"x {token} y") == "x *** y"


@pytest.mark.parametrize("secret", ["one-word", "two:words", "a::c"])
async def test_a_secret_of_another_form_says_what_the_form_is(sandbox: SandboxProcess, secret: str) -> None:
    async with driving(sandbox, secret) as portal:
        with pytest.raises(WorkspaceError, match="client_id:client_secret:refresh_token") as caught:
            await portal.find("K-1")
        assert secret not in str(caught.value)


async def test_a_login_that_is_not_there_has_sent_nothing(sandbox: SandboxProcess, tmp_path: Path) -> None:
    gone = start(tmp_path / "gone.db")
    gone.stop()
    login = AmazonLogin(lambda: Secret(SECRET), gone.url, Clock())
    portal = AmazonMcf(sandbox.url, login, Clock(), Terms(MARKET))
    made = order()
    with pytest.raises(NotSent):
        await portal.push(portal.render_push(made), made.key)
    await portal.close()
