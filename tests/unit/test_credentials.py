from __future__ import annotations

import asyncio

from data.clock import HeldClock
from data.portals.credentials import LoginToken, Token
from data.portals.secrets import Secret
from tests.conftest import START


class Desk:
    """Gives out tokens that are numbered, each after the event loop has had a turn."""

    def __init__(self) -> None:
        self.given = 0

    async def login(self) -> Token:
        await asyncio.sleep(0)
        self.given += 1
        return Token(Secret(f"token-{self.given}"), 3600)


def credentials() -> tuple[Desk, LoginToken]:
    desk = Desk()
    return desk, LoginToken(desk.login, HeldClock(START), "X-Token")


async def test_who_comes_together_shares_one_login() -> None:
    desk, login = credentials()
    shown = await asyncio.gather(*(login.headers() for _ in range(5)))
    assert (desk.given, shown) == (1, [{"X-Token": "token-1"}] * 5)


async def test_a_token_that_has_served_is_replaced_when_it_is_refused() -> None:
    _, login = credentials()
    await login.headers()
    shown = await login.headers()
    assert login.refused(shown)
    assert await login.headers() == {"X-Token": "token-2"}


async def test_a_token_that_was_refused_at_once_is_not_worth_another_login() -> None:
    _, login = credentials()
    assert not login.refused(await login.headers())
    assert await login.headers() == {"X-Token": "token-2"}


async def test_a_late_refusal_of_an_old_token_leaves_the_new_one_alone() -> None:
    desk, login = credentials()
    await login.headers()
    first, second = await login.headers(), await login.headers()
    assert login.refused(first)
    await login.headers()
    assert login.refused(second)
    assert (await login.headers(), desk.given) == ({"X-Token": "token-2"}, 2)
