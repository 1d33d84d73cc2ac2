"""How a declared portal's requests are let in: a header, Basic, Bearer, or a token from a login."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from data.clock import Clock
from data.model import WorkspaceError
from data.portals.credentials import Credentials, LoginToken, SecretHeader, Token
from data.portals.declared.request import call
from data.portals.declared.shape import Auth, AuthKind
from data.portals.declared.template import Template, Values
from data.portals.errors import AuthFailed
from data.portals.http import Http
from data.portals.secrets import Secret


def credentials_for(
    auth: Auth, url: str, read: Callable[[], Secret], options: Values, clock: Clock, deadline: float
) -> Credentials:
    """Return what lets requests in; `read` is called on the first request, and never before."""
    if auth.kind is AuthKind.LOGIN:
        login = _Login(auth, url, read, options, clock, deadline)
        return LoginToken(login, clock, auth.header, auth.prefix)
    if auth.kind is AuthKind.BASIC:
        return SecretHeader(lambda: _basic(read()), auth.header, auth.prefix)
    return SecretHeader(read, auth.header, auth.prefix)


def _basic(secret: Secret) -> Secret:
    """Return `user:password` as RFC 7617 wants it."""
    return Secret(base64.b64encode(secret.reveal().encode()).decode("ascii"))


class _Login:
    """Asks for a token, each time on a connection of its own."""

    def __init__(
        self, auth: Auth, url: str, read: Callable[[], Secret], options: Values, clock: Clock, deadline: float
    ) -> None:
        self._auth, self._url, self._read, self._options = auth, url, read, options
        self._clock, self._deadline = clock, deadline

    async def __call__(self) -> Token:
        """Log in; raises what `Http.ask` raises, AuthFailed where there is no token in the reply."""
        auth = self._auth
        assert auth.login is not None
        assert auth.token is not None
        user, colon, password = self._read().reveal().partition(":")
        if not colon:
            raise WorkspaceError("secret: this portal has a login: write user:password into it")
        http = Http(self._url, _Nobody((user, password)), self._clock, deadline=self._deadline, connections=1)
        values = {**self._options, "secret.user": user, "secret.password": password}
        body = None if auth.login.body is None else json.dumps(_filled(auth.login.body, values))
        try:
            reply = await call(http, auth.login, values, body)
        finally:
            await http.close()
        document = {"status": reply.status, "body": reply.value() if reply.ok else None}
        token = auth.token.text_in(document)
        if not token:
            error = AuthFailed(f"{reply.words}: {reply.status}, the login gives no token")
            error.http_status = reply.status
            raise error
        told = auth.seconds_in.text_in(document) if auth.seconds_in else ""
        return Token(Secret(token), float(told) if told.isdecimal() else auth.seconds)


def _filled(tree: Any, values: Values) -> Any:
    """Fill the body of a login."""
    if isinstance(tree, Template):
        return tree.fill(values)
    return {name: _filled(each, values) for name, each in tree.items()} if isinstance(tree, dict) else tree


class _Nobody:
    """Shows nothing, and hides what a login's reply may repeat; implements `Credentials`."""

    def __init__(self, hidden: tuple[str, ...]) -> None:
        self._hidden = [Secret(each) for each in hidden if each]

    async def headers(self) -> Mapping[str, str]:
        """Return nothing."""
        return {}

    def refused(self, shown: Mapping[str, str]) -> bool:
        """Say that there is nothing else to try."""
        return False

    def hide(self, text: str) -> str:
        """Return a text without what was shown."""
        for each in self._hidden:
            text = text.replace(each.reveal(), "***")
        return text
