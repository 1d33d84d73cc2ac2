"""What a portal's client shows to be let in: a secret in a header, or a token that a login gives for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from data.clock import Clock
from data.portals.secrets import Secret


class Credentials(Protocol):
    """Makes the headers that let a request in, at the last moment."""

    async def headers(self) -> Mapping[str, str]:
        """Return the headers; raises WorkspaceError where the secret can't be read, PortalError where a login fails."""
        ...

    def refused(self, shown: Mapping[str, str]) -> bool:
        """Take note that the portal did not accept the headers `shown`; True where others can be had and tried."""
        ...

    def hide(self, text: str) -> str:
        """Return a text without any secret that it may hold."""
        ...


class SecretHeader:
    """One secret in one header, for ever; implements `Credentials`."""

    def __init__(
        self, secret: Callable[[], Secret], header: str = "Authorization", prefix: str = "Bearer ", suffix: str = ""
    ) -> None:
        """Show `secret`, which is read on the first request and once only."""
        self._read, self._header, self._prefix, self._suffix = secret, header, prefix, suffix
        self._known: Secret | None = None

    async def headers(self) -> Mapping[str, str]:
        """Return the one header."""
        if self._known is None:
            self._known = self._read()
        return {self._header: self._prefix + self._known.reveal() + self._suffix}

    def refused(self, shown: Mapping[str, str]) -> bool:
        """Say that there is no other secret to try."""
        return False

    def hide(self, text: str) -> str:
        """Return a text without the secret."""
        return text if self._known is None else text.replace(self._known.reveal(), "***")


@dataclass(frozen=True, slots=True)
class Token:
    """What a login gave."""

    value: Secret
    seconds: float
    """How long it may be used."""


class LoginToken:
    """A token that a login gives, renewed a little before it ends or when it is refused; implements `Credentials`."""

    _EARLY = 60.0
    """Seconds before its end at which a token is no longer used."""

    def __init__(
        self, login: Callable[[], Awaitable[Token]], clock: Clock, header: str = "Authorization", prefix: str = ""
    ) -> None:
        """Log in by `login`, which asks the portal (or whoever gives out tokens) and raises what `Http.ask` raises."""
        self._login, self._clock, self._header, self._prefix = login, clock, header, prefix
        self._token: Token | None = None
        self._until = 0.0
        self._fresh = False
        self._alone = asyncio.Lock()

    async def headers(self) -> Mapping[str, str]:
        """Return the header with a token that is good for some time yet; who comes together shares one login."""
        async with self._alone:
            self._fresh = self._token is None or self._clock.boot_ns() / 1e9 >= self._until
            if self._token is None or self._fresh:
                self._token = await self._login()
                self._until = self._clock.boot_ns() / 1e9 + max(0.0, self._token.seconds - self._EARLY)
            return self._header_of(self._token)

    def refused(self, shown: Mapping[str, str]) -> bool:
        """Forget the token that was shown; one that a login had only just given is not worth another login.

        Where another has taken its place meanwhile, that one is kept, to be tried.
        """
        if self._token is None or self._header_of(self._token) != shown:
            return True
        again = not self._fresh
        self._token = None
        return again

    def hide(self, text: str) -> str:
        """Return a text without the token."""
        return text if self._token is None else text.replace(self._token.value.reveal(), "***")

    def _header_of(self, token: Token) -> dict[str, str]:
        return {self._header: self._prefix + token.value.reveal()}
