"""The portal of ShipMonk (API v1.024): one request that creates an order or puts it over the one that is there.

Source: ShipMonk's OpenAPI description v1.024. Because a second order under a key replaces the first and undoes what was
changed over there, nothing is sent before the key was looked up, and nothing is believed before it was read back.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from data.clock import Clock, utc_text
from data.model import Address, CommandKind, ShipmentState
from data.portals.checks import Step, try_steps
from data.portals.compare import address_differences, line_differences
from data.portals.credentials import Credentials
from data.portals.errors import Ambiguous, AuthFailed, Conflict, NotSent, PortalError, RateLimited
from data.portals.http import Http
from data.portals.notices import Notice
from data.portals.outcomes import (
    Absent,
    AmendResult,
    CancelResult,
    Check,
    FindResult,
    Found,
    HoldResult,
    Page,
    Pushed,
    PushResult,
    ReleaseResult,
    RemoteState,
    Several,
    StockLevel,
)
from data.portals.protocol import Caps, Idem, Lookup, ShipmentOrder
from data.portals.shipmonk_bodies import Account, amended_body, changed_body, notice_body, notice_lines, order_body
from data.portals.shipmonk_changes import amend, cancel, hold, release
from data.portals.shipmonk_orders import Orders
from data.portals.shipmonk_poll import Reading, place_text, read_place
from data.portals.shipmonk_replies import rows_in, said
from data.portals.shipmonk_stock import Shelves
from data.portals.shipmonk_words import read_address, read_lines, read_receiving, read_return

_WAREHOUSES = "/v1/integrations/warehouses"


class ShipMonk:
    """Drives one store at ShipMonk; implements `Portal`."""

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        clock: Clock,
        account: Account,
        *,
        deadline: float = 20.0,
        max_lag: float = 900.0,
        concurrency: int = 8,
        per_minute: int = 6_000,
    ) -> None:
        """Prepare; nothing is read or connected before the first request.

        `deadline` and `max_lag` are in seconds; each order takes three requests, of which ShipMonk allows 100,000 a
        minute. Raises WorkspaceError for an address that is not safe.
        """
        self._clock, self._account = clock, account
        self._caps = Caps(
            idem=Idem.UPSERT,
            lookup=Lookup.EXACT,
            deadline=deadline,
            max_lag=max_lag,
            amend_before=ShipmentState.PACKED,
            cancel_before=ShipmentState.PACKED,
            hold_before=ShipmentState.PICKING,
            per_minute=per_minute,
            concurrency=concurrency,
            stock=True,
            announce=bool(account.warehouse),
            returns=bool(account.warehouse),
        )
        self._http = Http(url, credentials, clock, deadline=deadline, connections=concurrency)
        self._orders = Orders(self._http, account.store_id)
        self._shelves = Shelves(self._http, account.warehouse)
        self._reading = Reading()

    @property
    def caps(self) -> Caps:
        """Return what the system can do."""
        return self._caps

    def render_push(self, order: ShipmentOrder) -> str:
        """Return the exact text that `push` will send; raises InputError where the order can't be expressed."""
        return json.dumps(order_body(order, self._account), ensure_ascii=False)

    def render_amend(self, address: Address, last: str) -> str:
        """Return the whole order as it was last accepted, with another address."""
        return amended_body(address, last)

    def render_change(self, kind: CommandKind, last: str) -> str:
        """Return the whole order as it was last accepted, with another status."""
        return changed_body(kind, last)

    def render_notice(self, notice: Notice) -> str:
        """Return the exact text that `notify` will send; raises InputError where the notice can't be expressed."""
        return json.dumps(notice_body(notice, self._account), ensure_ascii=False)

    def matches(self, body: str, remote: RemoteState) -> list[str]:
        """Compare recipient and lines of a rendered push with what the warehouse holds; returns what differs."""
        asked = json.loads(body)
        differences = address_differences(read_address(asked["ship_to"]), remote.address or Address())
        return differences + line_differences(read_lines(asked["items"]), remote.lines)

    async def push(self, body: str, key: str) -> PushResult:
        """Create the order; one that is there with the same recipient and lines is `already`, another is a Conflict.

        The reply to a creation does not name the order: it counts when the order is read back as it was asked for.
        """
        if (there := await self._orders.before(key)) is not None:
            return self._same(body, key, there, Pushed.ALREADY)
        said(await self._orders.write(body))
        return self._same(body, key, await self._orders.after(key), Pushed.CREATED)

    async def find(self, key: str) -> FindResult:
        """Look up what the warehouse has under a key."""
        return self._found(await self._orders.find(key))

    async def amend(self, remote_id: str, key: str, body: str) -> AmendResult:
        """Change the address and read it back; whatever the reply says, what is read back is what counts."""
        return await amend(self._orders, key, body)

    async def cancel(self, remote_id: str, key: str, body: str) -> CancelResult:
        """Cancel; what the order then is decides, not the reply."""
        return await cancel(self._orders, key, body)

    async def hold(self, remote_id: str, key: str, body: str) -> HoldResult:
        """Keep an order from being picked; one that is held already stays so."""
        return await hold(self._orders, key, body)

    async def release(self, remote_id: str, key: str, body: str) -> ReleaseResult:
        """Let an order go on; one that was cancelled meanwhile stays cancelled."""
        return await release(self._orders, key, body)

    async def notify(self, kind: CommandKind, body: str, key: str) -> PushResult:
        """Announce what will arrive or come back; the same again is `already`, other contents are a Conflict."""
        try:
            found = await self.find_notice(kind, key)
        except (AuthFailed, RateLimited, NotSent):
            raise
        except PortalError as error:
            raise NotSent(f"not sent, for {key} could not be read before: {error}") from error
        if not isinstance(found, Absent):
            return self._announced(body, key, found, Pushed.ALREADY)
        said(await self._http.ask("POST", _ROOMS[kind], content=body))
        try:
            found = await self.find_notice(kind, key)
        except PortalError as error:
            raise Ambiguous(f"{key} could not be read back: {error}") from error
        return self._announced(body, key, found, Pushed.CREATED)

    async def find_notice(self, kind: CommandKind, key: str) -> FindResult:
        """Look up what was announced under a key."""
        path, name, where, read = _LISTS[kind]
        reply = await self._http.ask("GET", path, query={name: key})
        rows = rows_in(reply, *where)
        try:
            return self._found([read(row) for row in rows if row[name] == key])
        except (KeyError, TypeError, ValueError, AttributeError):
            reply.not_understood("an announcement in it can't be read")

    async def poll(self, cursor: str) -> Page:
        """Return the orders that changed after a cursor; some are told twice, none is left out."""
        place, now = read_place(cursor), self._clock.now()
        listed = await self._orders.page(self._reading.query(place), place.page)
        step = self._reading.next(place, listed.changes, now)
        problems = [*listed.problems, *filter(None, [step.problem])]
        return Page(tuple(listed.states), place_text(step.place), step.more, tuple(problems))

    async def stock(self) -> list[StockLevel]:
        """Return what the warehouse counts; all of ShipMonk's buildings together where none is named."""
        return await self._shelves.levels()

    async def test(self) -> list[Check]:
        """Try the connection, the key, the building, reading orders and stock; nothing is changed."""
        steps: tuple[Step, ...] = (
            ("answers and accepts the secret", self._buildings),
            ("orders can be read", lambda: self._orders.find("lastcall-test")),
            ("stock can be read", self._shelves.search),
        )
        return await try_steps(steps)

    async def close(self) -> None:
        """Close connections."""
        await self._http.close()

    async def _buildings(self) -> None:
        """Read the buildings, and find among them the one that the settings name."""
        reply = await self._http.ask("GET", _WAREHOUSES, query={"pageSize": "1000"})
        known = [str(row.get("identifier")) for row in rows_in(reply, "data") if isinstance(row, dict)]
        if self._account.warehouse and self._account.warehouse not in known:
            reply.not_understood(f"there is no building {self._account.warehouse}; known are {', '.join(known)}")

    def _same(self, body: str, key: str, remote: RemoteState, outcome: Pushed) -> PushResult:
        """Return what a push came to; raises Conflict where something else is there under the key."""
        if differences := self.matches(body, remote):
            raise Conflict(
                f"{key} exists at the warehouse with other contents", tuple(differences), (remote.remote_id,)
            )
        return PushResult(outcome, (remote.remote_id,), remote)

    def _announced(self, body: str, key: str, found: FindResult, outcome: Pushed) -> PushResult:
        """Return what an announcement came to; raises as `_same`, and Ambiguous where it is not there once."""
        if not isinstance(found, Found):
            raise Ambiguous(f"{key} is not at the warehouse once")
        ids = (found.remote.remote_id,)
        if differences := line_differences(notice_lines(json.loads(body)), found.remote.lines):
            raise Conflict(f"{key} exists at the warehouse with other contents", tuple(differences), ids)
        return PushResult(outcome, ids, found.remote)

    def _found(self, remotes: list[RemoteState]) -> FindResult:
        if not remotes:
            return Absent(utc_text(self._clock.now()))
        return Found(remotes[0]) if len(remotes) == 1 else Several(tuple(remotes))


_ROOMS = {CommandKind.ANNOUNCE: "/v1/integrations/receiving", CommandKind.RETURN: "/v1/integrations/returns"}
_LISTS: dict[CommandKind, tuple[str, str, tuple[str, ...], Callable[[dict[str, Any]], RemoteState]]] = {
    CommandKind.ANNOUNCE: ("/v1/integrations/receivings-list", "asn", ("data",), read_receiving),
    CommandKind.RETURN: ("/v1/integrations/returns-list", "rma", ("data", "returns_list"), read_return),
}
"""Where each is looked up, by which name, and where its list stands in the reply."""
