"""Login with Amazon: a refresh token buys an access token, at another address, for an hour at a time.

The secret is one word, `client_id:client_secret:refresh_token`. Source: the developer pages of the Selling Partner API,
"Connecting to the Selling Partner API" (POST /auth/o2/token, form-encoded; header x-amz-access-token).
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

from data.clock import Clock
from data.model import WorkspaceError
from data.portals.credentials import LoginToken, Token
from data.portals.errors import AuthFailed, NotUnderstood, PortalError
from data.portals.http import Http
from data.portals.reply import Reply
from data.portals.secrets import Secret
from data.text import visible

LOGIN_URL = "https://api.amazon.com"
HEADER = "x-amz-access-token"
FORM = "client_id:client_secret:refresh_token"
"""How the secret is written."""
_PARTS = tuple(FORM.split(":"))
_REMEMBERED = 4
"""Tokens that are still hidden where a late reply repeats one."""


class AmazonLogin:
    """The access token of one seller's application; implements `Credentials`."""

    def __init__(self, secret: Callable[[], Secret], url: str, clock: Clock, *, deadline: float = 20.0) -> None:
        """Log in at `url`, with a secret that is read on the first request and once only; `deadline` is in seconds.

        Raises WorkspaceError for an address that is not safe.
        """
        self._read = secret
        self._known: dict[str, Secret] = {}
        self._given: deque[Secret] = deque(maxlen=_REMEMBERED)
        self._tokens = LoginToken(self._log_in, clock, HEADER)
        self._http = Http(url, _Nothing(self.hide), clock, deadline=deadline, connections=1)

    async def headers(self) -> Mapping[str, str]:
        """Return the header; raises WorkspaceError where the secret is not of the form, PortalError for no token."""
        return await self._tokens.headers()

    def refused(self, shown: Mapping[str, str]) -> bool:
        """Forget the token that was shown; True where another is worth trying."""
        return self._tokens.refused(shown)

    def hide(self, text: str) -> str:
        """Return a text without any part of the secret and without any token, as they are or quoted for a form."""
        plain = [each.reveal() for each in (*self._known.values(), *self._given)]
        forms = {form for each in plain for form in (each, quote(each, safe=""), quote_plus(each))}
        for each in sorted(forms, key=len, reverse=True):
            text = text.replace(each, "***")
        return text

    async def close(self) -> None:
        """Close the connection to the login."""
        await self._http.close()

    async def _log_in(self) -> Token:
        """Ask for a token; what is raised carries no frame whose variables hold the secret."""
        try:
            return await self._ask()
        except PortalError as error:
            failure = error.with_traceback(None)
        raise failure

    async def _ask(self) -> Token:
        if not self._known:
            self._known = _split(self._read())
        form = urlencode({"grant_type": "refresh_token"} | {name: self._known[name].reveal() for name in _PARTS})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = await self._http.ask("POST", "/auth/o2/token", content=form, headers=kind)
        answer = _object(reply)
        if reply.status == 400:
            said = " ".join(str(answer.get(name) or "") for name in ("error", "error_description")).strip()
            raise AuthFailed(f"{reply.words}: 400, the login is refused: {visible(self.hide(said)[:300])}")
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not reply.ok or not isinstance(token, str) or not isinstance(seconds, int | float):
            # Without the reply's head, which may hold a token that nobody knows to hide yet.
            raise NotUnderstood(f"{reply.words}: {reply.status}, it gives no token")
        if not token or not token.isascii() or not token.isprintable():
            raise NotUnderstood(f"{reply.words}: {reply.status}, its token can't be shown in a header")
        self._given.append(Secret(token))
        return Token(self._given[-1], float(seconds))


class _Nothing:
    """Lets the login itself in, which shows its secret in the body; implements `Credentials`."""

    def __init__(self, hide: Callable[[str], str]) -> None:
        self.hide = hide

    async def headers(self) -> Mapping[str, str]:
        return {}

    def refused(self, shown: Mapping[str, str]) -> bool:
        return False


def _split(secret: Secret) -> dict[str, Secret]:
    """Return the parts of the secret by name; raises WorkspaceError, which repeats nothing of it."""
    parts = [Secret(part) for part in secret.reveal().split(":", 2)]
    if len(parts) != len(_PARTS) or not all(part.reveal() for part in parts):
        raise WorkspaceError(f"the secret of an Amazon warehouse is one word: {FORM}")
    return dict(zip(_PARTS, parts, strict=True))


def _object(reply: Reply) -> dict[str, Any]:
    """Return the body as a JSON object, an empty one where it is something else."""
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {}
