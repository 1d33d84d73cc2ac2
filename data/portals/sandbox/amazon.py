"""Amazon's Multi-Channel Fulfillment as the sandbox plays it: paths, credentials, limits and errors of its API.

Source: the Selling Partner API's models fulfillmentOutbound 2020-07-01 and fbaInventory v1. What they leave open is
played as third parties have seen it: 403 for ids with spaces, a plus in an id taken for a space.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from data.portals.bucket import Bucket
from data.portals.sandbox import amazon_orders as orders
from data.portals.sandbox import amazon_returns as returns
from data.portals.sandbox.amazon_login import Login
from data.portals.sandbox.dialect import Answer, Handler, Room, Work
from data.portals.sandbox.json_http import read_json

_OUTBOUND = "/fba/outbound/2020-07-01"
_ORDERS = f"{_OUTBOUND}/fulfillmentOrders"
_ORDER = f"{_ORDERS}/{{id}}"
_STOCK = "/fba/inventory/v1/summaries"
_RATE, _BURST, _STOCK_BURST = 2.0, 30, 2


class Amazon:
    """Implements `Dialect`."""

    def __init__(self, limits: bool) -> None:
        """Keep Amazon's limits, or none."""
        self._limits = limits
        self._buckets: dict[str, Bucket] = {}

    def routes(self, room: Room) -> list[Route]:
        """Return its routes."""
        self._now = room.now
        self._login = Login(room.now, room.is_secret)
        return [
            room.route("POST", "/auth/o2/token", self._token, open_to_all=True),
            room.route("POST", _ORDERS, self._create),
            room.route("GET", _ORDERS, self._list),
            room.route("GET", _ORDER, self._change(orders.show)),
            room.route("PUT", _ORDER, self._write(orders.update)),
            room.route("PUT", f"{_ORDER}/cancel", self._change(orders.cancel)),
            room.route("PUT", f"{_ORDER}/return", self._write(returns.create)),
            room.route("GET", f"{_OUTBOUND}/returnReasonCodes", self._reasons),
            room.route("GET", f"{_OUTBOUND}/tracking", self._tracking),
            room.route("GET", _STOCK, self._stock),
        ]

    def lets_in(self, request: Request, is_secret: Callable[[str], bool]) -> bool:
        """Tell whether a request shows a token that is still good."""
        return self._login.is_good(request.headers.get("x-amz-access-token", ""))

    def wait(self, on: str) -> float | None:
        """Take a token out of the operation's bucket."""
        if not self._limits or on.startswith("POST /auth"):
            return None
        bucket = self._buckets.setdefault(on, Bucket(_RATE, _STOCK_BURST if on.endswith(_STOCK) else _BURST))
        return bucket.ask()

    def reply(self, answer: Answer) -> Response:
        """Write an answer."""
        status, body = answer
        headers = {"x-amzn-RequestId": str(uuid.uuid4()), "x-amzn-RateLimit-Limit": f"{_RATE}"}
        return JSONResponse(body, status, headers)

    def unauthorised(self) -> Response:
        """Refuse a request without a token, or with one that has ended."""
        details = "The access token you provided is revoked, malformed, invalid or has expired."
        return self._plain(403, "Unauthorized", "Access to requested resource is denied.", details)

    def limited(self, seconds: float) -> Response:
        """Refuse, without a word on how long to wait."""
        return self._plain(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")

    def broken(self) -> Response:
        """Fail."""
        return self._plain(500, "InternalFailure", "We encountered an internal error. Please try again.")

    def disguised(self, body: Any) -> Any:
        """Name another order, where one is named."""
        order = body.get("payload", {}).get("fulfillmentOrder")
        if order is None:
            return body
        return {"payload": body["payload"] | {"fulfillmentOrder": order | {"sellerFulfillmentOrderId": "OTHER"}}}

    def _plain(self, status: int, code: str, message: str, details: str = "") -> Response:
        """Return an error as it looks where the operation itself was not reached."""
        return JSONResponse(orders.errors(code, message, details), status, {"x-amzn-RequestId": str(uuid.uuid4())})

    async def _token(self, request: Request) -> Work:
        form = (await request.body()).decode("utf-8", "replace")
        return lambda connection: self._login.answer(form)

    async def _create(self, request: Request) -> Work | Response:
        body = await read_json(request)
        if isinstance(body, Response):
            return self._plain(400, "InvalidInput", "The body can't be read")
        return lambda connection: orders.create(connection, self._now(), body)

    async def _list(self, request: Request) -> Work:
        query = request.query_params
        since, token = query.get("queryStartDate", ""), query.get("nextToken", "")
        return lambda connection: orders.changed(connection, self._now(), since, token)

    def _change(self, change: Callable[..., Answer]) -> Handler:
        """Return a handler of a request that says all in its path."""

        async def handler(request: Request) -> Work | Response:
            order_id = _order_id(request)
            if " " in order_id:
                return self._plain(403, "Unauthorized", "Access to requested resource is denied.")
            return lambda connection: change(connection, self._now(), order_id)

        return handler

    def _write(self, change: Callable[..., Answer]) -> Handler:
        """Return a handler of a request with a body."""

        async def handler(request: Request) -> Work | Response:
            order_id = _order_id(request)
            body = await read_json(request)
            if " " in order_id:
                return self._plain(403, "Unauthorized", "Access to requested resource is denied.")
            if isinstance(body, Response):
                return self._plain(400, "InvalidInput", "The body can't be read")
            return lambda connection: change(connection, self._now(), order_id, body)

        return handler

    async def _reasons(self, request: Request) -> Work:
        sku = request.query_params.get("sellerSku", "")
        return lambda connection: returns.reasons(sku)

    async def _tracking(self, request: Request) -> Work:
        number = request.query_params.get("packageNumber", "")
        return lambda connection: orders.track(connection, number)

    async def _stock(self, request: Request) -> Work:
        query = request.query_params
        place, token = query.get("granularityId", ""), query.get("nextToken", "")
        return lambda connection: orders.stock(connection, place, token)


def _order_id(request: Request) -> str:
    return str(request.path_params["id"]).replace("+", " ")
