"""The control room: what a test or a demonstration tells the warehouse, and no customer could."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data.portals.sandbox import life, shelf, warehouse
from data.portals.sandbox.book import Connection, set_setting
from data.portals.sandbox.commit import GroupCommit
from data.portals.sandbox.faults import Faults
from data.portals.sandbox.json_http import read_json, reply
from data.portals.sandbox.turning import Turning
from data.portals.sandbox.warehouse import HABITS, Answer


class ControlRoom:
    """Moves the clock, sets faults, counts stock in, and decides what happens to an order."""

    def __init__(
        self,
        writer: GroupCommit,
        clock: Turning,
        faults: Faults,
        refused: Callable[[Request], Response | None],
        turn: Callable[[Connection], int],
    ) -> None:
        """Control what these belong to; `refused` checks the token, `turn` lets happen what is due."""
        self._writer, self._clock, self._faults = writer, clock, faults
        self._refused, self._turn = refused, turn

    def routes(self) -> list[Route]:
        """Return the routes."""
        rooms = {
            "clock": self._clock_room,
            "faults": self._faults_room,
            "stock": self._stock_room,
            "fate": self._fate_room,
            "settings": self._settings_room,
        }
        return [Route(f"/_control/{name}", room, methods=["POST"]) for name, room in rooms.items()]

    async def _clock_room(self, request: Request) -> Response:
        body = await self._body(request, dict)
        if isinstance(body, Response):
            return body
        if "running" in body:
            self._clock.turn(bool(body["running"]), float(body.get("speed", 1.0)))
        if "at" in body:
            self._clock.put(float(body["at"]))
        self._clock.move(float(body.get("advance", 0)))
        while await self._writer.do(self._turn):
            pass
        return reply((200, {"now": life.instant(self._clock.now()), "running": self._clock.running}))

    async def _faults_room(self, request: Request) -> Response:
        body = await self._body(request, list)
        if isinstance(body, Response):
            return body
        wrong = self._faults.replace(body)
        return reply((422, {"errors": wrong}) if wrong else (200, {"struck": self._faults.struck}))

    async def _stock_room(self, request: Request) -> Response:
        body = await self._body(request, dict)
        if isinstance(body, Response):
            return body
        counts = {str(sku): int(count) for sku, count in body.items()}

        def count_in(connection: Connection) -> Answer:
            shelf.count_in(connection, counts)
            return 200, {"stock": shelf.levels(connection)}

        return reply(await self._writer.do(count_in))

    async def _fate_room(self, request: Request) -> Response:
        body = await self._body(request, dict)
        if isinstance(body, Response):
            return body
        reference, fate = str(body.get("reference", "")), str(body.get("fate", ""))
        return reply(await self._writer.do(lambda connection: warehouse.set_fate(connection, reference, fate)))

    async def _settings_room(self, request: Request) -> Response:
        body = await self._body(request, dict)
        if isinstance(body, Response):
            return body
        known = {"exceptions": float, "uncounted": int, "duplicates": str, "seed": int}
        if unknown := body.keys() - known.keys():
            return reply((422, {"errors": [f"unknown setting {name}" for name in sorted(unknown)]}))

        if body.get("duplicates", HABITS[0]) not in HABITS:
            return reply((422, {"errors": [f"duplicates must be one of {', '.join(HABITS)}"]}))

        def store(connection: Connection) -> Answer:
            for name, value in body.items():
                set_setting(connection, name, known[name](value))
            return 200, dict(body)

        return reply(await self._writer.do(store))

    async def _body(self, request: Request, kind: type) -> Any:
        """Return the body of a control request, or the reply that refuses it."""
        if refused := self._refused(request):
            return refused
        body = await read_json(request)
        if isinstance(body, Response | kind):
            return body
        return reply((422, {"errors": [f"the body must be a JSON {kind.__name__}"]}))
