"""The sandbox warehouse as Mintsoft's API: arrays as answers, failures with 200, GETs that change something.

Source: Mintsoft's public API description and its help pages (a key lives for 24 hours; order number and external
reference are unique). The words of its refusals are not documented; "already exists" is what integrations report.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from data.portals.sandbox import life, notices, shelf, warehouse
from data.portals.sandbox.book import Connection
from data.portals.sandbox.dialect import Answer, Handler, Room, Work
from data.portals.sandbox.json_http import read_json, reply
from data.portals.sandbox.mintsoft_words import (
    STATUSES,
    asn_body,
    asn_shown,
    failed,
    item_shown,
    order_body,
    order_shown,
    problem_words,
    result,
    seconds_of,
    ship_to,
)
from data.portals.sandbox.validation import address_problems, lines_problems, order_problems

_KEY_LIVES = 24 * 3600
_MOST = 100
"""Rows on a page."""


class Mintsoft:
    """Implements `Dialect`; its secret is `user:password`, for which the login gives keys."""

    def __init__(self) -> None:
        """Begin without keys."""
        self._keys: dict[str, float] = {}

    def routes(self, room: Room) -> list[Route]:
        """Return its routes."""
        self._now, self._is_secret = room.now, room.is_secret
        return [
            room.route("POST", "/api/Auth", self._login, open_to_all=True),
            room.route("PUT", "/api/Order", self._create),
            room.route("GET", "/api/Order/Search", self._search),
            room.route("GET", "/api/Order/List", self._list),
            room.route("GET", "/api/Order/Statuses", self._statuses),
            room.route("GET", "/api/Order/{id:int}", self._shown(order_shown)),
            room.route("GET", "/api/Order/{id:int}/Items", self._shown(item_shown)),
            room.route("POST", "/api/Order/{id:int}", self._update),
            room.route("GET", "/api/Order/{id:int}/Cancel", self._change(warehouse.cancel)),
            room.route("GET", "/api/Order/{id:int}/MarkPackAndHold", self._change(warehouse.hold)),
            room.route("GET", "/api/Order/{id:int}/MarkReleasePackAndHold", self._change(warehouse.release)),
            room.route("GET", "/api/Product/StockLevels", self._stock),
            room.route("PUT", "/api/ASN", self._announce),
            room.route("GET", "/api/ASN/List", self._announced),
        ]

    def lets_in(self, request: Request, is_secret: Callable[[str], bool]) -> bool:
        """Tell whether a request shows a key that is good yet."""
        return self._keys.get(request.headers.get("ms-apikey", ""), 0.0) > self._now()

    def wait(self, on: str) -> float | None:
        """Take any number of requests: no limit is documented."""
        return None

    def reply(self, answer: Answer) -> Response:
        """Write an answer."""
        return reply(answer)

    def unauthorised(self) -> Response:
        """Refuse a request without a key."""
        return reply((401, {"Message": "Authorization has been denied for this request."}))

    def limited(self, seconds: float) -> Response:
        """Ask to wait."""
        return JSONResponse({"Message": "Too many requests"}, 429, headers={"Retry-After": f"{seconds:g}"})

    def broken(self) -> Response:
        """Fail."""
        return reply((500, {"Message": "An error has occurred."}))

    def disguised(self, body: Any) -> Any:
        """Name another order."""
        other = {"OrderNumber": "SOMEBODY-ELSE", "ExternalOrderReference": "SOMEBODY-ELSE"}
        return [each | other for each in body] if isinstance(body, list) else body | other

    async def _login(self, request: Request) -> Work | Response:
        body = await read_json(request)
        if isinstance(body, Response):
            return body
        if not self._is_secret(f"{body.get('Username', '')}:{body.get('Password', '')}"):
            return self.unauthorised()
        key = secrets.token_urlsafe(24)
        self._keys[key] = self._now() + _KEY_LIVES
        return lambda connection: (200, key)

    async def _create(self, request: Request) -> Work | Response:
        body = await read_json(request)
        return body if isinstance(body, Response) else lambda connection: self._take_in(connection, body)

    def _take_in(self, connection: Connection, body: Any) -> Answer:
        """Take an order in; every failure is an array with 200 too."""
        order = order_body(body)
        number = str(order["order_number"])
        if problems := order_problems(order):
            return 200, [failed(number, problem_words(problems))]
        if connection.execute("SELECT 1 FROM orders WHERE number = ?", (number,)).fetchone():
            return 200, [failed(number, f"Order Number {number} already exists")]
        status, answer = warehouse.take_in(connection, self._now(), order)
        if status != 201:
            return 200, [failed(number, f"External Order Reference {order['reference']} already exists")]
        order_id = int(answer["id"].removeprefix("SB"))
        made = {"OrderId": order_id, "OrderNumber": number, "Success": True, "Message": None}
        return 200, [made | {"OrderStatusId": 1, "OrderStatus": "NEW"}]

    async def _search(self, request: Request) -> Work:
        number = request.query_params.get("OrderNumber", "")
        return lambda connection: self._orders(connection, "number = ?", (number,))

    async def _list(self, request: Request) -> Work:
        query = request.query_params
        limit = min(int(query.get("Limit", _MOST)), _MOST)
        offset = (int(query.get("PageNo", 1)) - 1) * limit
        since = seconds_of(query.get("SinceLastUpdated", ""))
        items = query.get("IncludeOrderItems") == "true"
        where = "updated_at >= ? ORDER BY updated_at, id LIMIT ? OFFSET ?"
        return lambda connection: self._orders(connection, where, (since, limit, offset), items)

    def _orders(self, connection: Connection, where: str, values: tuple[Any, ...], items: bool = False) -> Answer:
        found = connection.execute(f"SELECT id, updated_at FROM orders WHERE {where}", values).fetchall()
        rows = [order_shown(warehouse.show(connection, f"SB{number:07d}")[1], at) for number, at in found]
        if items:
            for row, (number, _) in zip(rows, found, strict=True):
                row["OrderItems"] = item_shown(warehouse.show(connection, f"SB{number:07d}")[1], 0.0)
        return 200, rows

    async def _statuses(self, request: Request) -> Work:
        return lambda connection: (200, [{"ID": number, "Name": name} for name, number in STATUSES.items()])

    def _shown(self, write: Callable[[dict[str, Any], float], Any]) -> Handler:
        async def handler(request: Request) -> Work:
            number = request.path_params["id"]

            def show(connection: Connection) -> Answer:
                row = connection.execute("SELECT updated_at FROM orders WHERE id = ?", (number,)).fetchone()
                if row is None:
                    return 404, {"Message": f"Order {number} not found"}
                return 200, write(warehouse.show(connection, f"SB{number:07d}")[1], row[0])

            return show

        return handler

    async def _update(self, request: Request) -> Work | Response:
        number = request.path_params["id"]
        body = await read_json(request)
        if isinstance(body, Response):
            return body

        def update(connection: Connection) -> Answer:
            if problems := address_problems(address := ship_to(body)):
                return 200, result(number, problem_words(problems))
            status, _ = warehouse.change_address(connection, self._now(), f"SB{number:07d}", address)
            return 200, result(number, "" if status == 200 else "Order can only be updated while it is NEW")

        return update

    def _change(self, change: Callable[..., Answer]) -> Handler:
        async def handler(request: Request) -> Work:
            number = request.path_params["id"]

            def work(connection: Connection) -> Answer:
                status, order = warehouse.show(connection, f"SB{number:07d}")
                if status != 200 or order["status"] not in (*life.UNTOUCHED, life.CANCELLED):
                    return 200, result(number, "Order must be NEW")
                status, _ = change(connection, self._now(), f"SB{number:07d}")
                return 200, result(number, "" if status == 200 else "Order must be NEW")

            return work

        return handler

    async def _stock(self, request: Request) -> Work:
        place = int(request.query_params.get("WarehouseId", 0))

        def levels(connection: Connection) -> Answer:
            return 200, [
                {
                    "ProductId": number,
                    "WarehouseId": place,
                    "SKU": each["sku"],
                    "Level": each["available"],
                    "TotalStockLevel": each["on_hand"],
                }
                for number, each in enumerate(shelf.levels(connection), 1)
            ]

        return levels

    async def _announce(self, request: Request) -> Work | Response:
        body = await read_json(request)
        if isinstance(body, Response):
            return body

        def announce(connection: Connection) -> Answer:
            note = asn_body(body)
            if problems := lines_problems(note["cartons"][0]["lines"]):
                return 200, result(0, problem_words(problems))
            # Nothing is unique about a delivery note: the same one again is another one.
            cursor = connection.execute(
                "INSERT INTO notices (kind, reference, body, status, updated_at) VALUES ('inbound', ?, ?, ?, ?)",
                (note["reference"], json.dumps(note), notices.ANNOUNCED, self._now()),
            )
            return 200, result(cursor.lastrowid or 0, "")

        return announce

    async def _announced(self, request: Request) -> Work:
        query = request.query_params
        limit = min(int(query.get("Limit", _MOST)), _MOST)
        offset = (int(query.get("PageNo", 1)) - 1) * limit
        items = query.get("IncludeASNItems") == "true"

        def listed(connection: Connection) -> Answer:
            found = connection.execute(
                "SELECT id, body FROM notices WHERE kind = 'inbound' ORDER BY id LIMIT ? OFFSET ?", (limit, offset)
            ).fetchall()
            return 200, [asn_shown(number, json.loads(note), items) for number, note in found]

        return listed
