"""The warehouse's HTTP side: routes, the bearer token, faults, and the control room."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from data.portals.sandbox import life, shelf, warehouse
from data.portals.sandbox.book import Connection
from data.portals.sandbox.commit import GroupCommit
from data.portals.sandbox.control import ControlRoom
from data.portals.sandbox.faults import BEFORE, Fault, Faults
from data.portals.sandbox.json_http import read_json, reply
from data.portals.sandbox.turning import Turning
from data.portals.sandbox.warehouse import Answer
from data.portals.sandbox.wire import OnTheWire
from data.portals.secrets import Secret

TICK = 0.1
"""Seconds of the machine between two looks at what is due."""

Work = Callable[[Connection], Answer]


class Api:
    """One running warehouse: its file, its clock, its token and its faults."""

    def __init__(self, writer: GroupCommit, clock: Turning, token: Secret, seed: int) -> None:
        """Serve the file that `writer` owns to whoever shows `token`."""
        self._writer = writer
        self._clock = clock
        self._expected = f"Bearer {token.reveal()}".encode()
        self._faults = Faults(seed)
        self._later: set[asyncio.Task[Any]] = set()

    def application(self, control: bool) -> Starlette:
        """Return the ASGI application; the control room is there only when `control` says so."""
        routes = [
            self._route("GET", "/ping", self._ping),
            self._route("POST", "/orders", self._create),
            self._route("GET", "/orders", self._list),
            self._route("GET", "/orders/{id}", self._show),
            self._route("PUT", "/orders/{id}/address", self._address),
            self._route("POST", "/orders/{id}/cancel", self._cancel),
            self._route("POST", "/orders/{id}/hold", self._hold),
            self._route("POST", "/orders/{id}/release", self._release),
            self._route("GET", "/stock", self._stock),
        ]
        if control:
            routes += ControlRoom(self._writer, self._clock, self._faults, self._refused, self._turn).routes()
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

    def _route(self, method: str, path: str, work: Callable[[Request], Awaitable[Work | Response]]) -> Route:
        """Return a route whose every request passes the token and the faults."""
        on = f"{method} {path}"

        async def endpoint(request: Request) -> Response:
            if refused := self._refused(request):
                return refused
            job = await work(request)
            fault = self._faults.strike(on)
            if isinstance(job, Response):
                return job
            if fault is not None and fault.fault in BEFORE:
                return self._before(fault, job)
            answer = await self._writer.do(job)
            return reply(answer) if fault is None else await self._after(fault, answer)

        return Route(path, endpoint, methods=[method])

    def _refused(self, request: Request) -> Response | None:
        shown = request.headers.get("authorization", "").encode()
        return None if hmac.compare_digest(shown, self._expected) else reply((401, {"error": "bad_token"}))

    def _before(self, fault: Fault, job: Work) -> Response:
        """Misbehave without working the request, or with working it only later."""
        if fault.fault == "429":
            return JSONResponse(
                {"error": "slow_down"}, status_code=429, headers={"Retry-After": f"{fault.seconds or 1:g}"}
            )
        if fault.fault == "500":
            return reply((500, {"error": "out_of_order"}))
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
            return reply((500, {"error": "out_of_order"}))
        if fault.fault == "slow":
            await asyncio.sleep(fault.seconds)
            return reply(answer)
        if fault.fault == "garbage":
            return Response("<html>all is well</html>", status, media_type="text/html")
        if fault.fault == "compressed":
            return Response(b"\x1f\x8b\x08 not even gzip", status, {"Content-Encoding": "gzip"})
        if fault.fault == "huge":
            return reply((status, body | {"padding": "x" * 3_000_000}))
        if fault.fault == "other_reference":
            return reply((status, body | {"reference": "SOMEBODY-ELSE"}))
        return OnTheWire(fault.fault, reply(answer), fault.seconds)

    async def _ping(self, request: Request) -> Work:
        return lambda connection: (200, {"warehouse": "sandbox", "now": life.instant(self._clock.now())})

    async def _create(self, request: Request) -> Work | Response:
        body = await read_json(request)
        if isinstance(body, Response):
            return body
        return lambda connection: warehouse.create(connection, self._clock.now(), body)

    async def _list(self, request: Request) -> Work:
        query = request.query_params
        if "reference" in query:
            reference = query["reference"]
            return lambda connection: warehouse.search(connection, reference)
        since, limit = query.get("updated_since", ""), query.get("limit", "")
        return lambda connection: warehouse.changed(connection, since, limit)

    async def _show(self, request: Request) -> Work:
        order_id = request.path_params["id"]
        return lambda connection: warehouse.show(connection, order_id)

    async def _address(self, request: Request) -> Work | Response:
        order_id = request.path_params["id"]
        body = await read_json(request)
        if isinstance(body, Response):
            return body
        return lambda connection: warehouse.change_address(connection, self._clock.now(), order_id, body)

    async def _cancel(self, request: Request) -> Work:
        order_id = request.path_params["id"]
        return lambda connection: warehouse.cancel(connection, self._clock.now(), order_id)

    async def _hold(self, request: Request) -> Work:
        order_id = request.path_params["id"]
        return lambda connection: warehouse.hold(connection, self._clock.now(), order_id)

    async def _release(self, request: Request) -> Work:
        order_id = request.path_params["id"]
        return lambda connection: warehouse.release(connection, self._clock.now(), order_id)

    async def _stock(self, request: Request) -> Work:
        return lambda connection: (200, {"stock": shelf.levels(connection)})
