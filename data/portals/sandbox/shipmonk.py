"""The sandbox warehouse in ShipMonk's tongue: paths, fields, status words and rate limits of API v1.024.

Source: ShipMonk's OpenAPI description v1.024, which documents what is well; how it refuses, and what it answers where
nothing is found, is a guess. Where it says that something is ignored, this warehouse ignores it and says "updated".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from data.portals.sandbox import notices, shelf, warehouse
from data.portals.sandbox.book import Connection
from data.portals.sandbox.dialect import Answer, Handler, Room, Window, Work
from data.portals.sandbox.json_http import read_json, reply
from data.portals.sandbox.shipmonk_orders import item_problems, refused, submit, upsert
from data.portals.sandbox.shipmonk_papers import building_shown, product_shown, receiving_shown, return_shown
from data.portals.sandbox.shipmonk_words import BUILDING, STORE, order_shown, seconds

ROOT = "/v1/integrations"
LISTED_MOST = 10_000
"""Orders in a list that is filtered."""
_PAGE = 100
_LIST = f"GET {ROOT}/orders-list"


class ShipMonk:
    """Implements `Dialect`."""

    def __init__(self, limits: bool) -> None:
        """Enforce the two rate limits, or none."""
        self._all = Window(100_000, 60) if limits else None
        self._lists = Window(1_000, 1_800) if limits else None
        self._searches: dict[str, list[dict[str, Any]]] = {}

    def routes(self, room: Room) -> list[Route]:
        """Return its routes."""
        self._now = room.now
        return [
            room.route("POST", f"{ROOT}/order", self._posted(upsert)),
            room.route("POST", f"{ROOT}/submit-order", self._posted(submit)),
            room.route("GET", f"{ROOT}/orders", self._show),
            room.route("GET", f"{ROOT}/orders-list", self._list),
            room.route("POST", f"{ROOT}/receiving", self._posted(_receive)),
            room.route("GET", f"{ROOT}/receivings-list", self._announced("inbound", "asn")),
            room.route("POST", f"{ROOT}/returns", self._posted(_return)),
            room.route("GET", f"{ROOT}/returns-list", self._announced("return", "rma")),
            room.route("POST", f"{ROOT}/products/search", self._search),
            room.route("GET", f"{ROOT}/products/search/paginate", self._paginate),
            room.route("GET", f"{ROOT}/warehouses", self._buildings),
        ]

    def lets_in(self, request: Request, is_secret: Callable[[str], bool]) -> bool:
        """Tell whether a request shows the key."""
        return is_secret(request.headers.get("api-key", ""))

    def wait(self, on: str) -> float | None:
        """Count a request against the limit of all, and one for the list of orders against its own."""
        waits = [self._all and self._all.take(), self._lists and on == _LIST and self._lists.take()]
        return max((each for each in waits if each), default=None)

    def reply(self, answer: Answer) -> Response:
        """Write an answer."""
        return reply(answer)

    def unauthorised(self) -> Response:
        """Refuse a request without the key."""
        return reply((401, {"status": 401, "message": "Invalid API key."}))

    def limited(self, seconds: float) -> Response:
        """Ask to wait until a date, as ShipMonk does."""
        until = datetime.now(UTC) + timedelta(seconds=math.ceil(seconds) + 1)
        headers = {"Retry-After": format_datetime(until, usegmt=True)}
        return JSONResponse({"status": 429, "message": "Too many requests."}, 429, headers)

    def broken(self) -> Response:
        """Fail."""
        return reply((500, {"status": 500, "message": "Internal server error."}))

    def disguised(self, body: Any) -> Any:
        """Name another order, where an order is named at all."""
        data = body.get("data")
        return body | {"data": data | {"order_key": "SOMEBODY-ELSE"}} if isinstance(data, dict) else body

    def _posted(self, take: Callable[[Connection, float, Any], Answer]) -> Handler:
        """Return a handler of what comes as a JSON body."""

        async def handler(request: Request) -> Work | Response:
            body = await read_json(request)
            if isinstance(body, Response):
                return body
            return lambda connection: take(connection, self._now(), body)

        return handler

    async def _show(self, request: Request) -> Work:
        query = request.query_params
        key, store = query.get("orderKey", ""), query.get("storeId", str(STORE))

        def work(connection: Connection) -> Answer:
            found = warehouse.listed(connection, references=[key]) if store == str(STORE) else []
            if not found:
                return 404, {"status": 404, "message": "Order not found."}
            return 200, {"status": 200, "data": order_shown(found[0], self._now())}

        return work

    async def _list(self, request: Request) -> Work | Response:
        query = request.query_params
        try:
            bounds = [seconds(query[name]) if name in query else None for name in ("updatedAtStart", "updatedAtEnd")]
            page, size = _number(query.get("page", "1"), 10**6), _number(query.get("pageSize", str(_PAGE)), _PAGE)
        except ValueError as error:
            return reply(refused([{"propertyPath": "query", "message": str(error)}]))
        keys = query.getlist("orderKeys[]")
        offset = (page - 1) * size
        most = min(size, LISTED_MOST - offset) if keys or bounds != [None, None] else size
        newest = query.get("sortOrder") == "DESC"

        def work(connection: Connection) -> Answer:
            orders = warehouse.listed(
                connection, *bounds, references=keys, newest=newest, offset=offset, limit=max(0, most)
            )
            return 200, {"status": 200, "data": {"orders": [order_shown(each, self._now()) for each in orders]}}

        return work

    def _announced(self, kind: str, name: str) -> Handler:
        """Return a handler that shows what was announced under a key."""

        async def handler(request: Request) -> Work:
            key = request.query_params.get(name, "")

            def work(connection: Connection) -> Answer:
                found = notices.kept(connection, kind, [key])
                paginator = {"total": len(found), "pages": 1, "page": 1}
                if kind == "inbound":
                    shown = [receiving_shown(number, body["told"], at) for number, body, at in found]
                    return 200, {"paginator": paginator, "status": 200, "data": shown}
                shown = [return_shown(number, body["told"], at) for number, body, at in found]
                return 200, {"paginator": paginator, "status": 200, "data": {"returns_list": shown}}

            return work

        return handler

    async def _search(self, request: Request) -> Work | Response:
        body = await read_json(request)
        if isinstance(body, Response):
            return body

        def work(connection: Connection) -> Answer:
            levels = shelf.levels(connection)
            name = f"S{len(self._searches) + 1}"
            # The results stand still while they are read, whatever happens on the shelves.
            self._searches[name] = levels
            return 200, {"total": len(levels), "cursor": f"{name}.0" if levels else None}

        return work

    async def _paginate(self, request: Request) -> Work | Response:
        query = request.query_params
        name, _, start = query.get("cursor", "").partition(".")
        levels = self._searches.get(name)
        if levels is None or not start.isdecimal():
            return reply(refused([{"propertyPath": "cursor", "message": "there is no such cursor"}]))
        first, now = int(start), self._now()
        after = first + _number(query.get("pageSize", "50"), 500)
        shown = [product_shown(first + at, level, now) for at, level in enumerate(levels[first:after], 1)]
        following = f"{name}.{after}" if after < len(levels) else None
        return lambda connection: (200, {"data": shown, "total": len(levels), "next_cursor": following})

    async def _buildings(self, request: Request) -> Work:
        shown = {"paginator": {"total": 1, "pages": 1, "page": 1}, "status": 200, "data": [building_shown()]}
        return lambda connection: (200, shown)


def _receive(connection: Connection, now: float, body: Any) -> Answer:
    """Take a receiving in, or put it over the one with its ASN."""
    if problems := _notice_problems(body, ("asn", "supplier_name", "estimated_delivery", "handling_unit_type")):
        return refused(problems)
    status, _ = notices.take_notice(connection, now, "inbound", _notice(body, "asn"), "update")
    return 200, {"message": "Receiving was created." if status == 201 else "Receiving was updated."}


def _return(connection: Connection, now: float, body: Any) -> Answer:
    """Take a return in, or put it over the one with its RMA."""
    problems = _notice_problems(body, ("rma", "return_reason"))
    if not problems and body.get("store_id") != STORE:
        problems = [{"propertyPath": "store_id", "message": "there is no such store"}]
    if problems:
        return refused(problems)
    status, made = notices.take_notice(connection, now, "return", _notice(body, "rma"), "update")
    words = "Return was created." if status == 201 else "Return was updated."
    return 200, {"status": 200, "data": {"message": words, "id": int(made["id"].removeprefix("SN"))}}


def _notice(body: dict[str, Any], key: str) -> dict[str, Any]:
    """Return an announcement as this warehouse keeps it, with what was told beside."""
    lines = [{"sku": each["sku"], "quantity": each["expected_quantity"]} for each in body["items"]]
    return {"reference": body[key], "lines": lines, "told": body}


def _notice_problems(body: Any, texts: tuple[str, ...]) -> list[dict[str, str]]:
    if not isinstance(body, dict):
        return [{"propertyPath": "", "message": "must be a JSON object"}]
    found = [
        {"propertyPath": name, "message": "is required"}
        for name in texts
        if not isinstance(body.get(name), str) or not body[name]
    ]
    if body.get("warehouse") != BUILDING["identifier"]:
        found.append({"propertyPath": "warehouse", "message": "there is no such warehouse"})
    items = body.get("items")
    if not isinstance(items, list) or not items:
        return [*found, {"propertyPath": "items", "message": "must be a list of items"}]
    for index, item in enumerate(items):
        found += item_problems(item, f"items[{index}]", "expected_quantity", 1)
    return found


def _number(text: str, most: int) -> int:
    """Read a count from 1 to `most`; raises ValueError."""
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise ValueError(f"{text[:20]} is not a number from 1 to {most}")
    return int(text)
