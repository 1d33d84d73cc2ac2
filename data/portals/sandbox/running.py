"""One run of the server: uvicorn around the application, and the warehouse's clock beside it. Needs the extra."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from data.clock import Clock
from data.portals.sandbox.app import Api
from data.portals.sandbox.book import setting
from data.portals.sandbox.commit import GroupCommit
from data.portals.sandbox.dialect import Dialect
from data.portals.sandbox.turning import stored_clock
from data.portals.sandbox.wire import WireProtocol
from data.portals.secrets import Secret

_LAST_REPLIES = 3
"""Seconds that requests under way are given when the server stops."""


def run(
    state: Path,
    listener: socket.socket,
    token: Secret,
    control: bool,
    held: bool,
    ready: Callable[[int], None],
    watched: int | None,
    machine: Clock,
    dialect: Dialect,
) -> None:
    """Serve on a listening socket until a signal, or until the file descriptor `watched` is at its end."""
    writer = GroupCommit(state)
    try:
        asyncio.run(_serve(writer, listener, token, control, held, ready, watched, machine, dialect))
    finally:
        writer.close()


async def _serve(
    writer: GroupCommit,
    listener: socket.socket,
    token: Secret,
    control: bool,
    held: bool,
    ready: Callable[[int], None],
    watched: int | None,
    machine: Clock,
    dialect: Dialect,
) -> None:
    clock = await writer.do(lambda connection: stored_clock(connection, machine, held))
    seed = int(await writer.do(lambda connection: setting(connection, "seed", 1)))
    api = Api(writer, clock, token, seed, dialect)
    config = uvicorn.Config(
        api.application(control),
        http=WireProtocol,
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=_LAST_REPLIES,
    )
    server = _Server(config, lambda: ready(listener.getsockname()[1]))
    ticking = asyncio.create_task(api.tick())
    if watched is not None:
        _stop_at_end(server, watched)
    try:
        await server.serve(sockets=[listener])
    finally:
        ticking.cancel()
        await writer.do(clock.keep)


class _Server(uvicorn.Server):
    """uvicorn's server that says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def _stop_at_end(server: uvicorn.Server, descriptor: int) -> None:
    """Stop the server when whoever holds the other end of its input is gone, however they went."""
    loop = asyncio.get_running_loop()

    def readable() -> None:
        if not os.read(descriptor, 4096):
            loop.remove_reader(descriptor)
            server.should_exit = True

    loop.add_reader(descriptor, readable)
