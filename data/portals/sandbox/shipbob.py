"""ShipBob's dated API over the sandbox warehouse: its paths, fields, words, refusals and rate limit."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data.portals.sandbox import shipbob_goods as goods
from data.portals.sandbox import shipbob_orders as orders
from data.portals.sandbox.book import Connection
from data.portals.sandbox.dialect import Answer, Handler, Room, Window, Work
from data.portals.sandbox.json_http import read_json, reply

CHANNELS = {101: "lastcall", 102: "Web shop", 103: "Somebody's"}
"""The channels there are, by their ids; the last one can only be read."""
_WRITTEN = frozenset(("101", "102"))
VERSIONS = ("2025-07", "2026-01", "2026-07")
PER_MINUTE = 150
_CHANNELS = {
    "items": [
        {
            "id": number,
            "name": name,
            "application_name": "sandbox",
            "scopes": ["orders_read", *(["orders_write", "returns_write"] if str(number) in _WRITTEN else [])],
        }
        for number, name in CHANNELS.items()
    ],
    "next": None,
    "prev": None,
}
_METHODS = [
    {"id": number, "name": name, "active": True, "default": number == 1}
    for number, name in enumerate(("Standard", "Expedited"), 1)
]
_CENTERS = [{"id": goods.CENTER, "name": "Sandbox", "country": "US", "timezone": "UTC"}]
_List = Callable[[Connection, str, dict[str, str]], Answer]


class ShipBobDialect:
    """Implements `Dialect`."""

    def __init__(self, limits: bool) -> None:
        """Speak it; `limits` keeps the vendor's rate limit."""
        self._window = Window(PER_MINUTE, 60.0) if limits else None

    def routes(self, room: Room) -> list[Route]:
        """Return its routes."""
        self._now = room.now
        made: list[tuple[str, str, Handler]] = [
            ("GET", "/channel", self._fixed(_CHANNELS)),
            ("GET", "/shipping-method", self._fixed(_METHODS)),
            ("GET", "/fulfillment-center", self._fixed(_CENTERS)),
            ("POST", "/order", self._create),
            ("GET", "/order", self._list),
            ("GET", "/order/{id}", self._show),
            ("POST", "/order/{id}:cancel", self._cancel),
            ("PUT", "/shipment/{id}:updateAddress", self._address),
            ("POST", "/shipment:bulkPlaceOnHold", self._told(orders.hold)),
            ("POST", "/shipment:bulkReleaseHold", self._told(orders.release)),
            ("GET", "/product", self._asked(goods.products)),
            ("GET", "/inventory-level", self._asked(goods.levels)),
            ("GET", "/inventory-level/locations", self._asked(goods.located)),
            ("POST", "/receiving", self._told(goods.receive)),
            ("GET", "/receiving", self._asked(lambda connection, _, query: goods.receivings(connection, query))),
            ("POST", "/return", self._told(goods.take_back, in_channel=True)),
            ("GET", "/return", self._asked(lambda connection, _, query: goods.returns(connection, query))),
        ]
        return [room.route(method, "/{version}" + path, self._of_a_version(handler)) for method, path, handler in made]

    def lets_in(self, request: Request, is_secret: Callable[[str], bool]) -> bool:
        """Tell whether a request shows the bearer token."""
        kind, _, shown = request.headers.get("authorization", "").partition(" ")
        return kind == "Bearer" and is_secret(shown)

    def wait(self, on: str) -> float | None:
        """Count a request; all of them share one window."""
        return None if self._window is None else self._window.take()

    def reply(self, answer: Answer) -> Response:
        """Write an answer, with how many more requests there are."""
        response = reply(answer)
        if self._window is not None:
            response.headers["x-remaining-calls"] = str(self._window.left())
        return response

    def unauthorised(self) -> Response:
        """Refuse a request without the token."""
        return reply((401, {"statusCode": 401, "message": "Access denied due to missing or invalid token."}))

    def limited(self, seconds: float) -> Response:
        """Ask to wait, in the vendor's own header."""
        whole = max(1, math.ceil(seconds))
        words = f"Rate limit is exceeded. Try again in {whole} seconds."
        response = reply((429, {"statusCode": 429, "message": words}))
        response.headers["x-retry-after"] = str(whole)
        response.headers["x-remaining-calls"] = "0"
        return response

    def broken(self) -> Response:
        """Fail."""
        return reply((500, {"": ["An unexpected error occurred."]}))

    def disguised(self, body: Any) -> Any:
        """Name another order."""
        if isinstance(body, list):
            return [self.disguised(each) for each in body]
        return body | {"reference_id": "SOMEBODY-ELSE"} if isinstance(body, dict) else body

    def _of_a_version(self, handler: Handler) -> Handler:
        """Answer in the dated versions there are, and in no other."""

        async def dated(request: Request) -> Work | Response:
            if request.path_params["version"] not in VERSIONS:
                return reply((404, {"statusCode": 404, "message": "Resource not found"}))
            return await handler(request)

        return dated

    def _fixed(self, body: Any) -> Handler:
        async def handler(request: Request) -> Work:
            return lambda connection: (200, body)

        return handler

    def _asked(self, answer: _List) -> Handler:
        """Return a handler of a request that says all in its query."""

        async def handler(request: Request) -> Work:
            path, query = request.url.path, dict(request.query_params)
            return lambda connection: answer(connection, path, query)

        return handler

    def _told(self, answer: Callable[[Connection, float, Any], Answer], *, in_channel: bool = False) -> Handler:
        """Return a handler of a request that says all in its body."""

        async def handler(request: Request) -> Work | Response:
            if in_channel and not _may_write(request):
                return _no_channel()
            body = await read_json(request)
            if isinstance(body, Response):
                return body
            return lambda connection: answer(connection, self._now(), body)

        return handler

    async def _create(self, request: Request) -> Work | Response:
        if not _may_write(request):
            return _no_channel()
        body = await read_json(request)
        if isinstance(body, Response):
            return body
        channel = int(request.headers["shipbob_channel_id"])
        return lambda connection: orders.create(connection, self._now(), body, channel)

    async def _list(self, request: Request) -> Work | Response:
        query = dict(request.query_params)
        shown = request.headers.get("shipbob_channel_id")
        channel = next((each for each in CHANNELS if str(each) == shown), None)
        if shown is not None and channel is None:
            return _no_channel()
        return lambda connection: orders.listed(connection, query, channel)

    async def _show(self, request: Request) -> Work:
        number = _number(request)
        return lambda connection: orders.show(connection, number)

    async def _cancel(self, request: Request) -> Work:
        number = _number(request)
        return lambda connection: orders.cancel(connection, self._now(), number)

    async def _address(self, request: Request) -> Work | Response:
        number = _number(request)
        body = await read_json(request)
        if isinstance(body, Response):
            return body
        return lambda connection: orders.change_address(connection, self._now(), number, body)


def _number(request: Request) -> int:
    """Return the number in a path; what is none is 0, which nothing has."""
    text = request.path_params["id"]
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _may_write(request: Request) -> bool:
    return request.headers.get("shipbob_channel_id") in _WRITTEN


def _no_channel() -> Response:
    return reply((403, {"statusCode": 403, "message": "No access to this channel."}))
