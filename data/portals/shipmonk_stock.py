"""What ShipMonk counts: a search whose results stand still while they are read.

Source: ShipMonk's OpenAPI description v1.024, "Products for Inventory Sync".
"""

from __future__ import annotations

from typing import Any

from data.portals.http import Http
from data.portals.outcomes import StockLevel
from data.portals.reply import Reply
from data.portals.shipmonk_replies import accepted, rows_in

_SEARCH = "/v1/integrations/products/search"
_PAGES = "/v1/integrations/products/search/paginate"
_PAGE = 100
"""Products asked for at once: each is told with everything about it."""


class Shelves:
    """The products of an account."""

    def __init__(self, http: Http, warehouse: str) -> None:
        """Read through `http` what the building `warehouse` has, or all of them where it is ''."""
        self._http, self._warehouse = http, warehouse

    async def search(self) -> str:
        """Begin a search and return where its results are, '' where there are none; raises PortalError."""
        reply = await self._http.ask("POST", _SEARCH, content="{}")
        cursor = accepted(reply).get("cursor")
        if not isinstance(cursor, str | None):
            reply.not_understood("it has no cursor")
        return cursor or ""

    async def levels(self) -> list[StockLevel]:
        """Return every product's count; raises PortalError."""
        found: list[StockLevel] = []
        cursor = await self.search()
        seen = {cursor}
        while cursor:
            reply = await self._http.ask("GET", _PAGES, query={"cursor": cursor, "pageSize": str(_PAGE)})
            found += self._read(reply, rows_in(reply, "data"))
            cursor = accepted(reply).get("next_cursor") or ""
            if cursor in seen and cursor:
                reply.not_understood("it points back to a page that was read")
            seen.add(cursor)
        return found

    def _read(self, reply: Reply, rows: list[Any]) -> list[StockLevel]:
        try:
            return [level for row in rows if (level := self._level(row)) is not None]
        except (KeyError, TypeError, ValueError, AttributeError):
            reply.not_understood("the stock can't be read")

    def _level(self, row: dict[str, Any]) -> StockLevel | None:
        """Read one product; None where the building has nothing to do with it."""
        inventory = row["inventory"]
        if not self._warehouse:
            total, free = inventory["quantity_total_on_hand"], inventory["quantity_total_available"]
            return StockLevel(str(row["sku"]), int(total), int(free))
        for place in inventory["locations"]:
            if place["warehouse"]["identifier"] == self._warehouse:
                return StockLevel(str(row["sku"]), int(place["quantity_on_hand"]), int(place["quantity_available"]))
        return None
