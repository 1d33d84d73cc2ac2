"""Where a portal's requests may go: to the one origin the settings name, over TLS."""

from __future__ import annotations

import ipaddress

import httpx

from data.model import WorkspaceError
from data.portals.errors import NotSent
from data.text import visible


def check_base_url(text: str) -> str:
    """Return a portal's base address without a closing slash; raises WorkspaceError for one that is not safe.

    It must be https, except on loopback, and hold no user name, password, query or fragment.
    """
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        raise WorkspaceError("portal url: it can't be read") from None
    if url.userinfo:
        # Not repeated: it holds a password.
        raise WorkspaceError("portal url: it holds a user name or password; name the secret by reference instead")
    shown = visible(text)
    if not url.host or url.query or url.fragment:
        raise WorkspaceError(f"portal url {shown}: write https://host or https://host/path, nothing behind it")
    if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(url.host)):
        raise WorkspaceError(f"portal url {shown}: only https is used; plain http only on this machine (127.0.0.1)")
    return text.rstrip("/")


class PinnedTransport(httpx.AsyncBaseTransport):
    """Refuses every origin but one, so that no address in a reply can carry the secret elsewhere."""

    def __init__(self, base_url: str, inner: httpx.AsyncBaseTransport) -> None:
        """Pin to the scheme, host and port of `base_url`."""
        self._origin = _origin(httpx.URL(base_url))
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on to the pinned origin; raises NotSent for any other."""
        if _origin(request.url) != self._origin:
            raise NotSent(f"refused to send to {visible(request.url.host)}, which is not the portal")
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme, 0)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
