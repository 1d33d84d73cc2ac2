"""The one way to speak HTTP with a warehouse.

What an exception means depends on when it struck. Measured with httpx 0.28.1 against a server that fails on purpose:
connecting, waiting for a free connection and malformed requests fail before a byte of the request leaves; everything
else, a deadline and 5xx included, may have reached the warehouse whole, so a write that ends so is ambiguous.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import string
import time
from collections.abc import Generator, Mapping
from urllib.parse import quote

import httpx

from data.clock import Clock
from data.model import WorkspaceError
from data.portals.credentials import Credentials
from data.portals.errors import Ambiguous, AuthFailed, NotSent, Permanent, PortalError, RateLimited, Retryable
from data.portals.origin import PinnedTransport, check_base_url
from data.portals.reply import Reply
from data.portals.retry_after import wait_seconds
from data.text import visible

LARGEST_REPLY = 2_000_000
"""Bytes; a longer reply is refused unread."""
_HEAD = 300
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
    UnicodeError,
)

log = logging.getLogger("lastcall.portals")


class Http:
    """A client for one portal: one origin, one secret, a deadline on every request, and no surprises."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        clock: Clock,
        *,
        deadline: float = 20.0,
        connections: int = 8,
        ca_file: str | None = None,
    ) -> None:
        """Prepare a client; nothing is read or connected before the first request.

        `deadline` is in seconds for a whole request. `ca_file` replaces the usual certificate authorities. Raises
        WorkspaceError for a `base_url` that is not https, except on loopback.
        """
        self._base = check_base_url(base_url)
        self._credentials = credentials
        self._clock = clock
        self._deadline = deadline
        self._connections = connections
        self._ca_file = ca_file
        self._clients: dict[bool, httpx.AsyncClient] = {}

    async def ask(
        self,
        method: str,
        template: str,
        values: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        content: str | None = None,
        headers: Mapping[str, str] | None = None,
        writes: bool | None = None,
    ) -> Reply:
        """Make one request and read its reply; once more where its token had ended, which proves it was not worked.

        `template` is a path with `{name}` for each of `values`, which are quoted whole. Returns a reply of status 2xx
        or 4xx, except those that raise: 401 and 403 AuthFailed, 429 RateLimited. What only reads and fails otherwise
        raises Retryable; what writes raises NotSent where nothing left this machine, else Ambiguous. `writes` tells
        which of them it is where the method, GET for reading, does not.
        """
        words = f"{method} {template}"
        path = _fill(words, template, values or {})
        reading = method == "GET" if writes is None else not writes
        shown = await self._let_in(words)
        try:
            return await self._ask(words, method, path, query, content, headers or {}, shown, reading)
        except AuthFailed:
            if not self._credentials.refused(shown.headers):
                raise
        shown = await self._let_in(words)
        return await self._ask(words, method, path, query, content, headers or {}, shown, reading)

    async def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    async def _ask(
        self,
        words: str,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        content: str | None,
        headers: Mapping[str, str],
        shown: _Shown,
        reading: bool,
    ) -> Reply:
        """Make one request; `words` names it in errors and the log."""
        started = time.monotonic()
        status = 0
        failure: Exception | None = None
        try:
            client = self._client(reading)
            async with asyncio.timeout(self._deadline):
                request = self._request(client, method, path, query, content, headers)
                response, body = await self._exchange(client, request, shown)
            status = response.status_code
        except Exception as error:
            failure = error
        log.info("%s %d %dms", words, status, (time.monotonic() - started) * 1000)
        # Raised out here, so that no exception of httpx, whose request holds the secret, hangs on ours.
        if failure is not None:
            raise self._translated(words, failure, reading)
        return self._judged(words, response, body, reading)

    async def _let_in(self, words: str) -> _Shown:
        """Return what lets a request in; a login that fails has sent nothing of the request."""
        try:
            return _Shown(await self._credentials.headers())
        except (AuthFailed, RateLimited, NotSent):
            raise
        except PortalError as error:
            raise NotSent(f"{words}: not sent, for the login failed: {error}") from None

    def _request(
        self,
        client: httpx.AsyncClient,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        content: str | None,
        headers: Mapping[str, str],
    ) -> httpx.Request:
        """Make a request without what lets it in; a body is JSON unless `headers` say otherwise."""
        body = None if content is None else content.encode("utf-8")
        kind = {} if content is None else {"Content-Type": "application/json"}
        return client.build_request(method, self._base + path, params=query, content=body, headers=kind | dict(headers))

    async def _exchange(
        self, client: httpx.AsyncClient, request: httpx.Request, shown: httpx.Auth
    ) -> tuple[httpx.Response, bytes]:
        """Send, and read at most `LARGEST_REPLY` bytes as they are on the wire."""
        response = await client.send(request, stream=True, auth=shown)
        try:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise _Unreadable("the reply is compressed, which was not asked for")
            kept: list[bytes] = []
            size = 0
            async for chunk in response.aiter_raw(65_536):
                size += len(chunk)
                if size > LARGEST_REPLY:
                    raise _Unreadable(f"the reply is longer than {LARGEST_REPLY:,} bytes")
                kept.append(chunk)
        finally:
            await response.aclose()
        return response, b"".join(kept)

    def _client(self, reading: bool) -> httpx.AsyncClient:
        """Return the client for reading, or the one for writing, which opens a fresh connection each time.

        On a connection kept alive "the server closed it" can't be told from "the server read it and closed".
        """
        if reading not in self._clients:
            # Their INFO and DEBUG lines hold whole addresses and headers; `log` above says what is worth saying.
            logging.getLogger("httpx").setLevel(logging.WARNING)
            logging.getLogger("httpcore").setLevel(logging.WARNING)
            self._clients[reading] = httpx.AsyncClient(
                transport=PinnedTransport(
                    self._base,
                    httpx.AsyncHTTPTransport(
                        verify=self._tls(),
                        trust_env=False,
                        limits=httpx.Limits(
                            max_connections=self._connections,
                            max_keepalive_connections=self._connections if reading else 0,
                        ),
                    ),
                ),
                timeout=httpx.Timeout(self._deadline, connect=self._deadline / 3, pool=self._deadline / 3),
                headers={
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                    "Connection": "keep-alive" if reading else "close",
                    "User-Agent": "lastcall",
                },
                trust_env=False,
                follow_redirects=False,
            )
        return self._clients[reading]

    def _tls(self) -> ssl.SSLContext:
        """Return a context that verifies; plain http (loopback only) gets one that trusts nobody.

        `trust_env=False` keeps SSL_CERT_FILE in somebody's shell from adding an authority.
        """
        if self._base.startswith("http:"):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            if self._ca_file:
                return ssl.create_default_context(cafile=self._ca_file)
            return httpx.create_ssl_context(trust_env=False)
        except OSError as error:
            raise WorkspaceError(f"{self._ca_file}: {error.strerror or 'no certificates can be read'}") from None

    def _translated(self, words: str, failure: Exception, reading: bool) -> Exception:
        """Return what an exception means for whoever asked; what is ours already goes through."""
        if isinstance(failure, WorkspaceError | NotSent):
            return failure
        why = self._shown(str(failure) or "no more is known")
        if isinstance(failure, _NOT_SENT):
            return NotSent(f"{words}: not sent: {type(failure).__name__}: {why}")
        if isinstance(failure, TimeoutError):
            why = f"no reply within {self._deadline:g} s"
        else:
            why = f"no reply that can be read: {type(failure).__name__}: {why}"
        return Retryable(f"{words}: {why}") if reading else Ambiguous(f"{words}: {why}")

    def _judged(self, words: str, response: httpx.Response, body: bytes, reading: bool) -> Reply:
        """Return the reply where its status can mean something to the portal's module, else raise."""
        status = response.status_code
        head = self._shown(body[: 4 * _HEAD].decode("utf-8", "replace"))
        error: Retryable | AuthFailed | Ambiguous
        if status in (401, 403):
            error = AuthFailed(f"{words}: {status}, the secret is not accepted")
        elif status == 429:
            wait = wait_seconds(response.headers, self._clock.now())
            error = RateLimited(f"{words}: 429, asked to wait {wait:g} s", wait)
        elif 200 <= status < 300 or (400 <= status < 500 and status not in (408, 425)):
            return Reply(status, head, body, words)
        else:
            why = "a redirect, which is never followed" if 300 <= status < 400 else "the portal failed"
            text = f"{words}: {status}, {why}"
            error = Retryable(text) if reading else Ambiguous(text)
        error.http_status, error.reply_head = status, head
        raise error

    def _shown(self, text: str) -> str:
        """Return the head of a text from outside: without the secret, and visible."""
        return visible(self._credentials.hide(text)[:_HEAD])


class _Unreadable(Exception):
    """A reply that came and can't be taken."""


class _Shown(httpx.Auth):
    """Puts what lets a request in into its headers at the last moment."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = headers

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers.update(self.headers)
        yield request


def _fill(words: str, template: str, values: Mapping[str, str]) -> str:
    """Put values into a path so that none can become another path; raises Permanent for `.`, `..` and nothing."""
    for name in (field for _, field, _, _ in string.Formatter().parse(template) if field):
        if values[name] in ("", ".", ".."):
            raise Permanent(f"{words}: {values[name]!r} can't be part of a path")
    return template.format_map({name: quote(value, safe="") for name, value in values.items()})
