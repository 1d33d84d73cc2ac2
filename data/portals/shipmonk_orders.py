"""ShipMonk's orders over HTTP: one read by our key, one written whole, pages of those that changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data.model import Address
from data.portals.errors import Ambiguous, AuthFailed, NotSent, PortalError, RateLimited
from data.portals.http import Http
from data.portals.outcomes import RemoteState
from data.portals.reply import Reply
from data.portals.shipmonk_poll import PAGE
from data.portals.shipmonk_replies import orders_in, rows_in
from data.portals.shipmonk_words import ON_HOLD, address_body, read_order
from data.text import visible

ORDER = "/v1/integrations/order"
ORDERS = "/v1/integrations/orders"
LIST = "/v1/integrations/orders-list"


@dataclass(frozen=True, slots=True)
class Listed:
    """What stands on one page of the list of orders."""

    states: list[RemoteState] = field(default_factory=list)
    """This store's orders."""
    changes: list[str] = field(default_factory=list)
    """The instant of change of every order on the page, as it came."""
    problems: list[str] = field(default_factory=list)
    """A line for each order that can't be read."""


class Orders:
    """The orders of one store."""

    def __init__(self, http: Http, store_id: int) -> None:
        """Read and write through `http`."""
        self._http, self.store_id = http, store_id

    async def find(self, key: str) -> list[RemoteState]:
        """Return what the store has under a key; raises PortalError."""
        reply = await self._http.ask("GET", ORDERS, query={"orderKey": key, "storeId": str(self.store_id)})
        return [self._own(reply, order, key) for order in orders_in(reply)]

    async def before(self, key: str) -> RemoteState | None:
        """Return the order as it is before a write, None where there is none.

        Raises NotSent where it could not be read, for then nothing is written; Ambiguous where it is there twice.
        """
        try:
            found = await self.find(key)
        except (AuthFailed, RateLimited, NotSent):
            raise
        except PortalError as error:
            raise NotSent(f"not sent, for {key} could not be read before: {error}") from error
        if len(found) > 1:
            raise Ambiguous(f"{key} exists at the warehouse {len(found)} times")
        return found[0] if found else None

    async def after(self, key: str) -> RemoteState:
        """Return the order as it is after a write; raises Ambiguous where it could not be read, whatever the cause."""
        try:
            found = await self.find(key)
        except PortalError as error:
            raise Ambiguous(f"{key} could not be read back: {error}") from error
        if len(found) != 1:
            raise Ambiguous(f"{key} was read back {len(found)} times")
        return found[0]

    async def write(self, body: str) -> Reply:
        """Create an order or put it over the one that is there; raises PortalError where no reply came."""
        return await self._http.ask("POST", ORDER, content=body)

    async def page(self, query: Mapping[str, str], number: int) -> Listed:
        """Return one page of the list of orders; raises PortalError."""
        asked = {"page": str(number), "pageSize": str(PAGE), "sortOrder": "ASC"}
        reply = await self._http.ask("GET", LIST, query=dict(query) | asked)
        return read_page(rows_in(reply, "data", "orders"), self.store_id)

    def _own(self, reply: Reply, order: Any, key: str) -> RemoteState:
        """Read an order once it is certain that it is ours."""
        try:
            if order["order_key"] != key or int(order["store"]["id"]) != self.store_id:
                reply.not_understood(f"it does not name our reference {key}")
            return read_order(order)
        except (KeyError, TypeError, ValueError, AttributeError):
            reply.not_understood("an order in it can't be read")


def read_page(rows: list[Any], store_id: int) -> Listed:
    """Read a page of the list, which has the orders of every store."""
    listed = Listed()
    for row in rows:
        listed.changes.append(str(row.get("updated_at") or "") if isinstance(row, dict) else "")
        try:
            if int(row["store"]["id"]) == store_id:
                listed.states.append(read_order(row))
        except (KeyError, TypeError, ValueError, AttributeError):
            key = visible(str(row.get("order_key"))) if isinstance(row, dict) else "without a key"
            listed.problems.append(f"order {key} in ShipMonk's list can't be read")
    return listed


def with_status_of(body: str, remote: RemoteState) -> str:
    """Return a whole order that leaves the warehouse's hold as it is: what is held stays held."""
    return _put(body, {"order_status": ON_HOLD}) if remote.held else body


def with_address_of(body: str, remote: RemoteState) -> str:
    """Return a whole order that leaves the address as the warehouse has it, mended over there or not."""
    return body if remote.address is None else _put(body, {"ship_to": address_body(remote.address)})


def is_whole(body: str, key: str) -> bool:
    """Tell whether a text is the order under a key; anything else must not be sent over it."""
    return bool(json.loads(body or "{}").get("order_key") == key)


def held_address(remote: RemoteState) -> Address:
    """Return the address that an order has."""
    return remote.address or Address()


def _put(body: str, values: dict[str, Any]) -> str:
    return json.dumps(json.loads(body) | values, ensure_ascii=False)
