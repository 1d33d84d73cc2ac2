"""The warehouse's HTTP side: a dialect's routes behind credentials, limits and faults, and the control room."""

from __future__ import annotations

import asyncio
import hmac
import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data.portals.sandbox import life
from data.portals.sandbox.book import Connection
from data.portals.sandbox.commit import GroupCommit
from data.portals.sandbox.control import ControlRoom
from data.portals.sandbox.dialect import Answer, Dialect, Handler, Room, Work
from data.portals.sandbox.faults import BEFORE, Fault, Faults
from data.portals.sandbox.json_http import reply
from data.portals.sandbox.turning import Turning
from data.portals.sandbox.wire import OnTheWire
from data.portals.secrets import Secret

TICK = 0.1
"""Seconds of the machine between two looks at what is due."""
_HUGE = 3_000_000


class Api:
    """One running warehouse: its file, its clock, its secret, its dialect and its faults."""

    def __init__(self, writer: GroupCommit, clock: Turning, token: Secret, seed: int, dialect: Dialect) -> None:
        """Serve the file that `writer` owns to whoever shows `token` as the dialect wants it shown."""
        self._writer = writer
        self._clock = clock
        self._token = token.reveal().encode()
        self._dialect = dialect
        self._faults = Faults(seed)
        self._later: set[asyncio.Task[Any]] = set()

    def application(self, control: bool) -> Starlette:
        """Return the ASGI application; the control room is there only when `control` says so."""
        routes = self._dialect.routes(Room(self._route, self._clock.now, self._is_secret))
        if control:
            routes += ControlRoom(self._writer, self._clock, self._faults, self._not_the_keeper, self._turn).routes()
        return Starlette(routes=routes)

    async def tick(self) -> None:
        """Let happen what is due, for ever."""
        while True:
            await asyncio.sleep(TICK)
            if self._clock.running:
                await self._writer.do(self._turn)

    def _turn(self, connection: Connection) -> int:
        self._clock.keep(connection)
        return life.advance(connection, self._clock.now())

    def _route(self, method: str, path: str, handler: Handler, *, open_to_all: bool = False) -> Route:
        """Return a route whose every request passes the credentials, the limits and the faults."""
        on = f"{method} {path}"

        async def endpoint(request: Request) -> Response:
            if not open_to_all and not self._dialect.lets_in(request, self._is_secret):
                return self._dialect.unauthorised()
            if (seconds := self._dialect.wait(on)) is not None:
                return self._dialect.limited(seconds)
            job = await handler(request)
            fault = self._faults.strike(on)
            if isinstance(job, Response):
                return job
            if fault is not None and fault.fault in BEFORE:
                return self._before(fault, job)
            answer = await self._writer.do(job)
            return self._dialect.reply(answer) if fault is None else await self._after(fault, answer)

        return Route(path, endpoint, methods=[method])

    def _is_secret(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._token)

    def _not_the_keeper(self, request: Request) -> Response | None:
        """Refuse a request to the control room, which takes the secret as a bearer token in every dialect."""
        kind, _, shown = request.headers.get("authorization", "").partition(" ")
        return None if kind == "Bearer" and self._is_secret(shown) else reply((401, {"error": "bad_token"}))

    def _before(self, fault: Fault, job: Work) -> Response:
        """Misbehave without working the request, or with working it only later."""
        if fault.fault == "429":
            return self._dialect.limited(fault.seconds or 1)
        if fault.fault == "500":
            return self._dialect.broken()
        if fault.fault == "redirect":
            return Response(status_code=302, headers={"Location": "/ping"})
        if fault.fault == "delay_commit":
            task = asyncio.create_task(self._work_later(fault.seconds, job))
            self._later.add(task)
            task.add_done_callback(self._later.discard)
        return OnTheWire("drop", Response(), 0)

    async def _work_later(self, seconds: float, job: Work) -> None:
        await asyncio.sleep(seconds)
        await self._writer.do(job)

    async def _after(self, fault: Fault, answer: Answer) -> Response:
        """Misbehave about a request that was worked and is durable."""
        status, body = answer
        if fault.fault == "500_after":
            return self._dialect.broken()
        if fault.fault == "slow":
            await asyncio.sleep(fault.seconds)
            return self._dialect.reply(answer)
        if fault.fault == "garbage":
            return Response("<html>all is well</html>", status, media_type="text/html")
        if fault.fault == "compressed":
            return Response(b"\x1f\x8b\x08 not even gzip", status, {"Content-Encoding": "gzip"})
        if fault.fault == "huge":
            return Response(json.dumps(body) + " " * _HUGE, status, media_type="application/json")
        if fault.fault == "other_reference":
            return self._dialect.reply((status, self._dialect.disguised(body)))
        return OnTheWire(fault.fault, self._dialect.reply(answer), fault.seconds)
