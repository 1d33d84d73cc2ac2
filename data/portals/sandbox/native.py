"""The sandbox warehouse's own API: orders, stock, and announcements, behind a bearer token, without limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from data.portals.sandbox import life, notices, shelf, warehouse
from data.portals.sandbox.dialect import Answer, Handler, Room, Work
from data.portals.sandbox.json_http import read_json, reply


class Native:
    """Implements `Dialect`."""

    def routes(self, room: Room) -> list[Route]:
        """Return its routes."""
        self._now = room.now
        return [
            room.route("GET", "/ping", self._ping),
            room.route("POST", "/orders", self._create),
            room.route("GET", "/orders", self._list),
            room.route("GET", "/orders/{id}", self._show),
            room.route("PUT", "/orders/{id}/address", self._address),
            room.route("POST", "/orders/{id}/cancel", self._change(warehouse.cancel)),
            room.route("POST", "/orders/{id}/hold", self._change(warehouse.hold)),
            room.route("POST", "/orders/{id}/release", self._change(warehouse.release)),
            room.route("GET", "/stock", self._stock),
            *(
                route
                for kind, path in (("inbound", "/inbound"), ("return", "/returns"))
                for route in (
                    room.route("POST", path, self._announce(kind)),
                    room.route("GET", path, self._announced(kind)),
                )
            ),
        ]

    def lets_in(self, request: Request, is_secret: Callable[[str], bool]) -> bool:
        """Tell whether a request shows the bearer token."""
        kind, _, shown = request.headers.get("authorization", "").partition(" ")
        return kind == "Bearer" and is_secret(shown)

    def wait(self, on: str) -> float | None:
        """Take any number of requests."""
        return None

    def reply(self, answer: Answer) -> Response:
        """Write an answer."""
        return reply(answer)

    def unauthorised(self) -> Response:
        """Refuse a request without the token."""
        return reply((401, {"error": "bad_token"}))

    def limited(self, seconds: float) -> Response:
        """Ask to wait."""
        return JSONResponse({"error": "slow_down"}, status_code=429, headers={"Retry-After": f"{seconds:g}"})

    def broken(self) -> Response:
        """Fail."""
        return reply((500, {"error": "out_of_order"}))

    def disguised(self, body: Any) -> Any:
        """Name another order."""
        return body | {"reference": "SOMEBODY-ELSE"}

    async def _ping(self, request: Request) -> Work:
        return lambda connection: (200, {"warehouse": "sandbox", "now": life.instant(self._now())})

    async def _create(self, request: Request) -> Work | Response:
        body = await read_json(request)
        if isinstance(body, Response):
            return body
        return lambda connection: warehouse.create(connection, self._now(), body)

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
        return lambda connection: warehouse.change_address(connection, self._now(), order_id, body)

    def _change(self, change: Callable[..., Answer]) -> Handler:
        """Return a handler of a request that says all in its path."""

        async def handler(request: Request) -> Work:
            order_id = request.path_params["id"]
            return lambda connection: change(connection, self._now(), order_id)

        return handler

    async def _stock(self, request: Request) -> Work:
        return lambda connection: (200, {"stock": shelf.levels(connection)})

    def _announce(self, kind: str) -> Handler:
        async def handler(request: Request) -> Work | Response:
            body = await read_json(request)
            if isinstance(body, Response):
                return body
            return lambda connection: notices.announce(connection, self._now(), kind, body)

        return handler

    def _announced(self, kind: str) -> Handler:
        async def handler(request: Request) -> Work:
            reference = request.query_params.get("reference", "")
            return lambda connection: notices.search(connection, kind, reference)

        return handler
