"""Misbehaviour below HTTP: closing, resetting, truncating and dripping on the connection itself."""

from __future__ import annotations

import asyncio
import socket
import struct

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_open: dict[tuple[str, int], asyncio.Transport] = {}
"""The connections of this process by the client's address, which is how a request names its own."""


class WireProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 on a connection that a fault can reach."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own does
        """Remember the connection, and have head and body of a reply sent at once."""
        super().connection_made(transport)
        # asyncio does so only where a socket names its protocol, and ours comes from `create_server`, which does not.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.client is not None:
            _open[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self.client is not None:
            _open.pop(self.client, None)
        super().connection_lost(exc)


class OnTheWire(Response):
    """Does something to the connection in place of answering."""

    def __init__(self, fault: str, reply: Response, seconds: float) -> None:
        """Take the reply that would have been sent."""
        super().__init__()
        self._fault, self._reply, self._seconds = fault, reply, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Misbehave, and wait until the connection is gone."""
        transport = _open[tuple(scope["client"])]
        if self._fault == "reset_after":
            # A linger time of 0 makes closing send a reset.
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()
        elif self._fault == "truncate":
            head, body = self._raw()
            transport.write(head + body[: len(body) // 2])
            transport.close()
        elif self._fault == "not_http":
            transport.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
            transport.close()
        elif self._fault == "drip":
            head, body = self._raw()
            for byte in head + body:
                if transport.is_closing():
                    break
                transport.write(bytes([byte]))
                await asyncio.sleep(self._seconds)
            transport.close()
        else:
            transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass

    def _raw(self) -> tuple[bytes, bytes]:
        """Return head and body of the reply as they would go over the wire."""
        body = bytes(self._reply.body)
        return f"HTTP/1.1 {self._reply.status_code} OK\r\ncontent-length: {len(body)}\r\n\r\n".encode(), body
